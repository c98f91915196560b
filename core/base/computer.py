"""This computer: where everything lies on it, and which addresses are its own."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path


def home_folder(environment: Mapping[str, str]) -> Path:
    """The workspace: what ESPALIER_HOME names, or the folder Espalier in the user's home.

    Args:
        environment: `os.environ` of a page, command or worker; nothing below them reads it by itself.
    """
    return Path(environment.get("ESPALIER_HOME") or Path.home() / "Espalier").expanduser()


def is_loopback(address: str) -> bool:
    """Whether an address is of this computer and reached from nowhere else; a name is not."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

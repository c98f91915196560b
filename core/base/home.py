"""Where everything lies: the workspace folder."""

from collections.abc import Mapping
from pathlib import Path


def home_folder(environment: Mapping[str, str]) -> Path:
    """The workspace: what ESPALIER_HOME names, or the folder Espalier in the user's home.

    Args:
        environment: `os.environ` of a page, command or worker; nothing below them reads it by itself.
    """
    return Path(environment.get("ESPALIER_HOME") or Path.home() / "Espalier").expanduser()

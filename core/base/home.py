"""Where everything lies: the workspace folder."""

from collections.abc import Mapping
from pathlib import Path


def home_folder(environment: Mapping[str, str]) -> Path:
    """The workspace: what ESPALIER_HOME names, or the folder Espalier in the user's home.

    Args:
        environment: The door's `os.environ`; nothing below the doors reads it by itself.
    """
    return Path(environment.get("ESPALIER_HOME") or Path.home() / "Espalier").expanduser()

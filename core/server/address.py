"""How other programs reach a run that is served: what the command line takes for granted and a page shows."""

import shlex
import subprocess
from pathlib import Path

HOST = "127.0.0.1"  # this computer only
PORT = 8600


def serve_line(run: Path, windows: bool) -> str:
    """The command that serves a run's folder on this computer, quoted as its system does."""
    words = ["python", "-m", "core", "serve", str(run)]
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def curl_line(windows: bool) -> str:
    """A command that asks the served run about a photo. Windows' own shell means something else by "curl"."""
    return f'{"curl.exe" if windows else "curl"} -F "photos=@photo.jpg" http://{HOST}:{PORT}/predict'

"""A small disk of its own for one process, full or read-only: made by `unshare` and tmpfs on Linux, else a skip."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
FULL, READ_ONLY = "full", "read-only"
SPOILED = {
    FULL: "cat /dev/zero > '{disk}/fill' 2>/dev/null; true",
    READ_ONLY: "mount -o remount,ro '{disk}'",
}


def run_on_disk(kind: str, folder: Path, before: str, then: str, megabytes: int = 80) -> str:
    """What a program of Python prints on a disk that is FULL or READ_ONLY.

    Args:
        folder: An empty one, where the disk appears for that process alone; both programs find it as `disk` (Path).
        before: A program that fills it first.
        then: The program.
    """
    head = f"from pathlib import Path\ndisk = Path({str(folder)!r})\n"
    first, second = folder.with_name("first.py"), folder.with_name("second.py")
    first.write_text(head + before)
    second.write_text(head + then)
    script = (
        f"mount -t tmpfs -o size={megabytes}m tmpfs '{folder}' || exit 77\n"
        f"'{sys.executable}' '{first}' || exit 1\n{SPOILED[kind].format(disk=folder)}\n'{sys.executable}' '{second}'"
    )
    if sys.platform != "linux" or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("no disk of one's own can be made here")
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder.parent)}
    command = ["unshare", "-rm", "sh", "-c", script]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=REPOSITORY
    )
    if done.returncode == 77:
        pytest.skip("no disk of one's own can be made here")
    assert done.returncode == 0, done.stderr
    return done.stdout

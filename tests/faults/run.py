"""Run the app's own code in a process of its own, with a fault in front of the disk.

    python -m tests.faults.run FAULT HOME TOLD worker JOB_FOLDER      as `python -m core.jobs.worker HOME JOB_FOLDER`
    python -m tests.faults.run FAULT HOME TOLD core ARGUMENT...       as `python -m core ARGUMENT...`

FAULT is spelled as `Fault.parse` says; what came of it is written to the file TOLD.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.base.errors import EspalierError
from core.base.files import read_json
from core.jobs.job import REPOSITORY
from tests.faults.shim import CUT, Fault, Shim
from tests.power_cut import cut_power

Deed = Callable[[Path], None]  # does one thing in the workspace whose folder it is given
PATIENCE_S = 1200  # of a training on a busy computer
PRELOADED = ["tests.faults.warm"]


@dataclass(frozen=True)
class Ended:
    """How a process under a fault ended.

    Args:
        operations: How many there were until then.
        met: Whether the fault was among them.
        died: Whether the process was killed by it.
        said: What the user was told of a failure, "" when nothing failed.
        unexpected: The same failure when it was no error in words, but a bug or a bare OSError.
    """

    operations: int
    met: bool
    died: bool
    said: str = ""
    unexpected: str = ""


def in_child(deed: Deed, home: Path, fault: Fault, way: str = "") -> Ended:
    """Do something in a fresh process under a fault, and wait for its end; then, for a CUT, cut the power.

    Args:
        deed: A function of a module's top level.
        home: The workspace.
        fault: What shall happen.
        way: For a CUT, one of `power_cut.WAYS`.
    """
    told = _place_for_what_is_told(home)
    context = multiprocessing.get_context("forkserver")  # a server without threads, whose forks cost milliseconds
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_do, args=(deed, home, fault, told))
    process.start()
    process.join(PATIENCE_S)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"{deed} did not end under {fault}")
    return _ended(home, told, fault, way, process.exitcode)


def _do(deed: Deed, home: Path, fault: Fault, told: Path) -> None:
    """What the child does."""
    output = os.open(_output(home), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    shim = Shim(fault, home, told)
    shim.install()
    said = unexpected = ""
    try:
        deed(home)
    except EspalierError as error:
        said = str(error)
    except Exception as error:
        said = unexpected = f"{type(error).__name__}: {error}"
    shim.tell(said=said, unexpected=unexpected)
    os._exit(0)  # as a kill, without a last word of libraries' threads


def worked(folder: Path, home: Path, fault: Fault, way: str = "") -> Ended:
    """As `in_child` for the job of a folder, done by its worker, which has Keras from the start."""
    return in_child(partial(_work, folder), home, fault, way)


def _work(folder: Path, home: Path) -> None:
    from core.jobs.worker import main as worker

    os.environ["ESPALIER_HOME"] = str(home)
    worker(home, folder)


def launched(arguments: list[str], home: Path, fault: Fault, way: str = "") -> Ended:
    """As `in_child` for the command line, as it is: `["core", ARGUMENT, ...]`, or `["worker", FOLDER]`."""
    told = _place_for_what_is_told(home)
    command = [sys.executable, "-m", "tests.faults.run", str(fault), str(home), str(told), *arguments]
    environment = {**os.environ, "ESPALIER_HOME": str(home), "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    _output(home).write_text(done.stdout + done.stderr)
    return _ended(home, told, fault, way, done.returncode)


def _output(home: Path) -> Path:
    """What the last process printed, for whoever looks into a case that failed."""
    return home.parent / "output.txt"


def _place_for_what_is_told(home: Path) -> Path:
    """A new folder beside the workspace, so that it is on the same disk."""
    return Path(tempfile.mkdtemp(prefix="told ", dir=home.parent)) / "told.json"


def _ended(home: Path, told: Path, fault: Fault, way: str, status: int) -> Ended:
    assert told.exists(), f"the process ended with {status} before it could tell"
    ended = Ended(**{"died": status < 0, **read_json(told)})
    if fault.kind == CUT:
        cut_power(home, told.with_suffix(".memory"), told.with_suffix(".held"), way)
    return ended


def main(spelled: str, home: str, told: str, which: str, *arguments: str) -> int:
    """Install the fault, then do what a worker or the command line does; its exit status."""
    from core.cli.main import main as command_line
    from core.jobs.worker import main as worker

    shim = Shim(Fault.parse(spelled), Path(home), Path(told))
    shim.install()
    status = command_line(list(arguments)) if which == "core" else not worker(Path(home), Path(arguments[0]))
    shim.tell()
    return int(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The child process: `python -m core.jobs.worker HOME JOB_FOLDER` does one job and says how it ended."""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

from core.base.errors import EspalierError, StopRequested
from core.base.events import CANCELLED, FAILED, PHASE
from core.base.files import disk_errors_in_words
from core.base.processes import start_quickly
from core.jobs.job import Job
from core.jobs.kinds import KINDS
from core.jobs.queue import Jobs


def work(job: Job, do: Callable[[], None]) -> bool:
    """Do a job under its lock, by `do`, which writes FINISHED; however it ends, its last event says so.

    Returns:
        Whether it finished.
    """
    log = job.event_log()
    with job.alive_lock().acquire(timeout=10):  # a page that looks whether we live holds it for an instant
        try:
            with disk_errors_in_words("doing this work"):  # wherever it didn't say better what it was doing
                do()
            return True
        except StopRequested as stop:
            kept = "There was nothing to keep yet. " if stop.keep else ""
            log.write(CANCELLED, message=f"{kept}Nothing of this run is kept; your photos are untouched.")
        except EspalierError as error:
            log.write(FAILED, message=str(error))
        except MemoryError:
            traceback.print_exc()
            log.write(FAILED, message="This computer ran out of memory. Close other programs and try again.")
        except Exception:
            traceback.print_exc()  # into worker.log, for whoever mends it
            log.write(FAILED, message="Something went wrong that the app did not expect. Your photos are untouched.")
    return False


def main(home: Path, folder: Path) -> bool:
    """Wait for the job's turn where its kind takes turns, then do it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notes would fill the log
    job = Job(folder)

    def do() -> None:
        kind = KINDS[job.kind()]
        with Jobs(home).turn(job) if kind.waits else nullcontext():
            job.check_stop()
            if kind.loads:
                name, words = kind.loads
                job.event_log().write(PHASE, name=name, words=words)
            kind.handler_function()(home, kind.folder_class()(folder))

    finished = work(job, do)
    with suppress(EspalierError, OSError):
        KINDS[job.kind()].clear_up(home)
    return finished


if __name__ == "__main__":
    start_quickly()
    sys.exit(0 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 1)

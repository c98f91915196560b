"""The child process: `python -m core.jobs.worker HOME JOB_FOLDER` does one job and says how it ended."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.base.errors import EspalierError, StopRequested
from core.base.events import CANCELLED, FAILED, PHASE
from core.jobs.job import Job
from core.jobs.kinds import KINDS
from core.jobs.queue import Jobs

WAIT_S = 0.3  # between two looks at the queue


def work(job: Job, do: Callable[[], None]) -> bool:
    """Do a job under its lock, by `do`, which writes FINISHED; however it ends, its last event says so.

    Returns:
        Whether it finished.
    """
    log = job.event_log()
    with job.alive_lock().acquire(timeout=10):  # a page that looks whether we live holds it for an instant
        try:
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


def wait_for_turn(job: Job, jobs: Jobs) -> None:
    """Return when no live job is ahead in the queue; raises StopRequested when the user takes it out."""
    while jobs.waiting_ahead(job.folder):
        job.check_stop()
        time.sleep(WAIT_S)
    job.check_stop()


def main(home: Path, folder: Path) -> bool:
    """Wait for the job's turn, then do it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up notes would fill the log
    job, jobs = Job(folder), Jobs(home)

    def do() -> None:
        wait_for_turn(job, jobs)
        kind = KINDS[job.kind()]
        if kind.loads:
            name, words = kind.loads
            job.event_log().write(PHASE, name=name, words=words)
        kind.handler_function()(home, kind.folder_class()(folder))

    try:
        finished = work(job, do)
    finally:
        jobs.leave_queue(folder)
    with suppress(EspalierError, OSError):
        KINDS[job.kind()].clear_up(home)
    return finished


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 1)

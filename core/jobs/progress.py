"""How far a job is, written down often enough to look fluent and seldom enough to keep the log small."""

from collections.abc import Callable

from core.base.events import PROGRESS
from core.jobs.job import Job

PROGRESS_EVERY_S = 0.25  # four events a second look fluent and keep the log small


def photo_progress(job: Job, check: Callable[[], None]) -> Callable[[int, int, float], None]:
    """Writes PROGRESS in photos, called with (done, total, seconds so far).

    Args:
        job: Where to write.
        check: Called each time too: the job's `check_stop`, or where the best is being kept its `check_discard`.
    """
    log, last = job.event_log(), [0.0]

    def on_progress(done: int, total: int, seconds: float) -> None:
        check()
        if seconds - last[0] >= PROGRESS_EVERY_S or done == total:
            last[0] = seconds
            log.write(PROGRESS, done=done, total=total, seconds_left=round(seconds / done * (total - done), 1))

    return on_progress

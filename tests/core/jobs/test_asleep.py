"""A laptop that slept: its worker is not taken for dead, and what it says of time is right again at once."""

import json
import signal

import pytest

from core.base.events import PHASE, PROGRESS, QUEUED
from core.jobs.job import Job, State
from core.jobs.progress import AwakeTime, Progress
from core.jobs.queue import Jobs

HOUR = 3600.0


def test_a_worker_that_sleeps_is_neither_lost_nor_passed_in_the_queue_whatever_the_clock_says(tmp_path, hold):
    job = Job(tmp_path / "job")
    job.folder.mkdir()
    worker = hold(job, QUEUED, PHASE)
    for then in (1.0, 9e9):  # its last word was half a century ago, or comes from the next one
        worker.send_signal(signal.SIGSTOP)
        with (job.folder / "events.jsonl").open("a") as log:
            log.write(json.dumps({"time": then, "event": PHASE, "name": "fit", "words": "Learning"}) + "\n")
        assert job.state() is State.RUNNING
        (tmp_path / "queue").mkdir(exist_ok=True)
        (tmp_path / "queue" / "1").write_text(str(job.folder.resolve()))
        (tmp_path / "queue" / "2").write_text(str(tmp_path / "other"))
        assert Jobs(tmp_path).waiting_ahead(tmp_path / "other") == 1
        worker.send_signal(signal.SIGCONT)
        assert job.state() is State.RUNNING
    worker.kill()
    worker.wait()
    assert job.state() is State.LOST


def lefts(job):
    return [event["seconds_left"] for event in job.events() if event["event"] == PROGRESS]


def test_the_estimate_is_right_again_after_the_first_step_of_a_night(tmp_path):
    progress, job = Progress(Job(tmp_path).event_log(), every_s=0), Job(tmp_path)
    for done, seconds in ((1, 2.0), (2, 4.0), (3, 4.0 + 8 * HOUR), (4, 6.0 + 8 * HOUR)):
        progress(done, 10, seconds)
    assert lefts(job) == [None, None, 14.0, 12.0]  # at first there is no ground for one


@pytest.mark.parametrize(
    ("at", "awake"),
    [
        ([1, 2, 3], 3),
        ([50, 100, 600], 600),  # steps may differ by a factor of ten
        ([50, 100, 601], 150),  # and no more: the last one counts as the longest before
        ([30, 31, 30 + 8 * HOUR, 31 + 8 * HOUR], 62),
        ([8 * HOUR, 8 * HOUR + 1], 61),  # asleep in the first step: as long as one may take
    ],
)
def test_steps_count_but_not_the_sleep_between_them(at, awake):
    time = AwakeTime()
    assert [time(seconds) for seconds in at][-1] == pytest.approx(awake)

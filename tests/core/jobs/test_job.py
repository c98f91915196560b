import sys
import time

import pytest

from core.base.errors import StopRequested
from core.base.events import CANCELLED, FAILED, FINISHED, PHASE, QUEUED
from core.base.files import write_bytes, write_json
from core.jobs import job as jobs_module
from core.jobs.job import Job, State
from core.jobs.queue import Jobs
from tests.waiting import await_that


@pytest.fixture
def job(tmp_path):
    (tmp_path / "job").mkdir()
    return Job(tmp_path / "job")


def submitted(job, seconds_ago=0.0):
    write_json(job.folder / "job.json", {"work": "train", "submitted": time.time() - seconds_ago})


def test_a_job_just_launched_is_starting_and_one_that_never_began_is_lost(job):
    submitted(job)
    assert job.state() is State.STARTING
    submitted(job, seconds_ago=jobs_module.START_GRACE_S + 1)
    assert job.state() is State.LOST


def test_a_job_just_queued_is_starting_before_its_record_is_there(job):
    job.event_log().write(QUEUED)
    assert job.state() is State.STARTING


def test_a_job_that_was_never_submitted_is_not_active(job):
    assert not job.state().is_active


def test_a_job_that_is_gone_is_lost_and_asking_does_not_make_its_folder(tmp_path):
    job = Job(tmp_path / "gone" / "job")
    assert job.state() is State.LOST
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    ("word", "state"), [(FINISHED, State.FINISHED), (CANCELLED, State.CANCELLED), (FAILED, State.FAILED)]
)
def test_the_last_word_of_a_worker_is_its_state(job, word, state):
    submitted(job, seconds_ago=3600)
    job.event_log().write(PHASE, name="reading")
    assert job.state() is State.LOST
    job.event_log().write(word)
    assert job.state() is state
    assert not state.is_active


def test_a_job_submitted_again_after_its_end_is_no_longer_ended(job):
    submitted(job, seconds_ago=3600)
    job.event_log().write(CANCELLED)
    job.event_log().write(QUEUED)
    assert job.state() is State.STARTING


def test_a_job_runs_while_its_worker_lives_and_is_lost_when_it_is_killed(job, hold):
    submitted(job, seconds_ago=3600)
    worker = hold(job, PHASE)
    assert job.is_alive()
    assert job.state() is State.RUNNING
    worker.kill()
    worker.wait(timeout=30)
    assert not job.is_alive()
    assert job.state() is State.LOST


def test_a_worker_that_waits_for_its_turn_is_queued(job, hold):
    submitted(job, seconds_ago=3600)
    hold(job, QUEUED)
    assert job.state() is State.QUEUED
    assert job.state().is_active


def test_kill_ends_the_worker_that_holds_the_job(job, hold):
    worker = hold(job, PHASE)
    write_json(job.folder / "job.json", {"work": "train", "submitted": time.time(), "pid": worker.pid})
    job.kill()
    worker.wait(timeout=30)
    assert job.state() is State.LOST


def test_kill_touches_no_process_when_no_worker_holds_the_job(job, hold, tmp_path):
    (tmp_path / "other").mkdir()
    stranger = hold(Job(tmp_path / "other"))
    write_json(job.folder / "job.json", {"work": "train", "submitted": 0, "pid": stranger.pid})
    job.kill()
    assert stranger.poll() is None


@pytest.mark.parametrize(("keep", "word"), [(True, "keep"), (False, "discard")])
def test_a_stop_request_reaches_the_worker_and_can_be_taken_back(job, keep, word):
    job.check_stop()
    job.request_stop(keep)
    assert job.stop_requested() == word
    with pytest.raises(StopRequested) as stop:
        job.check_stop()
    assert stop.value.keep is keep
    job.forget_stop()
    job.check_stop()
    assert job.stop_requested() == ""


def test_the_log_tail_is_its_last_lines(job):
    assert job.log_tail() == ""
    (job.folder / "worker.log").write_bytes(b"\n".join(b"line %d" % i for i in range(100)) + b"\n\xff end\n")
    assert job.log_tail(3) == "line 98\nline 99\n\ufffd end"
    assert len(job.log_tail().splitlines()) == 20


def test_launch_writes_what_to_do_and_the_worker_writes_the_log(job):
    job.launch([sys.executable, "-c", "print('from the worker')"], "train")
    assert job.kind() == "train"
    assert await_that(job.log_tail, 30) == "from the worker"


def ticket(home, number, job):
    write_bytes(home / "queue" / f"{number:020d}", str(job.folder.resolve()).encode())


def make_job(tmp_path, name, seconds_ago):
    (tmp_path / name).mkdir()
    job = Job(tmp_path / name)
    submitted(job, seconds_ago)
    return job


def test_only_live_jobs_that_came_before_are_ahead_in_the_queue(tmp_path):
    first, dead, last = (make_job(tmp_path, *of) for of in (("first", 0), ("dead", 3600), ("last", 0)))
    for number, each in enumerate((first, dead, last)):
        ticket(tmp_path, number, each)
    jobs = Jobs(tmp_path)
    assert [jobs.waiting_ahead(each.folder) for each in (first, last)] == [0, 1]
    assert len(list((tmp_path / "queue").iterdir())) == 2  # the dead one's ticket is cleared away
    jobs.leave_queue(first.folder)
    assert jobs.waiting_ahead(last.folder) == 0


def test_the_ticket_of_a_job_whose_project_went_away_is_cleared_without_making_it_anew(tmp_path):
    last = make_job(tmp_path, "last", 0)
    ticket(tmp_path, 0, Job(tmp_path / "gone" / "run"))
    ticket(tmp_path, 1, last)
    assert Jobs(tmp_path).waiting_ahead(last.folder) == 0
    assert not (tmp_path / "gone").exists()


def test_an_empty_queue_has_nobody_ahead(tmp_path):
    assert Jobs(tmp_path).waiting_ahead(tmp_path / "job") == 0

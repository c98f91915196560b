"""Jobs that take seconds: killed at each phase, out of room, without power at their end; then they are done again."""

from pathlib import Path

import pytest

from core.batches.folder import BatchFolder
from core.jobs.folder import JobFolder
from core.jobs.job import State
from core.runs.predictor import Predictor
from core.runs.run import Run
from tests.faults.heavy import HEAVY_JOBS
from tests.faults.holdings import check_whole, holdings
from tests.faults.quick_jobs import job_ready
from tests.faults.run import Ended, worked
from tests.faults.shim import CUT, FULL, KILL, NONE, Fault
from tests.power_cut import EMPTY, HALF, LOST

pytestmark = pytest.mark.endurance
PHASE = '"phase"'  # is in the event that begins one
NEVER = 1_000_000  # operations: the power is cut when all is done


def do(name: str, this: JobFolder | Run, home: Path, fault: Fault, way: str = "") -> Ended:
    """A worker does the job."""
    job_ready(this.folder, HEAVY_JOBS[name].kind)
    return worked(this.folder, home, fault, way)


def check_result(this: JobFolder | Run) -> None:
    """It is finished, and what it was for is there."""
    assert this.job.state() is State.FINISHED, f"{this.job.events()[-1]}\n{this.job.log_tail()}"
    if isinstance(this, Run):
        photos = [Path(photo.path) for photo in this.photos()[:3]]
        assert all(answer.label in this.class_names() for answer in Predictor(this).predict(photos))
        assert this.finished_report().test.n > 0
    elif isinstance(this, BatchFolder):
        assert this.answers.counts(0.0).answered == 6


@pytest.mark.parametrize("name", HEAVY_JOBS)
def test_a_job_that_is_killed_at_each_of_its_phases_in_turn_comes_to_its_end(name, trained_home):
    this = HEAVY_JOBS[name].ready(trained_home)
    before = holdings(trained_home)["Shapes"]
    at, ended = 1, do(name, this, trained_home, Fault(KILL, 1, PHASE))
    while ended.died:
        check_whole(trained_home)
        assert this.job.state() is not State.FINISHED
        assert holdings(trained_home)["Shapes"].photos == before.photos
        at += 1
        ended = do(name, this, trained_home, Fault(KILL, at, PHASE))
    assert at > 1, "it has no phase"
    check_whole(trained_home)
    check_result(this)
    after = holdings(trained_home)["Shapes"]
    assert (after.photos, after.edits) == (before.photos, before.edits)
    finished = {run for run in before.runs if run[-1] is not False}  # the others wait for this job
    assert finished <= set(after.runs)


@pytest.mark.parametrize(
    ("name", "way"), [*((name, LOST) for name in HEAVY_JOBS), ("train", EMPTY), ("train", HALF), ("predict", EMPTY)]
)
def test_what_is_finished_outlives_a_power_cut(name, way, trained_home):
    this = HEAVY_JOBS[name].ready(trained_home)
    ended = do(name, this, trained_home, Fault(CUT, NEVER), way)
    assert not ended.met
    check_whole(trained_home)
    check_result(this)


@pytest.mark.parametrize("at", [1, 2, 4, 8])
@pytest.mark.parametrize("name", ["train", "map", "predict", "export"])
def test_a_job_without_room_says_so_and_succeeds_once_there_is(name, at, trained_home):
    this = HEAVY_JOBS[name].ready(trained_home)
    ended = do(name, this, trained_home, Fault(FULL, at))
    assert ended.met
    check_whole(trained_home)
    assert this.job.state() is not State.FINISHED
    assert "disk is full" in "".join([ended.said, *(str(event.get("message")) for event in this.job.events())])
    assert not ended.unexpected
    assert "Traceback" not in (trained_home.parent / "output.txt").read_text()
    do(name, this, trained_home, Fault(NONE))
    check_whole(trained_home)
    check_result(this)

import pytest

from core.background_test.folder import background_test_of
from core.base.errors import InputError
from core.base.events import PHASE
from core.batches.folder import BatchFolder, BatchRequest
from core.models.config import TrainConfig
from core.runs.run import Run, list_runs
from core.runs.trash import move_to_trash, restore, trashed_runs


def made_run(project, name, title=""):
    run = Run.create(project.runs_folder / name, TrainConfig(), [])
    if title:
        run.describe(title, "")
    return run


def test_a_run_goes_to_the_trash_and_comes_back_whole(project):
    run = made_run(project, "2026-11-22 09.00.00 aaaa", "Best")
    files = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    other = made_run(project, "2026-11-22 10.00.00 bbbb")
    move_to_trash(project, run)
    assert [each.name for each in list_runs(project.runs_folder)] == [other.name]
    (trashed,) = trashed_runs(project)
    assert trashed.title == "Best"
    restored = restore(project, trashed)
    assert (restored.folder, restored.title) == (run.folder, "Best")
    assert {path.name: path.read_bytes() for path in restored.folder.iterdir()} == files
    assert trashed_runs(project) == []


def test_a_run_that_is_going_on_or_waits_is_not_moved_to_the_trash(project):
    run = made_run(project, "2026-11-22 09.00.00 aaaa")
    run.job.event_log().write("queued")
    with pytest.raises(InputError, match=r"2026-11-22 09.00.00 is still going on. Wait for it or stop it first"):
        move_to_trash(project, run)
    run.job.event_log().write(PHASE, name="fit", words="Learning")
    with run.job.alive_lock(), pytest.raises(InputError, match=r"is still going on"):
        move_to_trash(project, run)
    assert list_runs(project.runs_folder)[0].name == run.name
    move_to_trash(project, run)  # its worker is gone
    assert list_runs(project.runs_folder) == []


def test_a_restored_run_whose_title_or_folder_was_taken_gets_a_number(project):
    move_to_trash(project, made_run(project, "2026-11-22 09.00.00 aaaa", "Best"))
    made_run(project, "2026-11-22 09.00.00 aaaa", "best")
    restored = restore(project, trashed_runs(project)[0])
    assert restored.title == "Best 2"
    assert len(list_runs(project.runs_folder)) == 2


def test_a_run_that_is_asked_about_photos_is_not_moved_to_the_trash(project):
    run = made_run(project, "2026-11-22 09.00.00 aaaa")
    other = made_run(project, "2026-11-22 10.00.00 bbbb")
    batch = BatchFolder.create(project)
    batch.write_request(BatchRequest(run.name, "holiday.zip"))
    background_test = background_test_of(other)
    background_test.prepare()
    refused = pytest.raises(InputError, match=r"is still being asked about photos. Wait for it or stop it first")
    for asked, job in ((run, batch.job), (other, background_test.job)):
        job.event_log().write(PHASE, name="predict", words="Asking")
        with job.alive_lock().acquire(timeout=1), refused:
            move_to_trash(project, asked)
        move_to_trash(project, asked)  # the worker is gone

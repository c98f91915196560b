import pytest

from core.base.errors import InputError
from core.base.events import FINISHED, QUEUED
from core.batches.folder import BatchFolder, BatchRequest, batches, bring_back, remove, removed_batches
from core.runs.trash import trashed_runs
from core.sources.archives import keep_upload


def new_batch(project, title="holiday"):
    batch = BatchFolder.create(project)
    batch.write_request(BatchRequest("a run", title, "/far"))
    return batch


def test_uploads_keep_their_names_and_never_become_paths(project):
    batch = BatchFolder.create(project)
    names = dict(
        keep_upload(batch.incoming, i, name, b"x") for i, name in enumerate(["../../a.jpg", "b/c.PNG", "notes.txt"])
    )
    request = BatchRequest("a run", "3 photos", names=names)
    batch.write_request(request)
    assert batch.request() == request
    assert sorted(file.name for file in batch.incoming.iterdir()) == ["000000.jpg", "000001.png", "000002.txt"]
    found = batch.uploaded(request)
    assert [photo.name for photo in found.photos] == ["b/c.PNG", "../../a.jpg"][::-1]
    assert found.passed_over == 1


def test_batches_are_listed_newest_first(project):
    first, second = new_batch(project), new_batch(project)
    BatchFolder.create(project)  # its uploads are still coming: there is nothing to show
    assert [batch.folder for batch in batches(project)] == [second.folder, first.folder]
    assert 0 <= second.begun - first.begun < 60


def test_a_removed_batch_comes_back_whole_and_is_no_run(project):
    batch = new_batch(project)
    remove(project, batch)
    assert batches(project) == []
    assert trashed_runs(project) == []
    (removed,) = removed_batches(project)
    assert removed.title == "holiday"
    back = bring_back(project, removed)
    assert back.folder == batch.folder
    assert [found.title for found in batches(project)] == ["holiday"]


def test_a_batch_that_is_worked_on_is_not_removed(project):
    batch = new_batch(project)
    batch.job.event_log().write(QUEUED)
    with pytest.raises(InputError, match="still being worked on"):
        remove(project, batch)
    batch.job.event_log().write(FINISHED)
    batch.sorted.write_request(0.05)
    batch.sorted.job.event_log().write(QUEUED)
    with pytest.raises(InputError, match="still being worked on"):
        remove(project, batch)
    assert len(batches(project)) == 1


def test_asking_for_another_zip_lets_go_of_the_old_one(project):
    this = new_batch(project).sorted
    assert this.threshold() is None
    this.write_request(0.05)
    this.zip_path.write_bytes(b"zip")
    this.write_request(0.1)
    assert this.threshold() == 0.1
    assert not this.zip_path.exists()


def test_a_damaged_request_is_said_in_words_and_hides_no_other_batch(project):
    batch = new_batch(project)
    (batch.folder / "request.json").write_text('{"fruit": 1}')
    with pytest.raises(InputError, match="can't be read any more"):
        batch.request()
    assert [found.title for found in batches(project)] == ["photos"]

import io
import shutil
import zipfile
from dataclasses import astuple
from pathlib import Path

import pytest
from PIL import Image

from core.base import checksums
from core.base.errors import InputError, RunError, StopRequested
from core.base.events import FINISHED, PROGRESS
from core.batches.answers import AS_THEY_CAME, THUMBNAIL_SIDE, UNREADABLE
from core.batches.folder import BatchFolder, BatchRequest
from core.batches.job import answer_batch, sort
from core.photos.decoding import PhotoError
from core.runs.predictor import Predictor
from tests.core.shapes import write_shapes


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Nine photos that nobody trained on, one that can't be read, and a text."""
    folder = write_shapes(tmp_path_factory.mktemp("asked"), per_class=3, first=900)
    (folder / "bad.jpg").write_bytes(b"this is a text and no photo")
    (folder / "notes.txt").write_text("bought on Monday")
    return folder


@pytest.fixture
def batch(tmp_path, asked):
    made = BatchFolder(tmp_path / "00000000000000000001")
    made.folder.mkdir()
    made.incoming.mkdir()
    made.write_request(BatchRequest("a run", "shapes", str(asked)))
    return made


@pytest.mark.slow
def test_a_batch_holds_what_the_run_answers_about_each_photo(batch, trained, asked):
    answer_batch(batch, trained.run)
    rows = {row.path: row for row in batch.answers.answered()}
    paths = sorted(asked.rglob("*.jpg"))
    assert sorted(rows) == paths
    for path, answer in zip(paths, Predictor(trained.run).predict(paths), strict=True):
        kept = rows[path].answer
        if isinstance(answer, PhotoError):
            assert str(kept) == str(answer) == "not an image, or of a kind that can't be read"
            continue
        assert (kept.label, kept.probability) == (answer.label, answer.probability)
        assert kept.in_distribution_score == answer.in_distribution_score
        assert kept.probabilities == pytest.approx(answer.probabilities, abs=1e-6)
        assert kept.known() == answer.known()
    pictures = batch.answers.thumbnails([row.id for row in rows.values()])
    assert len(pictures) == 9
    assert all(max(Image.open(io.BytesIO(jpeg)).size) <= THUMBNAIL_SIDE for jpeg in pictures.values())
    assert batch.job.events()[-1]["event"] == FINISHED
    assert batch.job.events()[-1]["passed_over"] == 1


def test_a_stopped_batch_keeps_its_answers_and_goes_on_where_it_was(batch, trained, monkeypatch):
    monkeypatch.setattr("core.batches.job.KEEP_EVERY_S", 0.0)
    batch.job.request_stop(keep=True)
    with pytest.raises(StopRequested):
        answer_batch(batch, trained.run)
    (first,) = batch.answers.answered()
    assert first.name == "bad.jpg"
    assert isinstance(first.answer, PhotoError)
    batch.job.forget_stop()
    answer_batch(batch, trained.run)
    assert batch.answers.counts(0.05).answered == 10
    done = [event["done"] for event in batch.job.events() if event["event"] == PROGRESS]
    assert done == list(range(1, 11))  # none was asked about twice
    again = next(batch.answers.answered())
    assert (again.id, again.name, again.path, str(again.answer)) == (*astuple(first)[:3], str(first.answer))


def test_a_zip_is_answered_and_one_that_was_half_unpacked_is_unpacked_again(batch, trained, asked, tmp_path):
    archive = tmp_path / "asked.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(asked.rglob("*.jpg")):
            opened.write(path, path.relative_to(asked))
        opened.writestr("../escaped.jpg", b"x")
    batch.unpacked.mkdir()
    (batch.unpacked / "000001.jpg").write_bytes(b"half")
    batch.write_request(BatchRequest("a run", archive.name, str(archive)))
    answer_batch(batch, trained.run)
    counts = batch.answers.counts(0.0)
    assert (counts.n, counts.unreadable) == (11, 2)
    reasons = {row.name: str(row.answer) for row in batch.answers.page(UNREADABLE, "", AS_THEY_CAME, 0.0, 10, 0)}
    assert reasons["../escaped.jpg"] == "its name points outside the archive"
    assert not (tmp_path / "escaped.jpg").exists()


def test_a_place_without_photos_and_a_run_without_a_model_are_said_in_words(batch, trained, tmp_path):
    (tmp_path / "empty").mkdir()
    batch.write_request(BatchRequest("a run", "empty", str(tmp_path / "empty")))
    with pytest.raises(InputError, match="No photos were found in empty"):
        answer_batch(batch, trained.run)
    with pytest.raises(RunError, match="has no finished model yet"):
        answer_batch(batch, type(trained.run)(tmp_path / "gone"))


def test_the_zip_of_a_batch_holds_the_originals_sorted_by_their_answers(batch, trained, asked, tmp_path):
    answer_batch(batch, trained.run)
    batch.sorted.write_request(0.0)
    sort(tmp_path, batch.sorted)
    assert checksums.is_sealed(batch.sorted.zip_path)
    with zipfile.ZipFile(batch.sorted.zip_path) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    reasons = members.pop("unreadable.txt").decode()
    assert reasons == "bad.jpg: not an image, or of a kind that can't be read\n"
    kept = {row.path.read_bytes(): row.answer.label for row in batch.answers.answered() if row.name != "bad.jpg"}
    assert {data: name.split("/")[0] for name, data in members.items()} == kept
    assert sorted(path.read_bytes() for path in asked.rglob("*/*.jpg")) == sorted(kept)


def test_originals_that_are_gone_since_are_said_and_the_answers_stay(batch, trained, asked, tmp_path):
    copied = Path(shutil.copytree(asked, tmp_path / "copied"))
    batch.write_request(BatchRequest("a run", "copied", str(copied)))
    answer_batch(batch, trained.run)
    shutil.rmtree(copied)
    batch.sorted.write_request(0.0)
    sort(tmp_path, batch.sorted)
    with zipfile.ZipFile(batch.sorted.zip_path) as opened:
        assert opened.namelist() == ["unreadable.txt"]
        assert opened.read("unreadable.txt").decode().count("can't be opened any more") == 9
    assert batch.answers.counts(0.0).answered == 10

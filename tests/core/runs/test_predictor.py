import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from core.base.errors import RunError
from core.models.config import TrainConfig
from core.photos.decoding import PhotoError, read_pixels
from core.photos.kept_settings import to_keep
from core.photos.pictures import USUAL, PictureSettings
from core.runs.predictor import NEVER_SEEN, Predictor, as_row
from core.runs.run import Run
from tests.core.shapes import CLASSES, write_shapes


@pytest.fixture(scope="module")
def predictor(trained):
    return Predictor(trained.run)


def test_photos_it_never_saw_get_their_class(predictor, tmp_path):
    paths = sorted(write_shapes(tmp_path, per_class=4, first=500).rglob("*.jpg"))
    answers = predictor.predict(paths)
    right = sum(answer.label == path.parent.name for path, answer in zip(paths, answers, strict=True))
    assert right >= 11  # of 12


def test_an_answer_holds_a_probability_for_each_class(predictor, trained):
    (answer,) = predictor.predict([Path(trained.photos[0].path)])
    assert tuple(answer.probabilities) == CLASSES
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=0.01)
    assert answer.probability == max(answer.probabilities.values()) == answer.probabilities[answer.label]


def test_what_is_no_photo_is_answered_with_the_reason_in_its_place(predictor, trained):
    good = Path(trained.photos[0].path)
    answers = predictor.predict([good, b"no photo", good.read_bytes()])
    assert isinstance(answers[1], PhotoError)
    assert answers[0] == answers[2]


def copy_of(trained, folder, settings):
    """The run as if it had learned from pictures that were read so; None as if there had been no settings."""
    run = Run(shutil.copytree(trained.run.folder, folder))
    run.pictures_path.unlink()
    if settings:
        run.pictures_path.write_text(json.dumps(to_keep(settings)))
    run.seal_model()
    return Predictor(run)


def as_tiff(pixels):
    data = io.BytesIO()
    tifffile.imwrite(data, pixels)
    return data.getvalue()


def test_a_depth_that_it_never_saw_is_answered_with_a_note_and_no_other_is(trained, tmp_path):
    shallow = read_pixels(Path(trained.photos[0].path), 224)
    data = as_tiff(shallow.astype(np.uint16) * 16)  # as a microscope's 12 bits
    plain, dark = copy_of(trained, tmp_path / "usual", USUAL).predict([shallow, data])
    assert (plain.note, dark.note) == ("", f"16-bit picture; {NEVER_SEEN}")
    assert as_row("a.tif", dark)["note"] == dark.note
    assert "note" not in as_row("a.jpg", plain)
    (seen,) = copy_of(trained, tmp_path / "twelve", PictureSettings((("uint16", 0.0, 4080.0),))).predict([data])
    assert seen.note == ""
    assert list(seen.probabilities.values()) == pytest.approx(list(plain.probabilities.values()), abs=1e-3)
    (old,) = copy_of(trained, tmp_path / "old", None).predict([data])
    assert old.note == ""  # it may have seen such pictures: nobody kept that


def test_the_run_decides_how_a_photo_is_read_whatever_its_project_does_by_now(trained, tmp_path):
    pixels = np.stack([read_pixels(Path(photo.path), 224) for photo in trained.photos[:2]])
    data = as_tiff(pixels)
    first, second = Predictor(trained.run).predict(list(pixels))
    assert copy_of(trained, tmp_path / "first", USUAL).predict([data]) == [first]
    assert copy_of(trained, tmp_path / "second", PictureSettings(page=1)).predict([data]) == [second]


def test_a_run_without_a_finished_model_is_refused(tmp_path):
    run = Run.create(tmp_path / "young", TrainConfig(), [])
    with pytest.raises(RunError, match="young has no finished model yet"):
        Predictor(run)


def test_a_run_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(RunError, match="nowhere has no finished model yet"):
        Predictor(Run(tmp_path / "nowhere"))

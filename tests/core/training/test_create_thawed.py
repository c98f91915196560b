"""A run that thaws blocks under the head of an earlier one: its weights, its curves, its order of classes."""

from dataclasses import replace

import pytest

from core.base.errors import InputError, RunError
from core.base.events import EPOCH
from core.base.files import write_json
from core.models.config import TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Epoch
from core.runs.run import Run
from core.training.continuing import create_thawed
from tests.core.reports import a_report

CLASSES = ["pear", "apple"]  # not as names are sorted
PHOTOS = [LabelledPhoto(f"/{n}.jpg", CLASSES[n % 2], "train", f"content {n}") for n in range(4)]
HEAD = TrainConfig(epochs=2)
THAWED = replace(usual_config("fine-tune"), epochs=2)


@pytest.fixture
def earlier(tmp_path):
    run = Run.create(tmp_path / "earlier", HEAD, PHOTOS)
    run.keras_path.write_bytes(b"a model")
    run.engine_path.write_bytes(b"the same")
    write_json(run.labels_path, CLASSES)
    run.job.event_log().write(EPOCH, **Epoch(1, "head", 0.5, 0.8, 0.6, 0.7, 0.5).to_json())
    write_json(run.report_path, a_report(CLASSES).to_json())
    return run


def test_it_begins_with_the_earlier_model_and_curves_and_says_so(earlier, tmp_path):
    run = create_thawed(tmp_path / "thawed", earlier, THAWED, PHOTOS)
    assert run.config() == replace(THAWED, start_from="earlier")
    assert run.start_path.read_bytes() == b"a model"
    assert run.earlier_class_names() == CLASSES
    assert run.epochs() == earlier.epochs()
    assert run.photos() == PHOTOS


@pytest.mark.parametrize(
    ("changed", "what"),
    [({"head": "fc"}, "head"), ({"units": 9}, "units"), ({"image_size": 160}, "image_size")],
)
def test_another_head_or_size_is_refused(changed, what, earlier, tmp_path):
    with pytest.raises(RunError, match=f"it has another {what}"):
        create_thawed(tmp_path / "thawed", earlier, replace(THAWED, **changed), PHOTOS)
    assert not (tmp_path / "thawed").exists()


def test_an_unfinished_run_and_lost_classes_are_refused(earlier, tmp_path):
    with pytest.raises(InputError, match="No photo of pear is left"):
        create_thawed(tmp_path / "thawed", earlier, THAWED, PHOTOS[1::2])
    earlier.report_path.unlink()
    with pytest.raises(RunError, match="has no finished model to go on from"):
        create_thawed(tmp_path / "thawed", earlier, THAWED, PHOTOS)

from dataclasses import replace

import pytest

from core.base.subsets import TRAIN
from core.models.config import TrainConfig
from core.runs.predictions import read_predictions
from core.runs.run import Run
from core.training.training import train_run

FED = 6  # photos from feedback, two of each class


def fed(photos):
    """These photos, of which each class's first two came from feedback; all with the part they had before."""
    first = {id(photo) for label in {p.label for p in photos} for photo in [p for p in photos if p.label == label][:2]}
    return [replace(photo, origin="feedback", split=TRAIN) if id(photo) in first else photo for photo in photos]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test_given", "estimate"), [(False, "cross-validation"), pytest.param(True, "test", marks=pytest.mark.endurance)]
)
def test_photos_from_feedback_teach_and_no_number_comes_from_them(trained, tmp_path, test_given, estimate):
    photos = fed(trained.run.photos())
    n_test = len(photos) - FED if not test_given else sum(p.split == "test" for p in photos)
    run = Run.create(tmp_path / "run", TrainConfig(epochs=3, learning_rate=0.01, test_given=test_given), photos)
    report = train_run(run, trained.places)
    assert (report.estimate, report.test.n) == (estimate, n_test)
    judged = set(read_predictions(run.predictions_path, "test")["sha256"])
    only_teach = {photo.sha256 for photo in run.photos() if photo.only_teaches}
    assert len(only_teach) == FED
    assert not judged & only_teach
    assert report.photos == {
        part: sum(photo.split == part for photo in photos) for part in ("train", "validation", "test")
    }
    assert sum(report.photos.values()) == len(photos)

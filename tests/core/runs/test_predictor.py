from pathlib import Path

import pytest

from core.base.errors import RunError
from core.models.config import TrainConfig
from core.photos.decoding import PhotoError
from core.runs.predictor import Predictor
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


def test_a_run_without_a_finished_model_is_refused(tmp_path):
    run = Run.create(tmp_path / "young", TrainConfig(), [])
    with pytest.raises(RunError, match="young has no finished model yet"):
        Predictor(run)


def test_a_run_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(RunError, match="nowhere has no finished model yet"):
        Predictor(Run(tmp_path / "nowhere"))

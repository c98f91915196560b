from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.subsets import TEST
from core.models.config import FINE_TUNE, usual_config
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training import detector_fitting
from core.training.detector_fitting import fit_detector, fit_run_detector
from core.training.subsets import Subsets
from tests.core.reports import rename_classes
from tests.core.shapes import write_shapes


def copy_of(run, folder, config=None):
    """A run with the same model, and nothing known of its own photos yet."""
    other = Run.create(folder, config or run.config(), run.photos())
    for name in ("model.xml", "model.bin", "labels.json", "report.json"):
        (folder / name).hardlink_to(run.folder / name)
    return other


@pytest.mark.slow
def test_a_trained_run_knows_its_own_kind_and_refuses_real_photos(trained, imagenet_paths, tmp_path):
    predictor = Predictor(trained.run)
    own = predictor.predict(sorted(write_shapes(tmp_path, per_class=20, first=900).rglob("*.jpg")))
    others = predictor.predict(imagenet_paths[:40])
    assert sum(answer.known() for answer in own) >= 50  # of 60
    assert sum(answer.known() for answer in others) <= 2
    assert all(0 < answer.in_distribution_score <= 1 for answer in own + others)


def test_few_photos_are_learned_the_quick_way_with_the_same_outcome(monkeypatch):
    rng = np.random.default_rng(4)
    kinds = rng.gamma(1, 1, (3, 200))
    few, asked = ((kinds[np.arange(n) % 3] + rng.gamma(1, 0.5, (n, 200))).astype(np.float32) for n in (30, 20))
    quick = fit_detector(few, list("abc" * 10))
    monkeypatch.setattr(detector_fitting, "FEW", 1000)
    usual = fit_detector(few, list("abc" * 10))
    assert np.allclose(quick.readings(asked), usual.readings(asked), rtol=1e-4)
    assert np.allclose(quick.claims, usual.claims, atol=1e-5)


@pytest.mark.slow
def test_test_photos_are_not_looked_at(trained, places, tmp_path):
    parts = Subsets(trained.run.photos(), {})
    without_test = Subsets([photo for photo in parts.photos if photo.split != TEST], {})
    asked = np.random.default_rng(0).gamma(1, 1, (20, 1280)).astype(np.float32)
    found = []
    for number, these in enumerate((parts, without_test)):
        run = copy_of(trained.run, tmp_path / str(number))
        found.append(fit_run_detector(run, these, places).strangeness(asked))
    assert found[0].tolist() == found[1].tolist()


@pytest.mark.slow
def test_where_the_base_has_learned_only_validation_photos_calibrate(trained, places, tmp_path):
    """The training photos would look more usual to such a base than any new one."""
    run = copy_of(trained.run, tmp_path / "run", usual_config(FINE_TUNE))
    parts = Subsets(trained.run.photos(), {})
    detector, counts = fit_run_detector(run, parts, places), Counter(photo.split for photo in parts.photos)
    assert len(detector.strangeness_of_own) == counts["validation"]
    assert len(detector.photos) == counts["train"]
    frozen = copy_of(trained.run, tmp_path / "frozen")
    detector = fit_run_detector(frozen, parts, places)
    assert len(detector.strangeness_of_own) == counts["validation"] + counts["train"]


@pytest.mark.slow
def test_photos_of_none_of_these_are_nothing_that_it_knows(trained, places, tmp_path):
    run = copy_of(trained.run, tmp_path / "run")
    photos = [replace(p, label="None of these") if p.label == "red circle" else p for p in trained.run.photos()]
    assert len(fit_run_detector(run, Subsets(photos, {}), places).centres) == 2


@pytest.mark.slow
def test_an_answer_that_is_none_of_these_is_not_known(trained, tmp_path):
    run = copy_of(trained.run, tmp_path / "run")
    photo = next(Path(p.path) for p in trained.photos if Predictor(trained.run).answer(Path(p.path)).label == p.label)
    label = Predictor(trained.run).answer(photo).label
    assert Predictor(run).answer(photo).known() is None  # nothing to tell it by, as in a run of an earlier version
    labels = [name if name != label else "none_of_these" for name in run.class_names()]
    rename_classes(run, labels)
    assert Predictor(run).answer(photo).known() is False


@pytest.mark.parametrize("refused", [0.0, 0.2, 1.0])
def test_the_more_may_be_refused_the_fewer_are_known(trained, refused):
    answers = Predictor(trained.run).predict([Path(photo.path) for photo in trained.photos])
    known = [answer.known(refused) for answer in answers]
    assert known == [answer.in_distribution_score > refused for answer in answers]
    assert sum(known) == {0.0: len(answers), 1.0: 0}.get(refused, sum(known))

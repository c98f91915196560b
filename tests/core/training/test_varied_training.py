from dataclasses import replace

import pytest

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine import features
from core.engine.features import base_features
from core.engine.places import Places
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, TrainConfig, usual_config
from core.photos.views import ORIGINAL, views_of
from core.runs.run import Run
from core.training import rows
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.shapes import write_shapes

VARIED = "mirror=1,rotation=10,brightness=0.1,views=2"
PARTS = (TRAIN, VALIDATION, TEST)


@pytest.fixture
def photos(tmp_path):
    """Eight photos of each of three classes, one in eight of them the given test."""
    photos = run_photos(write_shapes(tmp_path / "photos", per_class=8, first=500))
    return [replace(photo, split=TEST) if n % 8 == 0 else photo for n, photo in enumerate(photos)]


@pytest.fixture
def shown(monkeypatch):
    """All (content, view) but the originals that any strategy has shown to a network."""
    seen = set()

    def spy(real):
        def seen_as(pixels, view, content):
            if view != ORIGINAL:
                seen.add((content, view))
            return real(pixels, view, content)

        return seen_as

    for module in (features, rows):
        monkeypatch.setattr(module, "seen_as", spy(module.seen_as))
    return seen


def contents(run, part):
    return {photo.sha256 for photo in run.photos() if photo.split == part}


@pytest.mark.slow
def test_only_training_photos_are_varied_for_the_frozen_base_and_the_next_run_asks_nothing(
    photos, places, tmp_path, shown
):
    config = TrainConfig(augment=VARIED, epochs=1, test_given=True)
    run = Run.create(tmp_path / "run", config, photos)
    here = Places(cache=tmp_path / "cache", engine=places.engine)
    row, views = base_model(BUILT_IN), views_of(VARIED)
    train_run(run, here)
    assert shown == {(content, view) for content in contents(run, TRAIN) for view in views[1:]}
    kept = base_features(row, here)
    of = {part: [photo for photo in run.photos() if photo.split == part] for part in PARTS}
    missing = {part: len(kept.missing(of[part], views)) for part in PARTS}
    assert missing == {TRAIN: 0, VALIDATION: 2 * len(of[VALIDATION]), TEST: 2 * len(of[TEST])}
    shown.clear()
    train_run(Run.create(tmp_path / "again", config, run.photos()), here)
    assert shown == set()


@pytest.mark.slow
def test_from_scratch_only_training_photos_are_varied(photos, places, tmp_path, shown):
    config = replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), epochs=1, augment=VARIED, test_given=True)
    run = Run.create(tmp_path / "run", config, photos)
    train_run(run, Places(cache=tmp_path / "cache", engine=places.engine))
    assert shown == {(content, view) for content in contents(run, TRAIN) for view in views_of(VARIED)[1:]}

"""A training on caches, a converted base and photos that were damaged: as without the damage, and it is said."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.base import checksums
from core.engine.places import Places
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import TrainConfig
from core.runs.run import Run
from core.training.strategies.extraction import read_photos
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES, write_shapes

CONFIG = TrainConfig(epochs=30, learning_rate=0.01, augment="none")


def never():
    raise AssertionError("Keras was asked for")


def changed_bytes(path, change):
    path.write_bytes(bytes(change(bytearray(path.read_bytes()))))


def flipped(data):
    data[len(data) // 2] ^= 4
    return data


def test_photos_that_were_replaced_are_left_out_of_a_run_by_name(places, tmp_path):
    photos = run_photos(write_shapes(tmp_path / "photos", per_class=2))
    other = write_shapes(tmp_path / "other", per_class=1, classes=CLASSES[1:2], first=90)
    shutil.copyfile(next(other.rglob("*.jpg")), photos[0].path)
    run = Run.create(tmp_path / "run", CONFIG, photos)
    own = replace(places, cache=tmp_path / "cache", tell=run.note)
    assert read_photos(run, own, never) == {photos[0].path: "changed since it was brought in"}
    assert run.notes()[0].startswith(f"{photos[0].name} has changed since it was brought in, so it took no part.")
    cache = own.features(base_model(BUILT_IN))
    assert cache.missing([photo.sha256 for photo in photos]) == [0]


def test_what_will_be_opened_again_is_looked_at_while_it_can_be_left_out(places, tmp_path):
    """The features are all kept already, but fine-tuning decodes every photo once more."""
    photos = run_photos(write_shapes(tmp_path / "photos", per_class=2))
    own = replace(places, cache=tmp_path / "cache")
    run = Run.create(tmp_path / "run", CONFIG, photos)
    assert read_photos(run, own, never) == {}
    Path(photos[3].path).write_bytes(Path(photos[4].path).read_bytes())
    assert read_photos(run, own, never) == {}  # by content what was kept is right, and nobody opens it
    tuned = Run.create(tmp_path / "tuned", replace(CONFIG, strategy="fine-tune"), photos)
    assert read_photos(tuned, own, never) == {photos[3].path: "changed since it was brought in"}
    varied = Run.create(tmp_path / "varied", replace(CONFIG, augment="auto"), photos)
    assert read_photos(varied, own, never) == {photos[3].path: "changed since it was brought in"}


@pytest.mark.endurance
def test_a_training_on_damaged_caches_ends_as_one_on_whole_ones(shapes, places, tmp_path):
    own = Places(tmp_path / "cache", shutil.copytree(places.engine, tmp_path / "engine"))
    photos = run_photos(shapes)
    whole = train_run(Run.create(tmp_path / "whole", CONFIG, photos), own)
    (rows,) = (tmp_path / "cache").rglob("*.f16")
    assert own.features(base_model(BUILT_IN)).missing([photo.sha256 for photo in photos]) == []
    changed_bytes(rows, lambda data: bytes(len(data)))
    changed_bytes(own.converted_base(base_model(BUILT_IN)).with_suffix(".bin"), flipped)
    run = Run.create(tmp_path / "damaged", CONFIG, photos)
    report = train_run(run, own)
    assert report.test.accuracy == whole.test.accuracy
    assert [epoch.val_loss for epoch in report.epochs] == [epoch.val_loss for epoch in whole.epochs]
    assert "The converted base model (model.bin) was damaged on disk, so it was converted anew." in report.notes
    assert "What was kept of 42 photos or views was damaged on disk. It is computed anew." in report.notes
    assert checksums.changed(own.converted_base(base_model(BUILT_IN))) == []

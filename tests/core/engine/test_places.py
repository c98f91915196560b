"""What runs share is kept by what a base model's weights are, not by its name alone."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import WeightsError
from core.engine.nearest_photos import features_of_base
from core.engine.places import Places
from core.models.catalogue import base_model
from core.photos.pictures import BEFORE, USUAL, PictureSettings

ROW = base_model("mobilenet")
CONTENT = "ab" * 32


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """The file of a user's own weights."""
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path))
    path = tmp_path / f"{ROW.name}.weights.h5"
    path.write_bytes(b"some")
    return path


def test_other_weights_share_neither_features_nor_activations_nor_the_converted_base(weights, tmp_path):
    places = Places(tmp_path / "cache", tmp_path / "engine")
    converted = places.converted_base(ROW)
    places.features(ROW).add([CONTENT], np.ones((1, ROW.feature_width)))
    places.activations(ROW, "map", 4).add([CONTENT], np.ones((1, 4)))
    assert places.features(ROW).missing([CONTENT]) == places.activations(ROW, "map", 4).missing([CONTENT]) == []
    weights.write_bytes(b"others")
    assert places.converted_base(ROW) != converted
    assert places.features(ROW).missing([CONTENT]) == places.activations(ROW, "map", 4).missing([CONTENT]) == [0]
    weights.write_bytes(b"some")
    assert places.features(ROW).missing([CONTENT]) == []


def test_neighbours_are_looked_for_by_the_weights_that_were_used_last(weights, tmp_path):
    places = Places(tmp_path / "cache", tmp_path / "engine")
    places.features(ROW).add([CONTENT], np.ones((1, ROW.feature_width)))
    weights.write_bytes(b"others")
    places.features(ROW).add([CONTENT], np.full((1, ROW.feature_width), 2.0))
    assert features_of_base(places.cache, ROW.name, USUAL).read([CONTENT])[0, 0] == 2.0


def test_pictures_that_are_read_otherwise_share_neither_features_nor_activations(weights, tmp_path):
    places = Places(tmp_path / "cache", tmp_path / "engine")
    places.features(ROW).add([CONTENT], np.ones((1, ROW.feature_width)))
    places.activations(ROW, "map", 4).add([CONTENT], np.ones((1, 4)))
    for settings in (PictureSettings(page=1), PictureSettings((("uint16", 0.0, 4095.0),)), BEFORE):
        others = replace(places, pictures=settings)
        assert others.features(ROW).missing([CONTENT]) == others.activations(ROW, "map", 4).missing([CONTENT]) == [0]
        assert others.converted_base(ROW) == places.converted_base(ROW)
    assert places.features(ROW).missing([CONTENT]) == []


def test_another_image_size_shares_nothing_and_the_usual_one_keeps_its_names(weights, tmp_path):
    places, other = Places(tmp_path / "cache", tmp_path / "engine"), replace(ROW, image_size=96)
    places.features(ROW).add([CONTENT], np.ones((1, ROW.feature_width)))
    places.activations(ROW, "map", 4).add([CONTENT], np.ones((1, 4)))
    assert places.features(other).missing([CONTENT]) == places.activations(other, "map", 4).missing([CONTENT]) == [0]
    folders = [places.converted_base(row, whole).parent for row in (ROW, other) for whole in (False, True)]
    known = folders[0].name
    assert known.startswith("mobilenet-")
    assert [folder.name for folder in folders] == [known, f"{known}-map", f"{known}-96", f"{known}-96-map"]
    assert places.converted_base(replace(ROW, image_size=224)) == places.converted_base(ROW)


def test_neighbours_are_looked_for_at_the_size_that_the_run_saw(weights, tmp_path):
    places, other = Places(tmp_path / "cache", tmp_path / "engine"), replace(ROW, image_size=96)
    places.features(other).add([CONTENT], np.full((1, ROW.feature_width), 2.0))
    assert features_of_base(places.cache, ROW.name, USUAL) is None
    assert features_of_base(places.cache, ROW.name, USUAL, 96).read([CONTENT])[0, 0] == 2.0
    assert features_of_base(places.cache, ROW.name, USUAL, 224) is None
    assert features_of_base(places.cache / "elsewhere", ROW.name, USUAL, "*/../../../cache/features/*-96") is None


def test_without_weights_there_is_no_cache_to_mix_them_up(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("ESPALIER_WEIGHTS", raising=False)
    with pytest.raises(WeightsError, match="not on this computer"):
        Places(tmp_path / "cache", tmp_path / "engine").features(ROW)

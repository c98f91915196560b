"""The built-in base at other sizes: the engine's features are Keras', and nothing is mixed up with another size's."""

from dataclasses import replace

import numpy as np
import pytest

from core.engine.conversion import feature_rows
from core.engine.engine import FEATURES, Engine
from core.engine.features import engine_of
from core.models.building import build_base
from core.models.catalogue import BUILT_IN, base_model
from tests.core.shapes import CLASSES, draw_shape

# An even one and an odd one; by hand (-m endurance) the others
SIZES = [
    *(pytest.param(size, marks=pytest.mark.slow) for size in (96, 33)),
    *(pytest.param(size, marks=pytest.mark.endurance) for size in (160, 224, 300, 225)),
]


@pytest.mark.parametrize("size", SIZES)
def test_the_engine_says_what_keras_says_at_this_size(size, places):
    row = replace(base_model(BUILT_IN), image_size=size)
    assert engine_of(row, places).image_size == size
    pixels = np.stack([np.asarray(draw_shape(label, n).resize((size, size))) for label in CLASSES for n in range(3)])
    by_engine, errors = Engine(places.converted_base(row), "f32").run(list(pixels), FEATURES)
    base = feature_rows(build_base(BUILT_IN, image_size=size), whole_map=False)
    by_keras = base.predict_on_batch(pixels.astype(np.float32))
    lengths = np.linalg.norm(by_engine, axis=1) * np.linalg.norm(by_keras, axis=1)
    assert errors == {}
    assert ((by_engine * by_keras).sum(1) / lengths).min() >= 0.999
    assert np.abs(by_engine - by_keras).max() < 1e-3
    assert np.ptp(by_keras, axis=0).max() > 0.5  # the photos differ, so equality says something

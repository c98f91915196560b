import keras
import numpy as np
import pytest
from keras import layers

from core.engine.conversion import convert
from core.engine.engine import FEATURES, Engine
from core.models.building import build_base
from core.models.catalogue import base_model
from core.models.config import TrainConfig
from core.models.head_building import build_head, whole_model
from core.training.network_fitting import fastest_convolutions
from core.training.strategies.boundary import cut, frozen_and_tail, stitched_difference, tail_model, thaw

SIDE = 64


def photos(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, SIDE, SIDE, 3)).astype(np.float32)


def with_statistics(base):
    """Its BatchNorm layers get statistics that say something, as if it had been trained."""
    rng = np.random.default_rng(0)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(rng.normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
    base.trainable = False
    return base


def small_base():
    """Two blocks with BatchNorm, a depthwise convolution, dropout and a shortcut, as in the catalogue."""
    keras.utils.set_random_seed(1)
    pixels = keras.Input((SIDE, SIDE, 3))
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(8, 3, 4, "same", use_bias=False, name="one_conv")(x)
    x = layers.Dropout(0.3, name="one_dropout")(layers.BatchNormalization(name="one_bn")(x))
    entry = layers.ReLU(name="one_relu")(x)
    x = layers.Conv2D(8, 1, use_bias=False, name="two_conv")(entry)
    x = layers.BatchNormalization(name="two_bn")(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="two_depthwise")(x)
    return with_statistics(keras.Model(pixels, layers.Add(name="two_add")([entry, x])))


@pytest.fixture
def halves():
    return cut(small_base(), "two_conv")


@pytest.fixture
def head():
    return build_head(TrainConfig(dropout=0.0), 8, 3)


def two_steps(model, inputs):
    class_ids = np.arange(len(inputs)) % 3
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(inputs, class_ids, batch_size=4, shuffle=False, verbose=0)


def assert_the_halves_are_the_whole(halves, width):
    assert halves.width == width
    pixels = photos(3)
    rows = halves.lower.predict_on_batch(pixels)
    assert rows.shape == (3, width)
    whole = halves.base.predict_on_batch(pixels)
    assert halves.upper.predict_on_batch(rows) == pytest.approx(whole, abs=1e-3 * float(np.abs(whole).max()))


@pytest.mark.parametrize(
    ("first_layer", "width"),
    [("one_conv", SIDE * SIDE * 3), ("two_conv", 16 * 16 * 8), ("two_depthwise", 2 * 16 * 16 * 8)],
)
def test_the_halves_one_after_the_other_are_the_whole(first_layer, width):
    """Cut in the middle of a block two tensors cross: the block's entry is added at its end."""
    assert_the_halves_are_the_whole(cut(small_base(), first_layer), width)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "block", "width"),
    [
        ("efficientnet-lite0", "stage7", 2 * 2 * 192),
        ("mobilenetv3-small", "stage5", 4 * 4 * 48),  # has operations that are no layers
        pytest.param("resnet50v2", "conv5", 2 * 2 * 1024, marks=pytest.mark.endurance),
        # Its cells reach back over two others: three tensors cross
        pytest.param("nasnetmobile", "stage3", 3 * 4 * 4 * 528, marks=pytest.mark.endurance),
        pytest.param("convnexttiny", "stage4", 4 * 4 * 384, marks=pytest.mark.endurance),
        pytest.param("densenet121", "conv5", 2 * 2 * 512, marks=pytest.mark.endurance),
    ],
)
def test_the_halves_of_bases_of_every_kind_are_the_whole(name, block, width):
    base = with_statistics(build_base(name, weights=None, image_size=SIDE))
    first_layer = next(b.first_layer for b in base_model(name).blocks if b.name == block)
    assert_the_halves_are_the_whole(cut(base, first_layer), width)


@pytest.mark.slow
def test_after_training_the_tail_the_stitched_model_equals_its_parts(halves, head):
    thaw(halves)
    pixels = photos(12)
    before = whole_model(halves.base, head).predict_on_batch(pixels)
    with fastest_convolutions(halves.upper):
        two_steps(tail_model(halves, head), halves.lower.predict_on_batch(pixels))
    assert stitched_difference(halves, head, photos(5, seed=3)) < 1e-3
    after = whole_model(halves.base, head).predict_on_batch(pixels)
    assert np.abs(after - before).max() > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("cached", [True, False])
def test_training_changes_the_thawed_layers_and_nothing_else(halves, head, cached):
    thaw(halves)
    before = {layer.name: layer.get_weights() for layer in halves.base.layers}
    if cached:
        two_steps(tail_model(halves, head), halves.lower.predict_on_batch(photos(12)))
    else:
        two_steps(frozen_and_tail(halves, head), photos(12))
    changed = {
        layer.name
        for layer in halves.base.layers
        for old, new in zip(before[layer.name], layer.get_weights(), strict=True)
        if not np.array_equal(old, new)
    }
    learning = {
        layer.name
        for layer in halves.thawed
        if layer.weights and not isinstance(layer, keras.layers.BatchNormalization)
    }
    assert changed == learning == {"two_conv", "two_depthwise"}


@pytest.mark.slow
def test_both_ways_of_training_take_the_same_steps(head):
    """Also where the frozen half has dropout, which must be off in both."""
    start, after = head.get_weights(), []
    for cached in (True, False):
        halves = cut(small_base(), "two_conv")
        thaw(halves)
        head.set_weights(start)
        if cached:
            two_steps(tail_model(halves, head), halves.lower.predict_on_batch(photos(8)))
        else:
            two_steps(frozen_and_tail(halves, head), photos(8))
        after.append(head.get_weights()[0])
    assert np.abs(after[0] - start[0]).max() > 0.01
    assert after[0] == pytest.approx(after[1], abs=1e-3)


def test_the_engine_gives_what_crosses_the_boundary(halves, tmp_path):
    convert(halves.lower, tmp_path / "lower" / "model.xml", FEATURES)
    pixels = photos(3)
    rows, errors = Engine(tmp_path / "lower" / "model.xml", "f32").run(list(pixels.astype(np.uint8)), FEATURES)
    assert errors == {}
    expected = halves.lower.predict_on_batch(pixels)
    assert rows == pytest.approx(expected, abs=1e-3 * float(np.abs(expected).max()))


def test_weights_stay_in_float32_while_convolutions_are_computed_faster(halves, head):
    thaw(halves)
    with fastest_convolutions(halves.upper):
        assert {weight.dtype for weight in halves.upper.weights} == {"float32"}
    assert {layer.dtype_policy.name for layer in halves.base.layers} == {"float32"}

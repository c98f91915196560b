"""Several base models side by side as one: a row made of theirs, and one network with all of them inside."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from core.base.errors import InputError, WeightsError
from core.engine.conversion import convert_base
from core.engine.engine import FEATURES, Engine
from core.models.building import build_base
from core.models.catalogue import CATALOGUE, base_model, known_base
from core.models.config import TrainConfig, usual_config
from core.models.head_building import build_head, whole_model
from core.models.image_sizes import image_sizes
from core.models.plan_words import plan_in_words
from core.models.weights import DOWNLOAD, HERE, PACKAGE, find_weights, refuse_missing, weights_id, weights_state

LITE0, LITE1, SMALL = "efficientnet-lite0", "efficientnet-lite1", "mobilenetv3-small"
PAIR = f"{LITE0}+{LITE1}"
SIZE = 64  # at which Lite0 sees 60 pixels


@pytest.fixture(scope="module")
def pair():
    keras.utils.set_random_seed(0)
    return build_base(PAIR, weights=None, image_size=SIZE)


@pytest.fixture(scope="module")
def pixels():
    colours = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3))
    return colours.repeat(8, axis=1).repeat(8, axis=2).astype(np.float32)


def test_a_row_is_made_of_its_parts_in_the_catalogues_order():
    row, zero, one = base_model(f"{LITE1}+{LITE0}"), base_model(LITE0), base_model(LITE1)
    assert (row.name, row.title) == (PAIR, "EfficientNet-Lite0 + EfficientNet-Lite1")
    assert row.parts == row.singles == (zero, one)
    assert zero.singles == (zero,)
    assert row.feature_width == 2560
    assert row.parameters == zero.parameters + one.parameters
    assert row.multiply_adds_g == 0.983
    assert row.weights_mb == zero.weights_mb + one.weights_mb
    assert (row.image_size, row.blocks, row.weights) == (240, (), None)
    assert row not in CATALOGUE
    assert base_model(f"{SMALL}+{PAIR}").name == f"{PAIR}+{SMALL}"


def test_each_part_sees_a_photo_in_proportion_and_never_too_small():
    row = base_model(PAIR)
    assert [part.image_size for part in row.parts_as_seen] == [224, 240]
    assert [part.image_size for part in replace(row, image_size=120).parts_as_seen] == [112, 120]
    assert image_sizes(PAIR).least == row.smallest_image_size == 35
    assert min(part.image_size for part in replace(row, image_size=35).parts_as_seen) >= 32
    with pytest.raises(InputError, match="needs at least 35 pixels a side"):
        build_base(PAIR, weights=None, image_size=34)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{LITE0}+resnet", "no base model called 'resnet'. Choose one of: efficientnet-lite0"),
        (f"{LITE0}+", "no base model called ''"),
        (f"{LITE0}+{LITE0}", "two or three different base models. Received: 'efficientnet-lite0\\+efficientnet-lite0'"),
        ("+".join(row.name for row in CATALOGUE[:4]), "two or three different"),
        (f"{LITE0}+benchmark-cnn", "no base model called 'benchmark-cnn'"),
    ],
)
def test_what_cannot_be_side_by_side_is_refused(name, words):
    with pytest.raises(InputError, match=words):
        base_model(name)
    assert known_base(name) is None


def test_only_a_head_on_pooled_features_learns():
    config = TrainConfig(base=PAIR).check()
    assert config.base_row().feature_width == 2560
    for strategy in ("fine-tune", "from-scratch"):
        with pytest.raises(InputError, match=f"{strategy} takes one alone. Choose one of {LITE0}, {LITE1}"):
            usual_config(strategy, PAIR)
        with pytest.raises(InputError, match=f"{strategy} takes one alone"):
            replace(usual_config(strategy, LITE0), base=PAIR).check()
    with pytest.raises(InputError, match=f"the head flatten-fc takes one alone. Choose one of {LITE0}, {LITE1}"):
        replace(config, head="flatten-fc").check()
    with pytest.raises(InputError, match=f"base must be one of {LITE0}.{LITE1}"):
        replace(config, base=f"{LITE1}+{LITE0}").check()
    assert "already know from a million photos, keeps them frozen" in plan_in_words(config, 3, {})


def test_weights_are_as_far_as_those_of_the_farthest(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)  # where no such packages are
    environment = {"ESPALIER_HOME": str(tmp_path), "KERAS_HOME": str(tmp_path), "ESPALIER_WEIGHTS": str(tmp_path)}
    row = base_model(f"{SMALL}+vgg16")
    assert (weights_state(row, environment).kind, weights_state(row, environment).is_here) == (DOWNLOAD, False)
    (tmp_path / "vgg16.weights.h5").write_bytes(b"some")
    assert weights_state(row, environment).words == "MobileNetV3 Small needs a download of 5 MB"
    with pytest.raises(WeightsError, match=r"The weights of MobileNetV3 Small are not .* Download them \(5 MB\)"):
        refuse_missing(row, environment)
    (tmp_path / f"{SMALL}.weights.h5").write_bytes(b"others")
    assert (weights_state(row, environment).kind, weights_state(row, environment).words) == (HERE, "on this computer")
    refuse_missing(row, environment)
    before = weights_id(row, environment)
    assert len(before) == 8
    (tmp_path / f"{SMALL}.weights.h5").write_bytes(b"changed")
    assert weights_id(row, environment) != before
    state = weights_state(base_model(f"{SMALL}+{LITE1}"), {**environment, "ESPALIER_WEIGHTS": ""})
    assert state.kind in (DOWNLOAD, PACKAGE)
    assert find_weights(base_model(LITE0), environment).is_file()


def test_the_network_says_what_its_parts_say_of_the_photo_at_their_sizes(pair, pixels):
    assert pair.input_shape == (None, SIZE, SIZE, 3)
    assert pair.output_shape == (None, 1, 1, 2560)
    assert pair.trainable_weights == []
    zero, one = pair.get_layer("efficientnet_lite0"), pair.get_layer("efficientnet_lite1")
    assert (zero.input_shape[1], one.input_shape[1]) == (60, 64)
    smaller = keras.ops.image.resize(pixels, (60, 60), interpolation="bilinear")
    expected = [np.mean(zero(smaller), (1, 2)), np.mean(one(pixels), (1, 2))]
    assert np.asarray(pair(pixels))[:, 0, 0] == pytest.approx(np.concatenate(expected, axis=1), abs=1e-5)


def test_a_head_hides_nothing_when_the_model_answers(pair, pixels):
    head = build_head(TrainConfig(base=PAIR), 2560, 3)  # with dropout
    model = whole_model(pair, head)
    answer = keras.ops.convert_to_numpy(model(pixels, training=False))
    assert np.array_equal(model(pixels), answer)  # asked as users of an exported model ask


@pytest.mark.slow
def test_it_is_saved_opened_in_safe_mode_and_converted(pair, pixels, tmp_path):
    pair.save(tmp_path / "pair.keras")
    again = keras.saving.load_model(tmp_path / "pair.keras", compile=False, safe_mode=True)
    expected = np.asarray(pair(pixels))
    assert np.array_equal(again(pixels), expected)
    convert_base(pair, tmp_path / "model.xml")
    found, _ = Engine(tmp_path / "model.xml", "f32").run(list(pixels.astype(np.uint8)), FEATURES)
    assert found == pytest.approx(expected[:, 0, 0], rel=1e-3, abs=float(1e-4 * np.abs(expected).max()))

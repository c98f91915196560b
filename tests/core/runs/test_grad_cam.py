import shutil
from random import Random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from core.base.checksums import seal_of
from core.base.errors import RunError
from core.engine.heat_overlay import stretched
from core.models.building import build_base
from core.models.catalogue import BUILT_IN
from core.models.config import TrainConfig
from core.models.head_building import build_head, input_width
from core.photos.decoding import PhotoError
from core.runs.grad_cam import HeatMapper
from core.runs.run import Run
from tests.core.drawn_scenes import draw_scene, write_scenes
from tests.core.shapes import CLASSES, draw_shape
from tests.core.small_runs import run_of, run_on

ABC = ["a", "b", "c"]


def grad_cam(base, head, pixels, index):
    """The same by TensorFlow's gradients, up to 1."""
    heat = heat_of(base, head, pixels, index)
    return heat / heat.max() if heat.max() > 0 else heat


def heat_of(base, head, pixels, index):
    """Of the score, which is the softmax's input."""
    feature_map = base(pixels[None].astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(feature_map)
        x = tf.reduce_mean(feature_map, (1, 2))
        if head.input_shape[1] != x.shape[1]:
            x = tf.reshape(feature_map, (1, -1))
        last = head.layers[-1]
        x = keras.Model(head.inputs, last.input)(x, training=False)
        score = (x @ last.kernel + last.bias)[0, index]
    weights = tf.reduce_mean(tape.gradient(score, feature_map), (1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(feature_map * weights, -1))[0].numpy()


def random_head(base, name):
    """With weights and biases of both signs, so that ReLU opens for some units and not for others."""
    config = TrainConfig(head=name, units=32)
    head = build_head(config, input_width(config, base), len(ABC))
    rng = np.random.default_rng(5)
    head.set_weights([rng.normal(0, 1 / np.sqrt(len(w)), w.shape) for w in head.get_weights()])
    return head


def assert_as_in_keras(run, base, head, photos):
    mapper, empty = HeatMapper(run, "f32"), 0
    for pixels in photos:
        maps = mapper.maps(pixels, ABC)
        for index, name in enumerate(ABC):
            expected = grad_cam(base, head, pixels, index)
            assert maps[name].dtype == np.float32
            assert maps[name] == pytest.approx(expected, abs=1e-3)
            empty += not expected.any()
    assert empty < len(ABC) * len(photos) / 2  # else equality says little


@pytest.fixture(scope="module")
def small_base():
    """Two convolutions, with channels last in the engine's graph or first, as the conversion likes."""
    keras.utils.set_random_seed(2)
    x = pixels = keras.Input((48, 48, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, -1.0)(x)
    for _ in range(2):
        x = layers.Conv2D(16, 3, 2, "same", activation="relu")(x)
    return keras.Model(pixels, x)  # (n, 12, 12, 16)


@pytest.fixture(scope="module")
def noise():
    return list(np.random.default_rng(0).integers(0, 256, (6, 48, 48, 3), dtype=np.uint8))


@pytest.mark.parametrize("name", ["gap", "fc", "flatten-fc", "logistic"])
def test_maps_are_those_of_tensorflows_gradients(name, small_base, noise, tmp_path):
    head = random_head(small_base, name)
    assert_as_in_keras(run_of(tmp_path, small_base, head, ABC), small_base, head, noise)


def beside(*sizes):
    """Small bases side by side, as `build_base` makes them: each scales the photo to its own size."""
    keras.utils.set_random_seed(4)
    pixels, said = keras.Input((48, 48, 3), name="pixels"), []
    for n, size in enumerate(sizes):
        x = inputs = keras.Input((size, size, 3))
        x = layers.Rescaling(1 / 127.5, -1.0)(x)
        for _ in range(2):
            x = layers.Conv2D(16 + n, 3, 2, "same", activation="relu")(x)
        part = keras.Model(inputs, x, name=f"part{n}")
        seen = pixels if size == 48 else keras.ops.image.resize(pixels, (size, size))
        said.append(layers.GlobalAveragePooling2D(keepdims=True)(part(seen)))
    return keras.Model(pixels, layers.Concatenate()(said))


@pytest.mark.parametrize("sizes", [(48, 32), (48, 48)])
def test_of_bases_side_by_side_it_is_the_mean_of_their_maps(sizes, noise, tmp_path):
    base = beside(*sizes)
    head = random_head(base, "gap")
    mapper, weights = HeatMapper(run_of(tmp_path, base, head, ABC), "f32"), head.get_weights()[0]
    for photo in noise:
        maps, speaks = mapper.maps(photo, ABC), []
        for n, (size, own) in enumerate(zip(sizes, np.split(weights, [16]), strict=True)):
            seen = tf.image.resize(photo[None].astype(np.float32), (size, size))
            speaks.append(tf.image.resize(base.get_layer(f"part{n}")(seen) @ own, (12, 12))[0].numpy())
        expected = np.maximum(np.mean(speaks, axis=0), 0)
        for index, name in enumerate(ABC):
            assert maps[name].shape == (12, 12)
            assert maps[name] == pytest.approx(expected[..., index] / max(expected[..., index].max(), 1e-9), abs=1e-3)


@pytest.mark.parametrize("name", ["gap", "flatten-fc"])
def test_where_the_mirror_image_is_asked_about_too_the_map_is_the_mean_of_both(name, small_base, noise, tmp_path):
    head = random_head(small_base, name)
    mapper = HeatMapper(run_of(tmp_path, small_base, head, ABC, ask_mirror=True), "f32")
    for pixels in noise:
        maps = mapper.maps(pixels, ABC)
        for index, label in enumerate(ABC):
            as_it_is, mirrored = (heat_of(small_base, head, view, index) for view in (pixels, pixels[:, ::-1]))
            mean = (as_it_is + mirrored[:, ::-1]) / 2
            assert maps[label] == pytest.approx(mean / (mean.max() or 1), abs=1e-3)


@pytest.mark.slow
def test_with_the_built_in_base_too(base_engine_path, imagenet_pixels, tmp_path):
    base = build_base(BUILT_IN)
    head = random_head(base, "fc")
    run = run_of(tmp_path, base, head, ABC, base_engine_path)
    assert_as_in_keras(run, base, head, list(imagenet_pixels[:2]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base_name", "head_name"),
    [
        (BUILT_IN, "flatten-fc"),
        ("mobilenetv2", "gap"),
        pytest.param("mobilenetv2", "flatten-fc", marks=pytest.mark.endurance),
        pytest.param("vgg16", "fc", marks=pytest.mark.endurance),
        pytest.param("vgg16", "flatten-fc", marks=pytest.mark.endurance),
        pytest.param("convnexttiny", "gap", marks=pytest.mark.endurance),
    ],
)
def test_other_bases_and_heads_on_the_whole_map(base_name, head_name, tmp_path):
    keras.utils.set_random_seed(1)
    base = build_base(base_name, weights=None, image_size=96)
    head = random_head(base, head_name)
    photos = [np.asarray(draw_shape(label, 0)) for label in CLASSES]
    assert_as_in_keras(run_of(tmp_path, base, head, ABC), base, head, photos)


@pytest.mark.slow
def test_the_lightest_place_lies_on_the_object(tmp_path, base_engine_path):
    """Creatures in a quarter of the picture, on eight kinds of ground that tell nothing."""
    photos = write_scenes(tmp_path / "photos", "object", classes=4, train=14, test=0, reach=(0.25, 0.25), margin=0.3)
    run = run_on(tmp_path, photos, base_engine_path)
    mapper, rng, hits = HeatMapper(run), Random(77), []
    for n in range(40):
        scene, label = draw_scene(n % 4, n % 8, 0.25, 0.3, rng), mapper.class_names[n % 4]
        heat = stretched(mapper.maps(np.asarray(scene.image.resize((224, 224))), [label])[label], scene.image.size)
        hits.append(scene.holds(*np.unravel_index(heat.argmax(), heat.shape)))
    assert sum(hits) >= 0.9 * len(hits)  # a point anywhere in the picture would be there in a quarter of them


def test_where_a_model_is_blind_its_map_is_dark(tmp_path, noise):
    """This one multiplies the left half of every photo by zero, and adds nothing to it."""
    pixels = keras.Input((48, 48, 3), name="pixels")
    sees = np.repeat(np.arange(48) >= 24, 3).reshape(1, 1, 48, 3).astype(np.float32)
    x = layers.Rescaling(sees / 255, np.zeros_like(sees))(pixels)
    for _ in range(2):
        x = layers.Conv2D(8, 3, 2, "same", activation="relu", use_bias=False)(x)
    base = keras.Model(pixels, x)
    run = run_of(tmp_path, base, random_head(base, "gap"), ABC)
    maps = [heat for photo in noise for heat in HeatMapper(run).maps(photo, ABC).values()]
    assert max(heat[:, :5].max() for heat in maps) == 0  # the sixth of the twelve columns sees across the middle
    assert sum(heat[:, 6:].max() == 1 for heat in maps) > len(maps) / 2


def test_a_class_that_nothing_speaks_for_has_a_dark_map(tmp_path, small_base, noise):
    head = random_head(small_base, "gap")
    weights, bias = head.get_weights()
    weights[:, 1] = -1  # and the features are never below zero
    head.set_weights([weights, bias])
    maps = HeatMapper(run_of(tmp_path, small_base, head, ABC)).maps(noise[0], ["b", "a"])
    assert list(maps) == ["b", "a"]
    assert not maps["b"].any()
    assert maps["a"].max() == 1


def test_what_goes_wrong_is_said_in_words(trained, tmp_path):
    with pytest.raises(PhotoError, match="not an image"):
        HeatMapper(trained.run).maps(b"no photo", list(CLASSES))
    with pytest.raises(RunError, match="no finished model"):
        HeatMapper(Run(tmp_path / "nothing"))
    shutil.copytree(trained.run.folder, tmp_path / "copy")
    (tmp_path / "copy" / "model.xml").write_text("<net>")
    with pytest.raises(RunError, match=r"is damaged on disk \(model.xml has changed"):
        HeatMapper(Run(tmp_path / "copy"))
    seal_of(tmp_path / "copy" / "model.xml").unlink()  # as a run of an older version
    with pytest.raises(RunError, match="missing or damaged"):
        HeatMapper(Run(tmp_path / "copy"))


def test_a_head_of_another_kind_is_refused(tmp_path, small_base):
    x = inputs = keras.Input((16,), name="features")
    x = layers.Dense(4, activation="tanh")(x)
    head = keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
    with pytest.raises(RunError, match="unknown kind"):
        HeatMapper(run_of(tmp_path, small_base, head, ABC))

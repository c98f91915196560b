import hashlib
import itertools
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from core.base.errors import InputError, WeightsError
from core.engine.conversion import convert_base
from core.engine.engine import FEATURES, Engine
from core.models import building as base_models
from core.models.building import build_base
from core.models.catalogue import CATALOGUE, base_model
from core.models.head_building import whole_model

CHEAP = ("mobilenet",)
# The built-in one, one with operations that are no layers, the oldest, and the one whose normalisation is mended here;
# by hand (-m endurance) the others
SAMPLE = ("efficientnet-lite0", "mobilenetv3-small", "vgg16", "efficientnetb0")


def marks_of(row):
    """Not every base in every run: some take half a minute."""
    return () if row.name in CHEAP else pytest.mark.slow if row.name in SAMPLE else pytest.mark.endurance


ROWS = [pytest.param(row, id=row.name, marks=marks_of(row)) for row in CATALOGUE]
FROM_KERAS = [parameter for parameter in ROWS if parameter.values[0].application]
each_row = pytest.mark.parametrize("row", ROWS, indirect=True)
each_of_keras = pytest.mark.parametrize("row", FROM_KERAS, indirect=True)


@pytest.fixture(scope="module")
def row(request):
    """A row of the catalogue; pytest does all that is wanted of one before it turns to the next."""
    return request.param


@pytest.fixture(scope="module")
def base(row):
    """As the catalogue describes it, with random weights, which tests may change."""
    return build_base(row.name, weights=None)


@pytest.fixture(scope="module")
def small(row):
    """The same at its smallest size."""
    return build_base(row.name, weights=None, image_size=row.smallest_image_size)


@pytest.fixture(scope="module")
def plain(row):
    """Keras' own at that size."""
    build = getattr(keras.applications, row.application)
    return build(include_top=False, weights=None, input_shape=(row.smallest_image_size, row.smallest_image_size, 3))


def leaves(model):
    """The layers of a model, those of nested models in place of them."""
    for layer in model.layers:
        yield from leaves(layer) if isinstance(layer, keras.Model) else [layer]


def multiply_adds(model):
    """Of convolutions and dense layers for one photo."""
    total = 0
    for layer in leaves(model):
        places = int(np.prod(layer.output.shape[1:-1]))
        if isinstance(layer, keras.layers.SeparableConv2D):
            height, width, channels, _ = layer.depthwise_kernel.shape
            total += places * channels * (height * width + layer.filters)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            height, width, channels, _ = layer.kernel.shape
            total += places * channels * height * width
        elif isinstance(layer, (keras.layers.Conv2D, keras.layers.Dense)):
            total += places * int(np.prod(layer.kernel.shape))
    return total


def pixels(size, n=2):
    """Photos of four by four colours, float32 (n, size, size, 3), RGB 0..255."""
    colours = np.random.default_rng(0).integers(0, 256, (n, 4, 4, 3)).astype(np.float32)
    places = np.arange(size) * 4 // size
    return colours[:, places][:, :, places]


def answers(model, photos):
    """As `predict`, without the seconds that its tracing takes."""
    return model(photos, training=False).numpy()


def shake(base):
    """Give every weight another value than the one it is built with."""
    rng = np.random.default_rng(0)
    for layer in leaves(base):
        if not isinstance(layer, keras.layers.Normalization):  # the pixels' mean and deviation are no matter of taste
            layer.set_weights([v * rng.uniform(0.5, 1.5, v.shape) + 0.01 for v in layer.get_weights()])
    return base


def settle(base):
    """Give batch normalisation the statistics of some photos, so that photos make a difference in the last feature map
    of random weights too."""
    for layer in leaves(base):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # forget those it had
    base.trainable = True
    base(pixels(base.input_shape[1]), training=True)
    base.trainable = False
    return base


def relative(values, reference):
    """Divided by what is largest in the reference: shaken weights give values of any size."""
    return values / np.abs(reference).max()


def boundary(base, layer):
    """The names of the operations before `layer`, in order, whose outputs it or later ones take."""
    operations = base.operations
    first = operations.index(base.get_layer(layer))
    taken = {
        tensor._keras_history.operation
        for operation in operations[first:]
        for node in operation._inbound_nodes
        for tensor in node.input_tensors
    }
    return {operation.name for operation in taken if operation in operations[:first]}


@each_row
def test_each_row_of_the_catalogue_builds_what_it_promises(row, base):
    assert base.input_shape == (None, row.image_size, row.image_size, 3)
    assert base.output_shape == (None, *base.output_shape[1:3], row.feature_width)
    assert base.trainable_weights == []
    assert multiply_adds(base) / 1e9 == pytest.approx(row.multiply_adds_g, abs=5.1e-4)
    base.trainable = True
    assert sum(weight.numpy().size for weight in base.trainable_weights) == row.parameters


@each_row
def test_the_blocks_of_each_row_are_in_order_and_cut_the_network_in_two(row, base):
    names = [layer.name for layer in base.layers]
    order = [names.index(block.first_layer) for block in row.blocks]
    assert order == sorted(order)
    assert not any(layer.count_params() for layer in base.layers[: order[0]] if layer.name != "normalization")
    sizes = [sum(layer.count_params() for layer in base.layers[a:b]) for a, b in itertools.pairwise([*order, None])]
    assert min(sizes) > 0
    if row.name == "nasnetmobile":
        return  # its cells take what the last but one gave, too
    for block in row.blocks:
        entry = base.get_layer(block.first_layer).input
        assert boundary(base, block.first_layer) == {entry._keras_history.operation.name}


@each_row
def test_the_same_weights_fit_at_every_size(base, small):
    assert [weight.shape for weight in base.weights] == [weight.shape for weight in small.weights]
    assert [layer.name for layer in base.layers] == [layer.name for layer in small.layers]  # so the same blocks thaw


@each_row
def test_each_row_works_at_its_smallest_size_and_refuses_less(row, small):
    maps = answers(small, pixels(row.smallest_image_size))
    assert maps.shape[0] == 2
    assert maps.shape[3] == row.feature_width
    assert np.isfinite(maps).all()
    with pytest.raises(InputError, match=f"needs at least {row.smallest_image_size} pixels.*Received: image_size="):
        build_base(row.name, weights=None, image_size=row.smallest_image_size - 1)


@pytest.mark.parametrize("row", [*FROM_KERAS, pytest.param(base_model("vgg16"), id="vgg16, blue first")], indirect=True)
def test_pixels_are_prepared_inside_as_keras_prepares_them(row, small, plain):
    size = row.smallest_image_size
    prepare = sys.modules[getattr(keras.applications, row.application).__module__].preprocess_input
    if row.preprocessing.mode != "raw":
        inside = keras.Model(small.input, small.get_layer("preprocess").output)
        assert answers(inside, pixels(size)) == pytest.approx(prepare(pixels(size)), abs=1e-5)
    plain.set_weights(small.get_weights())
    for layer in plain.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # EfficientNetB0's is a weight
    expected = answers(plain, prepare(pixels(size)))
    features = answers(small, pixels(size))
    assert relative(features, expected) == pytest.approx(relative(expected, expected), abs=1e-3)


@pytest.mark.slow
def test_efficientnet_b0_standardises_pixels_as_its_weights_were_trained():
    base = build_base("efficientnetb0", weights=None, image_size=32)
    inside = keras.Model(base.input, base.get_layer("normalization").output)
    expected = keras.applications.imagenet_utils.preprocess_input(pixels(32), mode="torch")
    assert answers(inside, pixels(32)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_efficientnet_b0_mends_the_normalisation_of_keras_own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path))
    theirs = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(32, 32, 3))
    deviation = np.array([0.229, 0.224, 0.225], np.float32)  # where Keras' file should have its square
    theirs.get_layer(index=2).set_weights([np.zeros(3, np.float32), deviation, np.array(0)])
    theirs.save_weights(tmp_path / "efficientnetb0.weights.h5")
    base = build_base("efficientnetb0", image_size=32)
    inside = keras.Model(base.input, base.get_layer("normalization").output)
    expected = keras.applications.imagenet_utils.preprocess_input(pixels(32), mode="torch")
    assert answers(inside, pixels(32)) == pytest.approx(expected, abs=1e-5)
    assert np.array_equal(base.get_layer("stem_conv").get_weights()[0], theirs.get_layer("stem_conv").get_weights()[0])


@pytest.mark.slow
@each_row
def test_weights_go_through_a_folder_and_come_back(row, small, tmp_path, monkeypatch):
    size = row.smallest_image_size
    shake(small).save_weights(tmp_path / f"{row.name}.weights.h5")
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path))
    again = build_base(row.name, image_size=size)
    for ours, theirs in zip(small.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    photos = pixels(size)
    assert np.array_equal(small(photos), again(photos))


@pytest.mark.slow
@each_of_keras
def test_weights_that_plain_keras_saved_are_read(row, plain, tmp_path):
    size = row.smallest_image_size
    path = tmp_path / "any name.weights.h5"
    shake(plain).save_weights(path)
    base = build_base(row.name, weights=path, image_size=size)
    if row.name == "efficientnetb0":
        return  # its normalisation is ours, so its features are others
    prepare = sys.modules[getattr(keras.applications, row.application).__module__].preprocess_input
    expected = answers(plain, prepare(pixels(size)))
    features = answers(base, pixels(size))
    assert relative(features, expected) == pytest.approx(relative(expected, expected), abs=1e-3)


@pytest.mark.slow
def test_keras_own_file_is_read_when_it_is_the_right_one(tmp_path, monkeypatch):
    row = base_model("mobilenet")
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path))
    theirs = shake(keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3)))
    path = tmp_path / row.weights.file
    theirs.save(path)  # the older format, in which Keras offers its weights
    with pytest.raises(WeightsError, match="is not the one that Keras offers"):
        build_base("mobilenet", image_size=32)
    known = replace(row, weights=replace(row.weights, hash=hashlib.md5(path.read_bytes()).hexdigest()))
    monkeypatch.setattr(base_models, "base_model", lambda name: known)
    expected = answers(theirs, keras.applications.mobilenet.preprocess_input(pixels(32)))
    features = answers(build_base("mobilenet", image_size=32), pixels(32))
    assert relative(features, expected) == pytest.approx(relative(expected, expected), abs=1e-3)


@pytest.fixture(scope="module")
def weights_of_another(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "another.weights.h5"
    build_base("mobilenetv3-small", weights=None, image_size=32).save_weights(path)
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["text", "cut", "another model"])
def test_files_that_hold_other_things_are_refused_in_words(kind, weights_of_another, tmp_path):
    path = tmp_path / "mobilenet.weights.h5"
    cut = weights_of_another[:-100_000]
    path.write_bytes({"text": b"no weights", "cut": cut, "another model": weights_of_another}[kind])
    with pytest.raises(WeightsError, match=r"mobilenet\.weights\.h5 holds no weights that fit MobileNet:"):
        build_base("mobilenet", weights=path, image_size=32)


@pytest.mark.slow
@each_row
def test_the_engine_gives_the_features_of_keras_and_the_saved_model_opens_in_safe_mode(row, base, tmp_path):
    convert_base(settle(base), tmp_path / "model.xml")
    photos = pixels(row.image_size)
    features, _ = Engine(tmp_path / "model.xml", "f32").run(list(photos.astype(np.uint8)), FEATURES)
    expected = answers(base, photos).mean((1, 2))
    assert relative(features, expected) == pytest.approx(relative(expected, expected), abs=1e-3)
    assert np.abs(relative(expected[0] - expected[1], expected)).max() > 0.01  # photos do make a difference

    head = keras.Sequential([keras.Input((row.feature_width,)), keras.layers.Dense(3)], name="head")
    model = whole_model(base, head)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert np.array_equal(answers(again, photos), answers(model, photos))
    thawed = [again.get_layer(block.first_layer) for block in row.blocks]
    assert [layer.name for layer in thawed] == [block.first_layer for block in row.blocks]


@pytest.mark.slow
def test_layers_are_called_the_same_however_many_models_were_built_before():
    first, second = (build_base("mobilenetv3-small", weights=None, image_size=32) for _ in range(2))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    assert {"re_lu", "re_lu_1", "activation"} <= {layer.name for layer in second.layers}  # Keras' own names


@pytest.mark.slow
def test_finding_the_weights_runs_nothing_of_their_package():
    row = CATALOGUE[0]
    build_base(row.name)
    assert row.weights.package not in sys.modules


def test_weights_that_are_not_here_are_said_with_the_ways_out(tmp_path, monkeypatch):
    for name in ("ESPALIER_HOME", "KERAS_HOME", "ESPALIER_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(WeightsError, match=r"VGG16 are not on this computer.*EfficientNet-Lite0 is built in"):
        build_base("vgg16")


def test_an_unknown_base_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no base model called 'resnet'.*efficientnet-lite0"):
        build_base("resnet")


def test_the_names_of_imagenet_are_refused_where_they_do_not_come_with_the_weights():
    with pytest.raises(InputError, match="VGG16 comes without the part that names the 1,000 ImageNet classes"):
        build_base("vgg16", include_top=True)


def test_the_converted_base_has_pooled_features_as_its_one_output(base_engine_path):
    engine = Engine(base_engine_path)
    assert list(engine.outputs) == [FEATURES]
    assert engine.image_size == 224

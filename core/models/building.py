"""Build the base models of the catalogue with their ImageNet weights, and convert them once for the engine."""

import os
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from core.base.errors import InputError, WeightsError
from core.models.catalogue import IMAGENET_MEAN, IMAGENET_STD, BaseModel, PackageWeights, Preprocessing, base_model
from core.models.config import BENCHMARK_CNN, RANDOM, TrainConfig
from core.models.efficientnet_lite import build_lite, load_lite_weights
from core.models.image_sizes import BENCHMARK_SIZE, image_size_of
from core.models.torch_checkpoint import read_checkpoint
from core.models.weights import check_keras_file, find_weights

IMAGENET = "imagenet"
BENCHMARK_CHANNELS = (16, 32, 64, 128, 256)  # doubled at each halving of the sides


def starting_base(config: TrainConfig) -> keras.Model:
    """The base that the config names, with its own weights or random ones, for photos of the config's size."""
    size = image_size_of(config)
    if config.base == BENCHMARK_CNN:
        return build_benchmark_cnn(config.seed, size)
    keras.utils.set_random_seed(config.seed)  # for random weights, and for the dropout that some bases have inside
    if config.initial == RANDOM:
        return build_base(config.base, weights=None, image_size=size)
    return build_base(config.base, image_size=size)


def build_base(
    name: str, include_top: bool = False, weights: str | Path | None = IMAGENET, image_size: int | None = None
) -> keras.Model:
    """A base model, frozen. Its graph is flat, so that each layer can be reached and thawed by its name.

    Of several side by side each is a layer of its own, and the feature map, (n, 1, 1, width), has all that they say.

    Args:
        name: From the catalogue; names joined by "+" for several side by side.
        include_top: With the ImageNet softmax instead of the last feature map; only the weights that come in Python
            packages have it.
        weights: "imagenet": those that `core.models.weights.find_weights` finds; a path: that file of one
            base alone; None: random.
        image_size: Height and width of the input in pixels. Defaults to the catalogue's.

    Returns:
        A model from RGB 0..255, float32 (n, size, size, 3), to feature maps, float32 (n, h, w, width), or with the top
        to probabilities, float32 (n, 1000).

    Raises:
        InputError: No base model has this name, it can't be built that small, or it has no top.
        WeightsError: The weights are missing, changed or those of another model.
    """
    base = base_model(name)
    if include_top and (base.application or base.parts):
        raise InputError(f"{base.title} comes without the part that names the 1,000 ImageNet classes.")
    size = base.image_size if image_size is None else image_size
    if size < base.smallest_image_size:
        raise InputError(
            f"{base.title} needs at least {base.smallest_image_size} pixels a side. Received: image_size={image_size}."
        )
    if base.parts:
        return _side_by_side(replace(base, image_size=size), weights)
    # Here and in Places the environment is looked at below the doors: a run's config names a base, not where its
    # weights lie. The top is in the package alone, whatever folder is named.
    path = find_weights(base, {} if include_top else os.environ) if weights == IMAGENET else weights
    model = _network(base, size, include_top)
    if path is not None:
        _load(model, base, Path(path))
    if base.application == "EfficientNetB0":
        _mend_efficientnet_b0(model)
    model.trainable = False
    return model


def _side_by_side(base: BaseModel, weights: str | None) -> keras.Model:
    """Several as one base, whose last feature map has one place: what each says of the photo, scaled to its own size.

    Each stays a model of its own inside, so that no two of their layers share a name. Their maps have different sizes,
    so each is averaged before they are joined.
    """
    pixels = keras.Input((base.image_size, base.image_size, 3), name="pixels")
    said = []
    for part in base.parts_as_seen:
        network, size = build_base(part.name, weights=weights, image_size=part.image_size), part.image_size
        seen = pixels
        if size != base.image_size:  # not by Keras' layer, which tells all that follow that they are in training
            seen = keras.ops.image.resize(pixels, (size, size), interpolation="bilinear")
        said.append(layers.GlobalAveragePooling2D(keepdims=True, name=f"{network.name}_pool")(network(seen)))
    name = "_".join(part.name for part in base.parts).replace("-", "_")
    model = keras.Model(pixels, layers.Concatenate(name="side_by_side")(said), name=name)
    model.trainable = False
    return model


def _network(base: BaseModel, image_size: int, include_top: bool) -> keras.Model:
    pixels = keras.Input((image_size, image_size, 3), name="pixels")
    x = _preprocess(pixels, base.preprocessing)
    if base.application:
        build = getattr(keras.applications, base.application)
        network = build(include_top=False, weights=None, input_tensor=x)
        _name_as_in_a_fresh_process(network)
        outputs = network.output
    else:
        outputs = build_lite(base.name, x, include_top)
    return keras.Model(pixels, outputs, name=base.name.replace("-", "_"))


def _preprocess(pixels: keras.KerasTensor, preprocessing: Preprocessing) -> keras.KerasTensor:
    """Layers and operations of Keras only, so that the saved model opens anywhere and in safe mode."""
    if preprocessing.mode == "raw":
        return pixels
    ordered = keras.ops.flip(pixels, axis=-1) if preprocessing.blue_first else pixels
    scale, offset = list(preprocessing.scale), list(preprocessing.offset)  # Rescaling takes no tuples
    return layers.Rescaling(scale, offset, name="preprocess")(ordered)


def _name_as_in_a_fresh_process(network: keras.Model) -> None:
    """Number the layers that keras.applications leaves unnamed as if this were the first model of the process.

    Keras counts through all models that a process builds; the catalogue and saved plans name layers by their number.
    """
    unnamed = defaultdict(list)
    for operation in network.operations:
        stem, number = re.fullmatch(r"(.*?)(?:_(\d+))?", operation.name).groups()
        if stem.replace("_", "") == type(operation).__name__.lower():  # conv2d_94 is a Conv2D, conv_1 has its own name
            unnamed[stem].append((int(number or 0), operation))
    for stem, numbered in unnamed.items():
        for position, (_, operation) in enumerate(sorted(numbered, key=lambda pair: pair[0])):
            operation.name = f"{stem}_{position}" if position else stem


def _load(model: keras.Model, base: BaseModel, path: Path) -> None:
    if isinstance(base.weights, PackageWeights) and path.suffix == ".pth":
        load_lite_weights(model, read_checkpoint(path, base.weights.sha256))
        return
    check_keras_file(base, path)
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a file that is damaged or of another model
        raise WeightsError(
            f"The file {path.name} holds no weights that fit {base.title}: it is damaged or of another model. "
            "Remove it, or put the right one in its place."
        ) from error


def _mend_efficientnet_b0(model: keras.Model) -> None:
    """Make its own normalisation divide by the standard deviation, as its weights were trained.

    The file that Keras offers has the standard deviation where the variance belongs. Keras divides by its root a second
    time, but only when it downloads the file itself (tensorflow/tensorflow issue 49930).
    """
    normalization = model.get_layer("normalization")
    mean, count = np.array(IMAGENET_MEAN, np.float32), np.array(0)
    normalization.set_weights([mean, np.array(IMAGENET_STD, np.float32) ** 2, count])
    normalization.finalize_state()  # takes over what was set


def build_benchmark_cnn(seed: int, image_size: int = BENCHMARK_SIZE) -> keras.Model:
    """The articles' benchmark, up to its last feature map, with random weights: transfer learning must beat it.

    Five convolutions, each followed by pooling: from RGB 0..255, float32 (n, image_size, image_size, 3), to float32
    (n, h, w, 256), where sides were halved five times: 4 x 4 of 128.
    """
    pixels = keras.Input((image_size, image_size, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(pixels)
    for position, channels in enumerate(BENCHMARK_CHANNELS):
        start = keras.initializers.HeNormal(seed=seed + position)
        name = f"conv{position + 1}"
        x = layers.Conv2D(channels, 3, padding="same", activation="relu", kernel_initializer=start, name=name)(x)
        x = layers.MaxPooling2D(name=f"pool{position + 1}")(x)
    return keras.Model(pixels, x, name="benchmark_cnn")

"""Exports as Teachable Machine's converter gives them, which is Keras 2: its `.h5` layout, its words, its `groups`."""

import json
import zipfile

import h5py
import keras
import numpy as np

SIDE = 224
INITIALIZER = {"class_name": "VarianceScaling", "config": {"scale": 1, "mode": "fan_avg", "distribution": "uniform"}}


def randomised(model, seed=5):
    """Weights of a size that makes answers differ from photo to photo."""
    rng = np.random.default_rng(seed)
    scale = {
        "gamma": lambda shape: rng.uniform(0.8, 1.6, shape),
        "beta": lambda shape: rng.normal(0, 0.3, shape),
        "moving_mean": lambda shape: rng.normal(0, 0.3, shape),
        "moving_variance": lambda shape: rng.uniform(0.5, 1.5, shape),
        "bias": lambda shape: rng.normal(0, 0.1, shape),
    }
    for weight in model.weights:
        fan_in = max(1, int(np.prod(weight.shape[:-1])))
        make = scale.get(weight.name, lambda shape, n=fan_in: rng.normal(0, np.sqrt(2 / n), shape))
        weight.assign(make(weight.shape))
    return model


def settled(model, pixels):
    """The same with the statistics that its layers have on these photos: a deep network of noise answers alike to all.

    Args:
        pixels: float32 (n, 224, 224, 3), -1..1.
    """
    for layer in model.layers[0].layers[0].layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(pixels, training=True)
    return model


def tiny_base():
    """All kinds of layers of MobileNetV2, few of each."""
    inputs = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.ZeroPadding2D(((0, 1), (0, 1)), name="Conv1_pad")(inputs)
    x = keras.layers.Conv2D(8, 3, 4, use_bias=False, name="Conv1")(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, name="bn_Conv1")(x)
    first = keras.layers.ReLU(6.0, name="Conv1_relu")(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(first)
    x = keras.layers.BatchNormalization(epsilon=1e-3, name="depthwise_BN")(x)
    x = keras.layers.Add(name="add")([first, x])
    return keras.Model(inputs, keras.layers.ReLU(6.0, name="out_relu")(x), name="model1")


def mobilenet():
    """What Teachable Machine itself uses: MobileNetV2 of width 0.35, cut at out_relu."""
    return keras.applications.MobileNetV2((SIDE, SIDE, 3), alpha=0.35, include_top=False, weights=None)


def whole(base, n_classes):
    """The whole model, put together by Keras itself: what the export must answer like."""
    body = keras.Sequential([base, keras.layers.GlobalAveragePooling2D(name="gap")], name="sequential_1")
    head = keras.Sequential(
        [
            keras.layers.Dense(100, "relu", name="dense_Dense1"),
            keras.layers.Dense(n_classes, "softmax", use_bias=False, name="dense_Dense2"),
        ],
        name="sequential_3",
    )
    model = keras.Sequential([body, head], name="sequential_4")
    model.build((None, SIDE, SIDE, 3))
    return model


def described(layer):
    """A layer's entry as Keras 2 wrote it."""
    config = {"name": layer.name, "trainable": True, "dtype": "float32"}
    kind = type(layer).__name__
    if kind == "InputLayer":
        return kind, {
            "batch_input_shape": [None, SIDE, SIDE, 3],
            "dtype": "float32",
            "sparse": False,
            "name": layer.name,
        }
    ours = layer.get_config()
    if kind in ("Conv2D", "DepthwiseConv2D"):
        config |= {name: ours[name] for name in ("kernel_size", "strides", "padding", "data_format", "dilation_rate")}
        config |= {"groups": 1, "activation": "linear", "use_bias": ours["use_bias"], "bias_initializer": INITIALIZER}
        config |= {"filters": ours["filters"]} if kind == "Conv2D" else {"depth_multiplier": 1}
    elif kind == "BatchNormalization":
        config |= {"axis": [3], "momentum": 0.999, "epsilon": 0.001, "center": True, "scale": True}
    elif kind == "ReLU":
        config |= {"max_value": ours["max_value"], "negative_slope": 0.0, "threshold": 0.0}
    elif kind == "ZeroPadding2D":
        config |= {"padding": ours["padding"], "data_format": "channels_last"}
    elif kind == "Dense":
        config |= {"units": ours["units"], "activation": ours["activation"], "use_bias": ours["use_bias"]}
    return kind, config


def graph(model):
    layers = []
    for layer in model.layers:
        kind, config = described(layer)
        sources = [] if kind == "InputLayer" else layer.input if isinstance(layer.input, list) else [layer.input]
        nodes = [[[tensor._keras_history.operation.name, 0, 0, {}] for tensor in sources]] if sources else []
        layers.append({"class_name": kind, "config": config, "name": layer.name, "inbound_nodes": nodes})
    names = {"input_layers": [[layers[0]["name"], 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": model.name, "layers": layers, **names}}


def sequence(name, entries):
    return {"class_name": "Sequential", "config": {"name": name, "layers": entries}}


def config_of(model):
    """The `model_config` of the whole."""
    body, head = model.layers
    base, pool = body.layers
    pooled = {"class_name": "GlobalAveragePooling2D", "config": {"name": pool.name, "data_format": "channels_last"}}
    dense = [dict(zip(("class_name", "config"), described(layer), strict=True)) for layer in head.layers]
    return sequence(model.name, [sequence(body.name, [graph(base), pooled]), sequence(head.name, dense)])


def write_h5(path, model, config=None):
    """The file of Keras 2: a description in JSON, and a group of weights for each top layer."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.7.0"
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config or config_of(model)).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for part in model.layers:
            group = weights.create_group(part.name)
            for layer in part.layers[0].layers if part is model.layers[0] else part.layers:
                for weight in layer.weights:
                    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) and weight.name == "kernel"
                    name = "depthwise_kernel" if depthwise else weight.name
                    group.create_dataset(f"{layer.name}/{name}:0", data=weight.numpy())
    return path


def write_export(target, h5, labels):
    """The zip that is downloaded."""
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(h5, "keras_model.h5")
        archive.writestr("labels.txt", "".join(f"{i} {name}\n" for i, name in enumerate(labels)))
    return target

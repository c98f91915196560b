"""Keras model -> engine model, by way of a frozen TensorFlow graph, which OpenVINO reads itself; and a head put on it.

`openvino.convert_model(keras_model)` does the same but fails on Python 3.13 in release 2026.4 (docs/log.md).
"""

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from core.base.errors import StorageError
from core.base.files import appearing_whole, disk_errors_in_words
from core.engine.engine import FEATURES, PROBABILITIES, load_openvino


def convert(model: keras.Model, target: Path, *outputs: str) -> None:
    """Write a Keras model as an engine graph in float32.

    Args:
        target: The `model.xml` to write; its weights come beside it.
        outputs: What the engine shall call the model's outputs, in their order: "features", "probabilities".
    """
    call = tf.function(lambda inputs: model(inputs, training=False))
    signature = tf.TensorSpec(model.inputs[0].shape, tf.float32, name="inputs")
    frozen = convert_variables_to_constants_v2(call.get_concrete_function(signature))
    with tempfile.TemporaryDirectory() as folder:
        tf.io.write_graph(frozen.graph.as_graph_def(), folder, "frozen.pb", as_text=False)
        graph = load_openvino().Core().read_model(Path(folder) / "frozen.pb")
        for name, tensor in zip(outputs, frozen.outputs, strict=True):
            graph.output(tensor.name).get_tensor().set_names({name})
        save_graph(graph, target)


def convert_base(base: keras.Model, target: Path, whole_map: bool = False) -> None:
    """Write a base as an engine model with what a head learns from, float32 (n, width), as its output.

    Args:
        base: From `build_base`, without its top.
        whole_map: Give all values of the feature map instead of each channel's average.
    """
    convert(feature_rows(base, whole_map), target, FEATURES)


def feature_rows(base: keras.Model, whole_map: bool) -> keras.Model:
    """A base that gives a row of values a photo, float32 (n, width); as for `convert_base`."""
    layer = layers.Flatten(name="flatten") if whole_map else layers.GlobalAveragePooling2D(name="pool")
    return keras.Model(base.input, layer(base.output))


def assemble(base: Path, head: Path, target: Path, ask_mirror: bool = False) -> None:
    """Write one model from pixels to features and probabilities: a new head needs no new conversion of the base.

    Args:
        base: Engine model with one output, what the head learned from, float32 (n, width).
        head: Engine model from that to probabilities, float32 (n, classes), and to features where those are not what
            it takes itself.
        target: The `model.xml` to write; its weights come beside it as `model.bin`.
        ask_mirror: Ask about each photo and its left-right mirror image: the probabilities are the mean over both, the
            features those of the photo as it is.
    """
    ov = load_openvino()
    runtime = ov.Core()
    base_graph, head_graph = runtime.read_model(base), runtime.read_model(head)
    if ask_mirror:
        _show_mirror_images_too(ov, base_graph)
    between = base_graph.output(0).get_node().input_value(0)
    for user in head_graph.input(0).get_target_inputs():
        user.replace_source_output(between)
    outputs = {FEATURES: between}
    for output in head_graph.outputs:
        outputs[output.any_name] = output.get_node().input_value(0)
    between.get_tensor().set_names(set())
    if ask_mirror:
        outputs = {name: _of_both(ov, name, output) for name, output in outputs.items()}
    for name, output in outputs.items():
        output.get_tensor().set_names({name})
    save_graph(ov.Model([outputs[FEATURES], outputs[PROBABILITIES]], base_graph.get_parameters(), "espalier"), target)


def _show_mirror_images_too(ov: Any, graph: Any) -> None:
    """Let what takes n pictures take 2n: the n that come in, and then their mirror images."""
    (pixels,) = graph.get_parameters()
    users = pixels.output(0).get_target_inputs()
    columns = np.arange(pixels.get_partial_shape()[2].get_length())
    mirrored = ov.opset13.gather(pixels, columns[::-1].copy(), 2)
    both = ov.opset13.concat([pixels, mirrored], 0)
    for user in users:
        user.replace_source_output(both.output(0))


def _of_both(ov: Any, name: str, output: Any) -> Any:
    """Of rows (2n, width), photos and then mirror images: the photos' features, or the mean of both answers."""
    rows = ov.opset13.reshape(output, [2, -1, output.get_partial_shape()[1].get_length()], False)
    found = ov.opset13.gather(rows, 0, 0) if name == FEATURES else ov.opset13.reduce_mean(rows, 0)
    return found.output(0)


def save_graph(graph: object, target: Path) -> None:
    """Write an engine graph: weights first, so that a `model.xml` is never without them; both whole, and on disk.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    ov = load_openvino()
    weights = target.with_suffix(".bin")
    with (
        disk_errors_in_words("saving the engine's model"),
        appearing_whole(target) as description_beside,
        appearing_whole(weights) as weights_beside,
    ):
        ov.serialize(graph, description_beside, weights_beside)
        try:
            ov.Core().read_model(description_beside, weights_beside)
        except RuntimeError as error:  # OpenVINO writes on when the disk is full, and says nothing
            raise StorageError("The engine's model was not written whole. Is there room on the disk?") from error

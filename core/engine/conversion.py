"""Keras model -> engine model, by way of a frozen TensorFlow graph, which OpenVINO reads itself.

`openvino.convert_model(keras_model)` does the same but fails on Python 3.13 in release 2026.4 (docs/log.md).
"""

import tempfile
from pathlib import Path

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from core.engine.assemble import save_graph
from core.engine.openvino_runtime import load_openvino


def convert(model: keras.Model, target: Path, *outputs: str) -> None:
    """Write a Keras model as an engine graph in float32.

    Args:
        model: One input.
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

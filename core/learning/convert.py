"""Keras model -> engine model."""

import warnings
from pathlib import Path

import keras

from core.inference.assemble import save_graph
from core.inference.openvino_runtime import load_openvino


def convert(model: keras.Model, target: Path, output: str) -> None:
    """Write a Keras model as an engine graph in float32.

    Args:
        model: One input, one output.
        target: The `model.xml` to write; its weights come beside it.
        output: What the engine shall call the output, "features" or "probabilities".
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The structure of `inputs`")  # the converter's way of calling
        graph = load_openvino().convert_model(model)
    graph.output(0).get_tensor().set_names({output})
    save_graph(graph, target)

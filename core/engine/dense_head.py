"""A run's head, read from its engine graph: the dense layers between the last feature map and the softmax.

The graph is what every run has, whenever it was trained, and its constants are the head's weights to the last bit. So
the gradient of a class's score is computed here, exactly: a head of dense layers and ReLU is linear around each photo,
and what compresses the values that one is given, too, has a slope that is known.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.errors import RunError
from core.engine.engine import FEATURES, PROBABILITIES
from core.models.compression import compressed, slope_of_compressed

ROOTS = {"Abs", "Add", "Power", "Subtract", "Sign", "Multiply"}  # what the conversion makes of `compressed`
# What the conversion leaves between the pooling and its name, and `assemble` where the mirror image is asked about too.
SHAPING = ("Transpose", "Reshape", "Squeeze", "Gather")
AVERAGING = ("ReduceMean", "Reshape")  # what that puts above the softmax


@dataclass(frozen=True)
class Dense:
    """One layer.

    Args:
        weights: float32 (inputs, outputs).
        bias: float32 (outputs,).
        relu: Whether what is below zero becomes zero; else the layer is linear.
    """

    weights: np.ndarray
    bias: np.ndarray
    relu: bool


class DenseHead:
    """A head up to the scores (logits) that its softmax turns into probabilities: its last layer is linear.

    Args:
        layers: The first is given the values, and behind them the same compressed where `compressing` says so.
    """

    def __init__(self, layers: list[Dense], compressing: bool = False) -> None:
        self.layers, self.compressing = layers, compressing
        self.width = layers[0].weights.shape[0] // (2 if compressing else 1)

    def gradients(self, values: np.ndarray, class_ids: list[int]) -> np.ndarray:
        """By how much each score rises with each value: float32 (width, len(class_ids)).

        Args:
            values: float32 (width,), what the head is given: the pooled features, or the whole feature map, flattened.
        """
        given, open_gates = values, []
        if self.compressing:
            values = np.concatenate([values, compressed(values)])
        for layer in self.layers:
            values = values @ layer.weights + layer.bias
            open_gates.append(values > 0 if layer.relu else np.ones_like(values, bool))
            values = values * open_gates[-1]
        gradient = np.eye(len(values), dtype=np.float32)[:, class_ids]
        for layer, is_open in zip(reversed(self.layers), reversed(open_gates), strict=True):
            gradient = layer.weights @ (gradient * is_open[:, None])
        if self.compressing:
            gradient = gradient[: self.width] + gradient[self.width :] * slope_of_compressed(given)[:, None]
        return gradient


def head_of(graph: Any) -> DenseHead:
    """The head of an engine graph that `assemble` wrote.

    Raises:
        RunError: It is of a kind that this app does not make.
    """
    node, layers = _above(graph, PROBABILITIES), []
    while node.get_type_name() in AVERAGING:
        node = _input(node, 0)
    if node.get_type_name() != "Softmax":
        raise unknown_head()
    node = _input(node, 0)
    while node.get_type_name() in ("Relu", "Add"):
        relu = node.get_type_name() == "Relu"
        sums = _input(node, 0) if relu else node
        product, bias = _input(sums, 0), _constant(sums, 1)
        weights = _constant(product, 1)
        weights = weights.T if product.get_attributes().get("transpose_b") else weights
        layers.insert(0, Dense(weights, bias.reshape(-1), relu))
        node = _input(product, 0)
    if not layers:
        raise unknown_head()
    return DenseHead(layers, compressing=_compresses(node))


def _compresses(node: Any) -> bool:
    """Whether a head's first layer is given values and the same compressed, and not only what is above the head."""
    if node.get_type_name() != "Concat":
        return False
    plain, made = node.input_value(0), _input(node, 1)
    found, waiting = set(), [made]
    while waiting:
        each = waiting.pop()
        found.add(each.get_type_name())
        waiting += [source.get_node() for source in each.input_values() if source != plain]
    if found - {"Constant"} != ROOTS:
        raise unknown_head()
    return True


def feature_maps_of(graph: Any) -> list[tuple[Any, bool]]:
    """What the features are the averages of: the last feature map of each base, and whether its channels come first.

    Of one base alone it is one; of several side by side each has its own, in the order of the features.

    Raises:
        RunError: There is none.
    """
    node = _shaped(_above(graph, FEATURES))
    if node.get_type_name() == "ReduceMean":  # over a single place, where several were joined after their averages
        inner = _shaped(_input(node, 0))
        node = inner if inner.get_type_name() == "Concat" else node
    joined = [_input(node, n) for n in range(node.get_input_size())] if node.get_type_name() == "Concat" else [node]
    return [_averaged_by(_shaped(each)) for each in joined]


def _shaped(node: Any) -> Any:
    """What gives the values that a node only arranges."""
    while node.get_type_name() in SHAPING:
        node = _input(node, 0)
    return node


def _averaged_by(node: Any) -> tuple[Any, bool]:
    """The map that a node takes the averages of, and whether its channels come first."""
    if node.get_type_name() != "ReduceMean":
        raise unknown_head()
    return node.input_value(0), sorted(_constant(node, 1).reshape(-1).tolist()) == [2, 3]


def _above(graph: Any, output: str) -> Any:
    """The node that gives an output."""
    return _input(graph.output(output).get_node(), 0)


def _input(node: Any, position: int) -> Any:
    if position >= node.get_input_size():
        raise unknown_head()
    return node.input_value(position).get_node()


def _constant(node: Any, position: int) -> np.ndarray:
    source = _input(node, position)
    if source.get_type_name() != "Constant":
        raise unknown_head()
    return np.array(source.get_data())  # a copy: the graph's memory goes with it


def unknown_head() -> RunError:
    """That the last layers of a model are not what this app makes."""
    return RunError("What this model looked at can't be shown: its last layers are of an unknown kind.")

"""Cut a base in two at the block from which on it is thawed.

What goes over the cut is the same in every epoch, since all below is frozen and BatchNorm works with the statistics it
has. So it is computed once, by the engine, and only what is above the cut is trained. Both halves are made of the
base's own layers: what the upper one learns, the base has learned.
"""

import math
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from core.models.head_building import attach, whole_model


@dataclass(frozen=True)
class Cut:
    """A base in two halves.

    Args:
        base: Whole.
        lower: From RGB 0..255, float32 (n, size, size, 3), to what goes over the cut, a row a photo: (n, width).
        upper: From such rows to the base's last feature map.
        thawed: The layers of `upper`, in the base's order.
    """

    base: keras.Model
    lower: keras.Model
    upper: keras.Model
    thawed: list[keras.Layer]

    @property
    def width(self) -> int:
        """Values per photo that go over the cut."""
        return self.lower.output_shape[1]


def cut(base: keras.Model, first_layer: str) -> Cut:
    """Cut a base below one of its layers.

    Args:
        base: From `build_base`, not cut before.
        first_layer: Of the catalogue's block: it and all that follow it in the base are the upper half.
    """
    names = [operation.name for operation in base.operations]
    above = base.operations[names.index(first_layer) :]
    tensors = _entering(above)
    shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
    flat = [layers.Flatten()(tensor) for tensor in tensors]
    lower = keras.Model(base.input, flat[0] if len(flat) == 1 else layers.Concatenate()(flat), name="lower")
    core = keras.Model(tensors, base.output)
    row = keras.Input((lower.output_shape[1],), name="boundary")
    upper = keras.Model(row, core(_parts(row, shapes)), name="upper")
    return Cut(base, lower, upper, [layer for layer in above if isinstance(layer, keras.Layer)])


def width_at(base: keras.Model, first_layer: str) -> int:
    """Values per photo that go over the cut below one of a base's layers."""
    names = [operation.name for operation in base.operations]
    return sum(math.prod(tensor.shape[1:]) for tensor in _entering(base.operations[names.index(first_layer) :]))


def _entering(above: list[keras.Operation]) -> list[keras.KerasTensor]:
    """The tensors that these operations take from others, each once. NASNet's cells reach back over two others."""
    inside = {id(tensor) for operation in above for tensor in keras.tree.flatten(operation.output)}
    entering = {
        id(tensor): tensor
        for operation in above
        for tensor in keras.tree.flatten(operation.input)
        if id(tensor) not in inside
    }
    return list(entering.values())


def _parts(row: keras.KerasTensor, shapes: list[tuple[int, ...]]) -> list[keras.KerasTensor]:
    """A row divided into tensors of these shapes."""
    ends = np.cumsum([math.prod(shape) for shape in shapes]).tolist()
    starts = [0, *ends[:-1]]
    return [keras.ops.reshape(row[:, a:b], (-1, *shape)) for a, b, shape in zip(starts, ends, shapes, strict=True)]


def thaw(halves: Cut) -> None:
    """Make the upper half's layers learn, and no other of the base."""
    halves.base.trainable = False
    learn_but_statistics(halves.thawed)


def learn_but_statistics(learning: list[keras.Layer]) -> None:
    """Make layers trainable, except BatchNorm, whose statistics come from a million photos.

    A BatchNorm that is not trainable works in inference mode, also while Keras trains.
    """
    for layer in learning:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)


def tail_model(halves: Cut, head: keras.Model) -> keras.Model:
    """Upper half and head: from rows at the cut, float32 (n, width), to probabilities (n, classes)."""
    return keras.Model(halves.upper.input, attach(head, halves.upper.output), name="tail")


class Frozen(layers.Layer):
    """A model that is only asked: nothing in it learns, and its dropout is off."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__(trainable=False)
        self._model = model

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return self._model(inputs, training=False)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], *self._model.output_shape[1:])


def frozen_and_tail(halves: Cut, head: keras.Model) -> keras.Model:
    """Lower half and tail as one model, from RGB 0..255 to probabilities, for when the cut can't be cached."""
    pixels = keras.Input(halves.lower.input_shape[1:], name="pixels")
    return keras.Model(pixels, tail_model(halves, head)(Frozen(halves.lower)(pixels)), name="frozen_and_tail")


def stitched_difference(halves: Cut, head: keras.Model, pixels: np.ndarray) -> float:
    """The largest difference of a probability between the trained halves, one after the other, and the whole model.

    `pixels` are RGB 0..255, float32 (n, size, size, 3).
    """
    rows = halves.lower.predict_on_batch(pixels)
    apart = tail_model(halves, head).predict_on_batch(rows)
    return float(np.abs(apart - whole_model(halves.base, head).predict_on_batch(pixels)).max())

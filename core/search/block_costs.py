"""How long it will take to train a base from one of its blocks on, by the tries that were timed on this computer."""

import math
from dataclasses import dataclass

import keras

from core.models.catalogue import Block
from core.search.table import SearchTrial, Settings

BACK = 3  # times the work of an answer that it takes to learn from it: there, and back by inputs and by weights


@dataclass(frozen=True)
class BlockCosts:
    """What tries cost, measured in passes of one photo through the whole base.

    Args:
        above: By block, the share of the base's multiplications that is in it and those after it, 0..1.
        train: Photos that are learned from in an epoch, views counted.
        validation: Photos that each epoch is judged on.
    """

    above: dict[str, float]
    train: int
    validation: int

    def passes(self, settings: Settings, missing: int) -> float:
        """Of a try, when so many photos were not seen through the blocks below yet."""
        above = self.above[settings["thaw_from"]]
        learning = settings["fine_tune_epochs"] * (BACK * self.train + self.validation) * above
        return learning + missing * (1 - above)

    def seconds(self, settings: Settings, missing: int, tried: list[SearchTrial]) -> float:
        """What a try will take, as the slowest of those before; a try that ended early makes it look faster.

        Args:
            tried: At least one. Whether they found what crosses their boundary is not known: as if they did not.
        """
        everything = self.train + self.validation
        slowest = max(each.seconds / self.passes(each.settings, everything) for each in tried)
        return slowest * self.passes(settings, missing)


def shares_above(base: keras.Model, blocks: tuple[Block, ...]) -> dict[str, float]:
    """By block, the share of a base's multiplications that is in it and those after it, 0..1."""
    names = [operation.name for operation in base.operations]
    work = [_multiplications(operation) for operation in base.operations]
    return {block.name: sum(work[names.index(block.first_layer) :]) / sum(work) for block in blocks}


def _multiplications(operation: keras.Operation) -> int:
    """Of a layer on one photo: each of its weights at each place of what it gives."""
    if not isinstance(operation, keras.layers.Layer):
        return 0
    shape = keras.tree.flatten(operation.output)[0].shape  # (n, h, w, channels)
    return operation.count_params() * math.prod(shape[1:-1])

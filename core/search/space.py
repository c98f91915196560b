"""Between which values settings are tried."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from core.models.catalogue import base_model
from core.models.config import OPTIMIZERS, SGD, TrainConfig
from core.models.heads import HEADS
from core.search.settings import block_settings_of, settings_of
from core.search.table import Settings

# All of them in every try, also the units of a head that has none: the estimator then looks at all together.
OF_HEADS = {
    "head": CategoricalDistribution([head.name for head in HEADS if head.is_searched]),
    "learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
    "units": IntDistribution(32, 512, log=True),
    "dropout": FloatDistribution(0.0, 0.8),
    "weight_decay": FloatDistribution(1e-4, 1.0, log=True),
    "optimizer": CategoricalDistribution(OPTIMIZERS),
    "momentum": FloatDistribution(0.0, 0.99),
    "batch_size": IntDistribution(16, 256, log=True),
}
NO_DECAY = 3e-4  # below this, times any rate, a training's few hundred steps change nothing: 0 says so
HEADS_AT_RANDOM = 8  # tries before the estimator begins: a minute has time for some dozens at most
BLOCKS_AT_RANDOM = 4  # each takes as long as a training
BLOCK_RATES = FloatDistribution(1e-5, 3e-3, log=True)
BLOCK_RATES_OF_SGD = FloatDistribution(1e-4, 1e-1, log=True)  # it does not divide by how large gradients are
BLOCK_EPOCHS = IntDistribution(1, 12)


@dataclass(frozen=True)
class Space:
    """What is tried.

    Args:
        distributions: Of each parameter, as Optuna draws it.
        rounded: Makes settings, as they are tried, of drawn parameters.
        settings_of: The searched settings of a config.
        drawn_of: The parameters of a config, be they within the distributions or not.
        at_random: Tries before the estimator begins.
    """

    distributions: dict[str, BaseDistribution]
    rounded: Callable[[dict[str, Any]], Settings]
    settings_of: Callable[[TrainConfig], Settings]
    drawn_of: Callable[[TrainConfig], dict[str, Any]]
    at_random: int

    def params_of(self, config: TrainConfig) -> dict[str, Any]:
        """The nearest to a config that the space has: only for the estimator, not for the try."""
        drawn = self.drawn_of(config)
        return {name: nearest(space, drawn[name]) for name, space in self.distributions.items()}


def head_space() -> Space:
    """Of settings of a head and of how it learns."""

    def drawn_of(config: TrainConfig) -> dict[str, Any]:
        return {name: getattr(config, name) for name in OF_HEADS}

    return Space(dict(OF_HEADS), rounded, settings_of, drawn_of, HEADS_AT_RANDOM)


def block_space(plan: TrainConfig, first: int) -> Space:
    """Of settings of a base's thawed blocks: from which on, how fast, and for how long.

    Args:
        plan: A plan of fine-tuning.
        first: Number of the earliest block that may be thawed, from 0.
    """
    names = [block.name for block in base_model(plan.base).blocks]
    distributions: dict[str, BaseDistribution] = {
        "thaw_from": IntDistribution(first, len(names) - 1),  # numbers, since neighbours are alike
        "fine_tune_rate": BLOCK_RATES_OF_SGD if plan.optimizer == SGD else BLOCK_RATES,
        "fine_tune_epochs": BLOCK_EPOCHS,
    }

    def rounded_blocks(params: dict[str, Any]) -> Settings:
        rate = float(f"{params['fine_tune_rate']:.2g}")
        return {**params, "thaw_from": names[params["thaw_from"]], "fine_tune_rate": rate}

    def drawn_of(config: TrainConfig) -> dict[str, Any]:
        return {**block_settings_of(config), "thaw_from": names.index(config.thaw_from)}

    return Space(distributions, rounded_blocks, block_settings_of, drawn_of, BLOCKS_AT_RANDOM)


def rounded(params: dict[str, Any]) -> Settings:
    """A head's settings as they are tried: with the two digits that a person reads and types, and momentum for SGD."""
    return {
        "head": params["head"],
        "learning_rate": float(f"{params['learning_rate']:.2g}"),
        "units": int(float(f"{params['units']:.2g}")),
        "dropout": round(params["dropout"], 2),
        "weight_decay": float(f"{params['weight_decay']:.2g}") if params["weight_decay"] >= NO_DECAY else 0.0,
        "optimizer": params["optimizer"],
        "momentum": round(params["momentum"], 2) if params["optimizer"] == SGD else 0.0,
        "batch_size": 2 ** round(math.log2(params["batch_size"])),
    }


def nearest(space: BaseDistribution, value: Any) -> Any:
    """The value, or the nearest to it that the distribution has."""
    return value if isinstance(space, CategoricalDistribution) else min(max(value, space.low), space.high)

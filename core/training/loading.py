"""Keras takes seconds to import and a base to build: a thread does both while the engine is already at work."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TrainConfig
from core.training.strategies.strategy import Strategy

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Loaded:
    """What a run needs of Keras.

    Args:
        base: With its own weights or random ones; those of a run that is gone on from come later, since what the base
            says of photos is shared with other runs.
        train: The config's strategy.
    """

    base: "keras.Model"
    train: Strategy


def start_loading(config: TrainConfig) -> "Future[Loaded]":
    """Begin to load what a run with these settings needs."""
    pool = ThreadPoolExecutor(1)
    loading = pool.submit(_load, config)
    pool.shutdown(wait=False)
    return loading


def _load(config: TrainConfig) -> Loaded:
    # Here, since each of these brings Keras with it; afterwards importing them again costs nothing.
    from core.models.building import starting_base
    from core.training.strategies import feature_extraction, fine_tuning, from_scratch

    strategies: dict[str, Strategy] = {
        FEATURE_EXTRACTION: feature_extraction.train,
        FINE_TUNE: fine_tuning.train,
        FROM_SCRATCH: from_scratch.train,
    }
    return Loaded(starting_base(config), strategies[config.strategy])

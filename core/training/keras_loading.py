"""Keras takes seconds to import, so the strategies import nothing of it: a thread does that here meanwhile."""

import importlib
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

from core.models.config import BENCHMARK_CNN, RANDOM, TrainConfig

PLACES = {
    "base_models": "models.building",
    "batches": "training.batches",
    "benchmark_cnn": "models.benchmark_cnn",
    "boundary": "training.strategies.boundary",
    "conversion": "engine.conversion",
    "cross_validation": "training.cross_validation",
    "fitting": "training.fitting",
    "heads": "models.head_building",
    "keras_engine": "engine.keras_engine",
    "network_fitting": "training.network_fitting",
    "restarting": "training.starting_weights",
    "saving": "training.saving",
    "svm": "training.solving",
}


@dataclass(frozen=True)
class Learning:
    """The modules of this floor that need Keras, and the run's base model.

    Args:
        base: With its own weights or random ones; those of a run that is gone on from come later, since what the base
            says of photos is shared with other runs.
    """

    base_models: ModuleType
    batches: ModuleType
    benchmark_cnn: ModuleType
    boundary: ModuleType
    conversion: ModuleType
    cross_validation: ModuleType
    fitting: ModuleType
    heads: ModuleType
    keras_engine: ModuleType
    network_fitting: ModuleType
    restarting: ModuleType
    saving: ModuleType
    svm: ModuleType
    base: Any


def load_learning(config: TrainConfig) -> Learning:
    """Import all that, and build the base that the config names."""
    names = [field.name for field in fields(Learning) if field.type is ModuleType]
    modules = {name: importlib.import_module(f"core.{PLACES[name]}") for name in names}
    if config.base == BENCHMARK_CNN:
        base = modules["benchmark_cnn"].build_benchmark_cnn(config.seed)
    elif config.initial == RANDOM:
        modules["fitting"].seed_everything(config)
        base = modules["base_models"].build_base(config.base, weights=None)
    else:
        base = modules["base_models"].build_base(config.base)
    return Learning(**modules, base=base)

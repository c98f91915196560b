"""Keras takes seconds to import, so the strategies import nothing of it: a thread does that here meanwhile."""

import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from core.records.config import BENCHMARK_CNN, RANDOM, TrainConfig


@dataclass(frozen=True)
class Learning:
    """The modules of this floor that need Keras, and the run's base model."""

    base_models: ModuleType
    batches: ModuleType
    benchmark_cnn: ModuleType
    boundary: ModuleType
    cross_validation: ModuleType
    fitting: ModuleType
    heads: ModuleType
    keras_engine: ModuleType
    network_fitting: ModuleType
    saving: ModuleType
    base: Any


def load_learning(config: TrainConfig) -> Learning:
    """Import all that, and build the base that the config names, with the weights it begins with."""
    names = [name for name in Learning.__annotations__ if name != "base"]
    modules = {name: importlib.import_module(f"core.learning.{name}") for name in names}
    if config.base == BENCHMARK_CNN:
        base = modules["benchmark_cnn"].build_benchmark_cnn(config.seed)
    elif config.initial == RANDOM:
        modules["fitting"].seed_everything(config)
        base = modules["base_models"].build_base(config.base, weights=None)
    else:
        base = modules["base_models"].build_base(config.base)
    return Learning(**modules, base=base)

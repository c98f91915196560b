"""Keras takes seconds to import, so the strategies import nothing of it: a thread does that here meanwhile."""

import importlib
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

from core.data.runs import Run
from core.records.config import BENCHMARK_CNN, RANDOM


@dataclass(frozen=True)
class Learning:
    """The modules of this floor that need Keras, and the run's base model.

    Args:
        base: With the weights that the run begins with.
        head_weights: Those of the head that it goes on from; None when it begins anew.
    """

    base_models: ModuleType
    batches: ModuleType
    benchmark_cnn: ModuleType
    boundary: ModuleType
    cross_validation: ModuleType
    fitting: ModuleType
    heads: ModuleType
    keras_engine: ModuleType
    network_fitting: ModuleType
    restarting: ModuleType
    saving: ModuleType
    svm: ModuleType
    base: Any
    head_weights: list | None = None


def load_learning(run: Run) -> Learning:
    """Import all that, and build the base that the run's config names, with the weights it begins with."""
    config = run.config()
    names = [field.name for field in fields(Learning) if field.type is ModuleType]
    modules = {name: importlib.import_module(f"core.learning.{name}") for name in names}
    if config.base == BENCHMARK_CNN:
        base = modules["benchmark_cnn"].build_benchmark_cnn(config.seed)
    elif config.initial == RANDOM:
        modules["fitting"].seed_everything(config)
        base = modules["base_models"].build_base(config.base, weights=None)
    else:
        base = modules["base_models"].build_base(config.base)
    head_weights = modules["restarting"].take_weights(run, base) if config.start_from else None
    return Learning(**modules, base=base, head_weights=head_weights)

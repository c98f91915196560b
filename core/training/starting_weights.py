"""What a run begins with: its base, and the weights of another run where it goes on from one."""

import keras
import numpy as np

from core.base.errors import RunError
from core.models.benchmark_cnn import build_benchmark_cnn
from core.models.building import build_base
from core.models.config import BENCHMARK_CNN, RANDOM, TrainConfig
from core.runs.run import Run
from core.training.fitting import seed_everything


def build_starting_base(config: TrainConfig) -> keras.Model:
    """The base that the config names, with its own weights or random ones."""
    if config.base == BENCHMARK_CNN:
        return build_benchmark_cnn(config.seed)
    if config.initial == RANDOM:
        seed_everything(config)
        return build_base(config.base, weights=None)
    return build_base(config.base)


def take_weights(run: Run, base: keras.Model) -> list[np.ndarray] | None:
    """Give a base the weights of the model that a run goes on from.

    Args:
        run: One made by `core.training.continuing.create_continued`, or any other.
        base: Of the same architecture.

    Returns:
        The weights of that model's head; None when the run begins anew.

    Raises:
        RunError: The model is missing, damaged or another one.
    """
    if not run.config().start_from:
        return None
    try:
        saved = keras.saving.load_model(run.start_path, compile=False)  # Keras' safe mode: no code comes with it
        for layer in base.layers:
            if layer.weights:
                layer.set_weights(saved.get_layer(layer.name).get_weights())
        return saved.get_layer("head").get_weights()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError("The model that this run goes on from is missing or damaged, so it can't go on.") from error

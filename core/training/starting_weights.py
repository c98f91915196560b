"""Go on from another run's weights: the base takes them from its saved model, and so does the head."""

import keras
import numpy as np

from core.base.errors import RunError
from core.runs.run import Run


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

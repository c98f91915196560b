"""A run's model as Keras has it, with the app's probabilities."""

import keras
from keras import layers

from core.base.errors import RunError
from core.runs.run import Run


def load_model(run: Run, class_names: list[str]) -> keras.Model:
    """The run's model; the file stays as it is.

    Args:
        run: A complete run.
        class_names: Its classes.

    Raises:
        RunError: The file is missing, damaged or of another run.
    """
    if not run.keras_path.exists():
        raise RunError(f"{run.title} has no Keras model (model.keras is missing). Train it again.")
    try:
        model = keras.saving.load_model(run.keras_path, compile=False)
        fits = model.input_shape[1] == model.input_shape[2] and model.output_shape == (None, len(class_names))
    except Exception as error:  # zipfile, h5py, JSON and Keras raise many kinds for a damaged file
        raise RunError(f"The Keras model of {run.title} is damaged (model.keras). Train it again.") from error
    if not fits:
        raise RunError(f"The Keras model of {run.title} is not the one that its {len(class_names)} classes belong to.")
    return model


def soften(model: keras.Model, temperature: float) -> None:
    """Divide what goes into the model's softmax by a temperature, as the app does with its answers.

    The last layer is linear before the softmax, so its weights and bias are divided: C. Guo et al., "On Calibration of
    Modern Neural Networks", ICML 2017, section 4.2.

    Args:
        model: Changed in place.
        temperature: Above 0; at 1 nothing changes.

    Raises:
        RunError: The model doesn't end in a softmax.
    """
    if temperature == 1.0:
        return
    last = model
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    if not isinstance(last, layers.Dense) or last.activation is not keras.activations.softmax:
        raise RunError("This model doesn't end in a softmax, so its probabilities can't be made the app's.")
    last.set_weights([values / temperature for values in last.get_weights()])

"""A run's model read as Keras has it, and written in each of the export formats by a function that its row names.

What is written takes RGB 0..255, float32 (n, size, size, 3), called "pixels", and gives probabilities, float32
(n, classes); LiteRT takes one photo at a time. What else is done to the pixels is inside.
"""

import tempfile
import traceback
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from core.base import checksums
from core.base.errors import EspalierError, RunError
from core.engine.conversion import convert
from core.engine.engine import PROBABILITIES
from core.exports.formats import FLOAT16, FLOAT32, ExportFormat
from core.models.head_building import asked_once
from core.runs.run import Run

PIXELS = "pixels"


def load_model(run: Run, class_names: list[str]) -> keras.Model:
    """The model of a complete run; the file stays as it is.

    Raises:
        RunError: The file is missing, damaged or of another run.
    """
    if not run.keras_path.exists():
        raise RunError(f"{run.title} has no Keras model (model.keras is missing). Train it again.")
    checksums.refuse_changed(run.keras_path, f"The Keras model of {run.title}")
    try:
        model = keras.saving.load_model(run.keras_path, compile=False)
        fits = model.input_shape[1] == model.input_shape[2] and model.output_shape == (None, len(class_names))
    except Exception as error:  # zipfile, h5py, JSON and Keras raise many kinds for a damaged file
        raise RunError(f"The Keras model of {run.title} is damaged (model.keras). Train it again.") from error
    if not fits:
        raise RunError(f"The Keras model of {run.title} is not the one that its {len(class_names)} classes belong to.")
    return model


def softened(model: keras.Model, temperature: float) -> keras.Model:
    """The model with what goes into its softmax divided by a temperature, as the app does with its answers.

    The last layer is linear before the softmax, so its weights and bias are divided: C. Guo et al., "On Calibration of
    Modern Neural Networks", ICML 2017, section 4.2. The model is changed in place; at 1 it stays as it is. The mean
    over a photo and its mirror image has no such layer: there its logarithms are divided, and a softmax follows.

    Raises:
        RunError: The model doesn't end in a softmax.
    """
    if temperature == 1.0:
        return model
    if asked_once(model) is not model:
        scores = ops.log(ops.maximum(model.output, np.finfo(np.float32).tiny)) / temperature
        return keras.Model(model.input, layers.Softmax(name=PROBABILITIES)(scores), name=model.name)
    last = model
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    if not isinstance(last, layers.Dense) or last.activation is not keras.activations.softmax:
        raise RunError("This model doesn't end in a softmax, so its probabilities can't be made the app's.")
    last.set_weights([values / temperature for values in last.get_weights()])
    return model


def write_model(model: keras.Model, export_format: ExportFormat, folder: Path, examples: np.ndarray) -> None:
    """Write a model from pixels to probabilities into a folder, called as the format says.

    Args:
        examples: uint8 (n, size, size, 3), RGB 0..255: photos of all classes, by which a calibrated format learns how
            large the values between layers are. Others don't use them.

    Raises:
        RunError: This model can't be written so.
    """
    try:
        resolve_name(export_format.writer)(model, export_format, folder / export_format.model, examples)
    except (EspalierError, OSError):
        raise
    except Exception as error:  # each converter raises its own kinds for a layer that it doesn't know
        traceback.print_exc()
        raise RunError(f"This model can't be written as {export_format.title}. Another format may do.") from error


def write_keras(model: keras.Model, export_format: ExportFormat, target: Path, examples: np.ndarray) -> None:
    """As Keras saves it."""
    model.save(target)


def write_savedmodel(model: keras.Model, export_format: ExportFormat, target: Path, examples: np.ndarray) -> None:
    """As TensorFlow serves it."""
    model.export(target, format="tf_saved_model", verbose=False)


def write_onnx(model: keras.Model, export_format: ExportFormat, target: Path, examples: np.ndarray) -> None:
    """By tf2onnx."""
    import tf2onnx  # takes a second, and no other format needs it

    # Frozen, as Keras' own export doesn't: it makes the averages of a Normalization layer inputs that must be given.
    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name=PIXELS)
    frozen = _frozen(model, signature)
    tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(),
        input_names=[frozen.inputs[0].name],
        output_names=[frozen.outputs[0].name],
        output_path=str(target),
    )


def write_openvino(model: keras.Model, export_format: ExportFormat, target: Path, examples: np.ndarray) -> None:
    """As the app's own engine runs it."""
    convert(model, target, PROBABILITIES)


def write_litert(model: keras.Model, export_format: ExportFormat, target: Path, examples: np.ndarray) -> None:
    """For one photo; calibrated, values between layers are whole numbers too."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        _save_for_one(model, folder, constants=export_format.calibrated)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if export_format.precision != FLOAT32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if export_format.precision == FLOAT16:
            converter.target_spec.supported_types = [tf.float16]
        if export_format.calibrated:
            converter.representative_dataset = lambda: ([photo[None].astype(np.float32)] for photo in examples)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        target.write_bytes(converter.convert())


def _save_for_one(model: keras.Model, folder: str, constants: bool) -> None:
    """As a SavedModel for one photo.

    With constants for weights only where it must be: calibrating 8 bits fails on variables, but for ResNet50 constants
    take 2.6 times the memory, 4.2 GB (docs/log.md).
    """
    signature = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name=PIXELS)
    module = tf.Module()
    if constants:
        frozen = _frozen(model, signature)
        module.serve = tf.function(lambda pixels: {PROBABILITIES: frozen(pixels)[0]}, input_signature=[signature])
    else:
        module.weights = [variable.value for variable in model.variables]
        module.serve = tf.function(
            lambda pixels: {PROBABILITIES: model(pixels, training=False)}, input_signature=[signature]
        )
    # Gradients are not needed, and swish's own can't be saved without variables.
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(module, folder, signatures=module.serve.get_concrete_function(), options=options)


def _frozen(model: keras.Model, signature: tf.TensorSpec) -> Any:
    """The model as a function with constants for weights."""
    call = tf.function(lambda pixels: model(pixels, training=False))
    return convert_variables_to_constants_v2(call.get_concrete_function(signature))

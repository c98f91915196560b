"""A Teachable Machine image model, from its Keras export, for our engine.

The export is a zip of `keras_model.h5`, which Keras 2 wrote, and `labels.txt`. No general loader touches it: Keras 3
refuses its DepthwiseConv2D, and would build whatever a file asks for. The numbers are read by `h5_weights.py`, the
description by `keras2_layers.py`. The `.h5` stays beside the engine's model and goes along with the project, so that
where a zip of that is opened the model is read in the same way again (`core.packing.rebuilding`).

What the model wants to see is in Teachable Machine's own snippet: RGB / 127.5 - 1, 224 x 224, cropped from the middle.
"""

import re
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import keras
import numpy as np

from core.base import checksums, disk
from core.base.errors import InputError, RunError
from core.base.files import disk_errors_in_words, write_json
from core.engine.conversion import convert
from core.engine.engine import PROBABILITIES, Engine
from core.photos.pictures import USUAL
from core.teachable_machine.folder import ExternalModelFolder
from core.teachable_machine.h5_weights import read_h5
from core.teachable_machine.keras2_layers import SIDE, build

H5 = "keras_model.h5"
MAX_CLASSES = 10_000
MAX_H5_BYTES, MAX_LABELS_BYTES = 100_000_000, 1_000_000
PARITY = 1e-3  # of a probability, between Keras and the engine in float32
TOO_LARGE = "{} has {:,.0f} MB, far more than such an export has."
EXPORT_HELP = (
    "In Teachable Machine choose Export Model, the tab Tensorflow, then Keras, and download the model: a zip with "
    "keras_model.h5 and labels.txt."
)


def read_teachable_machine(archive: Path, external: ExternalModelFolder) -> None:
    """Write the engine's model and the class names of an export, a zip that is perhaps from a stranger.

    Raises:
        InputError: It is no such export, damaged, or holds what such a model doesn't.
        RunError: The engine answers otherwise than Keras.
        StorageError: The disk is full.
    """
    with disk_errors_in_words("reading the model"), tempfile.TemporaryDirectory(dir=external.folder) as folder:
        write_engine_model(*_take_out(archive, Path(folder)), external)


def write_engine_model(h5: Path, class_names: list[str], external: ExternalModelFolder) -> None:
    """The same of the export's `keras_model.h5`, which is kept beside: by it the model is built anew elsewhere."""
    if h5.stat().st_size > MAX_H5_BYTES:
        raise InputError(TOO_LARGE.format(h5.name, h5.stat().st_size / 1e6))
    model = build(*read_h5(h5))
    if len(class_names) != model.output_shape[-1]:
        raise InputError(
            f"labels.txt names {len(class_names)} classes, but the model answers with {model.output_shape[-1]}. "
            "The two are not of one export. Download it again."
        )
    with disk_errors_in_words("reading the model"), tempfile.TemporaryDirectory(dir=external.folder) as folder:
        pixels, converted = keras.Input((SIDE, SIDE, 3)), Path(folder) / "model.xml"  # RGB 0..255 as the engine gives
        answers = model(keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels))
        convert(keras.Model(pixels, answers), converted, PROBABILITIES)
        _compare(model, converted)
        with checksums.sealed(external.export_path) as beside:
            disk.copy(h5, beside)
        weights = external.engine_path.with_suffix(".bin")
        checksums.unseal(external.engine_path)
        disk.replace(converted.with_suffix(".bin"), weights)
        disk.replace(converted, external.engine_path)
        write_json(external.labels_path, class_names)
        checksums.seal(external.engine_path, weights, external.labels_path)


def _take_out(archive: Path, folder: Path) -> tuple[Path, list[str]]:
    """The model's file, under a name of ours, and the class names."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = {PurePosixPath(entry.filename).name.lower(): entry for entry in opened.infolist()}
            _refuse_other_exports(set(names))
            h5 = _bounded(opened, names[H5], MAX_H5_BYTES)
            labels = _bounded(opened, names["labels.txt"], MAX_LABELS_BYTES)
    except InputError:
        raise
    except Exception as error:  # BadZipFile, zlib.error, RuntimeError (a password) ... by where the damage is
        raise InputError(f"{archive.name} is damaged or not a zip file. {EXPORT_HELP}") from error
    (folder / H5).write_bytes(h5)
    return folder / H5, read_labels(labels)


def read_labels(data: bytes) -> list[str]:
    """The class names of a `labels.txt`: lines such as "0 apple", in the order of the outputs.

    Raises:
        InputError: It is no such file.
    """
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    found = [re.fullmatch(r"(\d{1,6})\s+(.+)", line) for line in lines]
    if not lines or len(lines) > MAX_CLASSES or not all(found) or [int(m[1]) for m in found] != list(range(len(lines))):
        raise InputError(
            'The file labels.txt is not as Teachable Machine writes it: lines such as "0 apple", "1 pear".'
        )
    names = [m[2] for m in found]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice:
        raise InputError(f"labels.txt names two classes {twice}. Give them different names and export again.")
    return names


def _refuse_other_exports(names: set[str]) -> None:
    if "saved_model.pb" in names:
        raise InputError(
            "This is TensorFlow's SavedModel. Such a file can hold operations that read and write files, so it is not "
            f"opened. {EXPORT_HELP}"
        )
    if "keras_model.h5" not in names or "labels.txt" not in names:
        what = "keras_model.h5" if "keras_model.h5" not in names else "labels.txt"
        raise InputError(f"There is no {what} in this zip. {EXPORT_HELP}")


def _bounded(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, at_most: int) -> bytes:
    if entry.file_size > at_most:
        raise InputError(TOO_LARGE.format(entry.filename, entry.file_size / 1e6))
    return opened.read(entry)


def _compare(model: keras.Model, converted: Path) -> None:
    """Refuse a conversion that answers otherwise, on noise, which no photo is as hard as."""
    pixels = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), np.uint8)
    ours, _ = Engine(converted, "f32", USUAL).run(list(pixels), PROBABILITIES)
    theirs = model.predict_on_batch(pixels.astype(np.float32) / 127.5 - 1)
    if not np.abs(ours - theirs).max() <= PARITY:  # also when they are no numbers
        raise RunError("The model answers differently on the engine than in Keras, so it was not kept.")

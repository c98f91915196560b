"""A format that the catalogue does not have: its row, and the function that writes it. No other file knows of it.

Its runtime is a file of the test, DUMMY_RUNTIME; as a row of the catalogue it would lie with the other files of zips.
"""

from dataclasses import replace
from pathlib import Path

from core.exports import formats

DUMMY_RUNTIME = """
from pathlib import Path

import keras


class Model:
    def __init__(self):
        self._model = keras.saving.load_model(Path(__file__).with_name("dummy.keras"), compile=False)

    def __call__(self, pixels):
        return self._model.predict_on_batch(pixels)
"""
REPOSITORY = Path(__file__).resolve().parents[3]
ELSEWHERE = """
import sys
sys.path.append({repository!r})
from core.exports import formats
from tests.core.exports.dummy_format import dummy_row
formats.EXPORT_FORMATS += (dummy_row({runtime!r}),)
"""


def dummy_row(runtime):
    """The row; `runtime` is where DUMMY_RUNTIME was written."""
    return replace(
        formats.export_named("keras"),
        name="dummy",
        title="Dummy",
        use="to see what a format takes",
        model="dummy.keras",
        writer="tests.core.exports.dummy_format:write_dummy",
        runtime=str(runtime),
    )


def add_dummy(monkeypatch, folder):
    """Add the row to the catalogue, here and in every process that is started; the row."""
    runtime = folder / "dummy_runtime.py"
    runtime.write_text(DUMMY_RUNTIME)
    row = dummy_row(runtime)
    monkeypatch.setattr(formats, "EXPORT_FORMATS", (*formats.EXPORT_FORMATS, row))
    (folder / "sitecustomize.py").write_text(ELSEWHERE.format(repository=str(REPOSITORY), runtime=str(runtime)))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return row


def write_dummy(model, export_format, target, examples):
    model.save(target)

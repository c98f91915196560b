"""Models are opened by Keras and OpenVINO only where this app itself has written them; strangers' are built anew."""

import ast

import pytest

from tests.test_floors import REPOSITORY, python_files, tree_of

STANDS_ALONE = "core/exports/files/"  # goes into zips, and opens what lies beside it there
OPENING = {"load_model", "read_model", "load_weights", "model_from_json", "from_config", "deserialize_keras_object"}
# By file: what is opened there. What a project's zip brought is none of it: `core.packing.strangers` takes models out.
DOORS = {
    "core/engine/conversion.py": "graphs that were converted a moment ago",
    "core/engine/engine.py": "a model that a training, a conversion or a rebuilding wrote",
    "core/runs/grad_cam.py": "the same",
    "core/exports/writers.py": "a run's model.keras, written by a training or a rebuilding",
    "core/training/saving.py": "a copy of the same, with which a run begins",
    "core/models/building.py": "weights of the catalogue, or a file that the user named",
    "core/packing/rebuilding.py": "a file of weights that was written a moment ago",
}


def opened_in(tree):
    """What a file calls by such a name, of a module or a class, or imports; not functions of our own called so."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = {function.attr for function in calls if isinstance(function, ast.Attribute)}
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    brought = {each.name for node in imports if not (node.module or "").startswith("core.") for each in node.names}
    return (called | brought) & OPENING


def test_models_are_opened_only_where_this_app_wrote_them():
    files = {file.relative_to(REPOSITORY).as_posix(): file for file in [*python_files("core"), *python_files("pages")]}
    found = {name for name, file in files.items() if opened_in(tree_of(file)) and not name.startswith(STANDS_ALONE)}
    assert found == set(DOORS)


def test_nothing_that_unpacks_a_zip_opens_a_model_but_its_own_weights():
    found = {file.name: names for file in python_files("core/packing") if (names := opened_in(tree_of(file)))}
    assert found == {"rebuilding.py": {"load_weights"}}


@pytest.mark.parametrize(
    "code",
    [
        "keras.saving.load_model(p)",
        "from keras.saving import load_model",
        "ov.Core().read_model(p)",
        "Dense.from_config(c)",
    ],
)
def test_an_opening_would_be_seen(code):
    assert opened_in(ast.parse(code))

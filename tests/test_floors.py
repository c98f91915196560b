"""Who may import whom: docs and DESIGN say it in words, this holds it. Imports inside functions count too."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = {"numpy", "PIL", "pi_heif", "pandas", "filelock", "pyarrow", "core.data", "core.records"}
INFERENCE = DATA | {"openvino", "core.inference"}
LEARNING = INFERENCE | {
    "keras",
    "tensorflow",
    "h5py",
    "sklearn",
    "openTSNE",
    "optuna",
    "threadpoolctl",
    "tf2onnx",
    "core.learning",
}
HTTP = {"fastapi", "fastapi_offline", "starlette", "uvicorn", "pydantic"}
PAGES = {"streamlit", "plotly", "pandas", "numpy", "PIL", "core.records", "core.data", "core.inference", "pages"}
# What goes into an export's zip stands alone: the runtime it is for, and nothing of ours.
EXPORT = {"numpy", "PIL", "keras", "tensorflow", "ai_edge_litert", "onnxruntime", "openvino", "runtime"}
EXPORT |= {"sklearn", "pi_heif"}  # recipes: of a support vector machine, of telephones' photos
FLOORS = {
    "core/records": {"core.records"},
    "core/data": DATA,
    "core/inference": INFERENCE,
    "core/learning": LEARNING,
    "core/export_files": EXPORT,
    "core/doors": LEARNING | HTTP | {"core.doors"},
    "core/__main__.py": {"core.doors"},
    "pages": PAGES,
    "streamlit_app.py": PAGES,
}
WEB_FLOORS = ("core/records", "core/data", "core/inference")


def python_files(place):
    path = REPOSITORY / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported_names(file):
    """Full names of the modules that a file imports anywhere in it, by `import` or by `import_module("...")`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called_name(node) in ("import_module", "__import__"):
            yield literal_start(node.args[0])


def called_name(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def literal_start(argument):
    """The text of a string, or what an f-string begins with; a module that only a variable names is refused."""
    first = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
    return first.value if isinstance(first, ast.Constant) else "a module that is not spelled out"


def allowed(name, permitted):
    if name.split(".")[0] in sys.stdlib_module_names:
        return True
    return any(f"{name}.".startswith(f"{prefix}.") for prefix in permitted)


@pytest.mark.parametrize("place", FLOORS)
def test_imports_only_go_down(place):
    files = python_files(place)
    assert files
    wrong = [
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in files
        for name in imported_names(file)
        if not allowed(name, FLOORS[place])
    ]
    assert wrong == []


def test_every_file_of_core_stands_on_a_floor():
    on_floors = {file for place in FLOORS for file in python_files(place)}
    others = set(python_files("core")) - on_floors
    assert {str(file.relative_to(REPOSITORY)) for file in others} == {"core/__init__.py"}


def test_init_files_are_empty():
    files = [file for place in ("core", "pages", "benchmarks") for file in (REPOSITORY / place).rglob("__init__.py")]
    assert len(files) >= 8
    assert [str(file) for file in files if file.read_text(encoding="utf-8").strip()] == []


def test_a_wrong_import_would_be_seen(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(
        "import json\n"
        "def page():\n"
        "    from core.models.heads import build_head\n"
        "    import keras.layers as layers, importlib\n"
        "    importlib.import_module('tensorflow')\n"
        "    importlib.import_module(f'core.doors.{page}')\n"
        "    __import__(page)\n"
    )
    wrong = [name for name in imported_names(file) if not allowed(name, PAGES)]
    assert sorted(wrong) == [
        "a module that is not spelled out",
        "core.doors.",
        "core.models.heads.build_head",
        "keras.layers",
        "tensorflow",
    ]


def test_what_the_web_process_may_import_brings_no_training_library_with_it():
    modules = [
        ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)
        for place in WEB_FLOORS
        for file in python_files(place)
        if file.name != "__init__.py"
    ]
    heavy = ("keras", "tensorflow", "sklearn", "optuna", "torch", "streamlit")
    code = f"import sys, {', '.join(modules)}\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr

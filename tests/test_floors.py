"""Who may import whom: an ordered list of rooms, and imports go only down it. Imports inside functions count too."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from core.jobs.kinds import KINDS

REPOSITORY = Path(__file__).resolve().parents[1]
# From the ground up. A room imports from itself and from rows above its own; rooms in one row don't know each other.
ROOMS = (
    ("base",),
    ("photos",),
    ("sources",),
    ("jobs",),
    ("models",),
    ("engine",),
    ("demo",),
    ("projects",),
    ("checks",),
    ("evaluation",),
    ("runs",),
    ("training",),
    (
        "advice",
        "background_test",
        "batches",
        "exports",
        "feedback",
        "label_issues",
        "photo_map",
        "search",
        "teachable_machine",
    ),
    (
        "recipes",  # follows tutorials, which are made of what the capabilities do
        "packing",  # builds the models of runs, and those from elsewhere, anew
    ),
    ("upkeep",),
    ("server",),
    ("cli",),
)
ROW = {room: row for row, rooms in enumerate(ROOMS) for room in rooms}
HEAVY = ("keras", "tensorflow", "sklearn", "optuna", "tf2onnx", "torch")  # what the web process never imports
REGISTRY = "core.jobs.kinds"  # names folders and handlers of rooms above its own: it alone imports what a text names
NOT_SPELLED_OUT = "a module that is not spelled out"
# What goes into an export's zip stands alone: the runtime it is for, and nothing of ours.
TAKEN_AWAY = REPOSITORY / "core" / "exports" / "files"
RUNTIMES = {"numpy", "PIL", "keras", "tensorflow", "ai_edge_litert", "onnxruntime", "openvino"}
RUNTIMES |= {"sklearn", "pi_heif"}  # recipes: of a support vector machine, of telephones' photos


def python_files(place):
    path = REPOSITORY / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def module_of(file):
    return ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)


@cache
def tree_of(file):
    """What a file says, as a syntax tree; read once, as many tests look at it."""
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imported_names(file):
    """Full names of what a file imports anywhere in it, by `import` or by `import_module("...")`."""
    return list(_imported(tree_of(file), file))


def _imported(tree, file):
    for node in ast.walk(tree):
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
    return first.value if isinstance(first, ast.Constant) else NOT_SPELLED_OUT


def our_module(name):
    """The module of ours that an imported name is or lies in; "" when it is none of ours."""
    while name:
        path = REPOSITORY / name.replace(".", "/")
        if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
            return name
        name = name.rpartition(".")[0]
    return ""


def is_wrong(room, name):
    """Whether a file of this room may not import this."""
    first, *rest = name.split(".")
    if first == "core":
        other = rest[0] if rest else ""
        return other != room and ROW.get(other, len(ROOMS)) >= ROW[room]
    return first in ("streamlit", "pages", NOT_SPELLED_OUT) or (room == "base" and first not in sys.stdlib_module_names)


@pytest.mark.parametrize("room", ROW)
def test_imports_only_go_down(room):
    files = [file for file in python_files(f"core/{room}") if TAKEN_AWAY not in file.parents]
    assert files
    wrong = [(module_of(file), name) for file in files for name in imported_names(file) if is_wrong(room, name)]
    assert wrong == ([(REGISTRY, NOT_SPELLED_OUT)] if room == "jobs" else [])


def test_every_file_of_core_stands_in_a_room():
    others = {file for file in python_files("core") if file.relative_to(REPOSITORY).parts[1] not in ROW}
    assert {str(file.relative_to(REPOSITORY)) for file in others} == {"core/__init__.py", "core/__main__.py"}


def test_no_import_goes_round_in_a_circle():
    files = {module_of(file): file for file in python_files("core") + python_files("pages")}
    imports = {name: {our_module(each) for each in imported_names(file)} & set(files) for name, file in files.items()}
    done, on_the_way, circles = set(), [], []

    def follow(name):
        if name in on_the_way:
            circles.append(" -> ".join([*on_the_way[on_the_way.index(name) :], name]))
        elif name not in done:
            on_the_way.append(name)
            for each in sorted(imports[name] - {name}):
                follow(each)
            done.add(on_the_way.pop())

    for name in sorted(files):
        follow(name)
    assert circles == []


def test_what_goes_into_a_zip_imports_nothing_of_ours():
    beside = {file.stem for file in python_files(TAKEN_AWAY)} | {"runtime", "pictures", "readers"}
    wrong = [
        f"{file.name} imports {name}"
        for file in python_files(TAKEN_AWAY)
        for name in imported_names(file)
        if name.split(".")[0] not in sys.stdlib_module_names | RUNTIMES | beside
    ]
    assert wrong == []


def test_init_files_are_empty():
    files = [file for place in ("core", "pages", "benchmarks") for file in (REPOSITORY / place).rglob("__init__.py")]
    assert len(files) >= 8
    assert [str(file) for file in files if file.read_text(encoding="utf-8").strip()] == []


def test_a_wrong_import_would_be_seen(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(
        "import json\n"
        "def page():\n"
        "    from core.training.fitting import learn\n"
        "    import numpy, importlib, streamlit\n"
        "    importlib.import_module('core.photos.decoding')\n"
        "    importlib.import_module(f'core.cli.{page}')\n"
        "    __import__(page)\n"
    )
    names = imported_names(file)
    assert sorted(name for name in names if is_wrong("engine", name)) == [
        "a module that is not spelled out",
        "core.cli.",
        "core.training.fitting.learn",
        "streamlit",
    ]
    assert "numpy" in [name for name in names if is_wrong("base", name)]
    assert is_wrong("advice", "core.search.search")


def reached_by_the_web():
    """Every module of ours that the pages import, directly or through others, and what names each imports."""
    reached = {}
    waiting = [module_of(file) for file in python_files("pages") + python_files("streamlit_app.py")]
    waiting += [our_module(kind.folder) for kind in KINDS.values()]  # these too are looked up where they are needed
    while waiting:
        name = waiting.pop()
        path = REPOSITORY / name.replace(".", "/")
        file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if name not in reached:
            reached[name] = imported_names(file)
            waiting += [found for each in reached[name] if (found := our_module(each))]
    return reached


def test_no_page_imports_a_training_library_not_even_through_others():
    reached = reached_by_the_web()
    assert len(reached) > 150
    wrong = [
        f"{name} imports {each}" for name, names in reached.items() for each in names if each.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_importing_all_that_pages_import_brings_no_training_library_with_it():
    ours = sorted(name for name in reached_by_the_web() if name.startswith("core."))
    code = f"import sys, {', '.join(ours)}\nprint([name for name in {(*HEAVY, 'streamlit')} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_only_the_registry_names_the_handlers_of_jobs():
    handlers = {our_module(kind.handler) for kind in KINDS.values()}
    importers = [
        (module_of(file), name)
        for file in python_files("core") + python_files("pages")
        for name in imported_names(file)
        if our_module(name) in handlers
    ]
    assert "core.training.job" in handlers
    assert importers == []

"""The house stays tidy: few files a room, short files and functions, records instead of bags of values."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.test_floors import REPOSITORY, module_of, python_files, tree_of

MOST_FILES = 15  # unlike Python files in a folder
ONE_IDEA_REPEATED = {"pages", "tests/pages"}  # a page, a page's test: each file is one of a kind
MOST_LINES = 300
DATA_TABLES = {"core/models/catalogue.py"}
MOST_FUNCTION_LINES = 40  # docstring not counted
MOST_BAGS = 40  # of `dict[str, Any]` in core and pages
HEADS = {"GAP", "FC", "FLATTEN_FC", "LINEAR_SVM", "LOGISTIC"}
HEADS_ROOM = "core.models."


def ours():
    return [*python_files("core"), *python_files("pages"), *python_files("streamlit_app.py")]


def trees():
    return {module_of(file): tree_of(file) for file in ours()}


@pytest.mark.parametrize("place", ["core", "pages", "tests"])
def test_no_folder_holds_more_than_fifteen_unlike_files(place):
    files = [file for file in python_files(place) if file.name not in ("__init__.py", "conftest.py")]
    found = Counter(file.parent.relative_to(REPOSITORY).as_posix() for file in files)
    assert {folder: n for folder, n in found.items() if n > MOST_FILES and folder not in ONE_IDEA_REPEATED} == {}


def test_no_file_is_longer_than_three_hundred_lines():
    lengths = {
        file.relative_to(REPOSITORY).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in ours()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES and name not in DATA_TABLES} == {}


def function_lines(function):
    """How many lines a function has, its docstring not counted."""
    first = function.body[0]
    documented = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if documented else 0)


def test_no_function_is_longer_than_forty_lines():
    long = {
        f"{name}.{node.name}": function_lines(node)
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > MOST_FUNCTION_LINES
    }
    assert long == {}


def heads_compared(tree, spelled):
    """The lines on which something is compared with a head's name, be it a constant or the name itself."""

    def is_a_head(node):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return any(is_a_head(each) for each in node.elts)
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        return name in HEADS or (isinstance(node, ast.Constant) and node.value in spelled)

    found = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(is_a_head(side) for side in (node.left, *node.comparators))
    ]
    return found + [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.MatchValue) and is_a_head(node.value)
    ]


def test_nobody_outside_their_room_asks_for_a_head_by_its_name():
    spelled = {"gap", "fc", "flatten-fc", "linear-svm", "logistic"}
    wrong = {name: lines for name, tree in trees().items() if (lines := heads_compared(tree, spelled))}
    assert {name: lines for name, lines in wrong.items() if not name.startswith(HEADS_ROOM)} == {}


def test_a_comparison_with_a_heads_name_would_be_seen():
    code = "if a.head == FC: pass\nif head in (x.GAP, y): pass\nb = head == plan.head\nc = 'linear-svm' != head\n"
    assert heads_compared(ast.parse(code), {"linear-svm"}) == [1, 2, 4]


def test_no_record_hands_modules_around():
    wrong = [
        f"{name}.{record.name}"
        for name, tree in trees().items()
        for record in ast.walk(tree)
        if isinstance(record, ast.ClassDef)
        for field in record.body
        if isinstance(field, ast.AnnAssign) and "ModuleType" in ast.unparse(field.annotation)
    ]
    assert wrong == []


def test_only_the_report_itself_knows_its_keys():
    wrong = [
        f"{module_of(file)}:{number}"
        for file in [*ours(), *python_files("tests"), *python_files("benchmarks")]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if 'report["' in line and file != REPOSITORY / "core/runs/report.py" and file != Path(__file__)
    ]
    assert wrong == []


def test_few_values_travel_as_bags():
    bags = {module_of(file): n for file in ours() if (n := file.read_text(encoding="utf-8").count("dict[str, Any]"))}
    assert sum(bags.values()) <= MOST_BAGS, bags

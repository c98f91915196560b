"""What `core` says is plain text: a page that shows it where Streamlit reads Markdown passes it through `plain`."""

import ast
from collections.abc import Iterator
from importlib import import_module
from inspect import isfunction, ismodule
from pathlib import Path
from typing import Any, get_type_hints

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What shows its first argument, or these others, as Markdown.
SHOWING = {
    *("markdown", "caption", "info", "warning", "error", "success", "write", "title", "header", "subheader", "badge"),
    *("button", "form_submit_button", "download_button", "page_link", "show_start", "show_action", "show_way_on"),
    *("checkbox", "toggle", "radio", "pills", "segmented_control", "slider", "select_slider", "tabs", "expander"),
    *("selectbox", "multiselect", "text_input", "text_area", "number_input", "date_input", "file_uploader"),
    *("popover", "dialog", "spinner", "status", "toast", "metric", "progress", "table"),
}
ALSO_MARKDOWN = {"label", "body", "help", "text", "caption", "captions", "title"}
# Words for numbers, in which no name can be.
NUMBERS = {"counted", "percent", "duration", "storage"}
PASSING_ON = {"join", "filter", "list", "dict", "fromkeys", "next", "enumerate", "zip", "sorted", "reversed"}
# Made as Markdown, of numbers and of names in our own catalogues alone.
MARKDOWN = {
    *("plan_in_words", "plan_lines", "summary_in_words", "calibration_in_words"),
    *("answering_in_words", "threshold_in_words", "threshold_outcome_in_words"),
}


def said_by_core(tree: ast.Module) -> dict[str, Any]:
    """The functions of `core` that a page imports, and its modules, by their names there."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    found = {}
    for each in imports:
        if each.module and each.module.split(".")[0] == "core":
            for alias in each.names:
                module = import_module(each.module)
                is_in = hasattr(module, alias.name)
                one = getattr(module, alias.name) if is_in else import_module(f"{each.module}.{alias.name}")
                if isfunction(one) or ismodule(one):
                    found[alias.asname or alias.name] = one
    return found


def called_of(call: ast.Call, core: dict[str, Any]) -> Any:
    """The function of `core` that is called, or None."""
    match call.func:
        case ast.Name(id=name):
            return core.get(name)
        case ast.Attribute(value=ast.Name(id=module), attr=name) if ismodule(core.get(module)):
            return getattr(core[module], name)
    return None


def gives_words(function: Any) -> bool:
    return isfunction(function) and get_type_hints(function).get("return") in (str, list[str])


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def unescaped(shown: ast.AST, core: dict[str, Any], given: dict[str, list[ast.AST]]) -> Iterator[str]:
    """Functions of `core` whose words are in what is shown, and nothing has escaped them.

    `given` are the expressions that each variable may hold.
    """
    match shown:
        case ast.Call() if name_of(shown) == "plain":
            return
        case ast.Call() if gives_words(function := called_of(shown, core)):
            if function.__name__ not in NUMBERS | MARKDOWN:
                yield function.__name__
        case ast.Call(args=arguments) if name_of(shown) in PASSING_ON:
            for each in arguments:
                yield from unescaped(each, core, given)
        case ast.Call():  # of a page's own function, which is looked at where it stands
            return
        case ast.Name(id=name):
            for value in given.get(name, ()):
                yield from unescaped(value, core, {other: each for other, each in given.items() if other != name})
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
            yield from unescaped(element, core, given)
        case ast.IfExp(body=one, orelse=other):
            yield from unescaped(one, core, given)
            yield from unescaped(other, core, given)
        case _:
            for part in ast.iter_child_nodes(shown):
                yield from unescaped(part, core, given)


def body_of(scope: ast.AST) -> Iterator[ast.AST]:
    """All that stands in it, but for what stands in the functions of a module."""
    for node in ast.iter_child_nodes(scope):
        if not (isinstance(scope, ast.Module) and isinstance(node, ast.FunctionDef | ast.ClassDef)):
            yield from ast.walk(node)


def variables(scope: ast.AST) -> dict[str, list[ast.AST]]:
    """The expressions that each variable may hold, or of a loop's the whole that it goes through."""
    given: dict[str, list[ast.AST]] = {}
    for node in body_of(scope):
        match node:
            case ast.Assign(targets=[target], value=value):
                pass
            case ast.NamedExpr(target=target, value=value) | ast.For(target=target, iter=value):
                pass
            case ast.comprehension(target=target, iter=value) | ast.AugAssign(target=target, value=value):
                pass
            case _:
                continue
        is_pairs = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        for one, its in zip(target.elts, value.elts, strict=False) if is_pairs else [(target, value)]:
            if isinstance(one, ast.Name):
                given.setdefault(one.id, []).append(its)
    return given


def shown_unescaped(source: str) -> list[str]:
    """Line and function of each."""
    tree = ast.parse(source)
    core, found = said_by_core(tree), set()
    for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Module)):
        given = variables(scope)
        for call in body_of(scope):
            if isinstance(call, ast.Call) and name_of(call) in SHOWING:
                also = [each.value for each in call.keywords if each.arg in ALSO_MARKDOWN]
                found |= {(call.lineno, name) for each in call.args[:1] + also for name in unescaped(each, core, given)}
    return [f"{line}: {name}" for line, name in sorted(found)]


def test_it_would_be_seen():
    source = """
import streamlit as st
from core.checks import readiness
from core.checks.readiness import problems as found
from core.base.words import counted
def show(counts):
    for each in found(counts):
        st.warning(each)
    if words := readiness.warnings(counts):
        st.markdown(f"{counted(1, 'photo')} {words[0]}")
    st.caption(", ".join(plain(each) for each in found(counts)))
"""
    assert shown_unescaped(source) == ["8: problems", "10: warnings"]


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_pages_escape_what_core_says(path):
    assert shown_unescaped(path.read_text(encoding="utf-8")) == []

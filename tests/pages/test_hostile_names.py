"""Names and messages that are Markdown or HTML are shown as they are, on every page; nothing is loaded for them."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.projects.workspace import Workspace
from pages.components.shared import steps
from pages.components.shared.markdown import plain
from tests.hostile import HOSTILE, make_workspace
from tests.pages.screen import as_seen, ask_gallery
from tests.pages.test_navigation import PAGES

MARKUP = ("![x](", "$a^2$", ":red[x]", "<img", "`z`", "*i*")  # what a backslash takes its meaning from
REPLACED = (":material_lock:", ":bug:", " -> ", "www.x")  # what a backslash doesn't help against
# What is shown as it is written, whatever it holds: by element, the fields.
AS_IT_IS = {
    "selectbox": {"options", "raw_value", "placeholder"},
    "multiselect": {"options", "default", "raw_values", "placeholder"},
    "text_input": {"value", "default", "placeholder"},
    "text_area": {"value", "default", "placeholder"},
    "image": {"alt"},
    "code": {"code_text"},
    "bidi_component": {"json", "css_content", "js_content"},  # the scripts set texts, never HTML: see below
    "component_instance": {"json_args"},
    "arrow_data_frame": {"columns"},
}
NO_TEXT = {"id", "key", "url", "element_id", "form_id", "page_script_hash", "form_submit_id", "group_id"}


@pytest.fixture(scope="session")
def hostile_home(made_once, built_in_engine) -> Path:
    folder = made_once("hostile names", lambda folder: make_workspace(folder / "home", built_in_engine))
    return folder / "home"


@pytest.fixture
def hostile(hostile_home, tmp_path, monkeypatch):
    home = shutil.copytree(hostile_home, tmp_path / "hostile")
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    return next(project for project in Workspace(home).projects() if project.title == HOSTILE)


def nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def texts(message: Any) -> Iterator[tuple[str, str]]:
    """Field and value of all texts in what was sent to the browser."""
    for field, value in message.ListFields():
        for each in value if hasattr(value, "__len__") and not isinstance(value, str | bytes) else [value]:
            if isinstance(each, str):
                yield field.name, each
            elif hasattr(each, "ListFields"):
                yield from texts(each)


def strings(value: Any) -> Iterator[str]:
    """All texts in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def harm_of_markdown(text: str) -> bool:
    """Whether a browser would take a part of a name for anything else, or show a backslash that the name has not."""
    bare, said = re.sub(r"\\.", "", text), re.sub(r"\\(.)", r"\1", text)
    return any(part in bare for part in MARKUP) or any(part in said for part in REPLACED) or "\\\\" in text


def harm_of(kind: str, field: str, text: str) -> bool:
    if kind == "plotly_chart":
        return field == "spec" and any("<img" in each or "&amp;lt;" in each for each in strings(json.loads(text)))
    if field in AS_IT_IS.get(kind, ()):
        return "\\[" in text or "\\<" in text  # escaped where nobody takes that off again
    return field not in NO_TEXT and harm_of_markdown(text)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_names_that_are_markdown_are_shown_as_they_are(hostile, open_page, page):
    refuse_harm(open_page(page))


@pytest.mark.parametrize("page", ["try_it", "results"])
def test_so_they_are_in_the_window_over_a_page(hostile, open_page, page):
    app = open_page(page)
    if page == "results":  # all photos of a class: the model makes few mistakes
        choice = next(box for box in app.selectbox if box.label == "True class")
        choice.set_value(choice.options[0]).run()
    before = len(list(nodes(app._tree)))
    ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, "png")[:1]})
    assert len(list(nodes(app._tree))) > before
    refuse_harm(app)


def refuse_harm(app: AppTest) -> None:
    harm, named = [], 0
    for node in nodes(app._tree):
        sent, kind = getattr(node, "proto", None), getattr(node, "type", "")
        for field, text in texts(sent) if hasattr(sent, "ListFields") else ():
            named += "evil.example" in text
            if harm_of(kind, field, text):
                harm.append(f"{kind}.{field}: {text[:200]}")
    assert not harm, "\n".join(harm)
    assert named  # or nothing would have been tried


def test_the_title_in_the_navigation_is_no_markdown(hostile, open_page, monkeypatch):
    shown = []
    make = steps.pages
    monkeypatch.setattr(steps, "pages", lambda *given: shown.append(make(*given)) or shown[-1])
    open_page("photos")
    assert [list(sections) for sections in shown] == [["Espalier", plain(HOSTILE)]] * len(shown) != []


def test_no_script_of_ours_makes_html_of_a_text():
    scripts = [path for kind in ("*.js", "*.html") for path in Path("pages").rglob(kind)]
    assert scripts
    for path in scripts:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text("utf-8")), path

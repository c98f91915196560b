"""Names and messages that are Markdown or HTML are shown as they are, on every page; nothing is loaded for them."""

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.advice.folder import advice_of
from core.base.events import FAILED, QUEUED
from core.engine.places import Places
from core.exports.folder import export_of
from core.exports.formats import EXPORT_FORMATS
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.label_issues.folder import labels_of
from core.photo_map.folder import map_of
from core.projects.imports import ZIP, ImportFolder, ImportRequest, run_import
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.run import Run
from core.search.folder import search_of
from core.teachable_machine.folder import new_external_model
from pages.components.shared import steps
from pages.components.shared.markdown import plain
from tests.pages.conftest import draw_photos, new_run
from tests.pages.test_navigation import PAGES

HOSTILE = "![x](https:evil.example) $a^2$ :red[x] <img src=x> `z` *i* :material_lock: -> www.x.de"
MARKUP = ("![x](", "$a^2$", ":red[x]", "<img", "`z`", "*i*")  # what a backslash takes its meaning from
REPLACED = (":material_lock:", " -> ", "www.x")  # what a backslash doesn't help against
# What is shown as it is written, whatever it holds: by element, the fields.
AS_IT_IS = {
    "selectbox": {"options", "raw_value", "placeholder"},
    "multiselect": {"options", "default", "raw_values", "placeholder"},
    "text_input": {"value", "default", "placeholder"},
    "text_area": {"value", "default", "placeholder"},
    "imgs": {"alt"},
    "code": {"code_text"},
    "bidi_component": {"json", "css_content", "js_content"},  # the scripts set texts, never HTML: see below
    "component_instance": {"json_args"},
    "arrow_data_frame": {"columns"},
}
NO_TEXT = {"id", "key", "url", "element_id", "form_id", "page_script_hash", "form_submit_id", "group_id"}


def fail(job: Any) -> None:
    events = job.event_log()
    events.write(QUEUED)
    events.write(FAILED, message=f"{HOSTILE} can't be read.")


def fail_all_jobs(project: Project, run: Run) -> None:
    """The last job of each kind ended with a message that has a name in it."""
    folders = [advice_of(project), labels_of(project), map_of(project), search_of(project)]
    folders += [export_of(run, each) for each in EXPORT_FORMATS[:1]] + [new_external_model(project, HOSTILE)]
    for this in folders:
        this.folder.mkdir(parents=True, exist_ok=True)
        fail(this.job)


@pytest.fixture(scope="session")
def hostile_home(made_once, built_in_engine) -> Path:
    """A workspace in which everything is called so, down to files that could not be read."""

    def make(folder: Path) -> None:
        from core.training.training import train_run

        workspace = Workspace(folder / "home")
        shutil.copytree(built_in_engine, workspace.engine_folder)
        project = workspace.create("Strange")
        project.keep_setting("title", HOSTILE)  # as a zip of a project may say
        draw_photos(folder / "drawn", per_class=12)
        packed = folder / "photos.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted((folder / "drawn").rglob("*.png")):
                archive.write(path, f"{path.parent.name} {HOSTILE}/{HOSTILE} {path.name}")
            archive.writestr(f"disc {HOSTILE}/![x](http://evil.example/a.png) {HOSTILE}.txt", "no photo")
            archive.writestr(f"disc {HOSTILE}/![x](http://evil.example/a.png) {HOSTILE}.png", b"\x89PNG\r\n\x1a\n bad")
        this = ImportFolder.create(project)
        this.write_request(ImportRequest(ZIP, str(packed)))
        run_import(project, this, workers=2)
        run = new_run(project)
        train_run(run, Places(project.cache_folder, workspace.engine_folder))
        run.keep_about(HOSTILE, HOSTILE)
        failed = new_run(project, "a failed run")
        failed.keep_about(HOSTILE, "")
        fail(failed.job)
        fail_all_jobs(project, run)
        labels = list(project.class_counts())
        answer = ModelAnswer(run.name, dict(zip(labels, (0.6, 0.4), strict=True)), 0.5, True)
        feedback_of(project).add(f"{HOSTILE}.png", next((folder / "drawn").rglob("*.png")).read_bytes(), answer, "")
        damaged = workspace.create("Damaged")
        damaged.database_path.write_bytes(b"no list of photos")

    return made_once("hostile names", make) / "home"


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
    app = open_page(page)
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

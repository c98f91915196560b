"""Names and messages that are Markdown or HTML are shown as they are, on every page; nothing is loaded for them."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.base.events import FAILED
from core.engine.places import Places
from core.projects.imports import ZIP, ImportFolder, ImportRequest, run_import
from core.projects.workspace import Workspace
from tests.pages.conftest import draw_photos, new_run
from tests.pages.test_navigation import PAGES

HOSTILE = "![x](https:evil.example) $a^2$ :red[x] <img src=https:evil.example> `z` *i*"  # any part of it may do harm
HARMFUL = ("![x](", " $a^2$", ":red[x]", "<img", "`z`", "*i*")
# What is shown as it is written, whatever it holds: by element, the fields.
AS_IT_IS = {
    "selectbox": {"options", "raw_value"},
    "multiselect": {"options"},
    "text_input": {"value", "default", "placeholder"},
    "text_area": {"value", "default", "placeholder"},
    "arrow_data_frame": {"data"},
    "bidi_component": {"json", "css_content", "js_content"},
    "component_instance": {"json_args"},
    "code": {"code_text"},
    "text": {"body"},
    "plotly_chart": {"spec", "config"},  # see below
}


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
            archive.writestr(
                f"disc {HOSTILE}/![x](http://evil.example/a.png) {HOSTILE}.png", b"\x89PNG\r\n\x1a\n damaged"
            )
        this = ImportFolder.create(project)
        this.write_request(ImportRequest(ZIP, str(packed)))
        run_import(project, this, workers=2)
        run = new_run(project)
        train_run(run, Places(project.cache_folder, workspace.engine_folder))
        run.keep_about(HOSTILE, HOSTILE)
        failed = new_run(project, "a failed run")
        failed.keep_about(HOSTILE, "")
        failed.job.event_log().write(FAILED, message=f"{HOSTILE} can't be read.")

    return made_once("hostile names", make) / "home"


@pytest.fixture
def hostile(hostile_home, tmp_path, monkeypatch):
    home = shutil.copytree(hostile_home, tmp_path / "hostile")
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    return Workspace(home).projects()[0]


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


@pytest.mark.parametrize("page", sorted(PAGES))
def test_names_that_are_markdown_are_shown_as_they_are(hostile, open_page, page):
    app = open_page(page)
    harm = []
    for node in nodes(app._tree):
        sent, kind = getattr(node, "proto", None), getattr(node, "type", "")
        for field, text in texts(sent) if hasattr(sent, "ListFields") else ():
            if field in AS_IT_IS.get(kind, ()) or field in ("id", "key", "url", "element_id", "form_id"):
                continue
            harm += [f"{kind}.{field}: {text[:200]}" for part in HARMFUL if part in text]
    assert not harm, "\n".join(harm)

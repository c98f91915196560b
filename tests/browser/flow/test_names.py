"""Names and messages that are Markdown or HTML, in a real browser: seen as they are, and nobody else is asked."""

import shutil

import pytest

from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from pages.components.shared.markdown import JOINER
from tests.hostile import HOSTILE, import_photos, make_workspace
from tests.pages.test_navigation import PAGES

AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
READ = ".katex, img[src=x], [href^=mailto]"  # what Markdown or HTML has been taken for


@pytest.fixture
def strangers(server, made_once, built_in_engine, tmp_path):
    """The app has a project that came in a stranger's zip, and photos that came in another."""
    made = made_once("hostile names", lambda folder: make_workspace(folder / "home", built_in_engine)) / "home"
    workspace = Workspace(server.home)
    shutil.copytree(made / "engine", workspace.engine_folder, dirs_exist_ok=True)
    theirs = next(project for project in Workspace(made).projects() if project.title == HOSTILE)
    pack(theirs, tmp_path / "project.zip")
    project = unpack(tmp_path / "project.zip", workspace, tmp_path)
    import_photos(project, tmp_path)
    return project


def text_of(page):
    """All that can be read; what breaks arrows and addresses takes no room, and isn't seen."""
    return page.locator("body").inner_text().replace(JOINER, "")


def links(page):
    """The pages in the sidebar, by their addresses."""
    every = page.get_by_test_id("stSidebarNavLink")
    return {each.get_attribute("href").split("?")[0].rsplit("/", 1)[-1]: each for each in every.all()}


@pytest.mark.slow
def test_names_are_seen_as_they_are_on_every_page_and_nothing_leaves(page, server, strangers):
    """The fixture `page` looks at each request."""
    page.goto(f"{server.url}/photos?project={strangers.id}")
    page.get_by_text("1 file not taken").click()
    seen = {}
    while left := {name: link for name, link in links(page).items() if name not in seen}:
        name, link = min(left.items())
        link.click()
        page.locator(f"{AT_REST} h1").first.wait_for()
        seen[name] = text_of(page)
        others = ", ".join(f"[{each}^=http]:not([{each}^='{server.url}'])" for each in ("src", "href"))
        assert page.locator(f"{READ}, {others}").count() == 0, name
        assert strangers.title in seen[name], name  # in the sidebar
        assert "\\" not in seen[name], name
        if name == "explore":
            labels = page.locator(".ytick text")
            labels.first.wait_for()
            assert f"disc {HOSTILE}" in labels.all_text_contents()
    assert {name or "projects" for name in seen} == PAGES
    assert f"Is this still disc {HOSTILE}?" in seen["augmentation"]
    for name in ("advice", "labels", "photo_map"):
        assert f"{HOSTILE} can't be read." in seen[name]

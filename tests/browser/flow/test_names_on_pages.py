"""Names and messages that are Markdown or HTML, in a real browser: seen as they are, and nobody else is asked."""

import shutil

import pytest

from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from core.runs.run import list_runs
from pages.components.shared.markdown import JOINER
from pages.components.shared.steps import OF_A_PROJECT
from tests.hostile import HOSTILE, fail_all_jobs, import_photos, make_workspace

AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
OURS = "http://127.0.0.1"
READ = ", ".join(  # what is there only where Markdown or HTML was read in a name
    [".katex", "img[src=x]", "[href^=mailto]", *(f"[{each}^=http]:not([{each}^='{OURS}'])" for each in ("src", "href"))]
)


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
    fail_all_jobs(project, next(run for run in list_runs(project.runs_folder) if run.report()))
    return project


def text_of(page):
    """All that can be read; what breaks arrows and addresses takes no room, and isn't seen."""
    return page.locator("body").inner_text().replace(JOINER, "")


@pytest.mark.slow
def test_names_are_seen_as_they_are_on_every_page_and_nothing_leaves(page, server, strangers):
    """The fixture `page` looks at each request."""
    page.goto(f"{server.url}/photos?project={strangers.id}")
    page.get_by_text("1 file not taken").click()
    seen = {}
    for name in ("", *OF_A_PROJECT):
        link, before = "[data-testid=stSidebarNavLink]", page.locator("h1").first.inner_text()
        page.locator(f"{link}[href$='/{name}'], {link}[href*='/{name}?']").click()
        page.wait_for_function("before => document.querySelector('h1')?.innerText !== before", arg=before)
        page.locator(f"{AT_REST} h1").first.wait_for()
        seen[name] = text_of(page)
        assert page.locator(READ).count() == 0, name
        assert strangers.title in seen[name], name  # in the sidebar
        assert "\\" not in seen[name], name
        if name == "explore":
            labels = page.locator(".ytick text")
            labels.first.wait_for()
            assert f"disc {HOSTILE}" in labels.all_text_contents()
    assert f"Is this still disc {HOSTILE}?" in seen["augmentation"]
    for name in ("advice", "labels", "photo_map"):
        assert f"{HOSTILE} can't be read." in seen[name]

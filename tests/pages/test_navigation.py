from pathlib import Path

import pytest
import streamlit as st

from core.base.files import write_json
from pages.components.shared import left_off
from pages.components.shared.steps import OF_A_PROJECT, STEPS, pages

PAGES = {path.stem for path in (Path(__file__).resolve().parents[2] / "pages").glob("*.py")} - {"__init__"}


@pytest.fixture
def sidebar(monkeypatch):
    """The names of the pages that the sidebar shows, or of all, in their order, when the tab is at one of them."""
    listed = lambda path, title, icon, default=False, visibility="visible": (Path(path).stem, visibility)  # noqa: E731
    monkeypatch.setattr(st, "Page", listed)

    def shown(at="", hidden=False):
        everything = [page for section in pages(None, set(), at).values() for page in section]
        return [name for name, visibility in everything if hidden or visibility == "visible"]

    return shown


def test_every_page_is_in_the_navigation_and_in_no_second_place(sidebar):
    assert sorted(sidebar(hidden=True)) == sorted(PAGES)


def test_every_page_is_reached_through_the_sidebar_alone(sidebar):
    reached, at = set(), {"projects"}
    while at:
        reached |= at
        at = {page for open_one in at for page in sidebar(open_one)} - reached
    assert reached == PAGES


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.page)
def test_an_open_step_shows_its_further_pages_below_it_and_so_does_each_of_them(sidebar, step):
    for at in (step.page, *step.further):
        now = sidebar(at)
        place = now.index(step.page)
        assert now[place + 1 : place + 1 + len(step.further)] == list(step.further)
        assert len(now) == 2 + len(STEPS) + len(step.further)


def test_further_pages_have_the_titles_that_their_own_headings_have():
    for page, title in OF_A_PROJECT.items():
        text = (Path(__file__).resolve().parents[2] / "pages" / f"{page}.py").read_text(encoding="utf-8")
        assert f'"{title}"' in text, page


def test_open_goes_to_the_page_where_the_project_was_left_off(project, open_page, words):
    open_page("explore")
    app = open_page("projects")
    assert "You were at *Explore*" in words(app)
    app.button(key=f"open_{project.id}").click().run()
    assert app.title[0].value == "Explore"


@pytest.mark.parametrize("kept", [{"page": "../../etc"}, {"page": 3}, ["explore"], {}])
def test_where_that_is_not_known_open_goes_to_the_photos(project, open_page, kept):
    app = open_page("projects")
    write_json(project.folder / left_off.FILE, kept)
    app.button(key=f"open_{project.id}").click().run()
    assert app.title[0].value == "Photos"


def test_a_project_that_has_a_model_is_opened_at_its_results(own, open_page):
    app = open_page("projects")
    app.button(key=f"open_{own.id}").click().run()
    assert app.title[0].value == "Results"

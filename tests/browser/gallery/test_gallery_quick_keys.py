"""Keys pressed faster than the server answers, and which change the words about it offer to undo."""

import pytest
from playwright.sync_api import expect

from core.projects import edits
from core.projects.workspace import Workspace
from tests.importing import bring_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def project(project_of):
    return project_of({"apple": 4, "pear": 3})


def test_a_photo_is_turned_as_often_as_the_key_is_pressed_and_each_turn_is_undone(page, server, project):
    first = project.photos()[0]
    page.goto(f"{server.url}/photos?project={project.id}")
    cell = page.locator(f".cell[data-id='{first.id}']")
    cell.click()
    said = page.locator(".gallery > .said")
    for key in "rrrz":  # all before the first is answered
        page.keyboard.press(key)
    expect(said).to_contain_text("Undone: Turned 1 photo to the right.")
    twice = project.photos_with_ids([first.id])[0]
    assert (twice.width, twice.height) == (first.width, first.height)
    assert twice.sha256 != first.sha256
    expect(said.get_by_role("button")).to_have_count(0)  # it would undo something else than what the words tell
    page.keyboard.press("1")
    expect(said).to_have_text("1 photo is like that already.")
    cell.click()
    page.keyboard.press("r")
    expect(said).to_contain_text("Turned 1 photo to the right.")
    said.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("Undone: Turned 1 photo to the right.")
    assert project.photos_with_ids([first.id])[0].sha256 == twice.sha256


def test_what_was_done_before_is_undone_with_the_mouse_where_no_photo_is_left(page, server, project):
    edits.set_aside(project, [photo.id for photo in project.photos()])
    page.goto(f"{server.url}/photos?project={project.id}")
    page.locator(".gallery > .bar").get_by_role("button", name="Undo").click()
    page.locator(".gallery > .said", has_text="Undone: Set aside 7 photos.").wait_for()
    expect(page.locator(".cell")).to_have_count(7)
    page.locator(".cell").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("x")
    page.locator(".gallery > .said", has_text="Set aside 7 photos.").wait_for()
    expect(page.locator(".cell")).to_have_count(0)
    page.keyboard.press("z")  # the keyboard is still in the gallery
    page.locator(".gallery > .said", has_text="Undone: Set aside 7 photos.").wait_for()


def test_a_name_of_any_length_leaves_the_photo_in_sight_and_stays_in_the_window(page, server, fill, tmp_path):
    name = "found in the garden behind the house in spring " * 3
    made = Workspace(server.home).create("Long names")
    bring_folder(made, fill(tmp_path / "photos", {name.strip(): 3, "pear": 3}))
    page.goto(f"{server.url}/photos?project={made.id}")
    cell = page.locator(".cell").first
    cell.wait_for()
    assert cell.locator(".under").bounding_box()["height"] < cell.bounding_box()["height"] * 0.6
    cell.dblclick()
    box = page.locator("dialog.viewer .class").first.bounding_box()
    assert box["x"] + box["width"] <= 1280

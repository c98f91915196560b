"""Photos in the gallery under a real mouse and keyboard: how many actions it takes, and what is asked of the server."""

import re

import pytest
from playwright.sync_api import expect

from core.projects import edits
from core.projects.workspace import Workspace
from tests.browser.conftest import Server
from tests.importing import bring_folder
from tests.waiting import await_that

pytestmark = pytest.mark.slow


@pytest.fixture
def project(project_of):
    """Photos of two classes."""
    return project_of({"apple": 60, "pear": 50})


@pytest.fixture
def opened(page, server, project):
    """A tab at Sort and tidy, which shows the apples."""
    return open_apples(page, server, project)


def open_apples(page, server, project):
    page.goto(f"{server.url}/sort?project={project.id}")
    page.get_by_role("listbox", name="All photos").wait_for()
    page.get_by_role("combobox", name="Show").click()
    page.get_by_role("option", name="apple", exact=True).click()
    cells(page, "Photos of apple").first.wait_for()
    page.get_by_role("listbox", name="All photos").wait_for(state="detached")
    at_rest(page)
    return page


def cells(page, title):
    return page.get_by_role("listbox", name=title).get_by_role("option")


def at_rest(page):
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def said(page, words):
    page.locator(".gallery > .said", has_text=words).wait_for()


@pytest.fixture
def runs(page):
    """What the browser asks the server to draw anew, as it grows."""
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    return sent


def test_twenty_photos_go_to_another_class_in_three_actions_and_no_more_of_the_page_is_drawn(opened, project):
    shown = cells(opened, "Photos of apple")
    heading = opened.get_by_role("heading", name="Sort and tidy").element_handle()
    shown.nth(0).click()  # 1
    shown.nth(19).click(modifiers=["Shift"])  # 2
    expect(opened.locator(".count")).to_have_text("60 photos, 20 selected")
    opened.keyboard.press("2")  # 3
    said(opened, "Moved 20 photos to pear.")
    assert project.class_counts() == {"apple": 40, "pear": 70}
    expect(shown).to_have_count(40)
    assert heading.evaluate("element => element.isConnected")
    opened.keyboard.press("z")
    said(opened, "Undone: Moved 20 photos to pear.")
    assert project.class_counts() == {"apple": 60, "pear": 50}


def test_in_a_narrow_window_nothing_moves_between_the_two_clicks_that_open_a_photo(page, server, project):
    edits.set_aside(project, [project.photos("apple")[0].id])
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{server.url}/sort?project={project.id}")
    page.get_by_role("combobox", name="Show").click()
    page.get_by_role("option", name="set aside").click()
    cell = cells(page, "Photos set aside").first
    cell.wait_for()
    at_rest(page)
    cell.scroll_into_view_if_needed()
    before = cell.bounding_box()
    cell.click()
    expect(page.locator(".count")).to_have_text("1 photo, 1 selected")
    assert cell.bounding_box() == before
    cell.dblclick()
    page.locator("dialog.viewer").get_by_role("button", name="Restore").wait_for()


def test_a_rectangle_selects_and_the_mouse_drags_onto_a_class(opened, project):
    shown = cells(opened, "Photos of apple")
    first, last = shown.nth(0).bounding_box(), shown.nth(7).bounding_box()
    opened.mouse.move(first["x"] - 4, first["y"] - 4)
    opened.mouse.down()
    opened.mouse.move(first["x"] + 20, first["y"] + 20)
    opened.mouse.move(last["x"] + 10, last["y"] + 10)
    opened.mouse.up()
    n = opened.get_by_role("listbox", name="Photos of apple").get_by_role("option", selected=True).count()
    assert n >= 2
    place = opened.get_by_role("button", name=re.compile("Put into pear")).bounding_box()
    opened.mouse.move(first["x"] + 30, first["y"] + 30)
    opened.mouse.down()
    opened.mouse.move(first["x"] + 60, first["y"] + 60)
    opened.mouse.move(place["x"] + 20, place["y"] + 10)
    opened.mouse.up()
    said(opened, f"Moved {n} photos to pear.")
    assert project.class_counts() == {"apple": 60 - n, "pear": 50 + n}


def test_a_rectangle_scrolls_at_the_edge_of_the_window(opened):
    first = cells(opened, "Photos of apple").nth(0).bounding_box()
    field = opened.get_by_role("listbox", name="Photos of apple").bounding_box()
    opened.mouse.move(first["x"] - 4, first["y"] - 4)
    opened.mouse.down()
    opened.mouse.move(first["x"] + 20, first["y"] + 20)
    opened.mouse.move(field["x"] + field["width"] - 4, opened.viewport_size["height"] - 4)
    expect(opened.locator(".count")).to_have_text("60 photos, 60 selected")  # those below were out of sight
    opened.mouse.up()


def test_select_all_goes_on_to_all_pages_and_they_are_moved_by_one_change(page, server, project):
    page.goto(f"{server.url}/sort?project={project.id}")
    cells(page, "All photos").nth(99).wait_for()
    at_rest(page)
    page.get_by_role("button", name="Select all", exact=True).click()
    expect(page.locator(".count")).to_have_text("110 photos, 100 selected")
    page.get_by_role("button", name="Select all 110").click()
    expect(page.locator(".count")).to_have_text("110 photos, 110 selected")
    page.keyboard.press("2")
    said(page, "Moved 60 photos to pear.")
    assert project.class_counts() == {"pear": 110}
    page.locator(".gallery > .said").get_by_role("button", name="Undo").click()
    said(page, "Undone: Moved 60 photos to pear.")
    assert project.class_counts() == {"apple": 60, "pear": 50}


def test_two_fingers_go_nearer_in_the_viewer_and_to_no_other_photo(opened):
    cells(opened, "Photos of apple").nth(0).dblclick()
    viewer = opened.get_by_role("dialog", name="Photo")
    stage = viewer.locator(".stage").bounding_box()
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    session = opened.context.new_cdp_session(opened)

    def touch(kind, *apart):
        points = [{"x": x + side * each, "y": y, "id": side + 1} for each in apart for side in (-1, 1)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 40)
    touch("touchMove", 80)
    touch("touchMove", 120)
    touch("touchEnd")
    expect(viewer.locator(".stage img")).to_have_attribute("style", re.compile(r"scale\(3\)"))
    viewer.get_by_text("1 of 60").wait_for()


def test_arrow_keys_go_through_a_hundred_photos_and_the_server_is_asked_for_nothing(page, server, project, runs):
    page.goto(f"{server.url}/sort?project={project.id}")
    shown = cells(page, "All photos")
    shown.nth(99).wait_for()
    at_rest(page)
    shown.nth(0).click()
    before = len(runs)
    for _ in range(99):
        page.keyboard.press("ArrowRight")
    expect(shown.nth(99)).to_be_focused()
    assert shown.nth(99).get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Photo").wait_for()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("80 of 110").wait_for()
    page.keyboard.press("+")
    page.keyboard.press("Escape")
    expect(shown.nth(79)).to_be_focused()
    assert len(runs) == before


def test_past_the_end_of_a_page_is_the_next(page, server, project):
    page.goto(f"{server.url}/sort?project={project.id}")
    shown = cells(page, "All photos")
    shown.nth(99).wait_for()
    at_rest(page)
    shown.nth(99).click()
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_count(10)
    expect(shown.nth(0)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(shown.nth(99)).to_be_focused()


def test_everything_can_be_done_by_keyboard_and_the_large_photo_is_the_original(opened, project):
    shown = cells(opened, "Photos of apple")
    opened.get_by_role("button", name="Keys").focus()
    opened.keyboard.press("Tab")
    expect(shown.nth(0)).to_be_focused()
    opened.keyboard.press("?")
    opened.get_by_role("dialog", name="Keys").get_by_text("select all of this page").wait_for()
    opened.keyboard.press("Escape")
    opened.keyboard.press("Enter")
    viewer = opened.get_by_role("dialog", name="Photo")
    picture = viewer.locator(".stage img")
    expect(picture).to_have_attribute("src", re.compile("/large"))
    photo = project.photos("apple")[0]
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [photo.width, photo.height]
    opened.keyboard.press("r")
    viewer.get_by_text("Turned 1 photo to the right.").wait_for()
    opened.keyboard.press("c")
    opened.keyboard.press("Shift+ArrowLeft")
    opened.keyboard.press("Enter")
    viewer.get_by_text("Cropped").wait_for()
    opened.keyboard.press("x")
    viewer.get_by_text("Set aside 1 photo.").wait_for()
    viewer.get_by_text("1 of 59").wait_for()
    opened.keyboard.press("Escape")
    expect(shown.nth(0)).to_be_focused()
    opened.keyboard.press("m")
    opened.get_by_label("Class", exact=True).fill("quince")
    opened.keyboard.press("Enter")
    said(opened, "Moved 1 photo to quince.")
    assert project.class_counts() == {"apple": 58, "pear": 50, "quince": 1}


def test_two_tabs_lose_nothing_of_each_others(opened, server, project):
    other = open_apples(opened.context.new_page(), server, project)
    for at, tab in enumerate((opened, other)):
        cells(tab, "Photos of apple").nth(10 * at).click()
        cells(tab, "Photos of apple").nth(10 * at + 2).click(modifiers=["Shift"])
    opened.keyboard.press("2")
    other.keyboard.press("2")
    said(opened, "Moved 3 photos to pear.")
    said(other, "Moved 3 photos to pear.")
    assert project.class_counts() == {"apple": 54, "pear": 56}
    # What one tab shows, the other one has set aside meanwhile.
    gone = project.photos("apple")[0]
    edits.set_aside(project, [gone.id])
    other.locator(f".cell[data-id='{gone.id}']").click()
    other.keyboard.press("2")
    said(other, f"Another window changed {gone.name} meanwhile.")
    assert project.photos_with_ids([gone.id])[0].set_aside
    opened.keyboard.press("z")
    said(opened, "Another window changed something since")
    assert project.photos_with_ids([gone.id])[0].set_aside
    opened.keyboard.press("z")
    said(opened, "Undone: Set aside 1 photo.")


def test_a_killed_server_loses_nothing_that_was_confirmed_and_what_was_not_is_done_once(
    tmp_path, browser, fill, start_again
):
    project, server = start_again.project, start_again.server
    page = browser.new_page()
    page.set_default_timeout(90_000)
    open_apples(page, server, project)
    shown = cells(page, "Photos of apple")
    shown.nth(0).click()
    page.keyboard.press("2")
    said(page, "Moved 1 photo to pear.")
    server.process.kill()
    server.process.wait(20)
    assert project.class_counts() == {"apple": 59, "pear": 51}
    page.keyboard.press("x")  # nobody hears it
    expect(page.locator(".cell.leaving")).to_have_count(1)
    start_again()
    said(page, "Set aside 1 photo.")
    expect(page.locator(".cell.leaving")).to_have_count(0)
    assert project.class_counts() == {"apple": 58, "pear": 51}
    assert edits.undo(project).what == "Set aside 1 photo"
    assert edits.undo(project).what == "Moved 1 photo to pear"
    assert edits.last_edit(project) is None


@pytest.fixture
def start_again(tmp_path, fill):
    """A server with a project, and once more at the same port after it was killed."""

    class Again:
        def __init__(self):
            self.server = Server(tmp_path / "home", tmp_path / "server.log")
            await_that(self.server.answers, seconds=60)
            self.project = Workspace(tmp_path / "home").create("Killed")
            bring_folder(self.project, fill(tmp_path / "photos", {"apple": 60, "pear": 50}))
            self.started = [self.server]

        def __call__(self):
            port = int(self.server.url.rsplit(":", 1)[1])
            self.started.append(Server(tmp_path / "home", tmp_path / "again.log", port))
            await_that(self.started[-1].answers, seconds=60)

    made = Again()
    yield made
    for server in made.started:
        server.stop()

"""The map of the photos under a real mouse: a dot shows its photo, and can still be chosen."""

import base64
import contextlib

import pandas as pd
import pytest
from playwright.sync_api import TimeoutError, expect

from core.photo_map.folder import current_photos, map_of
from core.projects.workspace import Workspace
from tests.importing import bring_folder

pytestmark = pytest.mark.slow  # half a minute

PICTURE = ".js-plotly-plot img"
PLACE = """([x, y]) => {
    const chart = document.querySelector('.js-plotly-plot');
    const box = chart.querySelector('.nsewdrag').getBoundingClientRect();
    const {xaxis, yaxis} = chart._fullLayout;
    return [box.x + xaxis.l2p(x), box.y + yaxis.l2p(y)];
}"""
BOXES = """() => ['.js-plotly-plot', '.js-plotly-plot .hoverlayer .hovertext', '.js-plotly-plot img']
    .map(each => document.querySelector(each).getBoundingClientRect())"""


@pytest.fixture(scope="module")
def server(shared_server):
    return shared_server


@pytest.fixture
def project(server, fill, tmp_path, request):
    """Twelve photos in two classes; photo n lies at (n % 4, n // 4) on the map."""
    made = Workspace(server.home).create(request.node.name[:60])
    bring_folder(made, fill(tmp_path / "photos", {"left": 6, "right": 6}))
    contents = current_photos(made)["sha256"]
    places = [(n % 4, n // 4) for n in range(len(contents))]
    map_of(made).write(pd.DataFrame(places, columns=["x", "y"], dtype="float32").assign(sha256=contents))
    return made


@pytest.fixture
def asked(page):
    """What the browser sends to the server, as it grows."""
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    return sent


@pytest.fixture
def on_map(asked, project, server, page):
    """A tab at the map, which appears under the mouse."""
    page.mouse.move(800, 600)
    page.goto(f"{server.url}/photo_map?project={project.id}")
    page.locator(".js-plotly-plot .nsewdrag").wait_for()
    page.wait_for_function("document.querySelector('iframe')?.style.display === 'block'")
    return page


def place(page, n):
    return page.evaluate(PLACE, [n % 4, n // 4])


def photo_under_mouse(page, n):
    """Bring the mouse to a dot, and again while the chart is being drawn and doesn't feel it; the picture's source."""
    for _ in range(10):
        page.mouse.move(*page.evaluate(PLACE, [1.5, 1.5]))
        page.locator(PICTURE).wait_for(state="detached")
        page.mouse.move(*place(page, n))
        with contextlib.suppress(TimeoutError):
            page.locator(PICTURE).wait_for(timeout=3000)
            break
    return page.locator(PICTURE).get_attribute("src", timeout=1000)


def thumbnail(project, n):
    data = project.thumbnail(project.photos()[n]).read_bytes()
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def test_each_dot_shows_its_photo_and_a_photo_is_fetched_once(on_map, project, asked):
    for n in (0, 7, 11):
        assert photo_under_mouse(on_map, n) == thumbnail(project, n)
    before = len(asked)
    for n in (7, 0):
        assert photo_under_mouse(on_map, n) == thumbnail(project, n)
    assert len(asked) == before
    on_map.mouse.move(5, 5)
    on_map.locator(PICTURE).wait_for(state="detached")


@pytest.mark.endurance
def test_the_picture_lies_within_the_chart_and_covers_neither_dot_nor_words(on_map):
    for width, n in [(1280, 0), (1280, 11), (400, 0), (400, 3), (400, 8), (400, 11)]:  # corners
        on_map.set_viewport_size({"width": width, "height": 1400})
        photo_under_mouse(on_map, n)
        chart, words, picture = on_map.evaluate(BOXES)
        _, dot = place(on_map, n)
        assert max(picture["width"], picture["height"]) == pytest.approx(160)
        assert chart["left"] - 0.5 <= picture["left"] < picture["right"] <= chart["right"] + 0.5
        assert chart["top"] <= picture["top"] < picture["bottom"] <= chart["bottom"]
        assert picture["top"] >= words["bottom"] > dot or picture["bottom"] <= words["top"] < dot


@pytest.mark.endurance
def test_dots_can_still_be_chosen_and_a_chart_drawn_anew_shows_photos_too(on_map, project):
    assert photo_under_mouse(on_map, 5) == thumbnail(project, 5)
    corners = [(0.5, 0.5), (0.5, 1.5), (2.5, 1.5), (2.5, 0.5), (0.5, 0.5)]  # around photos 5 and 6
    on_map.mouse.move(*on_map.evaluate(PLACE, corners[0]))
    on_map.mouse.down()
    for corner in corners[1:]:
        on_map.mouse.move(*on_map.evaluate(PLACE, corner), steps=8)
    assert on_map.locator(PICTURE).count() == 0
    on_map.mouse.up()
    on_map.get_by_role("heading", name="2 photos chosen on the map").wait_for()
    shown = on_map.get_by_role("listbox", name="Photos chosen on the map").get_by_role("option")
    expect(shown).to_have_count(2)
    chart = on_map.locator(".js-plotly-plot").element_handle()
    shown.first.click()
    on_map.keyboard.press("x")
    on_map.locator(".gallery > .said", has_text="Set aside 1 photo.").wait_for()
    assert len(project.photos_set_aside()) == 1
    assert chart.evaluate("chart => chart.isConnected")
    on_map.keyboard.press("z")
    on_map.locator(".gallery > .said", has_text="Undone: Set aside 1 photo.").wait_for()
    assert photo_under_mouse(on_map, 8) == thumbnail(project, 8)

    on_map.get_by_text("Part", exact=True).click()
    on_map.locator(".js-plotly-plot .legendtext").get_by_text("no part yet").wait_for()
    assert photo_under_mouse(on_map, 10) == thumbnail(project, 10)
    on_map.locator("[data-title=Pan]").click()  # where dragging circles dots, a click chooses none
    assert photo_under_mouse(on_map, 5) == thumbnail(project, 5)
    on_map.mouse.click(*place(on_map, 5))
    on_map.get_by_role("heading", name="1 photo chosen on the map").wait_for()

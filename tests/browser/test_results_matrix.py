"""From a number on the Results page to the photos behind it, by the mouse."""

import contextlib

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import TimeoutError, expect

from core.base.files import write_json
from core.base.subsets import TEST
from core.evaluation.metrics import classification_metrics
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects.workspace import Workspace
from core.runs.predictions import write_predictions
from core.runs.run import Run
from tests.core.reports import a_report
from tests.importing import bring_folder

pytestmark = pytest.mark.slow  # half a minute

CLASSES = ["blue", "red"]
MIDDLE = """([row, column]) => {
    const chart = document.querySelector('.js-plotly-plot');
    const box = chart.querySelector('.nsewdrag').getBoundingClientRect();
    const {xaxis, yaxis} = chart._fullLayout;
    return [box.x + xaxis.l2p(column), box.y + yaxis.l2p(row)];
}"""


def make_judged(home, folder):
    """A project of six photos, judged by a run that takes two of three blue ones for red."""
    for label, colours in zip(CLASSES, ((1, 60, 200), (200, 40, 30)), strict=True):
        (folder / label).mkdir(parents=True)
        for i in range(3):
            noise = np.random.default_rng(i).integers(0, 40, (60, 80, 3))
            Image.fromarray((noise + colours).clip(0, 255).astype(np.uint8)).save(folder / label / f"{i}.png")
    project = Workspace(home).create("Colours")
    bring_folder(project, folder)
    photos = [LabelledPhoto(str(project.path(p)), p.label, TEST, p.sha256) for c in CLASSES for p in project.photos(c)]
    blue = np.array([0.9, 0.3, 0.1, 0.2, 0.2, 0.2])
    answers = np.column_stack([blue, 1 - blue]).astype(np.float32)
    run = Run.create(project.runs_folder / "a run", TrainConfig(), photos)
    write_predictions(run.predictions_path, {TEST: photos}, {TEST: answers}, CLASSES)
    test = classification_metrics(np.array([0, 0, 0, 1, 1, 1]), answers, CLASSES)
    write_json(run.report_path, a_report(CLASSES, photos={TEST: 6}, test=test).to_json())
    return project


def click_cell(page, row, column, heading):
    """Click a little beside the middle of a cell, as people do; -1 is the row or the column of totals.

    While the chart is being drawn anew nobody hears a click; then people click again.
    """
    shown = page.get_by_role("heading", name=heading)
    for _ in range(10):
        x, y = page.evaluate(MIDDLE, [row, column])
        page.mouse.move(x - 9, y + 6)
        page.mouse.click(x - 6, y + 5)
        with contextlib.suppress(TimeoutError):
            shown.wait_for(timeout=10_000)
            return
    shown.wait_for()


def test_a_cell_a_row_and_a_column_of_the_matrix_show_their_photos(browser, shared_server, tmp_path):
    project = make_judged(shared_server.home, tmp_path / "photos")
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.goto(f"{shared_server.url}/results?project={project.id}")
    page.get_by_role("heading", name="The 2 photos it got wrong").wait_for()
    page.locator(".js-plotly-plot .heatmaplayer image").first.wait_for(state="attached")

    click_cell(page, 0, 1, "2 photos of blue called red")
    shown = page.get_by_role("listbox", name="Photos behind the number").get_by_role("option")
    expect(shown.locator(".under")).to_have_text([f"blue, taken for red, {n} % sure" for n in (90, 70)])
    click_cell(page, 1, -1, "3 photos of red, mistakes first")
    click_cell(page, -1, 0, "1 photo called blue")
    click_cell(page, -1, 0, "The 2 photos it got wrong")  # again lets go of it

    shown.first.dblclick()  # the viewer, and from there what the model looked at
    viewer = page.get_by_role("dialog", name="Photo", exact=True)
    viewer.get_by_text("blue, taken for red, 90 % sure").wait_for()
    page.keyboard.press("i")
    viewer.wait_for(state="hidden")
    window = page.get_by_role("dialog").filter(has=page.get_by_text("One photo"))
    window.get_by_text("It is blue, and was called red, 90 % sure.").wait_for()
    window.get_by_role("button", name="Next").click()
    window.get_by_text("It is blue, and was called red, 70 % sure.").wait_for()
    window.get_by_role("button", name="Next").click()  # round to the first
    window.get_by_text("90 % sure.").wait_for()
    page.keyboard.press("Escape")
    window.wait_for(state="hidden")

    with page.expect_download() as download:
        page.get_by_role("button", name="Report for a colleague").click()
    assert "The test photos were seen once." in download.value.path().read_text(encoding="utf-8")

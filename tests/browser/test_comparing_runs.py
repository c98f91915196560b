"""Two runs, trained for real, compared in a real browser; one renamed, moved to the trash and brought back."""

import re
from dataclasses import replace

import pytest

from core.base.words import percent
from core.engine.places import Places
from core.projects.workspace import Workspace
from core.runs.run import Run, list_runs
from core.runs.trash import trashed_runs

pytestmark = pytest.mark.slow

GOOD, POOR = "2026-11-20 09.00.00 aaaa", "2026-11-21 09.00.00 bbbb"
HEADER, ROW = 35, 35  # pixels, of the table


@pytest.fixture
def project(fruit_project):
    """The fruit photos with a good run and one that has hardly learned anything."""
    from core.training.training import train_run

    good = Run(list_runs(fruit_project.runs_folder)[0].folder.rename(fruit_project.runs_folder / GOOD))
    config = replace(good.config(), learning_rate=1e-5, epochs=3)
    places = Places(fruit_project.cache_folder, Workspace(fruit_project.folder.parents[1]).engine_folder)
    train_run(Run.create(fruit_project.runs_folder / POOR, config, good.photos()), places)
    return fruit_project


def click_box(page, row):
    """Click the box of a row of the table, which is drawn on a canvas."""
    page.get_by_test_id("stDataFrame").click(position={"x": 16, "y": HEADER + ROW * (row + 0.5)})


def test_two_runs_are_compared_renamed_trashed_and_restored(server, page, project):
    page.goto(f"{server.url}/runs?project={project.id}")
    page.get_by_role("heading", name="Compare runs", exact=True).wait_for()
    page.get_by_text("How large its steps are (learning rate): 0.003 → 0.00001").wait_for()
    verdict = page.get_by_text("On the 60 photos that both were judged on")
    verdict.wait_for()
    found = re.search(
        r"(New head, .* %) is right on (\d+) where New head, .* is wrong, .* on (\d+) where .*: "
        r"that is more than chance \(p < 0.001\). (New head, .* %) is better on photos like these.",
        verdict.inner_text(),
    )
    good, poor = (Run(project.runs_folder / name).report().test for name in (GOOD, POOR))
    assert found[1] == found[4] == f"New head, {percent(good.accuracy)}"
    assert int(found[2]) - int(found[3]) == round(60 * good.accuracy) - round(60 * poor.accuracy)
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 1400})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    click_box(page, 0)  # the newer one is selected no longer
    verdict.wait_for(state="detached")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_label("Name").fill("The usual plan")
    page.get_by_label("Note").fill("What comes without any choice.")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The usual plan: What comes without any choice.").wait_for()
    assert [run.title for run in list_runs(project.runs_folder)] == ["2026-11-21 09.00.00", "The usual plan"]

    click_box(page, 0)
    verdict.wait_for()
    assert "The usual plan is better on photos like these." in verdict.inner_text()

    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_text("Trash (1)").click()
    assert [run.name for run in trashed_runs(project)] == [POOR]
    verdict.wait_for(state="detached")
    page.get_by_role("button", name="Restore").click()
    verdict.wait_for()
    assert [run.name for run in list_runs(project.runs_folder)] == [POOR, GOOD]

    page.get_by_role("button", name="Start again from these settings").first.click()
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    assert page.get_by_label("Epochs at most").input_value() == "3"

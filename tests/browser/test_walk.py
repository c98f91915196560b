"""The whole way, as a new user goes it."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from core.projects.workspace import Workspace
from core.runs.run import list_runs
from tests.browser.steps import create_project, go_to, upload, upload_folder
from tests.importing import bring_folder

POINTS = "document.querySelector('.js-plotly-plot')?.data?.[0]?.x?.length ?? 0"  # epochs in the first chart


def start_long_training(page):
    """A run that goes on until it is stopped."""
    page.get_by_text("Details", exact=True).click()
    for label, value in (("Epochs at most", "1000"), ("Stop after so many epochs", "1000")):
        field = page.get_by_label(label)
        field.fill(value)
        field.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(f"{POINTS} > 0", timeout=300_000)


@pytest.mark.slow
def test_from_a_folder_of_fruit_to_an_answer_about_a_new_photo(page, server, fruit, browser):
    create_project(page, "Fruit")
    upload_folder(page, fruit)
    for label in ("apple", "banana", "mixed", "orange"):
        page.get_by_role("button", name=f"Put into {label}").wait_for()
    page.get_by_role("button", name="Go on to training").click()
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    start_long_training(page)

    # The curve is seen to move.
    for _ in range(4):
        before = page.evaluate(POINTS)
        page.wait_for_function(f"{POINTS} > {before}")

    # A refreshed tab and a second tab find the run again and go on showing it.
    page.reload()
    page.wait_for_function(f"{POINTS} > {before}")
    second = page.context.new_page()
    second.goto(page.url)
    second.get_by_role("button", name="Stop and keep the best so far").wait_for()
    second.wait_for_function(f"{POINTS} > {before}")
    second.get_by_role("button", name="Stop and keep the best so far").click()

    page.get_by_role("button", name="See the results").click(timeout=300_000)
    page.get_by_role("heading", name="Results", exact=True).wait_for()
    project = Workspace(server.home).projects()[0]
    report = list_runs(project.runs_folder)[0].report()
    right = round(report.test.accuracy * 60)
    page.get_by_text(f"{right} of 60 test photos right").wait_for()
    assert right >= 55
    assert 1 <= report.best_epoch <= len(report.epochs) < 1000
    page.locator(".js-plotly-plot .heatmaplayer").wait_for(state="attached")

    page.get_by_role("button", name="Try it on new photos").click()
    page.get_by_role("heading", name="Try it", exact=True).wait_for()
    page.get_by_text("Drop photos here").wait_for()  # until then the first uploader is one of the page before
    photo = sorted((fruit / "test" / "banana").iterdir())[1]  # the first is in a black glove, which may look strange
    upload(page.locator("input[type=file]").first, str(photo))
    page.get_by_role("heading", name="banana", exact=True).wait_for()

    go_to(page, "3 Advice", "Advice")
    page.get_by_role("button", name="Measure my photos").wait_for()

    # Every page was visited: the web process stayed small and never loaded what only training needs.
    go_to(page, "Projects", "Espalier")
    assert server.resident_mb() < 375
    libraries = server.loaded_libraries()
    assert "libopenvino" in libraries
    assert "libtensorflow" not in libraries  # Keras would have loaded it too
    assert "/sklearn/" not in libraries


@pytest.mark.endurance
def test_a_killed_worker_leaves_a_clear_message_and_the_tail_of_its_log(page, server, fruit, built_in_engine):
    shutil.copytree(built_in_engine, server.home / "engine")
    project = Workspace(server.home).create("Fruit")
    bring_folder(project, fruit / "test")  # the fewer
    page.goto(f"{server.url}/train?project={project.id}")
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    start_long_training(page)
    run = list_runs(project.runs_folder)[0]
    os.kill(json.loads((run.folder / "job.json").read_text())["pid"], signal.SIGKILL)
    page.get_by_text("The training ended without a word").wait_for()
    page.get_by_text("For whoever helps you: the end of the log").click()
    page.get_by_role("button", name="Train again").wait_for()
    assert len(run.epochs()) > 0
    assert page.get_by_text("Traceback").count() == 0


@pytest.mark.slow
def test_a_tab_that_comes_back_to_a_step_of_a_new_server_finds_the_app_as_it_was(browser, server):
    Workspace(server.home).create("Orchard")
    page = browser.new_page()
    page.goto(f"{server.url}/photos?project=Orchard")
    page.get_by_role("heading", name="Photos", exact=True).wait_for()
    page.get_by_role("link", name="1 Photos").wait_for()
    page.get_by_text("Your photos never leave this computer").wait_for()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (400, "dark"),
        pytest.param(1280, "light", marks=pytest.mark.slow),
        *(pytest.param(*other, marks=pytest.mark.endurance) for other in ((400, "light"), (1280, "dark"))),
    ],
)
def test_no_page_is_wider_than_its_window(browser, shared_server, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(shared_server.url)
    page.get_by_role("heading", name="Espalier", exact=True).wait_for()
    create_project(page, f"Narrow {width} {scheme}")
    page.get_by_text("Choose a folder that holds one folder per class").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.locator(".stApp").evaluate("element => getComputedStyle(element).backgroundColor")
    assert background == ("rgb(251, 248, 241)" if scheme == "light" else "rgb(22, 25, 21)")


@pytest.mark.slow
def test_an_upload_leaves_the_memory_once_it_is_on_disk(page, server, fruit):
    create_project(page, "Fruit")
    upload_folder(page, fruit / "test")
    project = Workspace(server.home).projects()[0]
    stored = {p.read_bytes() for p in project.photos_folder.rglob("*.jpg")}
    assert stored == {p.read_bytes() for p in Path(fruit / "test").rglob("*.jpg")}  # byte for byte
    metrics = page.request.get(f"{server.url}/_stcore/metrics").text()
    assert "cache_memory_bytes" in metrics
    assert "UploadedFileManager" not in metrics  # it appears as soon as one upload is held

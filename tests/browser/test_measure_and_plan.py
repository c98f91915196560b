"""From the photos to a measured plan, and with it to the training."""

import shutil

import pytest

from core.advice.folder import advice_of
from core.projects.workspace import Workspace
from core.runs.run import list_runs
from tests.browser.steps import create_project, upload_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def half_of_it(fruit, tmp_path):
    """Every second photo of those that teach."""
    for label in sorted((fruit / "train").iterdir()):
        (tmp_path / "fruit" / label.name).mkdir(parents=True)
        for photo in sorted(label.iterdir())[::2]:
            (tmp_path / "fruit" / label.name / photo.name).hardlink_to(photo)
    return tmp_path / "fruit"


def test_advice_is_measured_with_the_page_closed_and_its_plan_is_trained(page, server, half_of_it, installed_engine):
    shutil.copytree(installed_engine, server.home / "engine")
    create_project(page, "Fruit")
    upload_folder(page, half_of_it)
    page.get_by_role("link", name="2 Explore").click()
    page.get_by_role("button", name="Go on to Advice").click()
    page.get_by_role("button", name="Measure my photos").click()
    page.get_by_role("button", name="Stop measuring").wait_for()

    address = page.url
    page.close()
    tab = page.context.new_page()
    tab.goto(address)
    tab.get_by_role("heading", name="The plan").wait_for(timeout=600_000)
    project = Workspace(server.home).projects()[0]
    answer = advice_of(project).read()
    assert answer.quadrant == 4
    assert 0.6 < answer.similarity < 0.85
    tab.get_by_text("few photos, similar: here your photos lie").wait_for()
    tab.locator(".js-plotly-plot").nth(2).wait_for()
    loaded = "[...document.querySelectorAll('[data-testid=stImage] img')].filter(image => image.naturalWidth > 0)"
    tab.wait_for_function(f"{loaded}.length == 12")

    tab.locator(".js-plotly-plot .nsewdrag").first.click(position={"x": 250, "y": 120})  # of the matrix, upper right
    tab.get_by_text("Your photos are few for this").wait_for()
    tab.get_by_text("4 Keep the base model as it is").last.click()
    tab.get_by_text("Your photos are few for this").wait_for(state="detached")
    for width in (1280, 400):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.set_viewport_size({"width": 1280, "height": 1400})

    tab.get_by_role("button", name="Use this plan").click()
    tab.get_by_role("heading", name="Train", exact=True).wait_for()
    tab.get_by_text("This is the plan that you chose.").wait_for()
    tab.get_by_role("button", name="Train", exact=True).click()
    tab.get_by_role("button", name="Cancel and discard").wait_for()
    config = list_runs(project.runs_folder)[0].config()
    assert config.class_weights  # few of mixed, many of apple
    assert {name: getattr(config, name) for name in vars(answer.plan)} == vars(answer.plan)
    tab.get_by_role("button", name="Cancel and discard").click()
    tab.get_by_text("The last run was stopped").wait_for(timeout=60_000)

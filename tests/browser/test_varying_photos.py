"""The page on which photos are varied, with sliders that redraw and a button in a fragment that leaves the page."""

import numpy as np
import pytest
from PIL import Image

from core.photos.augmentation import parse
from core.projects.augmentation_answers import rejected
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from core.projects.plan import kept_plan
from core.projects.workspace import Workspace

pytestmark = pytest.mark.slow

LOADED = "[...document.querySelectorAll('[data-testid=stImage] img')].filter(image => image.naturalWidth > 0).length"


def test_a_slider_redraws_a_no_switches_off_and_what_is_used_is_planned(page, server, tmp_path):
    rng = np.random.default_rng(1)
    for label in ("cup", "mug"):
        (tmp_path / "in" / label).mkdir(parents=True)
        for n in range(6):
            Image.fromarray(rng.integers(0, 256, (60, 90, 3), np.uint8)).save(tmp_path / "in" / label / f"{n}.png")
    project = Workspace(server.home).create("Mugs")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "in")))
    run_import(project, this, workers=1)

    page.goto(f"{server.url}/augmentation")
    page.get_by_role("heading", name="Vary the photos").wait_for()
    page.wait_for_function(f"{LOADED} == {4 * 5 + 13}")
    for width in (1280, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        last = page.get_by_role("slider").last
        last.evaluate("element => element.scrollIntoView({ block: 'end' })")
        place, slider = page.locator(".st-key-varied_in_view").bounding_box(), last.bounding_box()
        assert 0 < place["y"] < 100  # the photos are still in view
        assert slider["y"] > place["y"] + place["height"] or slider["x"] > place["x"] + place["width"]
    page.set_viewport_size({"width": 1280, "height": 1400})

    turned = page.get_by_role("slider").first
    turned.focus()
    turned.press("ArrowRight")
    page.get_by_text("Turned by up to 9°").wait_for()
    page.get_by_role("button", name="No", exact=True).first.click()
    page.get_by_text("You said: mirrored, it is no longer").wait_for()
    assert set(rejected(project)) == {"mirror"}

    page.get_by_role("button", name="Use these").click()
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    page.get_by_text("turned by up to 9°").wait_for()
    kept = parse(kept_plan(project).augment)
    assert (kept.mirror, kept.rotation) == (False, 9)

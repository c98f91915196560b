"""What instruments bring, in a real browser: stacks whose first page is blank, and X-rays that look alike."""

import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from core.projects.workspace import Workspace
from core.runs.run import list_runs
from tests.browser.steps import create_project, upload_folder
from tests.waiting import await_that

pytestmark = pytest.mark.endurance  # the pages themselves show the same in their own tests
A_TRAINING = 300_000  # ms, where other tests are at work too
PATIENTS = 20  # of each class


def cells(label, rng, side=96):
    """Round or long cells on dark ground, uint8."""
    image = Image.new("L", (side, side), 25)
    draw, (wide, high) = ImageDraw.Draw(image), (2.2, 0.45) if label == "long" else (1, 1)
    for _ in range(7):
        x, y, r = *rng.uniform(12, side - 12, 2), rng.uniform(5, 9)
        draw.ellipse((x - r * wide, y - r * high, x + r * wide, y + r * high), fill=int(rng.integers(130, 230)))
    return Image.fromarray((np.asarray(image) + rng.normal(0, 4, (side, side))).clip(0, 255).astype(np.uint8))


def xray(label, rng, side=160):
    """A chest of another size, place, exposure and grain each time; a nodule is a small bright spot."""
    image = Image.new("L", (side, side), int(rng.integers(10, 45)))
    draw, (s, t), (dx, dy) = ImageDraw.Draw(image), rng.normal(1, 0.08, 2), rng.normal(0, 5, 2)

    def oval(corners, fill):
        scales, shifts = (s, t, s, t), (dx, dy, dx, dy)
        moved = [(at - 80) * scale + 80 + shift for at, scale, shift in zip(corners, scales, shifts, strict=True)]
        draw.ellipse(moved, fill=int(np.clip(fill + rng.normal(0, 9), 0, 255)))

    for corners, fill in (((15, 5, 145, 190), 175), ((34, 28, 72, 128), 70), ((90, 28, 126, 124), 70)):
        oval(corners, fill)
    if label == "nodule":
        x, y = rng.uniform(42, 62) + dx, rng.uniform(50, 100) + dy
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=190)
    grey = np.asarray(image.filter(ImageFilter.GaussianBlur(2)), np.float32) * rng.normal(1, 0.08)
    return Image.fromarray((grey + rng.normal(0, 5, grey.shape)).clip(0, 255).astype(np.uint8))


@pytest.fixture
def engine(server, built_in_engine):
    """The base is converted already."""
    shutil.copytree(built_in_engine, server.home / "engine")


def train(page, server, project):
    """On its page, until the results are there."""
    page.goto(f"{server.url}/train?project={project.id}")
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="See the results").click(timeout=A_TRAINING)
    page.get_by_role("heading", name="Results", exact=True).wait_for()


def test_another_page_of_stacks_is_chosen_and_learned_from(page, server, engine, tmp_path):
    rng = np.random.default_rng(5)
    for label in ("long", "round"):
        (tmp_path / "stacks" / label).mkdir(parents=True)
        for n in range(12):
            blank, *rest = Image.new("L", (96, 96), 4), cells(label, rng), cells(label, rng)
            blank.save(tmp_path / "stacks" / label / f"{n}.tif", save_all=True, append_images=rest)
    create_project(page, "Cells")
    upload_folder(page, tmp_path / "stacks", "24 photos added in")
    (project,) = Workspace(server.home).projects()
    thumbnails = [project.thumbnail(photo) for photo in project.photos()]
    assert max(np.asarray(Image.open(path)).mean() for path in thumbnails) < 10
    page.get_by_text("How pictures are read").click()
    page.get_by_text("24 files with 3 pages: page 1 is used, and it is blank in 24.").wait_for()
    page.get_by_label("Page", exact=True).fill("2")
    page.get_by_label("Page", exact=True).press("Enter")
    page.get_by_text("As chosen", exact=True).wait_for()
    page.get_by_role("button", name="Apply to all").click()
    page.get_by_text("24 files with 3 pages: page 2 is used.").wait_for(timeout=60_000, state="attached")
    await_that(lambda: min(np.asarray(Image.open(path)).mean() for path in thumbnails) > 30, 30)
    train(page, server, project)
    (run,) = list_runs(project.runs_folder)
    assert run.pictures().page == 1
    assert run.report().test.accuracy == 1


@pytest.mark.endurance  # in CI: tests/core/photos/test_finer_look.py
def test_x_rays_that_look_alike_are_learned_from(page, server, engine, tmp_path):
    rng = np.random.default_rng(6)
    for label in ("nodule", "normal"):
        (tmp_path / "chests" / label).mkdir(parents=True)
        for n in range(PATIENTS):
            xray(label, rng).save(tmp_path / "chests" / label / f"{label} {n}.png")
    create_project(page, "Chests")
    upload_folder(page, tmp_path / "chests", f"{2 * PATIENTS} photos added in")
    (project,) = Workspace(server.home).projects()
    train(page, server, project)
    (run,) = list_runs(project.runs_folder)
    counts = run.report().photos
    assert min(counts["validation"], counts["test"]) >= 4
    assert sum(counts.values()) == 2 * PATIENTS

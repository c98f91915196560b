"""A screenshot of every page, wide and narrow, light and dark, to be looked at.

    python -m benchmarks.screenshots ../shared/data/fruit.zip

The photos (a zip or folder of class folders) are brought in, two models are trained on them, and what pages ask for is
measured. The pictures come into `screenshots/`, which git ignores: `<page>-<width>-<scheme>.png`, and `start-...` of
the app without any project. Pages that are wider than the window are told.
"""

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.in_browser import REPOSITORY, chromium, served
from core.advice.folder import advice_of
from core.jobs import kinds
from core.jobs.queue import Jobs
from core.label_issues.folder import labels_of
from core.models.config import FEATURE_EXTRACTION, TrainConfig, usual_config
from core.photo_map.folder import map_of
from core.projects.imports import FOLDER, ZIP, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos
from core.runs.run import Run, new_run_name
from pages.components.shared.steps import OF_A_PROJECT

SIZES = ((1280, 800), (400, 800))  # pixels
SCHEMES = ("light", "dark")
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN_MS = 1500  # after the last message of the server, for pictures
DRAWN = """() => !document.querySelector("[data-testid=stSkeleton]") &&
    [...document.images].every((image) => image.complete || image.loading === "lazy") &&
    [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every((chart) => chart.querySelector(".main-svg"))"""
TOO_WIDE = """() => Math.max(...["html", "[data-testid=stMain]"].map((place) => document.querySelector(place))
    .filter(Boolean).map((place) => place.scrollWidth - place.clientWidth))"""


def make_project(photos: Path, home: Path) -> Project:
    """A project of these photos with a trained run, by the app's own jobs."""
    workspace = Workspace(home)
    project = workspace.create(photos.stem)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER if photos.is_dir() else ZIP, str(photos.resolve())))
    _do(home, kinds.IMPORT, this.folder)
    listed = run_photos(project, split_photos(project, TrainConfig().seed, Shares()))
    for config in (usual_config(FEATURE_EXTRACTION), TrainConfig(epochs=1)):
        _do(home, kinds.TRAIN, Run.create(project.runs_folder / new_run_name(), config, listed).folder)
    for kind, asked in {kinds.LABELS: labels_of, kinds.MAP: map_of, kinds.ADVISE: advice_of}.items():
        asked(project).prepare()
        _do(home, kind, asked(project).folder)
    return project


def _do(home: Path, kind: kinds.JobKind, folder: Path) -> None:
    job = Jobs(home).submit(kind, folder)
    while job.state().is_active:
        time.sleep(0.2)


def shoot(browser: Browser, addresses: dict[str, str], into: Path) -> None:
    """A picture of each address in each size and scheme, as far down as the page goes."""
    for width, height in SIZES:
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            page = context.new_page()
            for name, address in addresses.items():
                _shoot_one(page, address, into / f"{name}-{width}-{scheme}.png")
            context.close()


def _shoot_one(page: Page, address: str, to: Path) -> None:
    page.goto(address)
    _await_drawn(page)
    long = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 0")
    size = page.viewport_size
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(long, 6000))})
    _await_drawn(page)
    if (wide := page.evaluate(TOO_WIDE)) > 0:
        print(f"{to.stem}: {wide} pixels wider than the window")
    page.screenshot(path=to)
    page.set_viewport_size(size)


def _await_drawn(page: Page) -> None:
    """Pictures and charts come later than what the server has to say."""
    page.locator(AT_REST).wait_for(timeout=120_000)
    page.wait_for_timeout(DRAWN_MS)
    page.wait_for_function(DRAWN, timeout=120_000)


def main(photos: Path) -> None:
    """Make the project and all pictures."""
    into = REPOSITORY / "screenshots"
    into.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        with served(Path(scratch) / "empty") as (url, _), chromium() as browser:
            shoot(browser, {"start": url}, into)
        project = make_project(photos, Path(scratch) / "home")
        with served(Path(scratch) / "home") as (url, _), chromium() as browser:
            pages = {name: f"{url}/{name}?project={project.id}" for name in OF_A_PROJECT}
            shoot(browser, {"projects": url, **pages}, into)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""How soon the Results page of a large run stands, and what the web process takes for it.

    python -m benchmarks.results_page

Two made-up runs, each judged on 20,000 test photos: 10 classes and 200. The page is opened in the app, in a real
Chromium: from a link in a tab that has shown it before. Linux only, since it reads /proc.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from benchmarks.in_browser import chromium, resident_mb, served
from core.base.files import write_json
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.evaluation.calibration import fit_calibration
from core.evaluation.metrics import classification_metrics
from core.models.config import TEST_PART, TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects.workspace import Workspace
from core.runs.predictions import write_predictions
from core.runs.report import EngineParity, Report, Seconds
from core.runs.run import Run

COUNTS = {TRAIN: 60_000, VALIDATION: 4_000, TEST: 20_000}


def make_run(home: Path, n_classes: int) -> str:
    """A project with one run that is right on most photos, and takes each class for its neighbour at times; its id."""
    project = Workspace(home).create(f"{n_classes} classes")
    classes, rng = [f"species {i:03d}" for i in range(n_classes)], np.random.default_rng(0)
    photos, answered, truths = {}, {}, {}
    for part, n in COUNTS.items():
        truth = truths[part] = np.arange(n) % n_classes
        scores = rng.normal(size=(n, n_classes)) + 4 * np.eye(n_classes)[truth] + 2 * np.eye(n_classes)[truth ^ 1]
        powers = np.exp(2 * scores)
        answered[part] = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
        photos[part] = [LabelledPhoto(f"{i}.jpg", classes[truth[i]], part, rng.bytes(32).hex()) for i in range(n)]
    run = Run.create(project.runs_folder / "a run", TrainConfig(), [p for part in photos.values() for p in part])
    write_predictions(run.predictions_path, photos, answered, classes)
    report = Report(
        class_names=classes,
        base=TrainConfig().base,
        strategy=TrainConfig().strategy,
        head=TrainConfig().head,
        seconds=Seconds(0.0, 0.0, 0.0, 1.0),
        epochs=[],
        best_epoch=1,
        photos=COUNTS,
        set_aside=[],
        notes=[],
        estimate=TEST_PART,
        test=classification_metrics(truths[TEST], answered[TEST], classes),
        calibration=fit_calibration(*((answered[part], truths[part]) for part in (VALIDATION, TEST))),
        near_copies_across=None,
        engine_parity=EngineParity(0, 0.0, 1.0, 1.0),
    )
    write_json(run.report_path, report.to_json())
    return project.id


def measure(page: Page, url: str, project_id: str, pid: int) -> None:
    """Print how long the page takes from its link until the matrix and the last button stand: median and worst of 5."""
    seconds = []
    page.goto(f"{url}/?project={project_id}")
    for _ in range(6):  # the first also loads Plotly into the tab
        page.get_by_role("link", name="Projects").click()
        page.get_by_role("heading", name="Espalier", exact=True).wait_for()
        time.sleep(2)  # until the page before is at rest
        began = time.monotonic()
        page.get_by_role("link", name="5 Results").click()
        page.locator(".heatmaplayer image").first.wait_for(state="attached")
        page.get_by_role("button", name="Report for a colleague").wait_for()
        seconds.append(time.monotonic() - began)
    print(
        f"{project_id}: {np.median(seconds[1:]):.2f} s, {max(seconds[1:]):.2f} s at most, the first time "
        f"{seconds[0]:.2f} s; web process {resident_mb(pid):.0f} MB",
        flush=True,
    )


def main() -> None:
    """Make the runs, serve the app, measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        ids = [make_run(Path(scratch), n_classes) for n_classes in (10, 200)]
        with served(Path(scratch)) as (url, pid), chromium() as browser:
            page = browser.new_page(viewport={"width": 1300, "height": 900})
            for project_id in ids:
                measure(page, url, project_id, pid)


if __name__ == "__main__":
    main()

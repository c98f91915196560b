"""What a large project costs: time per photo, memory, and how soon a page stands.

    python -m benchmarks.large_project [--photos 100000]

Small JPEGs are drawn by code (64 to 96 pixels) and imported by the app's own worker at 1,000, 10,000 and `--photos`.
The largest project is then opened in the app, in a real Chromium. Linux only, since it reads /proc.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from benchmarks.in_browser import chromium, resident_mb, served
from core.base.events import FINISHED, PHASE, PROGRESS
from core.base.files import read_json
from core.jobs import kinds
from core.jobs.queue import Jobs
from core.projects.imports import FOLDER, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[1]


def write_small(folder: Path, n: int) -> None:
    """Small JPEGs in ten classes, each different."""
    rng = np.random.default_rng(1)
    for i in range(n):
        target = folder / f"class {i % 10}" / f"{i:06d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        size = (64 + i % 33, 64 + i % 17)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize(size).save(target, quality=85)


def bring_in(folder: Path, home: Path) -> Project:
    """Import in the app's worker; print what it took."""
    project = Workspace(home).create(folder.name)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(folder)))
    job = Jobs(home).submit(kinds.IMPORT, this.folder)
    pid, peak = read_json(this.folder / "job.json")["pid"], 0.0
    while job.state().is_active:
        peak = max(peak, with_children_mb(pid))
        time.sleep(0.2)
    events = job.events()
    if events[-1]["event"] != FINISHED:
        raise SystemExit(f"The import ended: {events[-1]}")
    rates = [event for event in events if event["event"] == PROGRESS and "per_second" in event]
    began = next(event["time"] for event in events if event.get("name") == "importing")
    compared = events[-1]["time"] - next(e["time"] for e in events if e["event"] == PHASE and e["name"] == "comparing")
    n, seconds = events[-1]["added"], rates[-1]["time"] - rates[0]["time"]
    print(
        f"{n:,} photos: {1000 * seconds / (rates[-1]['done'] - rates[0]['done']):.2f} ms each after the first "
        f"{rates[0]['done']} ({rates[0]['time'] - began:.1f} s to there), then {compared:.1f} s to find near-copies; "
        f"peak {peak:.0f} MB in all processes",
        flush=True,
    )
    return project


def with_children_mb(pid: int) -> float:
    """Memory of a process and its children; the sum counts what they share more than once, so it is an upper bound."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0.0
    return sum(resident_mb(each) for each in [pid, *map(int, children)])


def visit(home: Path) -> None:
    """Open the newest project's pages in the app; print how soon each stands, and the web process's memory."""
    with served(home) as (url, pid), chromium() as browser:
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.goto(url)
        for name, landmark in (
            ("photos", "Sort and tidy"),
            ("sort", "Find by name"),
            ("findings", "Check the photos"),
            ("explore", "Contact sheet"),
            ("train", "Details"),
        ):
            open_page(page, f"{url}/{name}", landmark, pid)
        print(f"web process: {resident_mb(pid):.0f} MB", flush=True)


def open_page(page: Page, address: str, landmark: str, pid: int) -> None:
    """Load a page twice; print how long until its landmark stands the second time, with the browser's start behind."""
    for _ in range(2):
        began = time.monotonic()
        page.goto(address)
        page.get_by_text(landmark).first.wait_for(timeout=120_000)
        seconds = time.monotonic() - began
    print(f"{address}: {seconds:.2f} s from its address, web process {resident_mb(pid):.0f} MB", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A large project.")
    parser.add_argument("--photos", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root, home = Path(scratch), Path(scratch) / "home"
        for n in sorted({1_000, 10_000, arguments.photos}):
            write_small(root / f"small {n}", n)
            project = bring_in(root / f"small {n}", home)
        began = time.monotonic()
        split_photos(project, 0, Shares())
        print(f"split: {time.monotonic() - began:.1f} s", flush=True)
        visit(home)


if __name__ == "__main__":
    main()

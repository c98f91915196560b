"""How many clicks and seconds a beginner needs, and how soon photos answer: in a real Chromium.

    python -m benchmarks.app [--photos 60000]

From an empty start to a first prediction by two ways; the original of a 12-megapixel photo in the viewer; the first
screen of a large class; a key press to the eye; every page run again on the server; memory of the web process.
"""

import argparse
import os
import statistics
import tempfile
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Locator, Page
from streamlit.testing.v1 import AppTest

from benchmarks.importing import our_import, write_large
from benchmarks.in_browser import REPOSITORY, chromium, resident_mb, served
from benchmarks.large_project import write_small
from core.projects.project import Project
from pages.components.shared.steps import OF_A_PROJECT

FRUIT = REPOSITORY / "../shared/data/fruit.zip"
LONG_MS = 600_000
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
TO_THE_EYE = """() => new Promise((done) => addEventListener("keydown", () => {
    const began = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
}, { capture: true, once: true }))"""


class Clicks:
    """Does what a user does and counts it."""

    def __init__(self, page: Page) -> None:
        self.page, self.n, self.began = page, 0, 0.0

    def on(self, place: Locator) -> None:
        """Click; the first click begins the time."""
        place.wait_for(timeout=LONG_MS)
        self.began = self.began or time.monotonic()
        place.click(timeout=LONG_MS)
        self.n += 1

    def choose(self, nth: int, what: Path) -> None:
        """Give something to an uploader, which costs the click that opens the choice."""
        self.page.locator(AT_REST).wait_for()
        places = self.page.get_by_test_id("stFileUploader").get_by_role("button", name="Upload")
        with self.page.expect_file_chooser() as chooser:
            self.on(places.locator("visible=true").nth(nth))
        chooser.value.set_files(str(what))

    def tell(self, way: str) -> None:
        """Once the answer stands."""
        self.page.get_by_text("sure, of the classes it knows").wait_for(timeout=LONG_MS)
        print(f"{way}: {self.n} clicks, {time.monotonic() - self.began:.1f} s to the first prediction", flush=True)


def by_quick_start(page: Page, photos: Path, asked: Path) -> None:
    """Quick start, the folder, Train, a photo."""
    clicks = Clicks(page)
    clicks.on(page.get_by_role("button", name="Quick start"))
    page.get_by_role("heading", name="Quick start", exact=True).wait_for()
    clicks.choose(0, photos)
    page.get_by_text("photos added in").wait_for(timeout=LONG_MS)
    clicks.on(page.get_by_role("button", name="Train", exact=True))
    page.get_by_text("Drop a photo that it has never seen.").wait_for(timeout=LONG_MS)
    clicks.choose(-1, asked)
    clicks.tell("quick start")


def by_folder(page: Page, photos: Path, asked: Path) -> None:
    """A project, its folder, how it is read, Train now, a photo."""
    clicks = Clicks(page)
    clicks.on(page.get_by_role("button", name="New project with your own folder"))
    page.get_by_role("heading", name="Photos", exact=True).wait_for()
    clicks.choose(0, photos)
    clicks.on(page.get_by_role("button", name="Bring them in"))
    clicks.on(page.get_by_role("button", name="Train now"))
    page.get_by_text("Drop a photo that it has never seen.").wait_for(timeout=LONG_MS)
    clicks.choose(-1, asked)
    clicks.tell("own folder")


def open_originals(page: Page, address: str) -> None:
    """Print how long photos of 12 megapixels take to stand in the viewer, none of them fetched before."""
    page.goto(address)
    seconds = []
    for n in range(0, 18, 2):  # the next one is fetched ahead
        option = page.get_by_role("option").nth(n)
        option.wait_for(timeout=LONG_MS)
        began = time.monotonic()
        option.dblclick()
        large = page.locator("img[src*='/large']").first
        large.wait_for(timeout=LONG_MS)
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=large.element_handle())
        seconds.append(time.monotonic() - began)
        page.keyboard.press("Escape")
    print(f"original of 12 megapixels: {statistics.median(seconds):.2f} s (median of {len(seconds)})", flush=True)


def look_at_large_class(page: Page, address: str, pid: int) -> None:
    """Print how soon the first screen of a large class stands, and what an arrow key takes to the eye."""
    seconds = []
    for _ in range(4):  # the first also starts the page
        page.goto(address)
        began = time.monotonic()
        page.get_by_role("option").nth(11).wait_for(timeout=LONG_MS)
        page.wait_for_function(
            "() => [...document.querySelectorAll('[role=option] img')].slice(0, 12).every(i => i.complete)"
        )
        seconds.append(time.monotonic() - began)
    print(f"first screen of a class: {statistics.median(seconds[1:]):.2f} s from its address", flush=True)
    page.get_by_role("option").first.click()
    keys = []
    for _ in range(15):
        answered = page.evaluate_handle(f"window.answered = ({TO_THE_EYE})(); null")
        page.keyboard.press("ArrowRight")
        keys.append(page.evaluate("() => window.answered"))
        answered.dispose()
    print(f"a key to the eye: {statistics.median(keys):.0f} ms (median of {len(keys)})", flush=True)
    print(f"web process: {resident_mb(pid):.0f} MB", flush=True)


def run_again(home: Path, project: Project) -> None:
    """Print how long each page takes on the server when it is run again, and how much of a processor: medians of 3."""
    os.environ["ESPALIER_HOME"] = str(home)
    for name in OF_A_PROJECT:
        app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=300)
        app.query_params["project"] = project.id
        app.run().switch_page(f"pages/{name}.py").run()
        clocks = (time.monotonic, time.process_time)
        taken = []
        for _ in range(3):
            began = [clock() for clock in clocks]
            app.run()
            taken.append([1000 * (clock() - then) for clock, then in zip(clocks, began, strict=True)])
        wall, busy = (statistics.median(each) for each in zip(*taken, strict=True))
        print(f"page {name} again: {wall:.0f} ms, {busy:.0f} of a processor", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Clicks, seconds and frames.")
    parser.add_argument("--photos", type=int, default=60_000)
    n = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        root = Path(scratch)
        with zipfile.ZipFile(FRUIT) as archive:
            archive.extractall(root)
        asked = sorted((root / "fruit" / "test" / "banana").iterdir())[1]
        for way in (by_quick_start, by_folder):
            with served(root / way.__name__) as (url, _):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto(url)
                page.locator(AT_REST).wait_for()
                way(page, root / "fruit" / "train", asked)
                page.close()
        write_large(root / "large", 24)
        write_small(root / "small", n)
        large, small = (our_import(root / name, root / "home")[0] for name in ("large", "small"))
        with served(root / "home") as (url, pid):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            open_originals(page, f"{url}/sort?project={large.id}")
            look_at_large_class(page, f"{url}/sort?project={small.id}", pid)
        run_again(root / "home", small)


if __name__ == "__main__":
    main()

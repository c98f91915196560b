"""The real app, served on this computer, in a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.engine.places import Places
from core.models.config import TrainConfig
from core.projects.project import open_project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos
from core.runs.run import Run
from tests.browser.outgoing.recorder import guarded, recording_proxy
from tests.importing import bring_folder
from tests.waiting import await_that

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
IN_CI = bool(os.environ.get("CI"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),  # a webcam that shows a test picture
]

# What Streamlit is about to draw anew or to take away can't be clicked, nor a link while the page is at work: such a
# click is lost with what it hit, or takes the place of the one before it. People are slower than that. Nothing moves
# or fades by itself either: Playwright waits with a click until what it hits lies still.
AS_A_PATIENT_USER = """document.addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = `[data-stale="true"], [data-stale="true"] *,
        [data-testid="stApp"]:not([data-test-script-state="notRunning"]) a { pointer-events: none !important; }
        *, *::before, *::after { animation: none !important; transition: none !important; }`;
    document.head.append(style);
});"""


def skip_or_fail(reason: str) -> None:
    """On a person's computer a missing part is a skip; in CI it is a failure."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def fruit(tmp_path_factory) -> Path:
    """The folder of fruit photos, with its train and test folders."""
    if not (DATA / "fruit.zip").exists():
        skip_or_fail("the fruit photos are not beside the repository")
    folder = tmp_path_factory.mktemp("fruit")
    with zipfile.ZipFile(DATA / "fruit.zip") as archive:
        archive.extractall(folder)
    return folder / "fruit"


@pytest.fixture(scope="session")
def trained_fruit(fruit, made_once, built_in_engine):
    """A workspace with a project of the fruit photos and a finished run, to be copied."""

    def train(folder: Path) -> None:
        from core.training.training import train_run

        workspace = Workspace(folder / "home")
        shutil.copytree(built_in_engine, workspace.engine_folder)
        project = workspace.create("Fruit")
        bring_folder(project, fruit)
        config = TrainConfig(epochs=20)
        photos = run_photos(project, split_photos(project, config.seed, Shares()))
        places = Places(project.cache_folder, workspace.engine_folder)
        train_run(Run.create(project.runs_folder / "a run", config, photos), places)

    return made_once("fruit trained", train) / "home"


@pytest.fixture
def fruit_project(server, trained_fruit):
    """The app has this project, and a finished run in it; the test's own, also where others ask the same server."""
    shutil.copytree(trained_fruit / "engine", server.home / "engine", dirs_exist_ok=True)
    (trained,) = Workspace(trained_fruit).projects()
    made = open_project(shutil.copytree(trained.folder, Workspace(server.home).free_place("Fruit")))
    made.keep_setting("title", made.id)  # each has its own, as the app gives them
    return made


class Server:
    """The app in a process of its own, at a free port unless one is given."""

    def __init__(self, home: Path, log: Path, port: int = 0) -> None:
        if not port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.home = home
        self._outgoing = log.with_suffix(".outgoing")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"]
            + ["--server.headless=true"],
            cwd=ROOT,
            env={**guarded(self._outgoing), "ESPALIER_HOME": str(home)},
            stdout=log.open("wb"),
            stderr=subprocess.STDOUT,
        )

    def answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return answer.status == 200
        except OSError:  # nobody there yet, or too busy starting to answer
            return False

    def stop(self) -> None:
        """End the server; one that a closing tab holds up is killed (docs/log.md).

        Raises:
            AssertionError: It, or a worker of its, asked something of another computer.
        """
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        asked = self._outgoing.read_text(encoding="utf-8") if self._outgoing.exists() else ""
        assert asked == "", "the app asked something of another computer"

    def resident_mb(self) -> float:
        """Memory of the web process alone, in MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def loaded_libraries(self) -> str:
        """The files that the web process has mapped, native libraries among them."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """The app with an empty workspace in this folder."""
    started = Server(folder / "home", folder / "server.log")
    try:
        await_that(started.answers, seconds=60)
        yield started
    finally:
        started.stop()


@pytest.fixture
def server(tmp_path):
    """The app with an empty workspace, begun for this test."""
    with serve(tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    """The app for tests that only look at a project of their own, so that they needn't wait for one to begin.

    A file whose tests are such takes it as its `server`.
    """
    with serve(tmp_path_factory.mktemp("shared server")) as started:
        yield started


@pytest.fixture
def launch():
    """Starts a Chromium without a window: `launch(playwright, proxy)`."""
    if CHROMIUM is None:
        skip_or_fail("Chromium is not installed on this machine")

    def started(playwright, proxy: str):
        return playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, f"--proxy-server={proxy}"])

    return started


@pytest.fixture
def browser(launch):
    """A Chromium without a window, which must not ask anything of another computer."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, recording_proxy() as (proxy, asked):
        opened = launch(playwright, proxy)
        yield opened
        opened.close()
        assert asked == []


@pytest.fixture
def page(browser, server):
    """A tab at the app's first page, which must not ask anything of any other computer."""
    foreign: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    context.on("request", lambda request: None if _is_ours(request.url, server.url) else foreign.append(request.url))
    context.add_init_script(AS_A_PATIENT_USER)
    context.set_default_timeout(90_000)  # of each tab: a busy machine takes its time
    tab = context.new_page()
    tab.goto(server.url)
    tab.get_by_role("heading", name="Espalier", exact=True).wait_for()
    yield tab
    assert foreign == []


@pytest.fixture
def title(request):
    """Of the test's own project, where several share a server."""
    return request.node.name.replace("_", " ")[5:40]


@pytest.fixture
def try_it(fruit_project, server, page):
    """A tab at the page that asks a trained run, and nothing asked yet."""
    page.goto(f"{server.url}/try_it?project={fruit_project.id}")
    page.get_by_text("It knows apple, banana, mixed, orange").wait_for()
    return page


def _is_ours(url: str, ours: str) -> bool:
    return url.startswith((ours, ours.replace("http", "ws", 1), "data:", "blob:"))

"""Projects in each state that a page can meet, and the app to show them."""

import gc
import pickle
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from core.engine.places import Places
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from core.projects.project import Project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.run import Run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def leave_old_objects_alone():
    """Streamlit collects garbage after each run of a page; what Keras left behind in other tests makes that slow."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def look_for_components_once():
    """A server looks once for components among all that is installed, AppTest anew in each test (docs/log.md)."""
    scanned = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scanned)
        yield


@pytest.fixture(autouse=True)
def a_server_that_has_run_before(monkeypatch):
    """AppTest begins every run like the very first run of a server, in Streamlit's older navigation mode.

    Only this private flag says so. A browser test sees what a server does that has really just begun.
    """
    make = PagesManager.__init__

    def made(self, *arguments, **options):
        make(self, *arguments, **options)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", made)


def refuse_what_is_no_value(state):
    """Session state holds ids and plain values, never a model: what can't be pickled is none.

    What Streamlit shows there for a component is a dict of a local class; its contents are looked at.
    """
    for key in state:
        value = state[key]
        pickle.dumps(dict(value) if isinstance(value, dict) else value)


@pytest.fixture(autouse=True)
def only_values_in_the_session(monkeypatch):
    """After each run of a page, in place of the option of config.toml, which refuses Streamlit's own things too."""
    monkeypatch.setattr(SessionState, "maybe_check_serializable", refuse_what_is_no_value)


def draw_photos(folder: Path, per_class: int = 10) -> None:
    """Discs and crosses in many colours, one folder per class."""
    rng = np.random.default_rng(7)
    for label in ("cross", "disc"):
        (folder / label).mkdir(parents=True)
        for i in range(per_class):
            image = Image.new("RGB", (120, 90), tuple(rng.integers(0, 256, 3).tolist()))
            draw, colour = ImageDraw.Draw(image), tuple(rng.integers(0, 256, 3).tolist())
            x, y = rng.integers(30, 90), rng.integers(25, 65)
            if label == "disc":
                draw.ellipse((x - 20, y - 20, x + 20, y + 20), fill=colour)
            else:
                draw.rectangle((x - 22, y - 5, x + 22, y + 5), fill=colour)
                draw.rectangle((x - 5, y - 22, x + 5, y + 22), fill=colour)
            image.save(folder / label / f"{label} {i}.png")


def import_folder(project: Project, folder: Path) -> None:
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(folder)))
    run_import(project, this, workers=2)


def new_run(project: Project, name: str = "a run") -> Run:
    config = TrainConfig(epochs=15)
    photos = [
        LabelledPhoto(str(project.path(photo)), photo.label, photo.split, photo.sha256)
        for photo in split_photos(project, config.seed, Shares())
    ]
    return Run.create(project.runs_folder / name, config, photos)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """An empty workspace that the pages use."""
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))
    return Workspace(tmp_path / "home")


@pytest.fixture
def project(workspace, tmp_path) -> Project:
    """A project with 20 photos in two classes."""
    made = workspace.create("Shapes")
    draw_photos(tmp_path / "photos")
    import_folder(made, tmp_path / "photos")
    return made


@pytest.fixture(scope="session")
def trained_home(made_once, built_in_engine, tmp_path_factory) -> Path:
    """A workspace with one project and one finished run, trained for real; not to be changed."""

    def train(folder: Path) -> None:
        from core.training.training import train_run

        workspace = Workspace(folder / "home")
        shutil.copytree(built_in_engine, workspace.engine_folder)
        made = workspace.create("Shapes")
        draw_photos(folder / "photos", per_class=20)
        import_folder(made, folder / "photos")
        train_run(new_run(made), Places(made.cache_folder, workspace.engine_folder))

    trained = made_once("pages trained", train) / "home"
    return shutil.copytree(trained, tmp_path_factory.mktemp("trained") / "home")  # pages open its databases


@pytest.fixture
def trained(trained_home, monkeypatch) -> Project:
    """The project of `trained_home`, used by the pages."""
    monkeypatch.setenv("ESPALIER_HOME", str(trained_home))
    return Workspace(trained_home).projects()[0]


@pytest.fixture
def own(trained_home, tmp_path, monkeypatch) -> Project:
    """A copy of the project of `trained_home`, used by the pages, that a test may change."""
    home = shutil.copytree(trained_home, tmp_path / "own")
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    return Workspace(home).projects()[0]


@pytest.fixture
def submitted(monkeypatch) -> list[tuple[str, Path]]:
    """What pages start, each the kind's name and the folder; none of it is done."""
    started = []
    monkeypatch.setattr(Jobs, "submit", lambda self, kind, folder: started.append((kind.name, folder)))
    return started


@pytest.fixture
def open_page():
    """Opens the app at one of its pages; fails on any exception."""

    def open_at(page: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30).run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        return app

    return open_at


@pytest.fixture
def words():
    """Reads all that a page says."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning", "error", "code")

    def read(app: AppTest) -> str:
        return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))

    return read


@pytest.fixture
def make_run():
    """Makes a run of a project that has not begun."""
    return new_run


@pytest.fixture
def import_more():
    """Brings a folder into a project, in this process."""
    return import_folder

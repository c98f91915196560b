"""What the tests of core share; what costs seconds is made once."""

import os
import shutil
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from core.base.files import file_sha256
from core.engine.places import Places
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import TrainConfig
from core.photos.decoding import read_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.report import Report
from core.runs.run import Run
from tests.core.shapes import CLASSES, write_shapes


@dataclass(frozen=True)
class Trained:
    """A run that was trained once, to be read and never changed."""

    run: Run
    config: TrainConfig
    places: Places
    photos: list[LabelledPhoto]
    report: Report


def shared_archive(name: str) -> Path:
    """A data set of ../shared/data; without it the test is skipped, and in CI it fails."""
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / name
    if not path.exists():
        message = f"{name} is not in {path.parent}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def run_photos(folder: Path) -> list[LabelledPhoto]:
    """The photos of class folders, their split left to the run."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [LabelledPhoto(str(path), path.parent.name, "", file_sha256(path)) for path in paths]


@pytest.fixture
def project(tmp_path):
    """An empty project of a workspace; files whose tests want photos fill it."""
    return Project.create(tmp_path / "home" / "projects" / "fruit", "Fruit")


@pytest.fixture(scope="session")
def workspace_home(built_in_engine, tmp_path_factory):
    """An ESPALIER_HOME in which the built-in base is converted already."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(built_in_engine, Workspace(home).engine_folder)
    return home


@pytest.fixture(scope="session")
def places(workspace_home):
    workspace = Workspace(workspace_home)
    return Places(cache=workspace.cache_folder, engine=workspace.engine_folder)


@pytest.fixture(scope="session")
def base_engine_path(places):
    return places.converted_base(base_model(BUILT_IN))


@pytest.fixture(scope="session")
def shapes(made_once):
    """14 photos of each of three classes, in class folders."""
    return made_once("shapes", lambda folder: write_shapes(folder, per_class=14))


@pytest.fixture(scope="session")
def trained(shapes, made_once, places, tmp_path_factory):
    config = TrainConfig(epochs=60, patience=4, learning_rate=0.01)
    photos = [
        # Every sixth label is wrong, as in life: the validation loss rises again, and early stopping has work to do.
        replace(photo, label=CLASSES[n % 3]) if n % 6 == 5 else photo
        for n, photo in enumerate(run_photos(shapes))
    ]

    def train(folder: Path) -> None:
        from core.training.training import train_run

        train_run(Run.create(folder / "run", config, photos), Places(folder / "cache", places.engine))

    own = shutil.copytree(made_once("trained", train), tmp_path_factory.mktemp("trained") / "own")
    run, report = Run(own / "run"), Run(own / "run").finished_report()
    return Trained(run, config, Places(own / "cache", places.engine), photos, report)


@pytest.fixture(scope="session")
def served_run(shapes, base_engine_path, tmp_path_factory):
    """A small run to be asked about photos, in a folder with an odd name."""
    from tests.core.small_runs import run_on

    photos = [replace(photo, split="train") for photo in run_photos(shapes)]
    return run_on(tmp_path_factory.mktemp("served") / "a run's folder", photos, base_engine_path)


@pytest.fixture(scope="session")
def served_photos(served_run):
    """Six of its photos, two of each class."""
    return [Path(photo.path) for photo in served_run.photos()[::7]]


@pytest.fixture(scope="session")
def imagenet_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("imagenet")
    with zipfile.ZipFile(shared_archive("imagenet_samples.zip")) as opened:
        opened.extractall(folder)
    return folder / "imagenet_samples"


@pytest.fixture(scope="session")
def shared_data():
    """Gives the path of an archive by name."""
    return shared_archive


@pytest.fixture(scope="session")
def imagenet_paths(imagenet_folder):
    """Every second of the 200 photos."""
    return sorted(imagenet_folder.glob("*.JPEG"))[::2]


@pytest.fixture(scope="session")
def imagenet_pixels(imagenet_paths):
    """uint8 (100, 224, 224, 3)."""
    return np.stack([read_pixels(path, 224) for path in imagenet_paths])


@pytest.fixture(scope="session")
def imagenet_model():
    """The built-in base with its ImageNet top, in Keras."""
    from core.models.building import build_base

    return build_base(BUILT_IN, include_top=True)


@pytest.fixture(scope="session")
def keras_answers(imagenet_model, imagenet_pixels):
    """What Keras says of these photos, the reference for every engine: by name, float32 (100, 1280 or 1000)."""
    import keras

    model = keras.Model(imagenet_model.input, [imagenet_model.get_layer("pool").output, imagenet_model.output])
    features, probabilities = model.predict(imagenet_pixels.astype("float32"), batch_size=50, verbose=0)
    return {"features": features, "probabilities": probabilities}


@pytest.fixture(scope="session")
def offline_environment(workspace_home, tmp_path_factory):
    """The environment of a child process in which every use of the network fails and is written down.

    Its `NETWORK_LOG` names the file, which never comes into being when no network is used.
    """
    folder = tmp_path_factory.mktemp("offline")
    (folder / "sitecustomize.py").write_text(NETWORK_GUARD)
    return {
        **os.environ,
        "ESPALIER_HOME": str(workspace_home),
        "PYTHONPATH": str(folder),
        "NETWORK_LOG": str(folder / "network.log"),
        "PYTHONUTF8": "1",
    }


NETWORK_GUARD = """
import os
import socket

real_connect = socket.socket.connect


def refuse(*asked, **named):
    with open(os.environ["NETWORK_LOG"], "a") as log:
        log.write(repr(asked) + "\\n")
    raise OSError("this test has no network")


def connect(self, address):
    return refuse(address) if self.family != getattr(socket, "AF_UNIX", None) else real_connect(self, address)


socket.socket.connect = socket.socket.connect_ex = connect
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
"""

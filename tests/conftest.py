"""Pictures to test with, drawn from a seed: the same number gives the same bytes. And what is made once for all."""

import gc
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from core.base.processes import start_quickly
from tests.core.photos.apart.deeds import ITEM_S, MEMORY


def pytest_configure() -> None:
    """A process of tests imports all that the app consists of, and would look through it again and again."""
    start_quickly()


def pytest_collection_finish() -> None:
    """What was imported for the tests stays."""
    gc.freeze()


def _draw(seed: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Soft blobs, so that a JPEG of it stays close to it."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def _jpeg(seed: int, size: tuple[int, int] = (64, 48)) -> bytes:
    encoded = io.BytesIO()
    _draw(seed, size).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def _fill(folder: Path, counts: dict[str, int], first_seed: int = 0) -> Path:
    """Class folders with 0.jpg, 1.jpg ..., every photo of another seed."""
    seed = first_seed
    for label, n in counts.items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            (folder / label / f"{i}.jpg").write_bytes(_jpeg(seed))
            seed += 1
    return folder


@pytest.fixture
def draw() -> Callable[..., Image.Image]:
    return _draw


@pytest.fixture
def jpeg() -> Callable[..., bytes]:
    return _jpeg


@pytest.fixture
def fill() -> Callable[..., Path]:
    return _fill


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """Gives a folder that one of pytest's processes has filled, for all of them to read and none to change."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "made once"
    shared.mkdir(exist_ok=True)

    def made(name: str, fill: Callable[[Path], None]) -> Path:
        folder, finished = shared / name, shared / f"{name}.finished"
        with FileLock(shared / f"{name}.lock"):
            if not finished.exists():
                shutil.rmtree(folder, ignore_errors=True)  # whoever began failed
                folder.mkdir()
                fill(folder)
                finished.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def built_in_engine(made_once) -> Path:
    """The engine's folder of a workspace in which the built-in base is converted already; to be copied."""

    def convert(folder: Path) -> None:
        from core.engine.conversion import convert_base
        from core.engine.converted import converted_once
        from core.engine.places import Places
        from core.models.building import build_base
        from core.models.catalogue import BUILT_IN, base_model

        places = Places(cache=folder / "cache", engine=folder / "engine")
        target = places.converted_base(base_model(BUILT_IN))
        converted_once(target, lambda path: convert_base(build_base(BUILT_IN), path), places.tell)

    return made_once("converted base", convert) / "engine"


@pytest.fixture(scope="session")
def installed_engine(made_once, built_in_engine) -> Path:
    """The same with every base converted that advice tries where only the built-in ones are installed; to be copied."""

    def convert(folder: Path) -> None:
        from core.engine.features import engine_of
        from core.engine.places import Places
        from core.models.catalogue import CATALOGUE

        shutil.copytree(built_in_engine, folder / "engine")
        for row in CATALOGUE:
            if not row.application:
                engine_of(row, Places(cache=folder / "cache", engine=folder / "engine"))

    return made_once("converted bases", convert) / "engine"


@pytest.fixture
def bad_decoder(monkeypatch) -> None:
    """From here on photos that end with a mark of `deeds` do to the process that decodes them what it says."""
    monkeypatch.setattr("core.photos.apart.children.CHILD", "tests.core.photos.apart.deeds")
    monkeypatch.setattr("core.photos.apart.decoders.PHOTO_S", ITEM_S)
    monkeypatch.setattr("core.photos.apart.decoders.MEMORY", MEMORY)

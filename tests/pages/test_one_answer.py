"""One photo, one answer: by file, folder, zip, server, page and export; the pixels of the recipe too."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import requests
from PIL import Image, ImageCms, ImageDraw

from core.cli.main import main
from core.models.config import TrainConfig
from core.photos.decoding import read_pixels
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos
from core.runs.run import Run
from pages.components.asking.answered import ANSWERS
from tests.importing import bring_folder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
TWELVE_BITS = 4095
FORMATS = [
    "openvino",
    *(pytest.param(name, marks=pytest.mark.endurance) for name in ("onnx", "keras", "savedmodel", "litert")),
]


def cells(label: str, seed: int, side: int = 96) -> np.ndarray:
    """Round or long bright cells on dark ground, in the lowest 12 bits of 16."""
    rng = np.random.default_rng([len(label), seed])
    image = Image.new("L", (side, side), 25)
    draw = ImageDraw.Draw(image)
    wide, high = (2.2, 0.45) if label == "long" else (1, 1)
    for _ in range(7):
        x, y, r = *rng.uniform(12, side - 12, 2), rng.uniform(5, 9)
        draw.ellipse((x - r * wide, y - r * high, x + r * wide, y + r * high), fill=int(rng.integers(130, 230)))
    noisy = np.asarray(image, np.float32) + rng.normal(0, 4, (side, side))
    return (noisy.clip(0, 255) / 255 * TWELVE_BITS).astype(np.uint16)


def write_photos(folder: Path, colour: Image.Image) -> list[Path]:
    """One picture in the many forms that pictures come in."""
    folder.mkdir()
    exif, grey = Image.Exif(), np.asarray(colour.convert("L"))
    exif[0x0112] = 6
    sideways, glass = colour.transpose(Image.Transpose.ROTATE_90), colour.convert("RGBA")
    glass.putalpha(Image.linear_gradient("L").resize(colour.size))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    colour.save(folder / "plain.jpg")
    sideways.save(folder / "sideways.jpg", exif=exif.tobytes())
    sideways.save(folder / "sideways.webp", exif=exif.tobytes(), lossless=True)
    glass.save(folder / "glass.png")
    glass.convert("LA").save(folder / "grey glass.png")
    colour.convert("L").save(folder / "grey.jpg")
    colour.quantize(64).save(folder / "palette.png", transparency=3)
    colour.convert("CMYK").save(folder / "print.jpg")
    colour.save(folder / "odd profile.jpg", icc_profile=profile)
    Image.fromarray(grey.astype(np.uint16) * 257).save(folder / "16 bits.png")
    Image.fromarray(grey.astype(np.uint16) * 16).save(folder / "12 bits.tif")
    Image.fromarray((grey.astype(np.float32) - 40) * 3).save(folder / "float.tif")
    colour.convert("1").save(folder / "fax.tif", compression="group4")
    colour.convert("CMYK").save(folder / "four bands.tif")
    colour.save(folder / "new.avif")
    colour.save(folder / "old.jp2")
    colour.save(folder / "pages.tif", save_all=True, append_images=[sideways])
    colour.resize((1600, 1200)).save(folder / "large.jpg")
    (folder / "a jpeg.png").write_bytes((folder / "plain.jpg").read_bytes())
    (folder / "cut.jpg").write_bytes((folder / "plain.jpg").read_bytes()[:-9])
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def home(built_in_engine, tmp_path_factory) -> Path:
    """A workspace whose project has 12-bit pictures, and a run that learned from them."""
    from core.training.training import train_run

    folder = tmp_path_factory.mktemp("cells")
    for label in ("long", "round"):
        (folder / "photos" / label).mkdir(parents=True)
        for n in range(16):
            Image.fromarray(cells(label, n)).save(folder / "photos" / label / f"{n}.tif")
    workspace = Workspace(folder / "home")
    shutil.copytree(built_in_engine, workspace.engine_folder)
    project = workspace.create("Cells")
    bring_folder(project, folder / "photos")
    config = TrainConfig(epochs=15)
    photos = run_photos(project, split_photos(project, config.seed, Shares()))
    run = Run.create(project.runs_folder / "a run", config, photos)
    train_run(run, workspace.places_of(project))
    return workspace.home


@pytest.fixture
def run(home, monkeypatch) -> Run:
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    return Run(Workspace(home).projects()[0].runs_folder / "a run")


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> list[Path]:
    """The photos that are asked about: two of the kind that was learned from, and a picture in many forms."""
    folder, rng = tmp_path_factory.mktemp("asked"), np.random.default_rng(3)
    soft = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8)).resize((160, 120), Image.Resampling.BICUBIC)
    photos = write_photos(folder / "photos", soft)
    for label in ("long", "round"):
        Image.fromarray(cells(label, 99)).save(folder / "photos" / f"{label}.png")
        photos.append(folder / "photos" / f"{label}.png")
    return sorted(photos)


def predicted(capsys, run: Run, *what: Path) -> dict[str, dict]:
    """What the command line answers, by the file's name."""
    capsys.readouterr()
    assert main(["predict", str(run.folder), *map(str, what), "--json"]) == 0
    return {Path(row["path"]).name: row for row in json.loads(capsys.readouterr().out)}


@pytest.fixture
def expected(run, asked, capsys) -> dict[str, dict]:
    """The answers about single files."""
    rows = predicted(capsys, run, *asked)
    assert {name: row.get("error") for name, row in rows.items() if "error" in row} == {}
    assert [rows[f"{label}.png"]["label"] for label in ("long", "round")] == ["long", "round"]
    return rows


def run_outside(command: list[str], folder: Path) -> None:
    """A command in a folder that knows nothing of this app."""
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr


def assert_same(given: dict[str, dict], expected: dict[str, dict]) -> None:
    assert given.keys() == expected.keys()
    for name, row in given.items():
        assert row["label"] == expected[name]["label"], name
        assert row["probabilities"] == pytest.approx(expected[name]["probabilities"], abs=0.01), name


def test_folder_and_zip_are_answered_like_single_files(run, asked, expected, tmp_path, capsys):
    assert_same(predicted(capsys, run, asked[0].parent), expected)
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in asked:
            archive.write(path, path.name)
    assert_same(predicted(capsys, run, tmp_path / "photos.zip"), expected)


def test_the_server_answers_alike(run, asked, expected):
    serve = [sys.executable, "-m", "core", "serve", str(run.folder), "--port", "0"]
    with subprocess.Popen(serve, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stderr.readline()
            assert line.startswith("Serving at "), line + process.stderr.read()
            files = [("photos", (path.name, path.read_bytes())) for path in asked]
            rows = requests.post(f"{line.split()[2]}/predict", files=files, timeout=60).json()
        finally:
            process.kill()
    assert_same({row["path"]: row for row in rows}, expected)


def test_the_page_answers_alike(run, asked, expected, open_page):
    app = open_page("try_it")
    for path in asked:
        app.file_uploader[0].upload(path.name, path.read_bytes())
    app.run()
    assert not app.exception
    answers = [answer for answer, *_ in app.session_state[ANSWERS].values()]  # the newest first
    rows = ({"label": answer.label, "probabilities": answer.probabilities} for answer in answers)
    assert_same(dict(zip([path.name for path in reversed(asked)], rows, strict=True)), expected)


@pytest.mark.parametrize("export_format", FORMATS)
def test_an_exports_own_check_answers_alike(export_format, run, asked, expected, tmp_path):
    out = tmp_path / "model.zip"
    assert main(["export", str(run.folder), "--format", export_format, "--out", str(out)]) == 0
    with zipfile.ZipFile(out) as archive:
        archive.extractall(tmp_path / "model")
    listed = json.loads((tmp_path / "model" / "expected.json").read_text(encoding="utf-8"))
    photos = [{"file": path.name, "probabilities": [0.0, 0.0]} for path in asked]
    asking = tmp_path / "asking"
    shutil.copytree(asked[0].parent, asking)
    (asking / "expected.json").write_text(json.dumps({**listed, "photos": photos}), encoding="utf-8")
    check = [sys.executable, "check.py", "--expected", str(asking / "expected.json"), "--answers", "answers.json"]
    run_outside(check, tmp_path / "model")
    labels = json.loads((tmp_path / "model" / "labels.json").read_text(encoding="utf-8"))
    rows = json.loads((tmp_path / "model" / "answers.json").read_text(encoding="utf-8"))
    given = {
        path.name: {"label": labels[int(np.argmax(row))], "probabilities": dict(zip(labels, row, strict=True))}
        for path, row in zip(asked, rows, strict=True)
    }
    assert_same(given, expected)


def test_the_recipe_learns_from_the_same_pixels(run, asked, tmp_path):
    out = tmp_path / "recipe.zip"
    assert main(["export", str(run.folder), "--format", "recipe", "--out", str(out)]) == 0
    with zipfile.ZipFile(out) as archive:
        archive.extractall(tmp_path / "recipe")
    script = "import sys, numpy, photos; from pathlib import Path\n" + (
        "numpy.save('pixels.npy', [photos.read(Path(name)) for name in sys.argv[1:]])"
    )
    reading = [sys.executable, "-c", script, *map(str, asked)]
    run_outside(reading, tmp_path / "recipe")
    for path, pixels in zip(asked, np.load(tmp_path / "recipe" / "pixels.npy"), strict=True):
        assert np.array_equal(pixels, read_pixels(path, pixels.shape[0], run.pictures())), path.name

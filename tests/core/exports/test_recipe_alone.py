"""The recipe's script, alone in a fresh process, gets as many test photos right as the app did.

Each trains with the app first. A recipe's accuracy must lie in the 95 % interval of the app's, on the same photos.
A head and a fine-tuning; from scratch and with other settings by hand (-m endurance).
"""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import pytest

from core.base.files import file_sha256
from core.evaluation.metrics import wilson_interval
from core.exports.folder import export
from core.exports.formats import export_format_of
from core.jobs.job import Job
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    RMSPROP,
    SGD,
    usual_config,
    with_head,
    with_optimizer,
)
from core.models.heads import FC, LINEAR_SVM, LOGISTIC
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import Run
from core.sources.labelled import read_source
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES, write_shapes

pytestmark = pytest.mark.slow
RESULT = r"(\d+) of (\d+) right \(\d+ %\), likely between (\d+) and (\d+) %"
HEAD = usual_config(FEATURE_EXTRACTION)
CONFIGS = {
    "fine-tune, RMSprop, in steps, by accuracy": replace(
        with_optimizer(usual_config(FINE_TUNE), RMSPROP),
        thaw_from="stage7",
        fine_tune_epochs=2,
        steps_per_epoch=4,
        monitor="val_accuracy",
        augment="none",
    ),
    "linear-svm, varied": replace(
        with_head(HEAD, LINEAR_SVM), augment="mirror=1,rotation=15,zoom=0.1,stretch=0.1,lens=0.1,views=1"
    ),
    "logistic": replace(with_head(HEAD, LOGISTIC), augment="auto"),
    "from scratch": replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), epochs=10),
    "SGD, in steps, by accuracy, asked twice": replace(
        with_optimizer(HEAD, SGD), steps_per_epoch=3, monitor="val_accuracy", ask_mirror=True
    ),
    "fine-tune": replace(usual_config(FINE_TUNE), thaw_from="stage7", fine_tune_epochs=2, augment="none"),
}


@pytest.fixture(scope="module")
def many_shapes(tmp_path_factory):
    """28 photos a class, one class with 22; every ninth label is wrong, so that no model is right on all."""
    folder = write_shapes(tmp_path_factory.mktemp("shapes"), per_class=28)
    for n in range(6):
        (folder / CLASSES[0] / f"{n}.jpg").unlink()
    for n, path in enumerate(sorted(folder.rglob("*.jpg"))):
        if n % 9 == 8:
            path.rename(folder / CLASSES[n % 3] / f"wrong {n}.jpg")
    return folder


def train_and_unzip(config, photos, places, folder):
    """The app's run, and where its recipe was unpacked."""
    run = Run.create(folder / "run", config.check(), photos)
    train_run(run, places)
    (folder / "job").mkdir()
    export(run, photos, export_format_of("recipe"), folder / "recipe.zip", Job(folder / "job"))
    with zipfile.ZipFile(folder / "recipe.zip") as opened:
        opened.extractall(folder / "unpacked")
    return run, folder / "unpacked"


def run_recipe(folder, photos):
    """The script, as it runs for someone who unpacked the zip elsewhere: this app can't be imported."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    here = {"cwd": folder, "env": {**environment, "PYTHONUTF8": "1"}, "capture_output": True, "text": True}
    assert "No module named 'core'" in subprocess.run([sys.executable, "-c", "import core"], **here, timeout=60).stderr
    return subprocess.run([sys.executable, "recipe.py", str(photos)], **here, timeout=300)


def assert_as_good(run, unpacked, done):
    """It judged the run's test photos, and its accuracy is in the interval of the run's."""
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    right, n, low, high = map(int, re.search(RESULT, done.stdout).groups())
    test = run.report().test
    assert n == test.n == sum(photo.split == "test" for photo in run.photos())
    assert test.accuracy_interval[0] <= right / n <= test.accuracy_interval[1], done.stdout[-300:]
    assert [low, high] == [round(100 * bound) for bound in wilson_interval(right, n)]
    assert keras.saving.load_model(unpacked / "my_model.keras").output_shape == (None, len(test.per_class))


@pytest.mark.endurance
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_recipe_learns_shapes_as_well(config, many_shapes, places, tmp_path):
    run, unpacked = train_and_unzip(config, run_photos(many_shapes), places, tmp_path)
    assert_as_good(run, unpacked, run_recipe(unpacked, many_shapes))


def test_the_recipe_learns_fruit_as_well_wherever_the_photos_are_now(shared_data, places, tmp_path):
    """A third of them, with train and test folders; one has moved and lost its name, and a stranger is among them. A
    fully connected head, for which rare classes count more."""
    source, staging = tmp_path / "photos", tmp_path / "staging"
    with zipfile.ZipFile(shared_data("fruit.zip")) as opened:
        opened.extractall(source, sorted(name for name in opened.namelist() if not name.endswith("/"))[::3])
    files = read_source(source, staging).arrangement.files
    photos = [LabelledPhoto(str(file.path), file.label, file.split, file_sha256(file.path)) for file in files]
    config = replace(with_head(HEAD, FC), class_weights=True, test_given=True)
    run, unpacked = train_and_unzip(config, photos, places, tmp_path)
    Path(photos[0].path).rename(source / "moved")
    (source / "stranger.txt").write_text("no photo of the run")
    done = run_recipe(unpacked, source)
    assert "100 of 100 photos found; other files left out: 1." in done.stdout
    assert_as_good(run, unpacked, done)
    done = run_recipe(unpacked, tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, "0 of 100 photos found; other files left out: 0.\n")
    assert "Too few of some class. Name the folder of photos that the app learned from" in done.stderr
    assert "Traceback" not in done.stderr

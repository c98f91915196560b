"""`train --recipe`: what the options change, what is refused, and whole tutorials, also after a kill."""

import json
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from core.base.errors import InputError, WeightsError
from core.base.files import file_sha256
from core.cli import main as cli
from core.cli.recipe_command import planned
from core.jobs.job import REPOSITORY, State
from core.recipes.catalogue import tutorial_named, tutorial_names
from core.recipes.folder import TutorialFolder
from core.runs.run import Run, list_runs
from tests.core.shapes import CLASSES, write_shapes
from tests.waiting import await_that

QUICK = ["--epochs", "1", "--fine-tune-epochs", "1"]


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A computer with the built-in base's weights only."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ESPALIER_WEIGHTS", raising=False)


def steps(name, *words):
    """The steps of `python -m core train photos --recipe NAME WORDS`, those that have settings."""
    parsed = cli.build_parser().parse_args(["train", "photos", "--recipe", name, *words])
    return [each for each in planned(tutorial_named(name), parsed) if each.config]


def test_options_change_the_steps_that_have_such_a_setting(alone):
    head, thawed = (each.config for each in steps("cats-and-dogs", *["--epochs", "2", "--fine-tune-rate", "1e-6"]))
    assert (head.epochs, head.fine_tune_rate, thawed.epochs, thawed.fine_tune_rate) == (2, 3e-4, 2, 1e-6)
    assert (head.learning_rate, head.batch_size) == (1e-3, 32)  # as in the article


def test_another_optimizer_brings_the_rates_that_suit_it_to_the_heads_that_take_steps(alone):
    head, thawed = (each.config for each in steps("cats-and-dogs", "--optimizer", "sgd"))
    assert (head.optimizer, head.momentum, head.learning_rate, thawed.fine_tune_rate) == ("sgd", 0.9, 0.01, 0.001)
    connected, _, svm = (each.config for each in steps("matrix", "--optimizer", "sgd", "--steps-per-epoch", "3"))
    assert (connected.optimizer, connected.steps_per_epoch) == ("sgd", 3)
    assert (svm.optimizer, svm.steps_per_epoch) == ("adam", 0)


def test_what_is_not_said_stays_as_in_the_article(alone):
    head, _ = (each.config for each in steps("bananas"))
    assert (head.units, head.dropout, head.monitor, head.image_size) == (519, 0.5, "val_accuracy", 150)


def test_another_optimizer_brings_its_rates(alone):
    head, thawed = (each.config for each in steps("cats-and-dogs", "--optimizer", "sgd", "--fine-tune-rate", "1e-3"))
    assert (head.optimizer, head.momentum, head.learning_rate) == ("sgd", 0.9, 0.01)
    assert thawed.fine_tune_rate == 1e-3  # as was said


def test_another_base_is_taken_with_the_block_that_corresponds(alone):
    found = steps("three-models", "--base", "efficientnet-lite0")
    assert [(each.config.base, each.config.thaw_from) for each in found] == [
        ("benchmark-cnn", ""),
        ("efficientnet-lite0", ""),
        ("efficientnet-lite0", "stage7"),
    ]
    assert [each.stands_in_for for each in found] == ["", "", ""]


@pytest.mark.parametrize(
    ("name", "words", "why"),
    [
        ("bottleneck", "--fine-tune-epochs 2", "No step of bottleneck has --fine-tune-epochs"),
        ("cats-and-dogs", "--initial random", "No step of cats-and-dogs has --initial"),
        ("cats-and-dogs", "--batch-size 0", "batch_size must be between 1 and 4096"),
        ("cats-and-dogs", "--augment sepia=1", "augment knows the options mirror"),
        ("cats-and-dogs", "--momentum 0.9", "Momentum is sgd's"),
        ("matrix", "--head fc", "matrix compares heads, each in a step of its own: leave --head out"),
        ("cats-and-dogs", "--base benchmark-cnn", "--recipe needs a base model that knows something"),
    ],
)
def test_settings_that_can_not_be_are_refused(name, words, why, alone):
    with pytest.raises(InputError, match=why):
        steps(name, *words.split())


def test_a_base_that_was_asked_for_and_is_not_here_is_refused(alone):
    with pytest.raises(WeightsError, match="The weights of VGG16 are not on this computer"):
        steps("bananas", "--base", "vgg16")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--recipe", "bananas"], "--recipe needs a folder or zip of photos"),
        (["photos", "--recipe", "bananas", "--strategy", "fine-tune"], "leave --strategy out"),
        (["photos", "--recipe", "apples"], "invalid choice: 'apples'"),
        (["photos", "--steps", "head"], "--steps says which steps of a --recipe are done"),
        (["photos", "--recipe", "bananas", "--steps", "thawed"], "The step thawed goes on from head: choose that too"),
        (["nowhere", "--recipe", "bananas"], "nowhere"),
    ],
)
def test_a_user_error_is_one_line_and_status_2(words, why, alone, capsys):
    try:
        status = cli.main(["train", *words])
    except SystemExit as stop:  # argparse's own
        status = stop.code
    assert status == 2
    assert why in capsys.readouterr().err.splitlines()[-1]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path, alone, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert cli.main(["train", "photos", "--recipe", "bananas", "--out", str(tmp_path / "out")]) == 2
    assert "is not empty. Choose a new one for this recipe" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_another_recipe_does_not_go_on_in_the_folder_of_the_first(tmp_path, alone, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert cli.main(["train", str(tmp_path / "nowhere"), "--recipe", "bananas", *out]) == 2
    assert cli.main(["train", str(tmp_path / "nowhere"), "--recipe", "matrix", *out]) == 2
    assert "holds the recipe bananas with other settings or steps" in capsys.readouterr().err


@pytest.mark.slow
def test_a_killed_recipe_goes_on_with_the_first_run_untouched(tmp_path, alone, workspace_home, monkeypatch, capsys):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    write_shapes(tmp_path / "photos", per_class=8, classes=CLASSES[:2])
    words = ["train", str(tmp_path / "photos"), "--recipe", "cats-and-dogs", *QUICK, "--augment", "none", "--json"]
    words += ["--out", str(tmp_path / "out")]
    worker = subprocess.Popen([sys.executable, "-m", "core", *words], cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    this = TutorialFolder(tmp_path / "out")
    try:
        await_that(lambda: this.request_path.exists(), 120)
        first, second = (Run(this.folder / name) for name in this.request().runs)
        await_that(lambda: second.job.events(), 400, "the second step")
    finally:
        worker.kill()
        worker.wait(timeout=30)
    assert this.job.state() is State.LOST
    kept = [(path, path.stat().st_mtime_ns, file_sha256(path)) for path in (first.keras_path, first.report_path)]

    assert cli.main(words) == 0
    assert [(path, path.stat().st_mtime_ns, file_sha256(path)) for path, _, _ in kept] == kept
    assert this.job.state() is State.FINISHED
    assert second.config().start_from == first.name
    assert [epoch.phase for epoch in second.finished_report().epochs] == ["head", "fine-tune"]
    printed = json.loads(capsys.readouterr().out)
    assert [row["step"] for row in printed["runs"]] == ["head", "thawed"]
    assert printed["runs"][1]["title"] == "cats-and-dogs thawed (EfficientNet-Lite0 for InceptionV3)"
    assert any("stands in" in note for note in second.notes())


@pytest.fixture(scope="module")
def tenth(tmp_path_factory, shared_data):
    """Every tenth photo of cats_and_dogs.zip."""
    folder, seen = tmp_path_factory.mktemp("tenth"), Counter()
    with zipfile.ZipFile(shared_data("cats_and_dogs.zip")) as opened:
        for name in sorted(opened.namelist()):
            seen[str(Path(name).parent)] += not name.endswith("/")
            if not name.endswith("/") and seen[str(Path(name).parent)] % 10 == 1:
                opened.extract(name, folder)
    return folder


def quick(name):
    """What shortens a recipe as far as it goes: one epoch of one view."""
    return () if name in ("bottleneck", "matrix") else ("--augment", "mirror=1,views=1")


@pytest.mark.endurance  # in CI: the kill above, and tests/browser/test_following_a_tutorial.py
@pytest.mark.parametrize("name", tutorial_names())
def test_each_recipe_runs_to_its_end_on_a_tenth(name, tenth, tmp_path, alone, workspace_home, monkeypatch, capsys):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    words = ["--epochs", "3"] if name == "bottleneck" else QUICK
    options = ["--json", "--out", str(tmp_path / "out"), *words, *quick(name)]
    assert cli.main(["train", str(tenth), "--recipe", name, *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    runs = list_runs(tmp_path / "out")
    assert len(runs) == len(printed["runs"]) == {"bottleneck": 1, "three-models": 3, "matrix": 3}.get(name, 2)
    assert all(run.report() for run in runs)
    assert all(row["n"] == 60 and 0 <= row["accuracy"] <= 1 for row in printed["runs"])
    assert max(row["accuracy"] for row in printed["runs"]) > 0.85
    assert (printed["map"] is not None) == (name == "bottleneck")
    assert len(printed["pairs"]) == (3 if name == "matrix" else 0)
    if name == "bottleneck":
        assert printed["map"]["same_class"] > 0.9
        assert printed["picture"].endswith("map.svg")
    if name == "matrix":
        assert printed["decision"]["quadrant"] == 4


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("name", "base"),
    [("cats-and-dogs", "inceptionv3"), ("bottleneck", "inceptionv3"), ("bananas", "vgg16"), ("three-models", "vgg19")],
)
def test_each_recipe_runs_on_its_own_base(name, base, tenth, tmp_path, alone, monkeypatch, capsys):
    from core.models.building import build_base

    (tmp_path / "weights").mkdir()
    build_base(base, weights=None).save_weights(tmp_path / "weights" / f"{base}.weights.h5")
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path / "weights"))
    words = ["--epochs", "1"] if name == "bottleneck" else QUICK
    options = ["--json", "--out", str(tmp_path / "out"), *words, *quick(name)]
    assert cli.main(["train", str(tenth), "--recipe", name, *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    titles = [row["title"] for row in printed["runs"]]
    assert not any("for" in title.split() for title in titles)
    assert {Run(Path(row["run"])).config().base for row in printed["runs"]} - {"benchmark-cnn"} == {base}

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from core.base.device import cores_in_words, usable_cores
from core.base.events import PHASE, PROGRESS
from core.cli.main import main
from core.evaluation.metrics import wilson_interval
from core.models.config import TrainConfig
from core.photos.file_kinds import EMPTY
from core.projects.workspace import Workspace
from core.runs.run import Run, list_runs
from tests.core.shapes import CLASSES, write_shapes

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def espalier(offline_environment):
    """`python -m core ...` in a process of its own that has no network."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "core", *map(str, arguments)],
            cwd=REPOSITORY,
            env={**offline_environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture(scope="module")
def here(workspace_home):
    """The same command in this process, which has long loaded what takes a new one seconds."""

    def run(*arguments):
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setenv("ESPALIER_HOME", str(workspace_home))
            try:
                status = main([*map(str, arguments)])
            except SystemExit as end:  # of argparse
                status = end.code
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess(arguments, status, out.read(), err.read())

    return run


def one_line(done):
    """What a command that a user got wrong says on stderr, beside how the photos were read."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    error = [line for line in done.stderr.splitlines() if not line.startswith("Read as ")]
    assert len(error) == 1, done.stderr
    assert error[0].startswith("espalier: ")
    return error[0]


@pytest.fixture
def refused(here):
    """The one line of a command that a user got wrong."""
    return lambda *arguments: one_line(here(*arguments))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """12 photos of each of three classes, their names unlike anybody else's content."""
    return write_shapes(tmp_path_factory.mktemp("cli"), per_class=12, first=100)


@pytest.fixture(scope="module")
def first_training(espalier, photos, tmp_path_factory):
    """A training in words, and its run."""
    folder = tmp_path_factory.mktemp("runs") / "first run"
    return espalier("train", photos, "--out", folder, "--epochs", 30), Run(folder)


@pytest.fixture(scope="module")
def second_training(here, photos, first_training):
    """The same photos again, with another head, as JSON, into the workspace."""
    return here("train", photos, "--json", "--head", "fc", "--epochs", 5)


@pytest.mark.slow
def test_training_says_how_it_goes_on_stderr_and_what_came_of_it_on_stdout(first_training):
    done, run = first_training
    assert done.returncode == 0, done.stderr
    for words in ("Looking at the photos through EfficientNet-Lite0 ...", "Learning to tell the classes apart ..."):
        assert words in done.stderr
    assert "  epoch 1: " in done.stderr
    report = run.report()
    right, n = round(report.test.accuracy * report.test.n), report.test.n
    low, high = wilson_interval(right, n)
    cores = cores_in_words(usable_cores())
    assert done.stderr.index(f"Device that learns: {cores}.\n") < done.stderr.index("Looking at the photos")
    first, how, final, learned, second = done.stdout.splitlines()
    assert n == 36
    assert first.startswith(f"{right} of 36 photos right (")
    assert first.endswith(f"likely between {100 * low:.0f} and {100 * high:.0f} %).")
    assert how.endswith("judged once by a model that had not seen it (5-fold cross-validation).")
    assert final == "The model itself learned in the same way, from all of them."
    assert learned == f"Device that learned: {cores}"
    assert second == f"The run is in {run.folder}"


@pytest.fixture(scope="module")
def advised(espalier, photos, workspace_home, installed_engine):
    """The advice on these photos, as JSON."""
    shutil.copytree(installed_engine, Workspace(workspace_home).engine_folder, dirs_exist_ok=True)
    return espalier("advise", photos, "--json")


@pytest.mark.slow
def test_advice_is_measured_and_printed_in_words_and_as_json(advised, here, photos):
    assert advised.returncode == 0, advised.stderr
    assert "Measuring how similar they are to what it knows ..." in advised.stderr
    advice = json.loads(advised.stdout)
    assert advice["photos_per_class"] == {"min": 12, "median": 12.0}
    assert advice["quadrant"] in (3, 4)
    assert set(advice["examples"]["familiar"]) <= {f"{c}/{n}.jpg" for c in CLASSES for n in range(100, 112)}
    done = here("advise", photos)
    assert done.stdout.splitlines()[-1].startswith("Plan: ")
    assert done.stdout.splitlines()[1] == advice["reasons"][0]


def test_advice_on_one_class_is_refused_in_a_line(refused, tmp_path):
    assert "only one class" in refused("advise", write_shapes(tmp_path, per_class=6, classes=CLASSES[:1]))


def test_training_teaches_what_the_folders_say(first_training):
    _, run = first_training
    assert run.class_names() == list(CLASSES)
    assert run.report().test.accuracy >= 0.8
    assert run.config() == TrainConfig(epochs=30, final="validation")


@pytest.mark.slow
def test_training_as_json_prints_the_report_and_where_the_run_is(second_training, workspace_home):
    assert second_training.returncode == 0, second_training.stderr
    printed = json.loads(second_training.stdout)
    run = list_runs(Workspace(workspace_home).runs_folder)[0]
    assert printed == {**run.report().to_json(), "run": str(run.folder)}
    assert printed["head"] == "fc"
    assert len(printed["epochs"]) == 5


def features_progress(run):
    """The PROGRESS events between the phase "features" and the next."""
    events = run.job.events()
    phases = [i for i, event in enumerate(events) if event["event"] == PHASE]
    assert events[phases[0]]["name"] == "features"
    return [event for event in events[phases[0] : phases[1]] if event["event"] == PROGRESS]


@pytest.mark.slow
def test_a_second_run_on_the_same_photos_asks_the_base_for_nothing(first_training, second_training):
    first, second = first_training[1], Run(Path(json.loads(second_training.stdout)["run"]))
    assert features_progress(first)[-1]["done"] == 36
    assert features_progress(second) == []


@pytest.mark.slow
def test_a_training_and_an_answer_use_no_network(espalier, first_training, photos, offline_environment):
    assert first_training[0].returncode == 0
    assert espalier("predict", first_training[1].folder, photos / CLASSES[0] / "100.jpg").returncode == 0
    assert not Path(offline_environment["NETWORK_LOG"]).exists()


def test_check_lists_findings_with_their_reasons(here, tmp_path):
    folder = write_shapes(tmp_path / "photos", per_class=6, classes=CLASSES[:2])
    (folder / CLASSES[0] / "bad.jpg").write_bytes(b"this is a text and no photo")
    (folder / CLASSES[1] / "copy.jpg").write_bytes((folder / CLASSES[1] / "0.jpg").read_bytes())
    done = here("check", folder, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["photos"] == 14
    assert found["classes"] == {CLASSES[0]: 7, CLASSES[1]: 7}
    by_kind = {finding["kind"]: finding for finding in found["findings"]}
    assert set(by_kind["unreadable"]) == {"kind", "severity", "photos", "why", "mend"}
    assert [Path(name).name for name in by_kind["unreadable"]["photos"]] == ["bad.jpg"]
    assert sorted(Path(name).name for name in by_kind["exact-copies"]["photos"]) == ["0.jpg", "copy.jpg"]


def test_check_in_words_names_severity_reason_and_number(here, tmp_path):
    folder = write_shapes(tmp_path / "photos", per_class=6, classes=CLASSES[:2])
    (folder / CLASSES[0] / "bad.jpg").write_bytes(b"this is a text and no photo")
    done = here("check", folder)
    assert done.returncode == 0
    assert "warning: Can't be used: not an image" in done.stdout
    assert "(1 photo)" in done.stdout


def test_evaluate_gives_the_reports_numbers_for_other_photos(here, first_training, tmp_path):
    folder = write_shapes(tmp_path, per_class=5, first=700)
    (folder / CLASSES[1] / "bad.jpg").write_bytes(b"")
    done = here("evaluate", first_training[1].folder, folder, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["classes"] == list(CLASSES)
    assert result["test"]["n"] == 15
    assert result["test"]["accuracy"] >= 0.8
    assert set(result["test"]) == set(first_training[1].report().test.to_json())
    assert [row["why"] for row in result["set_aside"]] == [EMPTY.reason]


def test_evaluate_in_words_says_how_many_are_right(here, first_training, tmp_path):
    folder = write_shapes(tmp_path, per_class=5, first=700)
    done = here("evaluate", first_training[1].folder, folder)
    assert done.returncode == 0, done.stderr
    assert " of 15 test photos right (" in done.stdout


def test_evaluate_takes_the_test_part_of_a_folder_that_has_one(here, first_training, tmp_path):
    write_shapes(tmp_path / "train", per_class=2, first=700)
    write_shapes(tmp_path / "test", per_class=3, first=800)
    done = here("evaluate", first_training[1].folder, tmp_path, "--json")
    assert json.loads(done.stdout)["test"]["n"] == 9


def test_predict_answers_each_photo_and_says_why_one_has_no_answer(here, first_training, photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"this is a text and no photo")
    asked = [photos / label / "100.jpg" for label in CLASSES]
    asked.insert(1, bad)
    done = here("predict", first_training[1].folder, *asked, tmp_path / "gone.jpg", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["path"] for row in rows] == [str(path) for path in [*asked, tmp_path / "gone.jpg"]]
    assert rows[1] == {"path": str(bad), "error": "not an image, or of a kind that can't be read"}
    assert rows[4] == {"path": str(tmp_path / "gone.jpg"), "error": "the file can't be opened"}
    assert [rows[i]["label"] for i in (0, 2, 3)] == list(CLASSES)
    for i in (0, 2, 3):
        assert set(rows[i]["probabilities"]) == set(CLASSES)
        assert sum(rows[i]["probabilities"].values()) == pytest.approx(1, abs=0.01)
        assert rows[i]["probability"] == max(rows[i]["probabilities"].values())


def test_predict_writes_a_csv_with_one_row_per_photo_of_a_folder(here, first_training, photos, tmp_path):
    table = tmp_path / "new folder" / "answers.csv"
    done = here("predict", first_training[1].folder, photos / CLASSES[1], "--csv", table)
    assert done.returncode == 0, done.stderr
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(Path(row["path"]).name for row in rows) == [f"{n}.jpg" for n in range(100, 112)]
    assert list(rows[0]) == ["path", "label", "probability", "known", *(f"p {name}" for name in CLASSES), "error"]
    assert sum(row["label"] == CLASSES[1] for row in rows) >= 11
    assert all(0 < float(row["probability"]) <= 1 and row["error"] == "" for row in rows)
    assert done.stdout.count("\n") == 12
    assert f"111.jpg: {CLASSES[1]}, " in done.stdout or f"111.jpg: not known (closest: {CLASSES[1]}, " in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_predict_copes_with_a_file_name_that_is_no_utf8(espalier, first_training, photos, tmp_path):
    odd = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    with open(odd, "wb") as file:
        file.write((photos / CLASSES[0] / "100.jpg").read_bytes())
    table = tmp_path / "answers.csv"
    command = ("predict", first_training[1].folder, tmp_path, "--csv", table, "--json")
    done = espalier(*command, PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["path"] == os.fsdecode(odd)
    assert row["label"] == CLASSES[0]
    assert odd in table.read_bytes()


@pytest.mark.slow
def test_a_missing_folder_is_a_user_error(espalier, refused, tmp_path):
    assert "There is no folder or zip called" in one_line(espalier("train", tmp_path / "nowhere"))
    assert "There is no folder or zip called" in refused("check", tmp_path / "nowhere")


def test_a_damaged_zip_is_a_user_error(refused, tmp_path):
    (tmp_path / "photos.zip").write_bytes(b"PK\x03\x04 and then nothing")
    for command in ("check", "train"):
        assert "photos.zip is damaged or not a zip file" in refused(command, tmp_path / "photos.zip")


def test_one_class_alone_is_a_user_error(refused, tmp_path):
    write_shapes(tmp_path / "photos", per_class=8, classes=CLASSES[:1])
    assert "A classifier needs at least two" in refused("train", tmp_path / "photos")


def test_an_unfinished_run_cannot_be_asked(refused, photos, tmp_path):
    Run.create(tmp_path / "young", TrainConfig(), [])
    assert "young has no finished model yet" in refused("predict", tmp_path / "young", photos)
    assert "young has no finished model yet" in refused("evaluate", tmp_path / "young", photos)
    assert "nowhere has no finished model yet" in refused("predict", tmp_path / "nowhere", photos)


def test_settings_out_of_range_are_user_errors_that_say_what_came(refused, photos):
    assert "epochs must be between 1 and 1000. Received: epochs=0." in refused("train", photos, "--epochs", 0)
    assert "test_share" in refused("train", photos, "--test-share", 0.9)
    assert "shear must be a number between 0 and 45. Received: shear=nan." in refused(
        "train", photos, "--augment", "mirror=1,shear=nan"
    )


def test_arguments_that_cannot_be_are_user_errors_in_one_line_too(refused, photos):
    assert "no base model called 'resnet'. Choose one of" in refused("train", photos, "--base", "resnet")
    pair = "efficientnet-lite0+efficientnet-lite1"
    assert "no base model called 'resnet'. Choose" in refused("train", photos, "--base", f"{pair}+resnet")
    assert (
        "and the strategy fine-tune takes one alone. Choose one of efficientnet-lite0, efficientnet-lite1."
        in refused("train", photos, "--base", pair, "--strategy", "fine-tune")
    )
    assert "invalid int value: 'many'" in refused("train", photos, "--epochs", "many")
    assert "required: FOLDER|ZIP" in refused("check")
    assert "a folder or zip of photos, or a run to --continue, and not both" in refused("train")
    assert "required: COMMAND" in refused()


def test_an_unknown_class_costs_only_its_own_photos(here, first_training, tmp_path):
    write_shapes(tmp_path / "photos", per_class=2)
    (tmp_path / "photos" / CLASSES[0]).rename(tmp_path / "photos" / "pear")
    done = here("evaluate", first_training[1].folder, tmp_path / "photos")
    assert done.returncode == 0, done.stderr
    assert "of 4 test photos right" in done.stdout
    assert "does not know these classes: pear (2)." in done.stdout


def test_only_unknown_classes_cannot_be_evaluated(refused, first_training, tmp_path):
    write_shapes(tmp_path / "photos", per_class=2)
    for name in CLASSES:
        (tmp_path / "photos" / name).rename(tmp_path / "photos" / f"pear {name[0]}")
    said = refused("evaluate", first_training[1].folder, tmp_path / "photos")
    assert "It knows blue triangle, green square, red circle" in said


def test_a_run_is_not_written_over_another(refused, first_training, photos):
    said = refused("train", photos, "--out", first_training[1].folder)
    assert "The folder first run is not empty" in said
    assert first_training[1].report() is not None


def test_places_that_cannot_be_written_are_user_errors(refused, first_training, photos, tmp_path):
    (tmp_path / "file").write_text("no folder")
    one = photos / CLASSES[0] / "100.jpg"
    refused("train", photos, "--out", tmp_path / "file")
    refused("train", photos, "--out", tmp_path / "file" / "run")
    refused("predict", first_training[1].folder, one, "--csv", tmp_path / "file" / "answers.csv")
    refused("predict", first_training[1].folder, one, "--csv", tmp_path)


def test_help_explains_every_command(here):
    said = here("--help").stdout
    for command in ("check", "train", "evaluate", "predict"):
        assert f"\n    {command} " in said
        assert "--json" in here(command, "--help").stdout


@pytest.mark.slow
def test_a_run_goes_on_for_more_epochs(here, refused, first_training, photos, tmp_path):
    earlier = first_training[1]
    done = here("train", "--continue", earlier.folder, "--epochs", 2, "--json", "--out", tmp_path / "longer")
    assert done.returncode == 0, done.stderr
    printed, before = json.loads(done.stdout), earlier.report().to_json()["epochs"]
    assert printed["epochs"][: len(before)] == before
    assert len(printed["epochs"]) == len(before) + 2
    assert "not both" in refused("train", photos, "--continue", earlier.folder)
    assert "has no finished model to go on from" in refused("train", "--continue", tmp_path / "nowhere")


@pytest.mark.endurance
@pytest.mark.slow  # it measures twice and fine-tunes
def test_auto_trains_what_the_advice_says_of_the_photos(advised, here, photos, tmp_path):
    done = here("train", photos, "--strategy", "auto", "--epochs", 2, "--out", tmp_path / "run", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(advised.stdout)["plan"]
    config = Run(tmp_path / "run").config()
    assert config.strategy == plan["strategy"] == "fine-tune"  # few drawn shapes, unlike photos
    assert config.epochs == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("archive", "n_test", "least"),
    [("fruit.zip", 60, 0.93), pytest.param("cats_and_dogs.zip", 600, 0.98, marks=pytest.mark.endurance)],
)
def test_training_on_real_photos_reaches_the_accuracy_of_the_reference(
    here, tmp_path, shared_data, archive, n_test, least
):
    done = here("train", shared_data(archive), "--json", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["test"]["n"] == n_test
    assert printed["test"]["accuracy"] >= least
    assert printed["engine_parity"]["same_top1"] >= 0.95

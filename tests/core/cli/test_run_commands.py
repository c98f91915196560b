import json
import shutil
import subprocess
import sys
import zipfile

import pytest
from PIL import Image

from core.background_test.verdict import WORDS
from core.base import checksums
from core.cli.main import main
from core.runs.run import Run
from tests.core.shapes import write_shapes


def refused(capsys, *arguments):
    assert main(["export", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return said.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "onnx", "--precision", "int8"], "Only litert can be had as float16 or int8"),
        (["--format", "onnx", "--out", "."], "is a folder. Name the zip to write"),
        (["--format", "onnx", "--out", "nowhere/model.zip"], "There is no folder nowhere"),
    ],
)
def test_what_can_not_be_written_is_said_before_anything_is_built(options, words, trained, tmp_path, capsys):
    options = options if "--out" in options else [*options, "--out", tmp_path / "model.zip"]
    assert words in refused(capsys, trained.run.folder, *options)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_finished_is_refused(trained, tmp_path, capsys):
    folder = tmp_path / "half a run"
    folder.mkdir()
    shutil.copy(trained.run.config_path, folder)
    for run in (folder, tmp_path / "nothing"):
        words = refused(capsys, run, "--format", "keras", "--out", tmp_path / "model.zip")
        assert "is not a finished run" in words
    assert not (tmp_path / "model.zip").exists()


def test_photos_of_another_set_are_no_help(trained, fill, tmp_path, capsys):
    other = fill(tmp_path / "others", {"a": 2, "b": 2}, first_seed=900)
    out = tmp_path / "model.zip"
    words = refused(capsys, trained.run.folder, "--format", "keras", "--out", out, "--photos", other)
    assert "None of the photos in others is one that this run worked with" in words


@pytest.mark.parametrize("options", [["--precision"], ["--format", "coreml"]])
def test_unknown_formats_name_the_known_ones(options, trained, tmp_path):
    with pytest.raises(SystemExit) as end:
        main(["export", str(trained.run.folder), *options, "--out", str(tmp_path / "model.zip")])
    assert end.value.code == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [*(pytest.param(kind, marks=pytest.mark.endurance) for kind in ("keras", "savedmodel", "onnx")), "litert"]
)
def test_a_zip_is_written_and_checks_itself(kind, trained, shapes, tmp_path, capsys, offline_environment):
    """OpenVINO: test_exporting.py. In 8 bits where there is such a thing; the photos are named anew, as if moved."""
    precision = ["--precision", "int8"] if kind == "litert" else []
    run = Run(shutil.copytree(trained.run.folder, tmp_path / "run"))
    rows = run.photos_path.read_text().replace(str(shapes), "/moved/away")
    checksums.unseal(run.photos_path)
    run.photos_path.write_text(rows)
    out = tmp_path / "taken" / "model.zip"
    out.parent.mkdir()
    options = ["--format", kind, *precision, "--out", str(out), "--photos", str(shapes), "--json"]
    assert main(["export", str(run.folder), *options]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["format"], result["photos"], result["drawn"], result["out"]) == (kind, 42, False, str(out))
    assert result["bytes"] == out.stat().st_size
    if kind != "litert":
        assert result["same"] == 42
        assert result["largest_difference"] < 1e-3
    with zipfile.ZipFile(out) as opened:
        opened.extractall(tmp_path / "unpacked")
    done = subprocess.run(
        [sys.executable, "check.py"],
        cwd=tmp_path / "unpacked",
        env=offline_environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It answers as it should." in done.stdout


@pytest.mark.slow
def test_the_verdict_on_the_background_is_printed_in_words_and_as_json(trained, capsys):
    assert main(["plate-test", str(trained.run.folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The middle of each of ")
    assert any(words.replace("**", "") in said for words in WORDS.values())
    assert main(["plate-test", str(trained.run.folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (
        len(result["rows"]) == result["verdict"]["n"] == sum(photo.split != "train" for photo in trained.run.photos())
    )
    assert not (trained.run.folder / "plate-test").exists()  # the command writes nothing


def test_the_background_test_says_so_without_a_run(tmp_path, capsys):
    assert main(["plate-test", str(tmp_path)]) == 2
    assert "is not finished" in capsys.readouterr().err


@pytest.fixture
def judging(served_run, tmp_path):
    """Of the first class of a run one photo as it is, one saved again, one new; of others one under a name written
    otherwise and one of no class."""
    by_class = {photo.label: photo for photo in served_run.photos()}
    first, second, _ = served_run.class_names()
    fresh = write_shapes(tmp_path / "fresh", per_class=1, first=900)
    for folder in (first, f"{second.upper()} ", "unclear"):
        (tmp_path / "test" / folder).mkdir(parents=True)
    shutil.copy(by_class[first].path, tmp_path / "test" / first / "copy.jpg")
    Image.open(by_class[first].path).convert("RGB").save(tmp_path / "test" / first / "again.jpg", quality=60)
    shutil.copy(fresh / first / "900.jpg", tmp_path / "test" / first / "new.jpg")
    shutil.copy(fresh / second / "900.jpg", tmp_path / "test" / f"{second.upper()} " / "new.jpg")
    shutil.copy(fresh / second / "900.jpg", tmp_path / "test" / "unclear" / "new.jpg")
    return tmp_path / "test"


def test_evaluate_tells_what_was_learned_from_and_an_unknown_class_costs_only_itself(served_run, judging, capsys):
    _, second, third = served_run.class_names()
    assert main(["evaluate", str(served_run.folder), str(judging), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["test"]["n"] == 4
    assert result["learned_from"]["equal"] == 1
    assert result["learned_from"]["near_copies"] >= 1
    assert result["learned_from"]["without"]["n"] == 3 - result["learned_from"]["near_copies"]
    assert (result["unknown_classes"], result["missing_classes"]) == ({"unclear": 1}, [third])
    assert result["written_otherwise"] == {second.upper(): second}
    assert main(["evaluate", str(served_run.folder), str(judging)]) == 0
    said = capsys.readouterr().out
    assert " of 4 test photos were learned from (1 as the same file, " in said.splitlines()[0]
    assert " Without them " in said.splitlines()[0]
    assert f"No photo of {third} was judged" in said
    assert f"“{second.upper()}” as “{second}”" in said
    assert "Left out, since it does not know these classes: unclear (1)." in said


def test_evaluate_takes_the_users_word_for_what_a_folder_means(served_run, judging, capsys):
    _, second, _ = served_run.class_names()
    run, meant = str(served_run.folder), f"unclear={second}"
    assert main(["evaluate", run, str(judging), "--class", meant, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["test"]["n"], result["unknown_classes"]) == (5, {})
    assert result["written_otherwise"] == {second.upper(): second, "unclear": second}
    assert main(["evaluate", run, str(judging), "--class", "unclear=nothing"]) == 2
    assert "--class says FOLDER=CLASS, with one of the classes" in capsys.readouterr().err


def test_evaluate_is_refused_only_where_no_class_is_known(served_run, fill, tmp_path, capsys):
    other = fill(tmp_path / "others", {"a": 1, "b": 1})
    assert main(["evaluate", str(served_run.folder), str(other)]) == 2
    assert "This model doesn't know the class a, b. It knows " in capsys.readouterr().err

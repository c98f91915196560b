import csv
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.cli.main import main
from core.runs.predictor import Predictor

REPOSITORY = Path(__file__).resolve().parents[3]
PEAK = """
import resource, sys
from core.cli.main import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture
def predict(served_run, offline_environment):
    """`python -m core predict RUN ...`: what it says on stdout and on stderr."""

    def run(*arguments, start=("-m", "core")):
        done = subprocess.run(
            [sys.executable, *start, "predict", str(served_run.folder), *map(str, arguments)],
            cwd=REPOSITORY,
            env=offline_environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    return run


@pytest.fixture
def predict_here(served_run, capsys):
    """The same in this process, which has long loaded what takes a new one seconds: what it says on stdout."""

    def run(*arguments):
        assert main(["predict", str(served_run.folder), *map(str, arguments)]) == 0
        return capsys.readouterr().out

    return run


def cells(table):
    with table.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_folder_a_zip_and_a_photo_are_answered_in_one_go(predict, served_run, served_photos, tmp_path):
    folder, archive, alone = tmp_path / "photos", tmp_path / "photos.zip", tmp_path / "alone.jpg"
    folder.mkdir()
    for number, photo in enumerate(served_photos[:3]):
        shutil.copy(photo, folder / f"={number}.jpg")
    (folder / "notes.txt").write_text("bought on Monday")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(served_photos[0], "deep/in.jpg")
        opened.writestr("../../escaped.jpg", served_photos[1].read_bytes())
    shutil.copy(served_photos[1], alone)
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 but not really")
    asked = (folder, archive, tmp_path / "cut.zip", alone)
    out, said = predict(*asked, "--json", "--csv", tmp_path / "answers.csv")
    rows = json.loads(out)
    assert [row["path"] for row in rows] == [
        *(str(folder / f"={number}.jpg") for number in range(3)),
        f"{archive}/deep/in.jpg",
        f"{archive}/../../escaped.jpg",
        str(tmp_path / "cut.zip"),
        str(alone),
    ]
    assert rows[4]["error"] == "its name points outside the archive"
    assert "damaged or not a zip file" in rows[5]["error"]
    assert said == f"{folder}: 1 file passed over, no photos by name.\n"
    answers = Predictor(served_run).predict([*served_photos[:3], served_photos[0], served_photos[1]])
    good = [row for row in rows if "error" not in row]
    assert [row["label"] for row in good] == [answer.label for answer in answers]
    assert [row["probabilities"] for row in good] == [answer.probabilities for answer in answers]
    table = cells(tmp_path / "answers.csv")
    assert [row["path"] for row in table] == [row["path"] for row in rows]
    for cell, row in zip(table, rows, strict=True):
        assert cell["error"] == row.get("error", "")
        if "error" not in row:
            assert cell["label"] == row["label"]
            assert float(cell["probability"]) == pytest.approx(row["probability"], abs=1e-6)
            shares = {name.removeprefix("p "): float(cell[name]) for name in cell if name.startswith("p ")}
            assert shares == pytest.approx(row["probabilities"], abs=1e-6)


def test_a_file_name_is_no_formula_in_the_table(predict_here, served_photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(served_photos[0], tmp_path / "=1+1.jpg")
    assert predict_here("=1+1.jpg", "--csv", tmp_path / "answers.csv").startswith("=1+1.jpg: ")
    (row,) = cells(tmp_path / "answers.csv")
    assert row["path"] == "'=1+1.jpg"


def test_an_empty_folder_is_an_empty_list(predict_here, tmp_path):
    assert json.loads(predict_here(tmp_path, "--json")) == []
    assert predict_here(tmp_path) == ""


@pytest.mark.slow
def test_each_of_the_bad_inputs_is_a_row(predict, tmp_path):
    tool = REPOSITORY.parent / "shared" / "tools" / "make_bad_inputs.py"
    if not tool.exists():
        pytest.skip("the tool that makes bad inputs is not beside the repository")
    subprocess.run([sys.executable, str(tool), str(tmp_path)], check=True, capture_output=True)
    expected = json.loads((tmp_path / "expected.json").read_text())
    rows = {row["path"]: row for row in json.loads(predict(tmp_path / "photos", "--json")[0])}
    asked = {name: each for name, each in expected.items() if name.startswith("photos/")}
    for name, each in asked.items():
        if "ignored silently" in each["why"] or name.endswith(".keep"):
            assert str(tmp_path / name) not in rows
        else:
            assert ("label" in rows[str(tmp_path / name)]) == (each["outcome"] == "accepted"), name
    archives = sorted((tmp_path / "archives").iterdir())
    answered = json.loads(predict(*archives, "--json")[0])
    for archive in archives:
        of_it = [row for row in answered if row["path"].startswith(str(archive))]
        usable = expected[f"archives/{archive.name}"].get("photos", 0)
        assert sum("label" in row for row in of_it) >= usable, archive.name
        assert of_it, archive.name


@pytest.mark.endurance
@pytest.mark.parametrize(
    "few", [pytest.param(100, marks=pytest.mark.slow), pytest.param(300, marks=pytest.mark.endurance)]
)
def test_ten_times_the_photos_take_no_more_memory(few, predict, served_photos, tmp_path):
    peaks = []
    for n in (few, 10 * few):
        folder = tmp_path / str(n)
        folder.mkdir()
        for number in range(n):
            (folder / f"{number}.jpg").hardlink_to(served_photos[number % len(served_photos)])
        out, said = predict(folder, "--csv", tmp_path / f"{n}.csv", "--json", start=("-c", PEAK))
        assert len(json.loads(out)) == len(cells(tmp_path / f"{n}.csv")) == n
        peaks.append(int(said.split()[-1]))
    assert peaks[1] < 1.1 * peaks[0]

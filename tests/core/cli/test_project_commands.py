import json
import shutil

import pytest

from core.cli.main import main
from core.engine.places import Places
from core.models.config import TrainConfig
from core.projects.project import Project, open_project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos, still_so
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training.continuing import create_continued
from core.training.job import train
from tests.importing import bring_folder


@pytest.fixture
def project(shapes, tmp_path):
    made = Workspace(tmp_path / "here").create("Shapes")
    bring_folder(made, shapes)
    return made


def pack_and_open(project, tmp_path, monkeypatch, capsys):
    """The project as it is opened on another computer: the one that it was packed on is gone."""
    assert main(["pack", str(project.folder), str(tmp_path / "go.zip"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["title"], said["left"]) == ("Shapes", [])
    shutil.rmtree(tmp_path / "here")
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "elsewhere"))
    assert main(["open", str(tmp_path / "go.zip"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["title"], said["photos"]) == ("Shapes", 42)
    assert list((tmp_path / "elsewhere" / "going").iterdir()) == []
    return open_project(Workspace(tmp_path / "elsewhere").home / "projects" / "Shapes")


@pytest.mark.slow
def test_a_run_answers_and_goes_on_on_another_computer_and_where_it_is_moved_by_hand(
    project, places, workspace_home, tmp_path, monkeypatch, capsys, shapes
):
    from core.training.training import train_run

    config = TrainConfig(epochs=5)
    photos = run_photos(project, split_photos(project, config.seed, Shares()))
    first = Run.create(project.runs_folder / "first", config, photos)
    report = train_run(first, Places(project.cache_folder, places.engine))
    asked = [opened_photo.path for opened_photo in first.photos()][:3]
    assert all(path.startswith(str(tmp_path / "here")) for path in asked)
    others = sorted(path for path in shapes.rglob("*") if path.is_file())[::5]
    before = Predictor(first).predict(others)

    opened = pack_and_open(project, tmp_path, monkeypatch, capsys)
    earlier = Run(opened.runs_folder / "first")
    assert earlier.report() == report
    assert len(still_so(opened, earlier.photos())) == len(photos) == 42
    for now, then in zip(Predictor(earlier).predict(others), before, strict=True):
        assert now.label == then.label
        assert now.probabilities == pytest.approx(then.probabilities, abs=1e-5)
        assert now.in_distribution_score == then.in_distribution_score
    create_continued(opened.runs_folder / "second", earlier, 3)
    moved = tmp_path / "moved by hand"
    opened.folder.rename(moved)
    train(workspace_home, Run(moved / "runs" / "second"))
    again = Run(moved / "runs" / "second").report()
    assert len(again.epochs) > len(report.epochs)
    assert again.test.n == report.test.n
    assert again.set_aside == []


def test_bad_arguments_are_one_line(project, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "elsewhere"))
    there = tmp_path / "there.zip"
    there.write_text("precious")
    assert main(["pack", str(project.folder), str(there)]) == 2
    assert capsys.readouterr().err == "espalier: There is already a file called there.zip. Choose another name.\n"
    assert there.read_text() == "precious"
    assert main(["pack", str(tmp_path / "nothing"), str(tmp_path / "x.zip")]) == 2
    assert "There is no project called nothing" in capsys.readouterr().err
    assert main(["open", str(there)]) == 2
    assert capsys.readouterr().err.startswith("espalier: there.zip is not a project that was taken along")


def test_a_damaged_list_of_photos_is_repaired_and_said(tmp_path, fill, capsys):
    project = Project.create(tmp_path / "fruit", "Fruit")
    bring_folder(project, fill(tmp_path / "photos", {"apple": 2, "pear": 1}))
    project.database_path.write_bytes(b"this is no database" * 500)
    assert main(["repair", str(project.folder)]) == 0
    said = capsys.readouterr().out
    assert "3 photos" in said
    assert "3 photos were found in its folders and listed" in said
    assert project.class_counts() == {"apple": 2, "pear": 1}
    assert main(["repair", str(project.folder)]) == 2
    assert "nothing to repair" in capsys.readouterr().err
    assert main(["repair", str(tmp_path / "photos")]) == 2
    assert "There is no project in" in capsys.readouterr().err

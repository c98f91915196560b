"""Commands that are given a project in place of a run."""

import json
import shutil

import pytest

from core.cli.main import main
from core.runs.choosing.in_use import pin
from core.runs.run import Run
from tests.core.shapes import write_shapes


@pytest.fixture
def runs(trained, project):
    """Two runs of one project, equal but for their names."""
    return [
        Run(shutil.copytree(trained.run.folder, project.runs_folder / f"2026-11-2{day} 09.00.00 aaaa")) for day in "12"
    ]


def test_the_model_in_use_answers_for_its_project(runs, project, tmp_path, capsys):
    photo = sorted(write_shapes(tmp_path, per_class=1, first=900).rglob("*.jpg"))[0]
    for run in runs:
        pin(project, run)
        assert main(["predict", str(project.folder), str(photo), "--json"]) == 0
        said = capsys.readouterr()
        assert f"The model in use is New head, 100 % in the test · {run.name[:10]} 09:00" in said.err
        assert len(json.loads(said.out)) == 1


def test_a_project_without_a_finished_run_is_told_so(project, tmp_path, capsys):
    assert main(["predict", str(project.folder), str(tmp_path)]) == 2
    assert "has no finished run yet. Train one first." in capsys.readouterr().err

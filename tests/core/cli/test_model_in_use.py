"""Commands that are given a project in place of a run."""

from argparse import Namespace

import pytest

from core.base.files import write_json
from core.cli.command import run_of
from core.cli.main import main
from core.models.config import TrainConfig
from core.runs.choosing.in_use import pin
from core.runs.run import Run
from tests.core.reports import a_report


@pytest.fixture
def runs(project):
    """Two finished runs of one project."""
    made = [Run.create(project.runs_folder / f"2026-11-2{day} 09.00.00 aaaa", TrainConfig(), []) for day in "12"]
    for run in made:
        write_json(run.report_path, a_report().to_json())
    return made


def test_a_projects_folder_stands_for_its_model_in_use_and_which_that_is_is_told(runs, project, capsys):
    for run in runs:
        pin(project, run)
        assert run_of(Namespace(run=project.folder)).folder == run.folder
        assert capsys.readouterr().err == (f"The model in use is New head, 80 % in the test · {run.name[:10]} 09:00\n")


def test_a_runs_folder_is_that_run_and_nothing_is_told(runs, capsys):
    assert run_of(Namespace(run=runs[0].folder)).folder == runs[0].folder
    assert capsys.readouterr().err == ""


def test_a_project_without_a_finished_run_is_told_so(project, tmp_path, capsys):
    assert main(["predict", str(project.folder), str(tmp_path)]) == 2
    assert "has no finished run yet. Train one first." in capsys.readouterr().err

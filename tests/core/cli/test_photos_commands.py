import json
import os
import signal

import pytest

from core.base.events import QUEUED
from core.base.files import read_json
from core.cli.main import build_parser, main
from core.cli.train_command import train_settings
from core.jobs import kinds
from core.jobs.job import State
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.projects.workspace import Workspace
from core.search.folder import search_of
from tests.core.shapes import CLASSES, write_shapes
from tests.importing import bring_folder
from tests.waiting import await_that

pytestmark = pytest.mark.slow  # together half a minute and more


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp("search"), per_class=10, classes=CLASSES[:2], first=500)


@pytest.fixture(scope="module")
def searched(workspace_home, source):
    """A project whose search was killed by force, then searched again and stopped: the table after each."""
    project = Workspace(workspace_home).create("Searched")
    bring_folder(project, source)
    search, jobs = search_of(project), Jobs(workspace_home)

    def begin():
        search.write_request(300.0, TrainConfig(epochs=5))
        jobs.submit(kinds.SEARCH, search.folder)

    try:
        begin()
        await_that(lambda: (table := search.read()) and len(table.trials) >= 3, 90, "three tries")
        busy = Workspace(workspace_home), search.job.state()
        os.kill(read_json(search.folder / "job.json")["pid"], signal.SIGKILL)
        await_that(lambda: not search.job.is_alive(), 90, "the worker to die")
        killed, state = search.read(), search.job.state()
        begin()
        await_that(lambda: len(search.read().trials) >= len(killed.trials) + 2, 90, "two tries more")
        search.job.request_stop(keep=True)
        await_that(lambda: not search.job.state().is_active, 90, "the end")
    finally:
        search.job.kill()
    return project, busy[1], killed, state, search


def test_a_killed_search_leaves_a_whole_table_and_the_next_goes_on(searched):
    _, running, killed, state, search = searched
    assert (running, state) == (State.RUNNING, State.LOST)
    assert search.job.state() is State.FINISHED
    table = search.read()
    assert table.trials[: len(killed.trials)] == killed.trials
    assert [each.number for each in table.trials] == list(range(1, len(table.trials) + 1))
    assert table.measured_on == searched[0].photo_state()


def test_it_was_judged_on_photos_that_are_not_the_tests_and_took_its_place_in_the_queue(searched, workspace_home):
    project, *_, search = searched
    assert search.read().n == sum(photo.split != "test" for photo in project.photos()) == 16
    assert search.job.events()[0]["event"] == QUEUED
    assert not any((workspace_home / "queue").glob("*"))


def test_the_command_says_which_options_of_train_to_use_and_goes_on_the_next_time(
    workspace_home, source, monkeypatch, capsys
):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    assert main(["search", str(source), "--seconds", "5", "--json"]) == 0
    said = capsys.readouterr()
    table = json.loads(said.out)
    own = "one layer (gap), learning rate 0.003, dropout 50 %, weight decay none, optimizer Adam, batch size 64"
    assert f"  try 1: {own}: " in said.err
    best = next(each for each in table["trials"] if each["number"] == table["best"])
    config = train_settings(build_parser().parse_args(["train", str(source), *table["options"].split()]))
    assert {name: getattr(config, name) for name in best["settings"]} == best["settings"]

    assert main(["search", str(source), "--seconds", "1"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].startswith("Train with it: --base efficientnet-lite0 --head ")
    assert f"  {len(table['trials'])} settings were tried on these photos before" in said.err
    assert "  try 1: " not in said.err


def test_a_folder_without_classes_is_refused_in_one_line(tmp_path, capsys):
    assert main(["search", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "1e9"])
def test_a_time_that_is_none_is_refused(seconds, capsys):
    with pytest.raises(SystemExit) as stopped:
        build_parser().parse_args(["search", "somewhere", "--seconds", seconds])
    assert stopped.value.code == 2
    assert "argument --seconds" in capsys.readouterr().err

"""Two servers on one workspace, and whoever else submits jobs there: real processes and real workers."""

import os
import subprocess
import sys

import pytest

from core.base.events import FINISHED, QUEUED
from core.base.files import read_json
from core.jobs.job import REPOSITORY, Job, State
from core.jobs.kinds import KINDS, JobKind
from core.jobs.queue import Jobs
from tests.waiting import await_that

MODULE = """
import os
from core.base.events import FINISHED
from core.jobs.folder import JobFolder

def work(home, this):
    busy, log = home / "busy", home / "log"
    handle = os.open(busy, os.O_CREAT | os.O_EXCL)  # another one at work at the same time fails here
    with log.open("a") as file:
        file.write(this.folder.name + "\\n")
    sum(range(2_000_000))
    os.close(handle)
    busy.unlink()
    this.job.event_log().write(FINISHED)
"""
TURN = JobKind("turn", "core.jobs.folder.JobFolder", "a_turn.work", places="turns/*", waits=True)
SERVER = """
import sys
from pathlib import Path
from core.jobs.kinds import KINDS
from core.jobs.queue import Jobs
home, project, *names = map(Path, sys.argv[1:])
print("ready", flush=True)
sys.stdin.readline()  # both begin at once
for name in names:
    folder = project / "turns" / name
    folder.mkdir(parents=True, exist_ok=True)
    Jobs(home).submit(KINDS["turn"], folder)
"""


CREATE = """
import sys
from pathlib import Path
from core.base.errors import InputError
from core.projects.workspace import Workspace
made = []
for title in "abcdefgh":
    try:
        made.append(Workspace(Path(sys.argv[1])).create(title).id)
    except InputError as error:
        assert "already a project called" in str(error)
print(*made)
"""


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Starts two servers, each of which submits some jobs of a project."""
    (tmp_path / "a_turn.py").write_text(MODULE)
    (tmp_path / "sitecustomize.py").write_text(
        f"from core.jobs import kinds\nfrom core.jobs.kinds import JobKind\nkinds.KINDS['turn'] = {TURN!r}\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{REPOSITORY}")
    monkeypatch.setitem(KINDS, TURN.name, TURN)
    home, project = tmp_path / "home", tmp_path / "home" / "projects" / "fruit"

    def serve(*names_of_each):
        jobs = {name: Job(project / "turns" / name) for names in names_of_each for name in names}
        servers = [
            subprocess.Popen(
                [sys.executable, "-c", SERVER, home, project, *names],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for names in names_of_each
        ]
        assert [server.stdout.readline() for server in servers] == ["ready\n"] * len(servers)
        for server in servers:
            server.stdin.write("go\n")
            server.stdin.flush()
        for server in servers:
            server.communicate(timeout=60)
            assert server.returncode == 0
        return home, jobs

    return serve


def ended(jobs):
    await_that(lambda: not any(job.state().is_active for job in jobs.values()), 60, "all jobs to end")
    return {job.state() for job in jobs.values()}


def test_jobs_that_two_servers_submit_run_once_one_at_a_time_in_the_order_of_their_tickets(serve):
    home, jobs = serve(["a1", "a2"], ["b1", "b2"])
    assert ended(jobs) == {State.FINISHED}
    numbers = {job.submission(): name for name, job in jobs.items()}
    assert sorted(numbers) == [1, 2, 3, 4]
    assert (home / "log").read_text().split() == [numbers[number] for number in sorted(numbers)]
    await_that(lambda: not list((home / "queue").iterdir()), 30, "the workers to leave the queue")


def test_a_job_that_two_servers_submit_at_once_runs_once(serve):
    home, jobs = serve(["run"], ["run"])
    assert ended(jobs) == {State.FINISHED}
    assert (home / "log").read_text().split() == ["run"]
    assert [event["event"] for event in jobs["run"].events()] == [QUEUED, FINISHED]


def test_a_worker_without_a_place_waits_all_the_same(serve, tmp_path):
    """As one that began so late that it counted as lost, or whose ticket a power cut took."""
    home, project = tmp_path / "home", tmp_path / "home" / "projects" / "fruit"
    folders = [project / "turns" / name for name in ("first", "second")]
    jobs = Jobs(home)
    for folder in folders:
        folder.mkdir(parents=True)
    with Job(folders[0]).alive_lock(), jobs.turn(Job(folders[0])):  # the place of a dead one would be cleared away
        second = jobs.submit(TURN, folders[1])
        jobs.leave_queue(folders[1])
        await_that(lambda: list((home / "queue").glob("*"))[1:], 60, "the worker to take a place")
        assert second.state() is State.QUEUED
        assert not (home / "log").exists()
    assert ended({"second": second}) == {State.FINISHED}
    assert read_json(folders[1] / "job.json")["work"] == "turn"


def test_of_two_projects_of_one_name_made_at_once_one_is_refused_in_words(tmp_path):
    command = [sys.executable, "-c", CREATE, tmp_path / "home"]
    servers = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    made = [server.communicate(timeout=120)[0].split() for server in servers]
    assert [server.returncode for server in servers] == [0, 0]
    assert sorted(made[0] + made[1]) == list("abcdefgh")

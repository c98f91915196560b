"""A clock that is set back or ahead changes neither what comes first nor what a job is."""

import time

import pytest

from core.base.events import FINISHED, PHASE, QUEUED
from core.base.files import write_bytes, write_json
from core.jobs import kinds
from core.jobs.job import START_GRACE_S, Job, State
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.projects.imports import ImportFolder, imports
from core.projects.workspace import Workspace
from core.runs.run import Run, list_runs, new_run_name
from pages.components.shared import job_monitor

DAY_S = 86_400.0
JUMPS = [-DAY_S, DAY_S, -56 * 365 * DAY_S, 40 * 365 * DAY_S, -3600.0]  # also to about 1970, and the end of summer time


@pytest.fixture
def set_clock(monkeypatch):
    """Set the clock by so many seconds, and let others pass."""
    now, uptime = time.time(), time.monotonic

    def change(jump_s, passed_s=0.0):
        monkeypatch.setattr("time.time", lambda: now + jump_s + passed_s)
        monkeypatch.setattr("time.time_ns", lambda: int((now + jump_s + passed_s) * 1e9))
        monkeypatch.setattr("time.monotonic", lambda: uptime() + passed_s)

    change(0.0)
    return change


@pytest.fixture
def submit(tmp_path, monkeypatch):
    """Submits a training without a worker."""
    monkeypatch.setattr(Job, "launch", lambda self, command, name: write_json(self.folder / "job.json", {"work": name}))

    def submit(name):
        folder = tmp_path / "home" / "projects" / "fruit" / "runs" / name
        folder.mkdir(parents=True, exist_ok=True)
        return Jobs(tmp_path / "home").submit(kinds.TRAIN, folder)

    return submit


@pytest.mark.parametrize("jump_s", JUMPS)
def test_a_training_submitted_after_a_jump_waits_for_the_one_that_runs(tmp_path, submit, hold, set_clock, jump_s):
    jobs, first = Jobs(tmp_path / "home"), submit("first")
    hold(first, PHASE)
    set_clock(jump_s)
    second = submit("second")
    assert [jobs.waiting_ahead(job.folder) for job in (first, second)] == [0, 1]
    set_clock(-jump_s)
    third = submit("third")
    assert [jobs.waiting_ahead(job.folder) for job in (first, second, third)] == [0, 1, 2]


@pytest.mark.parametrize("jump_s", JUMPS)
def test_a_job_is_starting_for_half_a_minute_whatever_the_clock_says(submit, set_clock, jump_s):
    job = submit("run")
    set_clock(jump_s)
    assert job.state() is State.STARTING
    set_clock(jump_s, passed_s=START_GRACE_S + 1)
    assert job.state() is State.LOST


def test_a_job_that_was_starting_when_the_computer_was_is_lost(submit, set_clock):
    job = submit("run")
    set_clock(60.0, passed_s=-time.monotonic())
    assert job.state() is State.LOST


def test_a_job_submitted_by_an_earlier_version_is_not_starting_for_ever(tmp_path, set_clock):
    job = Job(tmp_path)
    job.event_log().write(QUEUED)
    assert job.state() is State.STARTING
    set_clock(-DAY_S)
    assert job.state() is State.LOST


@pytest.mark.parametrize(
    "record", ["[]", "{}", '{"uptime": "x", "folder": 1}', '{"uptime": 1}', '{"submitted": null}', "{", '"uptime"']
)
def test_a_damaged_record_is_no_job_that_starts(tmp_path, record):
    (tmp_path / "job.json").write_text(record)
    assert Job(tmp_path).state() is State.LOST


def test_tickets_of_earlier_versions_come_first(tmp_path, submit, hold):
    old = submit("old")
    hold(old, PHASE)
    (ticket,) = (tmp_path / "home" / "queue").iterdir()
    ticket.unlink()
    write_bytes(ticket.with_name("01764000000000000000"), str(old.folder.resolve()).encode())
    assert Jobs(tmp_path / "home").waiting_ahead(submit("new").folder) == 1


@pytest.mark.parametrize("content", [b"", b"\0\0\0\0", b"/\0", b"\xff\xfe", b"/nowhere", b"../../.."])
def test_a_damaged_ticket_is_cleared_away(tmp_path, submit, content):
    write_bytes(tmp_path / "home" / "queue" / "00000000000000000001", content)
    assert Jobs(tmp_path / "home").waiting_ahead(submit("run").folder) == 0
    assert len(list((tmp_path / "home" / "queue").iterdir())) == 1


def test_a_job_that_was_killed_and_is_submitted_again_has_lost_its_place(tmp_path, submit, hold):
    jobs, first = Jobs(tmp_path / "home"), submit("first")
    worker = hold(first, PHASE)
    second = submit("second")
    worker.kill()
    worker.wait(timeout=30)
    assert first.state() is State.LOST
    submit("first")
    assert [jobs.waiting_ahead(job.folder) for job in (second, first)] == [0, 1]


def test_a_job_that_goes_on_is_not_submitted_twice(tmp_path, submit):
    job = submit("run")
    submit("run")
    assert [event["event"] for event in job.events()] == [QUEUED]
    assert len(list((tmp_path / "home" / "queue").iterdir())) == 1


def test_the_newest_run_is_the_one_made_last(project):
    old = project.runs_folder / "2031-01-01 10.00.00 ab12"  # of an earlier version, whose clock was ahead
    write_json(Run.create(old, TrainConfig(), []).folder / "number.json", None)
    names = ["2026-11-22 14.05.09 ffff", "2026-11-21 14.05.09 aaaa", "1970-01-01 00.00.00 0000", "my own"]
    for name in names:
        Run.create(project.runs_folder / name, TrainConfig(), [])
    assert [run.name for run in list_runs(project.runs_folder)] == [*names[::-1], old.name]
    (project.folder / "counter.json").unlink()
    Run.create(project.runs_folder / "0", TrainConfig(), [])
    assert list_runs(project.runs_folder)[0].name == "0"


def test_a_runs_name_tells_the_time_and_not_the_order(project, set_clock):
    made = []
    for jump_s in JUMPS:
        set_clock(jump_s)
        made.append(Run.create(project.runs_folder / new_run_name(), TrainConfig(), []).name)
    assert [run.name for run in list_runs(project.runs_folder)] == made[::-1]


def test_imports_and_what_is_in_the_trash_keep_their_order(project, set_clock):
    workspace, made = Workspace(project.folder.parents[1]), []
    for number, jump_s in enumerate(JUMPS):
        set_clock(jump_s)
        made.append(ImportFolder.create(project).folder)
        workspace.move_to_trash(workspace.create(f"Gone {number}"))
    assert [this.folder for this in imports(project)] == made[::-1]
    assert [gone.title for gone in workspace.trash()] == [f"Gone {i}" for i in range(len(JUMPS))][::-1]


def test_the_import_shown_is_the_one_submitted_last(project, set_clock, monkeypatch):
    monkeypatch.setattr(Job, "launch", lambda self, command, name: None)
    jobs, shown = Jobs(project.folder.parents[1]), []
    monkeypatch.setattr(job_monitor, "show_progress", lambda key, job, words, keep: shown.append(job.folder))
    asked, other = ImportFolder.create(project), ImportFolder.create(project)
    for this, jump_s in ((asked, 0.0), (other, -DAY_S), (asked, -2 * DAY_S)):
        set_clock(jump_s)
        jobs.submit(kinds.IMPORT, this.folder)
        assert job_monitor.show_import("key", project)
        this.job.event_log().write(FINISHED)
    assert shown == [asked.folder, other.folder, asked.folder]
    assert asked.job.submission() > other.job.submission() > 0

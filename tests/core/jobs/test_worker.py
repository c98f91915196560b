import errno
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.advice.folder import advice_of
from core.base.errors import InputError, StorageError
from core.base.events import EPOCH, FAILED, FINISHED, PHASE, QUEUED
from core.base.files import file_sha256, read_json
from core.jobs import kinds
from core.jobs.job import Job, State
from core.jobs.queue import Jobs
from core.jobs.worker import work
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects import edits
from core.projects.imports import FOLDER, ImportFolder, ImportRequest
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.run import Run, new_run_name
from tests.core.shapes import CLASSES, write_shapes
from tests.waiting import await_that

LONG = TrainConfig(epochs=1000, patience=1000, batch_size=2)  # goes on for minutes if nobody stops it
SHORT = TrainConfig(epochs=4)
STORED = ("photos", "set-aside", "thumbs")  # folders of a project


def ended(job, seconds=90):
    await_that(lambda: not job.state().is_active, seconds, "the job to end")
    return job.state()


@pytest.fixture(scope="module")
def jobs(workspace_home):
    return Jobs(workspace_home)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Two classes of seven photos, one more that can't be read, and a text."""
    folder = write_shapes(tmp_path_factory.mktemp("source"), per_class=7, classes=CLASSES[:2], first=300)
    (folder / CLASSES[0] / "bad.jpg").write_bytes(b"this is a text and no photo")
    (folder / CLASSES[0] / "notes.txt").write_text("bought on Monday")
    return folder


def import_job(project, source, jobs):
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(source)))
    return jobs.submit(kinds.IMPORT, this.folder)


@pytest.fixture(scope="module")
def imported(workspace_home, source, jobs):
    """A project whose photos a worker brought in, and that worker's job."""
    project = Workspace(workspace_home).create("Shapes")
    job = import_job(project, source, jobs)
    ended(job)
    return project, job


@pytest.fixture
def submit_run(imported, jobs):
    """Makes a run in the project and submits it; whatever still works after the test is killed."""
    submitted = []

    def submit(config, photos=None):
        project, _ = imported
        photos = photos or [
            LabelledPhoto(str(project.path(photo)), photo.label, photo.split, photo.sha256)
            for photo in split_photos(project, config.seed, Shares(config.validation_share, config.test_share))
        ]
        run = Run.create(project.runs_folder / f"{new_run_name()} {len(submitted)}", config, photos)
        jobs.submit(kinds.TRAIN, run.folder)
        submitted.append(run)
        return run

    yield submit
    for run in submitted:
        run.job.kill()
        await_that(lambda run=run: not run.job.is_alive(), 90, "the worker to die")


def epochs(run):
    return [event for event in run.job.events() if event["event"] == EPOCH]


def test_an_import_by_a_worker_ends_with_the_counts(imported, source):
    project, job = imported
    assert job.state() is State.FINISHED
    last = job.events()[-1]
    assert (last["added"], last["already_there"], last["set_aside"], last["classes"]) == (14, 0, 1, 2)
    assert project.class_counts() == dict.fromkeys(CLASSES[:2], 7)
    assert [photo.name for photo in project.photos_set_aside()] == [f"{CLASSES[0]}/bad.jpg"]
    assert len(list(source.rglob("*.jpg"))) == 15  # the originals are only read


def test_an_import_of_nothing_fails_with_what_to_do(imported, jobs, tmp_path):
    job = import_job(imported[0], tmp_path, jobs)
    assert ended(job) is State.FAILED
    assert "No photos were found" in job.events()[-1]["message"]
    assert "Put the photos of each class into a folder" in job.events()[-1]["message"]


@pytest.mark.endurance
def test_advice_is_kept_with_what_it_was_measured_on(imported, jobs, workspace_home, installed_engine):
    shutil.copytree(installed_engine, Workspace(workspace_home).engine_folder, dirs_exist_ok=True)
    project, _ = imported
    advice = advice_of(project)
    assert advice.read() is None
    advice.folder.mkdir()
    jobs.submit(kinds.ADVISE, advice.folder)
    assert ended(advice.job) is State.FINISHED
    answer = advice.read()
    assert (answer.photos_per_class.min, answer.measured_on) == (7, project.photo_state())
    parts = {photo.sha256: photo.split for photo in project.photos()}
    assert "test" not in {parts[sha256] for sha256 in answer.examples.familiar}
    edits.set_aside(project, [project.photos()[0].id])
    assert answer.measured_on != project.photo_state()
    edits.undo(project)
    assert answer.measured_on == project.photo_state()


@pytest.mark.slow
def test_stop_and_keep_in_mid_fit_leaves_a_complete_run(submit_run):
    run = submit_run(LONG)
    await_that(lambda: len(epochs(run)) >= 3, 90, "three epochs")
    run.job.request_stop(keep=True)
    assert ended(run.job) is State.FINISHED
    report = run.report()
    assert 3 <= len(report.epochs) < LONG.epochs
    assert report.test.n >= 2
    losses = [epoch.val_loss for epoch in report.epochs]
    assert report.best_epoch == losses.index(min(losses)) + 1
    assert run.class_names() == list(CLASSES[:2])


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_fit_is_lost_and_blocks_nobody(submit_run, jobs, tmp_path):
    run = submit_run(LONG)
    await_that(lambda: epochs(run), 90, "an epoch")
    assert run.job.state() is State.RUNNING
    os.kill(read_json(run.folder / "job.json")["pid"], signal.SIGKILL)
    assert ended(run.job) is State.LOST
    assert run.report() is None
    events = run.job.events()
    assert [events[0]["event"], events[1]["event"]] == [QUEUED, PHASE]
    assert len(epochs(run)) >= 1
    log = (run.folder / "worker.log").read_text().splitlines()
    assert run.job.log_tail(lines=2) == "\n".join(log[-2:])
    assert jobs.waiting_ahead(tmp_path) == 0  # its place in the queue is free


@dataclass(frozen=True)
class Queue:
    """What was seen while one run worked, two waited and photos came in; until the first was discarded in its fit."""

    states: list
    waiting: list
    trash_refused: str
    bringing: Job
    brought: State
    running_while_brought: bool
    third: State
    running_without_third: bool
    first: Run
    first_state: State
    second: Run
    second_state: State


@pytest.fixture(scope="module")
def queue(imported, jobs, source, workspace_home):
    """Three runs at once: the first is discarded in its fit, the third is taken out of the queue, the second stays."""
    project, _ = imported
    photos = [LabelledPhoto(str(project.path(photo)), photo.label, "", photo.sha256) for photo in project.photos()]
    runs = [
        Run.create(project.runs_folder / f"queue {n}", config, photos) for n, config in enumerate((LONG, SHORT, SHORT))
    ]
    try:
        yield watch_queue(
            runs,
            jobs,
            lambda: Workspace(workspace_home).move_to_trash(project),
            lambda: import_job(project, source, jobs),
        )
    finally:
        for run in runs:
            run.job.kill()


def watch_queue(runs, jobs, move_to_trash, bring):
    first, second, third = runs
    jobs.submit(kinds.TRAIN, first.folder)
    await_that(lambda: epochs(first), 90, "an epoch of the first")
    for run in (second, third):
        jobs.submit(kinds.TRAIN, run.folder)
        await_that(run.job.is_alive, 90, "its worker to come up")
    states = [run.job.state() for run in runs]
    waiting = [jobs.waiting_ahead(run.folder) for run in runs]
    with pytest.raises(InputError) as refused:
        move_to_trash()
    bringing = bring()
    brought = ended(bringing, seconds=20)
    running = [first.job.state() is State.RUNNING]
    third.job.request_stop(keep=False)
    third_state = ended(third.job)
    running.append(first.job.state() is State.RUNNING)
    first.job.request_stop(keep=False)
    first_state = ended(first.job)
    return Queue(
        states=states,
        waiting=waiting,
        trash_refused=str(refused.value),
        bringing=bringing,
        brought=brought,
        running_while_brought=running[0],
        third=third_state,
        running_without_third=running[1],
        first=first,
        first_state=first_state,
        second=second,
        second_state=ended(second.job),
    )


@pytest.mark.endurance
def test_a_second_run_waits_while_the_first_one_works(queue):
    assert queue.states == [State.RUNNING, State.QUEUED, State.QUEUED]
    assert queue.waiting == [0, 1, 2]


@pytest.mark.slow
def test_the_second_run_finishes_once_the_first_has_ended(queue):
    assert queue.second_state is State.FINISHED
    assert len(queue.second.report().epochs) == SHORT.epochs
    names = [event["event"] for event in queue.second.job.events()]
    assert names[0] == QUEUED
    assert names[-1] == FINISHED


@pytest.mark.slow
def test_a_run_that_waits_can_be_taken_out_of_the_queue(queue):
    assert queue.third is State.CANCELLED
    assert queue.running_without_third


@pytest.mark.slow
def test_stop_and_discard_in_mid_fit_keeps_nothing(queue):
    run = queue.first
    assert len(epochs(run)) >= 1
    assert queue.first_state is State.CANCELLED
    assert run.report() is None
    assert not run.engine_path.exists()
    assert "your photos are untouched" in run.job.events()[-1]["message"]


@pytest.mark.slow
def test_an_import_does_not_wait_for_a_training(queue):
    assert queue.brought is State.FINISHED
    assert queue.running_while_brought
    assert queue.bringing.events()[-1]["already_there"] == 15


@pytest.mark.slow
def test_a_project_that_is_worked_on_cannot_go_to_the_trash(queue):
    assert "Shapes is still being worked on" in queue.trash_refused


@pytest.mark.slow
def test_nobody_is_left_in_the_queue(queue, workspace_home):
    assert list((workspace_home / "queue").iterdir()) == []


@pytest.mark.slow
def test_a_run_with_only_unreadable_photos_fails_and_says_so(submit_run, tmp_path):
    photos = []
    for n in range(12):
        path = tmp_path / f"{n}.jpg"
        path.write_bytes(b"this is a text and no photo %d" % n)
        photos.append(LabelledPhoto(str(path), CLASSES[n % 2], "", file_sha256(path)))
    run = submit_run(SHORT, photos)
    assert ended(run.job) is State.FAILED
    message = run.job.events()[-1]["message"]
    assert f"{CLASSES[0]}: none of 6 can be read" in message
    assert "Traceback" not in run.job.log_tail(1000)


def test_work_says_how_it_ended_whatever_is_raised(tmp_path, capsys):
    run = Run.create(tmp_path / "run", SHORT, [])

    def raising(error):
        def do():
            raise error

        return do

    assert not work(run.job, raising(StorageError("The disk is full.")))
    assert not work(run.job, raising(MemoryError()))
    assert not work(run.job, raising(KeyError("a bug")))
    assert not work(run.job, raising(OSError(errno.ENOSPC, "no room")))  # of what says nothing better
    assert [event["event"] for event in run.job.events()] == [FAILED] * 4
    messages = [event["message"] for event in run.job.events()]
    assert messages[0] == "The disk is full."
    assert "out of memory" in messages[1]
    assert "did not expect" in messages[2]
    assert messages[3].startswith("The disk is full: it ran out of space while doing this work.")
    assert "a bug" in capsys.readouterr().err  # the log keeps what the person is spared


def test_work_that_went_well_adds_nothing(tmp_path):
    run = Run.create(tmp_path / "run", SHORT, [])
    assert work(run.job, lambda: None)
    assert run.job.events() == []
    assert not run.job.is_alive()


def everything_known(project):
    """All that the database holds of the photos but the time at which they came."""
    query = (
        "select id, label, file, name, sha256, bytes, width, height, split, set_aside, kept, looks.*"
        " from photos left join looks on photo = id order by id"
    )
    with project.database() as db:
        return db.execute(query).fetchall()


def children_of(pid):
    """Linux only: the processes that any of its threads started."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes where Linux lists them")
def test_an_import_killed_in_the_middle_and_continued_gives_the_same_database(tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 900, "pear": 900})
    (folder / "apple" / "000 bad.jpg").write_bytes(b"no photo")
    workspace, jobs = Workspace(tmp_path / "home"), Jobs(tmp_path / "home")
    calm, killed = workspace.create("Calm"), workspace.create("Killed")
    assert ended(import_job(calm, folder, jobs)) is State.FINISHED

    job = import_job(killed, folder, jobs)
    await_that(lambda: len(killed.photos()) >= 200, 90, "the first photos")
    pid = read_json(job.folder / "job.json")["pid"]
    helpers = children_of(pid)
    os.kill(pid, signal.SIGKILL)
    assert helpers
    await_that(lambda: not any(map(is_running, helpers)), 20, "the processes that read photos to end with their parent")
    assert job.state() is State.LOST
    assert 200 <= len(killed.photos()) < 1800
    assert everything_known(killed) != everything_known(calm)

    jobs.submit(kinds.IMPORT, job.folder)
    assert ended(job) is State.FINISHED
    assert everything_known(killed) == everything_known(calm)
    on_disk = {path.relative_to(killed.folder) for path in killed.folder.rglob("*") if path.is_file()}
    expected = {path.relative_to(calm.folder) for path in calm.folder.rglob("*") if path.is_file()}
    assert {path for path in on_disk if path.parts[0] in STORED} == {p for p in expected if p.parts[0] in STORED}

import os
import subprocess
import sys

import pytest

from core.base import disk, files
from core.base.events import CANCELLED, FINISHED, PHASE
from core.base.files import write_json
from core.jobs import worker
from core.jobs.job import REPOSITORY, Job
from core.jobs.kinds import KINDS, JobKind
from core.projects.import_question import ImportQuestion
from core.upkeep.caches import bound, caches, keep_bounded
from core.upkeep.leftovers import leftovers
from core.upkeep.room import LEFTOVERS, empty
from core.upkeep.sweeping import sweep

WRITE = """
import sys, time
from pathlib import Path
from core.base import files
with files.appearing_whole(Path(sys.argv[1])) as beside:
    beside.write_bytes(b"half")
    print(beside, flush=True)
    sys.stdin.read(1)
    beside.write_bytes(b"whole")
"""


@pytest.fixture
def writer():
    """Starts a real process that has begun to write a file: it, and the place where that is half written."""
    running = []

    def start(target):
        command = [sys.executable, "-c", WRITE, str(target)]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process, target.parent / os.path.basename(process.stdout.readline().strip())

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("place", ["projects/Fruit/photos/apple/1.jpg", "projects/Fruit/plan.json", "weights/a.h5"])
def test_what_a_living_process_writes_stays_and_becomes_whole(home, writer, place):
    process, half = writer(home / place)
    assert sweep(home).items == 0
    assert empty(home, LEFTOVERS).items == 0
    assert half.read_bytes() == b"half"
    process.communicate("x", timeout=30)
    assert (home / place).read_bytes() == b"whole"
    assert not half.exists()


def test_what_a_killed_process_was_writing_is_swept(home, writer):
    process, half = writer(home / "projects" / "Fruit" / "photos" / "apple" / "1.jpg")
    process.kill()
    process.wait(timeout=30)
    assert half.read_bytes() == b"half"
    os.utime(half, (2e9, 2e9))  # whatever the clock said
    removed = sweep(home)
    assert (removed.items, removed.bytes) == (1, 4)
    assert not half.exists()


def test_a_writer_waits_while_its_folder_is_swept_and_is_never_refused(home):
    target = home / "projects" / "Fruit" / "plan.json"
    with disk.alone_in(target.parent, unless_known=False) as alone:
        assert alone
        with disk.alone_in(target.parent, unless_known=True) as twice:
            assert not twice
    write_json(target, 1)
    assert files.read_json(target) == 1


def test_where_a_folder_can_not_be_locked_nothing_half_written_is_touched(home, put, monkeypatch):
    half = put(home / "projects" / "Fruit" / ".writing-1.json")
    monkeypatch.setattr(disk, "fcntl", None)
    assert sweep(home).in_use == 1
    assert half.exists()


def test_in_a_project_in_which_a_job_goes_on_nothing_half_written_is_touched(home, project, put, hold):
    """An older version of the app wrote without a lock."""
    half = put(project.folder / "photos" / "apple" / ".writing-1.jpg")
    shared = put(home / "engine" / "lite0" / ".writing-model.xml")
    hold(Job(project.folder / "imports" / "1"), PHASE)
    assert sweep(home).items == 0
    assert half.exists()
    assert shared.exists()


def test_folders_in_which_a_killed_worker_was_saving_are_swept(home, project, put, done, hold):
    dead = done(project.folder / "runs" / "dead", last="")
    put(dead / "tmpab12_xyz" / "head.xml")
    put(dead / "exports" / "litert" / "tmpab12_xyz" / "saved.pb")
    put(dead / "tensorboard" / "events", 10)
    put(done(project.folder / "foreign" / "1") / "tmpab12_xyz" / "model.xml")
    put(done(home / "going" / "pack Fruit", last="") / "half-x" / "project.db")
    put(done(home / "runs" / "by hand", last="") / "tmpab12_xyz" / "head.xml")
    living = project.folder / "runs" / "living"
    hold(Job(living), PHASE)
    put(living / "tmpab12_xyz" / "head.xml")
    assert sweep(home).items == 5
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_dir() and "tmp" in path.name}
    assert left == {"projects/Fruit/runs/living/tmpab12_xyz"}
    assert (dead / "tensorboard" / "events").exists()


def test_of_imports_only_what_none_can_go_on_with_is_swept(home, project, put, done):
    def brought(name, last, **values):
        folder = done(project.folder / "imports" / name, last, **values)
        put(folder / "incoming" / "000001.jpg", 300)
        put(folder / "unpacked" / "000001.jpg", 200)
        return folder

    finished, given_up = brought("1", FINISHED), brought("2", CANCELLED)
    asked = ImportQuestion(title="a zip", readings=[], notes=[], not_taken=0)
    asking, killed = brought("3", FINISHED, asks=True), brought("4", "")
    write_json(asking / "question.json", asked.to_json())
    coming = put(project.folder / "imports" / "0" / "incoming" / "000001.jpg", 300)  # from another tab, before its job
    removed = sweep(home)
    assert (removed.items, removed.bytes) == (3, 900)
    assert not (finished / "incoming").exists()
    assert (given_up / "incoming" / "000001.jpg").exists()  # uploads that were never brought in
    assert (asking / "unpacked" / "000001.jpg").exists()
    assert (killed / "incoming" / "000001.jpg").exists()
    assert not (killed / "unpacked").exists()
    assert empty(home, LEFTOVERS).bytes == 300  # asked for: the uploads too, but not those that can be continued
    assert not (given_up / "incoming").exists()
    assert coming.exists()
    assert (killed / "incoming" / "000001.jpg").exists()


def test_an_uploaded_zip_that_was_opened_is_swept_and_one_that_comes_in_is_not(home, put, done):
    put(done(home / "going" / "open 1", last="") / "upload.zip", 700)
    coming = put(home / "going" / "open 2" / "upload.zip", 700)
    assert sweep(home).bytes == 700
    assert coming.exists()


def test_of_damaged_files_only_those_that_were_made_anew_are_swept(home, project, put):
    put(project.folder / "search" / "search.damaged", 10)
    put(home / "cache" / "search.damaged", 20)
    kept = put(project.folder / "project.db.damaged", 30)
    assert sweep(home).bytes == 30
    assert kept.exists()


def test_what_was_being_removed_when_the_app_was_ended_is_removed(home, put):
    put(home / "removing" / "0123456789abcdef" / "photos" / "1.jpg", 100)
    put(home / "removing" / "0123456789abcde0", 100)
    removed = sweep(home)
    assert (removed.items, removed.bytes) == (2, 200)
    assert list((home / "removing").iterdir()) == []


def used(path, seconds):
    os.utime(path, (seconds, seconds))


@pytest.fixture
def three(home, project, put):
    """Three caches of 1,000 bytes, of which the first was of use last."""
    for n, name in enumerate(["lite0-224", "lite1-240"]):
        for end, n_bytes in (("keys", 100), ("f16", 900)):
            used(put(project.folder / "cache" / "features" / f"{name}.{end}", n_bytes), 3000 - n)
    used(put(home / "engine" / "lite0" / "model.bin", 1000), 1000)
    used(project.folder / "cache" / "features" / "lite1-240.keys", 500)  # of its files the latest counts
    return home


def kept(home):
    return sorted(path.name for each in caches(home) for path in each.item.paths)


def test_the_caches_unused_longest_go_first_until_the_rest_is_within_the_bound(three):
    assert keep_bounded(three, 3000).items == 0
    assert keep_bounded(three, 2500).bytes == 1000
    assert kept(three) == ["lite0-224.f16", "lite0-224.keys", "lite1-240.f16", "lite1-240.keys"]
    assert keep_bounded(three, 1999).bytes == 1000
    assert kept(three) == ["lite0-224.f16", "lite0-224.keys"]


def test_a_cache_that_was_read_counts_as_used(three, project):
    disk.note_use(project.folder / "cache" / "features" / "lite1-240.f16")
    keep_bounded(three, 1000)
    assert kept(three) == ["lite1-240.f16", "lite1-240.keys"]


def test_caches_that_work_needs_stay_beyond_the_bound(three, project, hold):
    hold(Job(project.folder / "runs" / "r"), PHASE)
    assert keep_bounded(three, 0).items == 0
    assert len(kept(three)) == 5


def test_a_worker_keeps_the_caches_bounded_once_its_job_has_ended(three, project, monkeypatch):
    def learn(home, folder):
        assert kept(three) != []
        folder.job.event_log().write(FINISHED)

    dummy = JobKind("dummy", "core.jobs.folder.JobFolder", "", "dummies/*", afterwards=KINDS["train"].afterwards)
    monkeypatch.setitem(KINDS, "dummy", dummy)
    monkeypatch.setattr(JobKind, "handler_function", lambda kind: learn)
    monkeypatch.setattr("core.upkeep.caches.bound", lambda home: 0)
    folder = project.folder / "dummies" / "1"
    folder.mkdir(parents=True)
    Job(folder).note_worker("dummy")
    assert worker.main(three, folder)
    assert kept(three) == []
    filling = [kind.name for kind in KINDS.values() if kind.afterwards]
    assert filling == ["train", "advise", "search", "tutorial", "dummy"]


def test_the_bound_is_a_tenth_of_the_disk_and_at_most_20_gb(home, monkeypatch):
    assert 0 < bound(home) <= 20_000_000_000
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Room", (), {"total": 64_000_000_000}))
    assert bound(home) == 6_400_000_000


def test_nothing_is_swept_where_there_is_no_workspace(tmp_path):
    assert sweep(tmp_path / "none").items == 0
    assert not (tmp_path / "none").exists()
    assert leftovers(tmp_path / "none") == []

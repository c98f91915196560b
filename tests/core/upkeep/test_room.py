import os

import pytest

from core.base import disk
from core.base.errors import StorageError
from core.base.events import PHASE
from core.cli.command import Command
from core.cli.main import COMMANDS, main
from core.jobs.job import Job
from core.upkeep import work
from core.upkeep.room import BATCHES, CACHES, EXPORTS, LEFTOVERS, TRASH, Usage, empty, usage


@pytest.fixture
def filled(home, project, put, done):
    """Some of everything: what it takes, in thousands of bytes, is the number in each file's name."""
    other = project.folder.parent / "Leaves"
    put(home / "trash" / "1 Old" / "project.db", 1000)
    put(home / "trash" / "1 Old" / "photos" / "a" / "x.jpg", 2000)
    put(project.folder / "trash" / "a run" / "model.bin", 4000)
    put(project.folder / "trash" / "batches" / "7" / "answers.db", 8000)
    for place in (home, project.folder, other):
        put(place / "cache" / "features" / "lite0-224.keys", 100)
        put(place / "cache" / "features" / "lite0-224.f16", 900)
    put(project.folder / "cache" / "activations" / "lite0-block3.f16", 2000)
    put(home / "engine" / "lite0" / "model.bin", 5000)
    put(done(project.folder / "batches" / "5") / "unpacked" / "1.jpg", 3000)
    put(done(project.folder / "batches" / "6", last="") / "unpacked" / "1.jpg", 3000)
    put(done(project.folder / "runs" / "r" / "exports" / "onnx") / "model.zip", 6000)
    put(done(home / "going" / "pack Fruit") / "Fruit.zip", 7000)
    put(project.folder / "photos" / "apple" / ".writing-1.jpg", 500)
    put(project.folder / "photos" / "apple" / "1.jpg", 1000)
    return home


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_each_kind_takes_is_counted(filled):
    found = usage(filled)
    assert list(found) == [TRASH, CACHES, LEFTOVERS, BATCHES, EXPORTS]
    assert found[TRASH] == Usage(3, 15_000, True)
    assert found[CACHES] == Usage(3, 10_000, True)
    assert found[LEFTOVERS] == Usage(1, 500, True)
    assert found[EXPORTS].items == 2
    assert 13_000 < found[EXPORTS].bytes < 14_000  # with their events
    assert found[BATCHES].items == 1  # the other may be gone on with
    assert 3_000 < found[BATCHES].bytes < 4_000


def test_a_workspace_that_is_not_there_takes_nothing(tmp_path):
    assert set(usage(tmp_path / "none").values()) == {Usage(0, 0, True)}


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        (TRASH, {"trash/1 Old/project.db", "trash/1 Old/photos/a/x.jpg", "projects/Fruit/trash/a run/model.bin"}),
        (CACHES, {"engine/lite0/model.bin", "cache/features/lite0-224.keys", "projects/Leaves/cache/features"}),
        (LEFTOVERS, {"projects/Fruit/photos/apple/.writing-1.jpg"}),
        (BATCHES, {"projects/Fruit/batches/5/unpacked/1.jpg", "projects/Fruit/batches/5/events.jsonl"}),
        (EXPORTS, {"projects/Fruit/runs/r/exports/onnx/model.zip", "going/pack Fruit/Fruit.zip"}),
    ],
)
def test_each_kind_is_emptied_and_nothing_else(filled, name, gone):
    before, taken = names(filled), usage(filled)
    removed = empty(filled, name)
    assert (removed.bytes, removed.failed, removed.in_use) == (taken[name].bytes, 0, 0)
    left = before - names(filled)
    assert {path for path in gone if not any(each.startswith(path) for each in left)} == set()
    after = usage(filled)
    assert after.pop(name).bytes == 0
    assert after == {other: taken[other] for other in after}
    assert {"projects/Fruit/project.db", "projects/Fruit/photos/apple/1.jpg"} <= names(filled)
    assert list((filled / "removing").iterdir()) == []


def test_links_are_not_followed(filled, project, tmp_path, put):
    mine = put(tmp_path / "mine" / "photo.jpg", 900_000)
    before = usage(filled)
    for place in ("trash", "cache/features", "engine", "projects/Fruit/batches", "going"):
        (filled / place / "link").symlink_to(mine.parent)
    (filled / "projects" / "linked").symlink_to(tmp_path / "mine")
    (filled / "cache" / "features" / "linked.f16").symlink_to(mine)
    assert sum(found.bytes for found in usage(filled).values()) < sum(found.bytes for found in before.values()) + 1000
    for name in before:
        empty(filled, name)
    assert mine.stat().st_size == 900_000
    assert (filled / "projects" / "linked").is_symlink()


def test_a_folder_that_is_a_link_out_of_the_workspace_stays(home, tmp_path, put):
    mine = put(tmp_path / "elsewhere" / "1 Old" / "project.db")
    (home / "trash").symlink_to(tmp_path / "elsewhere")
    assert usage(home)[TRASH] == Usage(0, 0, True)
    assert empty(home, TRASH).items == 0
    assert mine.exists()


def test_the_caches_of_a_project_in_which_work_goes_on_stay_and_so_do_the_shared_ones(filled, project, hold):
    run = project.folder / "runs" / "r"
    hold(Job(run), PHASE)
    removed = empty(filled, CACHES)
    assert (removed.items, removed.in_use, removed.bytes) == (1, 2, 1000)  # that of the other project went
    assert (filled / "engine" / "lite0" / "model.bin").exists()
    assert (filled / "cache" / "features" / "lite0-224.f16").exists()
    assert (project.folder / "cache" / "activations" / "lite0-block3.f16").exists()
    assert "Left, since work that goes on needs them: 2." in removed.words


def test_what_a_command_works_with_stays(filled):
    with disk.using(filled):
        assert empty(filled, CACHES).in_use == 1
    assert (filled / "engine" / "lite0" / "model.bin").exists()
    assert empty(filled, CACHES).bytes == 6000


def test_commands_that_work_with_caches_keep_them_from_being_cleared(filled, monkeypatch, capsys):
    monkeypatch.setenv("ESPALIER_HOME", str(filled))
    assert [each.name for each in COMMANDS if each.uses_caches] == ["advise", "search", "train"]
    for uses_caches in (True, False):
        looking = Command("look", "look", lambda _: (0, str(work.anywhere(filled))), lambda _: None, uses_caches)
        monkeypatch.setattr("core.cli.main.COMMANDS", (looking,))
        assert main(["look"]) == 0
        assert capsys.readouterr().out == f"{uses_caches}\n"


def test_a_run_that_is_at_work_in_the_trash_stays(filled, project, hold):
    folder = project.folder / "trash" / "a run"
    hold(Job(folder), PHASE)
    removed = empty(filled, TRASH)
    assert (removed.items, removed.in_use) == (2, 1)
    assert (folder / "model.bin").exists()


def test_work_that_begins_while_a_cache_is_moved_aside_gets_it_back(filled, project, monkeypatch):
    """It has seen what was there, and would fail without it."""
    replace, job = disk.replace, Job(project.folder / "runs" / "r")

    def begin_meanwhile(source, target):
        replace(source, target)
        if "removing" in target.parts and not job.is_alive():
            lock.acquire()
            job.event_log().write(PHASE)

    lock = job.alive_lock()
    monkeypatch.setattr(disk, "replace", begin_meanwhile)
    kept = names(filled)
    assert empty(filled, CACHES).in_use == 2
    lock.release()
    gone = {"projects/Leaves/cache/features/lite0-224.keys", "projects/Leaves/cache/features/lite0-224.f16"}
    assert kept - names(filled) == gone


def test_files_with_several_names_free_room_only_with_the_last(home, project, put):
    photo = put(project.folder / "runs" / "r" / "photos" / "x.jpg", 3000)
    for run in ("1", "2"):
        (project.folder / "trash" / run).mkdir(parents=True)
        os.link(photo, project.folder / "trash" / run / "x.jpg")
    assert usage(home)[TRASH].bytes == 0
    photo.unlink()
    assert usage(home)[TRASH].bytes == 3000
    assert empty(home, TRASH).bytes == 3000


def test_a_disk_that_can_not_be_written_is_said_in_words(filled, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied", str(source))

    monkeypatch.setattr(disk, "replace", refuse)
    with pytest.raises(StorageError, match="can't be written to"):
        empty(filled, TRASH)
    assert usage(filled)[TRASH].bytes == 15_000


def test_what_is_removed_in_part_is_told_and_tried_again(filled, monkeypatch):
    remove = disk.remove_folder
    monkeypatch.setattr(disk, "remove_folder", lambda folder: (folder / "photos").exists() or remove(folder))
    removed = empty(filled, TRASH)
    assert (removed.items, removed.failed, removed.bytes) == (2, 1, 12_000)
    assert "Not removed: 1." in removed.words
    assert usage(filled)[LEFTOVERS].bytes == 3500
    monkeypatch.setattr(disk, "remove_folder", remove)
    assert empty(filled, LEFTOVERS).bytes == 3500
    assert list((filled / "removing").iterdir()) == []


def test_the_trash_can_be_emptied_on_a_disk_so_full_that_nothing_can_be_moved(filled, monkeypatch):
    def refuse(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(disk, "replace", refuse)
    assert empty(filled, TRASH).bytes == 15_000
    assert usage(filled)[TRASH] == Usage(0, 0, True)

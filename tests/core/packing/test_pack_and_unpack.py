import json
import math
import os
import shutil
import sqlite3
import stat
import zipfile
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.advice.folder import advice_of
from core.base.errors import InputError, StopRequested, StorageError
from core.base.events import CANCELLED, FINISHED, PHASE
from core.base.files import write_json
from core.checks.findings import find_in_project
from core.evaluation.thresholds import costly_pairs
from core.jobs.active import active_jobs
from core.models.config import TrainConfig
from core.packing.folder import new_opening, openings, packing_of
from core.packing.pack import ABOUT, belongs, pack
from core.packing.unpack import unpack
from core.photos.kept_settings import to_keep
from core.photos.pictures import PLAIN, PictureSettings
from core.projects import edits
from core.projects.augmentation_answers import answers
from core.projects.changes.moves import MOVING
from core.projects.picture_settings import odd_pictures, pictures_of
from core.projects.plan import next_plan
from core.projects.project import PICTURES, open_project
from core.projects.project_split import near_copy_groups, split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos
from core.runs.run import Run, list_runs
from core.runs.trash import move_to_trash
from tests.core.advices import some_advice
from tests.core.projects.test_project import V1
from tests.core.sources.packed import add_overlapping
from tests.importing import bring_folder

LABELS = {"apple": 3, "crème «brûlée», 🍮": 2}


def tree(folder, *parts):
    """Every file below these parts of a project, by name, with its bytes."""
    files = [path for part in parts for path in (folder / part).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rows(project, table):
    with project.database() as db:
        return db.execute(f"select * from {table} order by 1").fetchall()


def finished_run(project, name, split=True):
    config = TrainConfig()
    photos = split_photos(project, config.seed, Shares()) if split else project.photos()
    run = Run.create(project.runs_folder / name, config, run_photos(project, photos))
    run.engine_path.write_text("<net/>")
    write_json(run.labels_path, list(LABELS))
    run.job.event_log().write(FINISHED)
    return run


@pytest.fixture
def here(tmp_path):
    return Workspace(tmp_path / "here")


@pytest.fixture
def there(tmp_path):
    return Workspace(tmp_path / "on another computer")


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A project and its zip, to be copied: photos in two classes, one set aside by hand, one that is none, one moved,
    a run, and one in the trash."""
    folder = tmp_path_factory.mktemp("once")
    for label, n in LABELS.items():
        (folder / "brought" / label).mkdir(parents=True)
        for i in range(n):
            noise = np.random.default_rng([n, i]).integers(0, 256, (48, 64, 3), np.uint8)
            Image.fromarray(noise).save(folder / "brought" / label / f"{i}.jpg")
    (folder / "brought" / "apple" / "bad.jpg").write_bytes(b"no photo")
    made = Workspace(folder / "home").create("Fruit & more")
    bring_folder(made, folder / "brought")
    first, second, *_ = made.photos()
    edits.set_aside(made, [first.id])
    edits.move(made, [second.id], "pear")
    advice_of(made).folder.mkdir()
    advice_of(made).write(some_advice(measured_on="then"))
    finished_run(made, "2026-01-01 kept")
    move_to_trash(made, finished_run(made, "2026-01-02 thrown away"))
    pack(made, folder / "fruit.zip")
    return folder


@pytest.fixture
def project(once, here):
    (made,) = Workspace(once / "home").projects()
    return open_project(shutil.copytree(made.folder, here.home / "projects" / made.id))


@pytest.fixture
def packed(once, tmp_path):
    return Path(shutil.copy(once / "fruit.zip", tmp_path))


@pytest.fixture
def open_there(there, tmp_path):
    staging = tmp_path / "staging"
    staging.mkdir()

    def open_it(archive):
        try:
            return unpack(archive, there, staging)
        finally:
            assert list(staging.iterdir()) == []

    return open_it


def refused(open_there, there, archive, words):
    with pytest.raises(InputError, match=words):
        open_there(archive)
    assert there.projects() == []
    assert not (there.home / "projects").exists() or list((there.home / "projects").iterdir()) == []


def changed(packed, change, *, about=True):
    """The zip with its entries as `change` gives them back, and an `about` that fits again."""
    with zipfile.ZipFile(packed) as old:
        entries = {entry.filename: old.read(entry) for entry in old.infolist()}
    told = json.loads(entries.pop(ABOUT))
    entries = change(entries) or entries
    target = packed.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
        if about:
            told |= {"files": len(entries), "bytes": sum(map(len, entries.values()))}
        new.writestr(ABOUT, json.dumps(told))
    return target


def with_database(packed, tmp_path, *statements):
    def change(entries):
        path = tmp_path / "changed.db"
        path.write_bytes(entries["project.db"])
        with closing(sqlite3.connect(path)) as db, db:
            for statement in statements:
                db.execute(*statement) if isinstance(statement, tuple) else db.execute(statement)
        entries["project.db"] = path.read_bytes()

    return changed(packed, change)


def test_a_project_opens_elsewhere_with_all_that_was_in_it(project, packed, open_there, there):
    opened = open_there(packed)
    assert [each.id for each in there.projects()] == [opened.id]
    assert opened.title == "Fruit & more"
    for table in ("photos", "looks", "edits", "settings"):
        assert rows(opened, table) == rows(project, table)
    kept = tree(project.folder, "photos", "set-aside", "thumbs", "advice")
    assert len(kept) == 6 + 5 + 1
    assert tree(opened.folder, "photos", "set-aside", "thumbs", "advice") == kept
    assert edits.undo(opened).what == "Moved 1 photo to pear"
    assert opened.class_counts() == {"apple": 2, "crème «brûlée», 🍮": 2}


def test_how_pictures_are_read_and_what_is_odd_in_them_comes_along(project, open_there, tmp_path):
    facts = replace(PLAIN, depth="uint16", high=4000.0, pages=3, blank=True)
    first = project.photos()[0]
    with project.database() as db:
        marks = ", ".join("?" * 10)
        db.execute(f"insert into pictures values ({marks})", (first.id, *astuple(facts)))
    settings = PictureSettings((("uint16", 0.0, 4095.0),), page=2)
    project.keep_setting(PICTURES, json.dumps(to_keep(settings)))
    (run,) = list_runs(project.runs_folder)
    write_json(run.pictures_path, to_keep(settings))
    pack(project, tmp_path / "odd.zip")
    opened = open_there(tmp_path / "odd.zip")
    assert pictures_of(opened) == settings
    assert [(each.photo.sha256, each.facts) for each in odd_pictures(opened)] == [(first.sha256, facts)]
    assert list_runs(opened.runs_folder)[0].pictures() == settings


def test_runs_find_their_photos_where_they_are_now(project, packed, open_there):
    shutil.rmtree(project.folder)
    opened = open_there(packed)
    for place in ("runs/2026-01-01 kept", "trash/2026-01-02 thrown away"):
        run = Run(opened.folder / place)
        photos = run.photos()
        assert [photo.path for photo in photos] == [str(opened.path(photo)) for photo in opened.photos()]
        assert [(p.label, p.split, p.sha256) for p in photos] == [(p.label, p.split, p.sha256) for p in opened.photos()]
        assert run.job.events()[-1]["event"] == FINISHED


def test_a_photo_that_was_moved_after_a_run_is_found_by_its_content(project, open_there, tmp_path):
    trained_on = Run(project.runs_folder / "2026-01-01 kept").photos()[0]
    (photo,) = (photo for photo in project.photos() if photo.sha256 == trained_on.sha256)
    edits.move(project, [photo.id], "elsewhere")
    pack(project, tmp_path / "moved.zip")
    opened = open_there(tmp_path / "moved.zip")
    again = Run(opened.runs_folder / "2026-01-01 kept").photos()[0]
    assert again.path == str(opened.folder / "photos" / "elsewhere" / photo.file.split("/")[-1])
    assert again.label == trained_on.label


@pytest.mark.parametrize(
    "name", ["runs/a/JOB.JSON", "runs/a/Request.json", "runs/a/Exports/onnx/a.json", "trash/a/X.Lock"]
)
def test_in_whatever_case_what_stays_behind_is_no_part_of_a_zip(name):
    assert not belongs(name)


def test_caches_imports_and_what_belongs_to_a_process_stay_behind(project, packed):
    (project.cache_folder).mkdir()
    (project.cache_folder / "rows").write_bytes(b"1")
    run = Run(project.runs_folder / "2026-01-01 kept")
    (run.folder / "worker.log").write_text("of this computer")
    run.checkpoint_path.write_bytes(b"of an interrupted training")
    for other in ("feedback/photos", "batches/1", "runs/2026-01-01 kept/exports/onnx"):
        (project.folder / other).mkdir(parents=True)
        (project.folder / other / "x.jpg").write_bytes(b"x")
    active = finished_run(project, "2026-01-03 goes on")
    with active.job.alive_lock():
        active.job.event_log().write(PHASE, name="fit", words="Learning")
        result = pack(project, packed)
    assert result.left == ["2026-01-03 goes on"]
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        photo = next(archive.getinfo(name) for name in names if name.startswith("photos/"))
        database = archive.getinfo("project.db")
    assert {name.split("/")[0] for name in names} == {
        *("espalier.json", "project.db", "photos", "set-aside", "thumbs", "advice", "feedback", "runs", "trash")
    }
    assert not [name for name in names if name.endswith((".lock", "worker.log", "checkpoint.npz")) or "goes on" in name]
    assert not [name for name in names if "exports" in name]
    assert (photo.compress_type, database.compress_type) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def test_what_is_only_in_the_journal_is_taken_along_while_the_app_is_open(project, open_there, tmp_path):
    with closing(sqlite3.connect(project.database_path)) as held:
        held.execute("begin")
        held.execute("select count(*) from photos").fetchone()  # a reader keeps the journal from being written back
        project.keep_setting("plan", "the newest")
        assert (project.folder / "project.db-wal").stat().st_size > 0
        pack(project, tmp_path / "open.zip")
    assert open_there(tmp_path / "open.zip").setting("plan") == "the newest"


def test_a_photo_that_moves_while_it_is_packed_comes_along(project, open_there, tmp_path):
    moved = project.photos()[-1]

    def move_once(done, total):
        if project.photos()[-1].label == moved.label:
            edits.move(project, [moved.id], "moved meanwhile")

    Run(project.runs_folder / "2026-01-01 kept").folder.rename(tmp_path / "a run forbids nothing")
    pack(project, tmp_path / "moving.zip", move_once)
    opened = open_there(tmp_path / "moving.zip")
    (same,) = opened.photos_with_ids([moved.id])
    assert same.file == moved.file
    assert opened.path(same).read_bytes() == project.path(project.photos()[-1]).read_bytes()


def test_a_title_in_use_gets_a_number(packed, open_there, there):
    assert [open_there(packed).title for _ in range(3)] == ["Fruit & more", "Fruit & more 2", "Fruit & more 3"]
    assert len({project.id for project in there.projects()}) == 3


def test_stopped_in_the_middle_nothing_is_left(project, packed, there, tmp_path):
    def stop(done, total):
        raise StopRequested(keep=False)

    target = tmp_path / "new folder" / "stopped.zip"
    with pytest.raises(StopRequested):
        pack(project, target, stop)
    assert list(target.parent.iterdir()) == []
    with pytest.raises(StopRequested):
        unpack(packed, there, target.parent, stop)
    assert list(target.parent.iterdir()) == []
    assert there.projects() == []


def test_progress_counts_every_byte(project, packed, there, tmp_path):
    heard = []
    pack(project, tmp_path / "again.zip", lambda done, total: heard.append((done, total)))
    assert heard[-1][0] == heard[-1][1] > 0
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    opened = []
    unpack(packed, there, tmp_path, lambda done, total: opened.append((done, total)))
    assert opened[-1] == heard[-1]


def test_a_database_of_the_first_version_opens(packed, open_there, tmp_path):
    def change(entries):
        path = tmp_path / "v1.db"
        with closing(sqlite3.connect(path)) as db:
            db.executescript(V1.replace("'aa'", f"'{'aa' * 32}'").replace("'bb'", f"'{'bb' * 32}'"))
        return {"project.db": path.read_bytes(), "photos/apple/1.jpg": b"a", "photos/apple/2.jpg": b"b"}

    opened = open_there(changed(packed, change))
    assert opened.title == "Old"
    assert [(photo.id, photo.split, photo.kept) for photo in opened.photos()] == [(7, "train", ""), (8, "test", "")]
    assert [opened.path(photo).read_bytes() for photo in opened.photos()] == [b"a", b"b"]
    assert near_copy_groups(opened, opened.photos()) == ["aa" * 32, "bb" * 32]


def test_a_newer_version_is_refused(packed, open_there, there, tmp_path):
    newer = with_database(packed, tmp_path, "pragma user_version = 99")
    refused(open_there, there, newer, "made by a newer version of Espalier. Update the app")


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 0.999])
def test_a_damaged_zip_is_refused_and_nothing_is_left(packed, open_there, there, at):
    data = packed.read_bytes()
    packed.write_bytes(data[: int(at * len(data))])
    refused(open_there, there, packed, "fruit.zip is not a project that was taken along")


def test_one_flipped_bit_in_a_photo_is_noticed(packed, open_there, there):
    with zipfile.ZipFile(packed) as archive:
        entry = next(entry for entry in archive.infolist() if entry.filename.startswith("photos/"))
    data = bytearray(packed.read_bytes())
    data[entry.header_offset + 200] ^= 1
    packed.write_bytes(data)
    refused(open_there, there, packed, "or it is damaged. Nothing was opened")


def test_other_files_are_refused(open_there, there, tmp_path, fill):
    text = tmp_path / "letter.zip"
    text.write_text("hello")
    refused(open_there, there, text, "letter.zip is not a project")
    photos = shutil.make_archive(str(tmp_path / "photos"), "zip", fill(tmp_path / "classes", {"a": 1}))
    refused(open_there, there, tmp_path / photos, "make a new project and choose the zip there")
    refused(open_there, there, tmp_path / "nowhere.zip", "nowhere.zip can't be opened")
    refused(open_there, there, tmp_path, "can't be opened")


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.txt", "/etc/cron.d/x", "photos/../../x.jpg", "photos/a/..", "C:/x.jpg", "photos\\a\\x.jpg"),
        *("photos/con/x.jpg", "photos/a/nul.jpg", "photos/a/x.jpg.", "photos/a/.hidden", "photos//x.jpg", "photos/a/"),
        *("project.db-wal", "edits.lock", "imports/1/request.json", "batches/1/answers.db", "trash/batches/1/x.db"),
        *(
            "runs/a/job.json",
            "runs/a/stop",
            "runs/a/exports/onnx/x.zip",
            "search/search.db",
            "streamlit_app.py",
            "photos/a/b/c/d/e/f/g/h.jpg",
        ),
    ],
)
def test_a_name_that_no_project_has_is_refused(packed, open_there, there, name):
    hostile = changed(packed, lambda entries: entries.update({name: b"x"}))
    refused(open_there, there, hostile, "holds what no project of Espalier holds")
    assert not (there.home.parent / "outside.txt").exists()


def test_names_that_differ_in_case_only_are_refused(packed, open_there, there):
    hostile = changed(packed, lambda entries: entries.update({"photos/A/x.jpg": b"1", "photos/a/X.jpg": b"2"}))
    refused(open_there, there, hostile, "two files called")


def test_a_link_is_refused(packed, open_there, there, tmp_path):
    link = zipfile.ZipInfo("photos/apple/link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(link, os.fspath(tmp_path))
    refused(open_there, there, packed, "'photos/apple/link.jpg' is a link")


def test_a_bomb_is_refused_before_anything_is_written(packed, open_there, there):
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("advice/advice 2.json", bytes(80_000_000))
    refused(open_there, there, packed, "unpack to far more than its own size")


def test_files_that_lie_in_one_another_are_refused_before_anything_is_written(packed, open_there, there):
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("photos/apple/one more.jpg", b"one more")
        add_overlapping(archive, [f"photos/apple/more {i}.jpg" for i in range(20)])
    refused(open_there, there, packed, "files that lie in one another")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_size_that_lies_is_noticed(packed, open_there, there):
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        told = json.loads(archive.read(ABOUT))
        archive.writestr("advice/more.json", bytes(1_000_000))
        archive.getinfo("advice/more.json").file_size = 10
        archive.writestr(ABOUT, json.dumps({**told, "files": told["files"] + 1, "bytes": told["bytes"] + 10}))
    refused(open_there, there, packed, "or it is damaged. Nothing was opened")


def test_a_file_that_was_taken_out_or_added_is_noticed(packed, open_there, there):
    fewer = changed(packed, lambda entries: entries.pop("advice/advice.json") and None, about=False)
    refused(open_there, there, fewer, "is not a project that was taken along")


def test_too_little_room_is_said_before(packed, there, tmp_path, monkeypatch, project):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 400_000_000))
    with pytest.raises(StorageError, match="this disk has less than that to spare"):
        unpack(packed, there, tmp_path)
    with pytest.raises(StorageError, match="this disk has less than that to spare"):
        pack(project, tmp_path / "no room.zip")
    assert not (tmp_path / "no room.zip").exists()


LOG = "update edits set changes = ?"


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t after update on settings begin delete from photos; end",
        "create view v as select * from photos",
        "create table more (id integer)",
        "alter table photos add column more text",
        "alter table photos add column more text as (upper(label))",
        "drop table looks",
        "pragma user_version = 0",
        "update photos set file = '../../secret.jpg' where id = 1",
        "update photos set file = '/etc/passwd' where id = 1",
        "update photos set file = 'photos/a\\..\\b/1.jpg' where id = 1",
        "update photos set file = 'runs/a/model.xml' where id = 1",
        "update photos set file = x'00' where id = 1",
        "update photos set sha256 = '../../../etc/passwd' where id = 1",
        "update photos set width = 'wide' where id = 1",
        "update photos set split = 'everywhere' where id = 1",
        "update photos set label = '' where set_aside = ''",
        "insert into pictures values (1, '<script>', 0, 1, 0, 0, 0, 0, 0, 0)",
        "insert into pictures values (1, 'uint16', 0, 9e999, 0, 0, 0, 0, 0, 0)",
        (LOG, ('[[1, "file", "photos/a/1.jpg", "../../.bashrc"]]',)),
        (LOG, ('[[1, "label = \'x\', file", "a", "b"]]',)),
        (LOG, ("[1, 2]",)),
        (LOG, ("[" * 100_000,)),
    ],
)
def test_a_database_that_the_app_did_not_write_is_refused(packed, open_there, there, tmp_path, statement):
    refused(open_there, there, with_database(packed, tmp_path, statement), "Espalier did not write it")


def test_moves_that_wait_to_be_carried_out_are_dropped(packed, open_there, tmp_path):
    note = ("insert or replace into settings values (?, ?)", (MOVING, '[["../a", "../b"]]'))
    assert open_there(with_database(packed, tmp_path, note)).setting(MOVING) == ""


@pytest.mark.parametrize("text", ["[" * 100_000, "abc", '{"page": -1}'], ids=lambda text: text[:20])
def test_settings_that_can_not_be_used_are_dropped(packed, open_there, tmp_path, text):
    names = (PICTURES, "pictures_coming", "plan", "costly", "augmentation_answers", "mirrored_classes")
    notes = [("insert or replace into settings values (?, ?)", (name, text)) for name in names]
    opened = open_there(with_database(packed, tmp_path, *notes))
    assert (opened.setting(PICTURES), opened.setting("pictures_coming")) == ("", "")
    assert (pictures_of(opened), next_plan(opened)) == (PictureSettings(), TrainConfig(final="validation"))
    assert (costly_pairs(opened), answers(opened), list(find_in_project(opened))) == ([], [], ["very-small"])


def test_a_damaged_database_is_refused(packed, open_there, there):
    def cut(entries):
        entries["project.db"] = entries["project.db"][:5000]

    refused(open_there, there, changed(packed, cut), "is damaged, or Espalier did not write it")


def test_places_of_photos_in_a_run_are_never_believed(packed, open_there):
    name = "runs/2026-01-01 kept/photos.csv"

    def point_elsewhere(entries):
        del entries[f"{name}.sha256"]
        lines = entries[name].decode().splitlines()
        unknown = f"/etc/passwd,apple,train,{'0' * 64},,"
        entries[name] = "\n".join([*lines, unknown[: -1 if lines[0].count(",") == 4 else None]]).encode()

    opened = open_there(changed(packed, point_elsewhere))
    *known, unknown = Run(opened.runs_folder / "2026-01-01 kept").photos()
    assert all(photo.path.startswith(str(opened.folder / "photos")) for photo in known)
    assert unknown.path == str(opened.folder / "gone" / ("0" * 64))

    def damage(entries):
        del entries[f"{name}.sha256"]
        entries[name] = b"path,label\nx,y\n"

    with pytest.raises(InputError, match="The list of photos of the run 2026-01-01 kept is damaged"):
        open_there(changed(packed, damage))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("optimizer", "x"), ("image_size", "224; rm"), ("momentum", math.nan), ("steps_per_epoch", True), ("later", 1)],
)
def test_a_run_with_settings_that_can_not_be_is_refused(setting, value, packed, open_there, there):
    name = "runs/2026-01-01 kept/config.json"

    def change(entries):
        entries[name] = json.dumps({**json.loads(entries[name]), setting: value}).encode()

    refused(
        open_there, there, changed(packed, change), "The settings of the run 2026-01-01 kept are damaged, or a newer"
    )


def test_a_run_that_is_said_to_go_on_is_refused(packed, open_there, there, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1.7e9)
    event = json.dumps({"time": 1.7e9, "event": "queued"}) + "\n"
    name = "runs/2026-01-01 kept/events.jsonl"
    waiting = changed(packed, lambda entries: entries.update({name: event.encode()}))
    refused(open_there, there, waiting, "said to be going on")
    for ended in (event + json.dumps({"time": 1e12, "event": CANCELLED}) + "\n", event.replace("1700000000.0", "1e12")):
        opened = open_there(changed(packed, lambda entries, ended=ended: entries.update({name: ended.encode()})))
        assert opened.title.startswith("Fruit & more")
        assert list(active_jobs(opened.folder, there.home)) == []


def test_what_a_killed_worker_left_is_cleared_away(here, project, tmp_path):
    transfer = packing_of(here, project)
    (transfer.folder / "half-1" / "project").mkdir(parents=True)
    (transfer.folder / ".writing-abc.zip").write_bytes(b"half")
    (transfer.folder / "an older title.zip").write_bytes(b"whole")
    transfer.write_request(project.id, "A / title: of *theirs*")
    assert [path.name for path in transfer.folder.iterdir()] == ["request.json"]
    assert transfer.archive == transfer.folder / "A _ title_ of _theirs_.zip"
    first = new_opening(here)
    first.upload.write_bytes(b"x")
    second = new_opening(here)
    assert [each.folder for each in openings(here)] == [second.folder]

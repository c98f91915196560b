import os
import sqlite3
from collections import Counter
from dataclasses import replace

import pytest

from core.base.errors import DamagedError, InputError, StorageError
from core.photos.labelled_photo import FEEDBACK
from core.photos.pictures import USUAL
from core.projects import edits
from core.projects.database.schema import SCHEMA_VERSION
from core.projects.picture_settings import odd_pictures, pictures_of
from core.projects.project import Photo, Project, open_project
from core.projects.project_split import (
    add_given_subsets,
    near_copy_groups,
    photos_left_out,
    preview_split,
    split_photos,
)
from core.projects.split import Shares


def row(label, name, content="", split="", set_aside=""):
    folder = "set-aside" if set_aside else "photos"
    return Photo(0, label, f"{folder}/{label}/{name}", name, content or name, 10, 20, 30, split, set_aside, 0.0)


def test_a_new_project_is_empty_and_opens_again(project):
    again = open_project(project.folder)
    assert (again.id, again.title, again.photos(), again.class_counts()) == ("fruit", "Fruit", [], {})
    assert sorted(path.name for path in project.folder.iterdir()) == ["photos", "project.db", "set-aside", "thumbs"]


def test_a_half_made_project_is_none(tmp_path):
    (tmp_path / "half" / "photos").mkdir(parents=True)
    with pytest.raises(InputError, match=r"no project called half"):
        open_project(tmp_path / "half")


def test_a_full_disk_while_making_a_project_leaves_none(tmp_path, monkeypatch):
    def full(path, title):
        path.write_bytes(b"half")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("core.projects.project.write_schema", full)
    with pytest.raises(StorageError, match=r"disk is full"):
        Project.create(tmp_path / "fruit", "Fruit")
    assert not (tmp_path / "fruit" / "project.db").exists()


def test_rows_come_back_as_they_went_in_with_an_id_and_a_time(project):
    project.add_rows(
        [row("apple", "1.jpg"), row("Größe 梨", "quote \" '.jpg"), row("apple", "bad.jpg", set_aside="cut")]
    )
    first, second = project.photos()
    assert (first.id, first.label, first.file, first.width, first.height) == (1, "apple", "photos/apple/1.jpg", 20, 30)
    assert (second.label, second.name) == ("Größe 梨", "quote \" '.jpg")
    assert first.added > 1_600_000_000
    assert [photo.set_aside for photo in project.photos_set_aside()] == ["cut"]
    assert project.class_counts() == {"Größe 梨": 1, "apple": 1}


def test_photos_can_be_asked_by_class_and_number(project):
    project.add_rows([row("a", f"{i}.jpg") for i in range(5)] + [row("b", "x.jpg")])
    assert [photo.name for photo in project.photos("a", limit=2)] == ["0.jpg", "1.jpg"]
    assert [photo.name for photo in project.photos("b")] == ["x.jpg"]
    assert len(project.photos(limit=3)) == 3
    assert project.photos("no' or 1=1 --") == []


def test_the_split_is_kept_and_new_photos_do_not_move_it(project):
    project.add_rows([row("a", f"{i}.jpg") for i in range(20)])
    first = {photo.name: photo.split for photo in split_photos(project, 0, Shares())}
    assert sorted(set(first.values())) == ["test", "train", "validation"]
    project.add_rows([row("a", f"new {i}.jpg") for i in range(20)])
    second = {photo.name: photo.split for photo in split_photos(project, 99, Shares())}
    assert {name: second[name] for name in first} == first
    assert all(second.values())


def test_a_test_folder_that_came_with_the_photos_stays_the_only_test(project):
    add_given_subsets(project, ["test"])
    project.add_rows([row("a", f"{i}.jpg") for i in range(20)] + [row("a", "t.jpg", split="test")])
    parts = {photo.name: photo.split for photo in split_photos(project, 0, Shares())}
    assert [name for name, part in parts.items() if part == "test"] == ["t.jpg"]


def feedback_row(label, name, **values):
    return replace(row(label, name, **values), origin=FEEDBACK)


def test_photos_from_feedback_only_teach_and_have_no_say_in_the_shares(project):
    project.add_rows([row("a", f"{i}.jpg") for i in range(40)])
    alone = {photo.name: photo.split for photo in split_photos(project, 0, Shares())}
    with project.database() as db:
        db.execute("update photos set split = ''")
    project.add_rows([feedback_row("a", f"fed {i}.jpg", split="test" if i == 0 else "") for i in range(60)])
    for seed in (0, 0):
        parts = {photo.name: photo.split for photo in split_photos(project, seed, Shares())}
        assert {parts[f"fed {i}.jpg"] for i in range(60)} == {"train"}
        assert {name: parts[name] for name in alone} == alone
    assert {photo.split for photo in project.photos() if photo.origin} == {"train"}
    assert preview_split(project, 0, Shares()).counts["test"] == {"a": Counter(alone.values())["test"]}
    assert (project.own_counts(), project.class_counts()) == ({"a": 40}, {"a": 100})


@pytest.mark.parametrize("part", ["test", "validation"])
def test_a_photo_from_feedback_like_one_that_judges_takes_no_part(project, part):
    project.add_rows([row("a", f"{i}.jpg") for i in range(20)])
    split_photos(project, 0, Shares())
    project.add_rows([feedback_row("a", "same.jpg", content="twin"), feedback_row("a", "other.jpg")])
    assert len(split_photos(project, 0, Shares())) == 22
    assert photos_left_out(project) == []
    project.add_rows([row("b", "judge.jpg", content="twin", split=part)])  # as from a test folder that came later
    assert [photo.name for photo in photos_left_out(project)] == ["same.jpg"]
    taking_part = split_photos(project, 0, Shares())
    assert "same.jpg" not in {photo.name for photo in taking_part}
    assert {photo.name: photo.split for photo in taking_part if photo.name in ("judge.jpg", "other.jpg")} == {
        "judge.jpg": part,
        "other.jpg": "train",
    }
    assert preview_split(project, 0, Shares()).leaked == 0


def test_changes_are_kept_together_or_not_at_all(project):
    with pytest.raises(sqlite3.IntegrityError):
        project.add_rows([row("a", "1.jpg"), row("a", "1.jpg")])
    assert project.photos() == []


def test_a_damaged_database_is_told_with_where_the_photos_are(project):
    project.database_path.write_bytes(b"this is no database" * 500)
    with pytest.raises(
        DamagedError, match=r"list of photos of fruit is damaged. The photos .* are still in .*photos. Choose Repair"
    ):
        open_project(project.folder)


def test_damage_behind_the_header_is_told_in_the_same_words(project):
    project.add_rows([row("a", f"{i} {'x' * 300}.jpg") for i in range(100)])
    for left in ("project.db-wal", "project.db-shm"):
        (project.folder / left).unlink(missing_ok=True)
    data = bytearray(project.database_path.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    project.database_path.write_bytes(data)
    with pytest.raises(DamagedError, match=r"list of photos of fruit is damaged"):
        project.photos()
    assert project.title == "fruit"  # a list of projects can still show it


V1 = """
create table photos (id integer primary key, label text not null, file text not null unique, name text not null,
    sha256 text not null, bytes integer not null, width integer not null, height integer not null, split text not null,
    set_aside text not null, added real not null);
create table looks (photo integer primary key references photos (id), phash blob not null, taken real,
    brightness real not null, sharpness real not null, colours blob not null);
create table edits (id integer primary key, time real not null, what text not null, changes text not null,
    undone integer not null);
create table settings (name text primary key, value text not null);
insert into settings values ('title', 'Old');
insert into photos values (7, 'apple', 'photos/apple/1.jpg', '1.jpg', 'aa', 1, 20, 30, 'train', '', 5.0);
insert into photos values (8, 'apple', 'photos/apple/2.jpg', '2.jpg', 'bb', 1, 20, 30, 'test', '', 5.0);
insert into looks values (7, zeroblob(24), null, 100, 50, zeroblob(192));
insert into looks values (8, zeroblob(24), null, 100, 50, zeroblob(192));
pragma user_version = 1;
"""


V2 = V1.replace("added real not null);", "added real not null, kept text not null default '');").replace(
    "colours blob not null);", "colours blob not null, near text);"
)
V2 = V2.replace("5.0);", "5.0, '');").replace("zeroblob(192));", "zeroblob(192), null);").replace("= 1;", "= 2;")


V3 = V2.replace("text not null default '');", "text not null default '', origin text not null default '');", 1)
V3 = V3.replace("5.0, '');", "5.0, '', '');").replace("= 2;", "= 3;")


V4 = V3.replace("near text);", "near text, copies text);").replace(
    "zeroblob(192), null);", "zeroblob(192), null, null);"
)
V4 += """
create table pictures (photo integer primary key references photos (id), depth text not null, low real not null,
    high real not null, bands integer not null, pages integer not null, blank integer not null, cut integer not null,
    missing real not null, profile integer not null);
insert into edits values (1, 5.0, 'Moved 1 photo to apple', '[[7, "label", "pear", "apple"]]', 0);
insert into edits values (2, 6.0, 'Set aside 1 photo', '[[8, "set_aside", "", "blurred"]]', 1);
pragma user_version = 4;
"""


EVERY_TABLE = ("photos", "looks", "pictures", "edits", "versions", "settings")


def columns_of(db, table):
    return [row[1:] for row in db.execute(f"pragma table_info({table})")]


def test_changes_logged_by_an_older_version_can_be_undone_and_not_redone(project):
    project.database_path.unlink()
    db = sqlite3.connect(project.database_path)
    db.executescript(V4)
    db.close()
    again = open_project(project.folder)
    assert edits.last_undone(again) is None  # what was done after it was undone is not known
    assert edits.undo(again).what == "Moved 1 photo to apple"
    assert [photo.label for photo in again.photos()] == ["pear", "apple"]
    assert edits.redo(again).what == "Moved 1 photo to apple"
    assert [photo.label for photo in again.photos()] == ["apple", "apple"]


@pytest.mark.parametrize("schema", [V1, V2, V3, V4])
def test_a_project_of_an_older_schema_opens_and_keeps_what_it_held(project, schema):
    project.database_path.unlink()
    db = sqlite3.connect(project.database_path)
    db.executescript(schema)
    db.close()
    again = open_project(project.folder)
    assert again.title == "Old"
    assert [(photo.id, photo.split, photo.kept, photo.origin) for photo in again.photos()] == [
        (7, "train", "", ""),
        (8, "test", "", ""),
    ]
    assert near_copy_groups(again, again.photos()) == ["aa", "bb"]
    with open_project(project.folder).database() as db:
        assert db.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
        migrated = {table: columns_of(db, table) for table in EVERY_TABLE}
    with Project.create(project.folder.with_name("new"), "New").database() as db:
        assert {table: columns_of(db, table) for table in EVERY_TABLE} == migrated
    assert odd_pictures(again) == []  # nothing is known of old photos
    assert pictures_of(again) == USUAL


def test_a_newer_schema_is_refused(project):
    with project.database() as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(InputError, match=r"made by a newer version of Espalier. Update the app"):
        open_project(project.folder)


def test_a_full_disk_is_told_in_words_and_the_rows_before_stay(project, monkeypatch):
    project.add_rows([row("a", "1.jpg")])
    connect = sqlite3.connect

    def almost_full(*args, **options):
        db = connect(*args, **options)
        db.execute("pragma max_page_count = 1")  # SQLite then says "database or disk is full", as on a full disk
        return db

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", almost_full)
        with pytest.raises(StorageError, match=r"disk is full.*Everything saved before is still there"):
            project.add_rows([row("a", f"{i} {'x' * 500}.jpg") for i in range(2, 200)])
    assert [photo.name for photo in project.photos()] == ["1.jpg"]


def test_class_folders_and_listed_files_follow_the_rows(project):
    project.add_rows([row("A?", "1.jpg"), row("b", "X.jpg", set_aside="cut")])
    assert project.class_folders() == {"A?": "A?", "b": "b"}
    assert project.listed_files() == {"photos/a?/1.jpg", "set-aside/b/x.jpg"}


def test_a_thumbnail_lies_among_the_thumbnails_whatever_its_content_is_called(tmp_path):
    project = Project.create(tmp_path / "fruit", "Fruit")
    assert project.thumbnail_of("ab" * 32) == project.thumbnails_folder / "ab" / f"{'ab' * 32}.jpg"
    for hostile in ("../../../secret", "/etc/passwd", "a/b"):
        assert project.thumbnail_of(hostile) == project.thumbnails_folder / "no" / "none.jpg"


def test_classes_that_are_numbers_are_counted_in_the_order_of_numbers(project):
    project.add_rows([row(str(n), "1.jpg") for n in (10, 2, 0, 12)])
    assert list(project.class_counts().items()) == [("0", 1), ("2", 1), ("10", 1), ("12", 1)]
    assert list(project.own_counts()) == ["0", "2", "10", "12"]

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from core.base.errors import InputError, StorageError
from core.base.events import PHASE
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects import edits
from core.projects.changes import moves
from core.projects.imports import ImportFolder
from core.projects.project_split import photos_left_out, split_photos
from core.projects.split import Shares
from core.runs.run import Run
from tests.importing import bring_folder


@pytest.fixture
def project(project, tmp_path, fill, jpeg):
    """Four apples, three pears, a plum that is an exact copy of the first apple, and a text that is no photo."""
    folder = fill(tmp_path / "fruit", {"apple": 4, "pear": 3})
    (folder / "plum").mkdir()
    (folder / "plum" / "plum.jpg").write_bytes(jpeg(0))
    (folder / "pear" / "text.jpg").write_text("no photo")
    bring_folder(project, folder)
    return project


def rows(project):
    with project.database() as db:
        return db.execute("select * from photos order by id").fetchall()


def on_disk(project):
    """Every original and every folder, by place."""
    found = {}
    for top in (project.photos_folder, project.set_aside_folder):
        for path in top.rglob("*"):
            place = path.relative_to(project.folder).as_posix()
            found[place] = path.read_bytes() if path.is_file() else None
    return found


def everything(project):
    return rows(project), on_disk(project)


def ids(project, label):
    return [photo.id for photo in project.photos(label)]


def names(project, place):
    return sorted(path.name for path in (project.folder / place).iterdir())


def assert_rows_fit_files(project):
    files = {row[2] for row in rows(project)}
    assert files == {place for place, data in on_disk(project).items() if data is not None}


CHANGES = {
    "set aside": lambda project: edits.set_aside(project, ids(project, "apple")[:2]),
    "move to a class": lambda project: edits.move(project, ids(project, "apple"), "pear"),
    "move to a new class": lambda project: edits.move(project, ids(project, "apple")[1:], "quince"),
    "rename": lambda project: edits.rename_class(project, "pear", "Birne"),
    "merge": lambda project: edits.rename_class(project, "pear", "apple"),
    "merge several": lambda project: edits.merge_classes(project, ["apple", "pear", "plum"], "apple"),
    "hold out": lambda project: edits.hold_out(project, ids(project, "pear"), "test"),
    "keep": lambda project: edits.keep(project, ids(project, "pear"), "blurred"),
}
MOVING_FILES = [change for change in CHANGES if change not in ("hold out", "keep")]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_undo_leave_rows_and_files_as_they_were(project, change):
    before = everything(project)
    edit = CHANGES[change](project)
    assert everything(project) != before
    assert_rows_fit_files(project)
    assert edits.undo(project) == edit
    assert everything(project) == before
    assert edits.last_edit(project) is None


def test_what_is_set_aside_leaves_its_class_and_lies_in_its_own_folder(project):
    edit = edits.set_aside(project, ids(project, "apple")[:2])
    assert edit.what == "Set aside 2 photos"
    assert project.class_counts() == {"apple": 2, "pear": 3, "plum": 1}
    assert names(project, "set-aside/apple") == ["0.jpg", "1.jpg"]
    assert names(project, "photos/apple") == ["2.jpg", "3.jpg"]
    assert [photo.set_aside for photo in project.photos_set_aside()][1:] == ["you set it aside"] * 2


def test_setting_aside_again_keeps_the_first_reason(project):
    first, second = ids(project, "apple")[:2]
    edits.set_aside(project, [first], "blurred")
    assert edits.set_aside(project, [first, second]).what == "Set aside 1 photo"
    assert [p.set_aside for p in project.photos_set_aside() if p.id == first] == ["blurred"]
    with pytest.raises(InputError, match=r"nothing to change"):
        edits.set_aside(project, [first, second])


def test_what_was_set_aside_comes_back_where_it_was(project):
    before = everything(project)
    chosen = ids(project, "apple")[1:3]
    edits.set_aside(project, chosen)
    assert edits.restore(project, chosen).what == "Restored 2 photos"
    assert everything(project) == before


def test_what_is_no_photo_cannot_be_restored(project):
    (text,) = project.photos_set_aside()
    edits.set_aside(project, ids(project, "plum"))
    before = everything(project)
    with pytest.raises(InputError, match=r"^pear/text.jpg can't take part: not an image.*It stays set aside.$"):
        edits.restore(project, [text.id, *(photo.id for photo in project.photos_set_aside())])
    assert everything(project) == before


def test_several_that_are_no_photos_are_counted(project, tmp_path):
    (tmp_path / "more" / "pear").mkdir(parents=True)
    (tmp_path / "more" / "apple").mkdir()
    (tmp_path / "more" / "pear" / "other.jpg").write_text("neither")
    bring_folder(project, tmp_path / "more")
    with pytest.raises(
        InputError, match=r"^2 files of these can't take part, such as pear/text.jpg: .* leave them out"
    ):
        edits.restore(project, [photo.id for photo in project.photos_set_aside()])


def test_moved_photos_with_a_name_that_is_taken_get_a_number(project):
    contents = [project.path(photo).read_bytes() for photo in project.photos("apple")]
    chosen = ids(project, "apple")
    assert edits.move(project, chosen, "pear").what == "Moved 4 photos to pear"
    assert names(project, "photos/pear") == ["0 2.jpg", "0.jpg", "1 2.jpg", "1.jpg", "2 2.jpg", "2.jpg", "3.jpg"]
    moved = [photo for photo in project.photos("pear") if photo.id in chosen]
    assert [project.path(photo).read_bytes() for photo in moved] == contents
    assert not (project.photos_folder / "apple").exists()
    assert "apple" not in project.class_counts()


def test_a_file_that_no_row_knows_is_never_overwritten(project):
    stranger = project.photos_folder / "pear" / "3.JPG"
    stranger.write_bytes(b"somebody's")
    edits.move(project, ids(project, "apple")[3:], "pear")
    assert stranger.read_bytes() == b"somebody's"
    assert project.photos("pear")[0].file == "photos/pear/3 2.jpg"


@pytest.mark.parametrize(
    "label", ["../../up", "CON", "a/b\\c", "<b>x</b>", "Größe 梨 🍐", "' or 1=1 --", "." * 90, "x" * 100]
)
def test_a_class_may_have_any_name_and_its_files_stay_in_the_project(project, label):
    before, outside = everything(project), sorted(project.folder.parent.iterdir())
    edits.move(project, ids(project, "apple"), label)
    assert project.class_counts()[label] == 4
    for photo in project.photos(label):
        assert project.path(photo).resolve().parent.parent == project.photos_folder.resolve()
        assert project.path(photo).is_file()
    assert sorted(project.folder.parent.iterdir()) == outside
    edits.undo(project)
    assert everything(project) == before


@pytest.mark.parametrize("label", ["", "  \n ", "\x00\x07", "x" * 101])
def test_a_name_that_is_empty_or_too_long_is_refused(project, label):
    with pytest.raises(InputError, match=r"needs 1 to 100 characters"):
        edits.move(project, ids(project, "apple"), label)
    with pytest.raises(InputError, match=r"needs 1 to 100 characters"):
        edits.rename_class(project, "apple", label)


def test_a_name_is_kept_in_one_line_without_spaces_around_it(project):
    edits.rename_class(project, "apple", "  red \n apple\u200b ")
    assert "red apple" in project.class_counts()


def test_classes_whose_names_make_one_folder_name_get_two_folders(project):
    edits.move(project, ids(project, "apple")[:1], "a/b")
    edits.move(project, ids(project, "apple")[:1], "a:b")
    assert project.class_folders()["a/b"] == "a_b"
    assert project.class_folders()["a:b"] == "a_b 2"


def test_a_renamed_class_takes_along_what_was_set_aside(project):
    edits.set_aside(project, ids(project, "pear")[:1])
    edit = edits.rename_class(project, "pear", "Birne")
    assert edit.what == "Renamed pear to Birne (4 photos)"
    assert (names(project, "photos/Birne"), names(project, "set-aside/Birne")) == (
        ["1.jpg", "2.jpg"],
        ["0.jpg", "text.jpg"],
    )
    assert not (project.set_aside_folder / "pear").exists()


def test_a_class_of_which_only_the_case_changes_keeps_its_folder(project):
    edits.rename_class(project, "apple", "Apple")
    assert project.class_counts()["Apple"] == 4
    assert project.class_folders()["Apple"] == "apple"


def test_renaming_onto_another_class_merges_and_undo_parts_them_again(project):
    before = project.class_counts()
    assert edits.rename_class(project, "plum", "apple").what == "Merged plum into apple (1 photo)"
    assert project.class_counts() == {"apple": 5, "pear": 3}
    edits.undo(project)
    assert project.class_counts() == before


def test_a_class_that_is_not_there_or_is_called_so_already_is_refused(project):
    with pytest.raises(InputError, match=r"no class called kiwi"):
        edits.rename_class(project, "kiwi", "lime")
    with pytest.raises(InputError, match=r"called apple already"):
        edits.rename_class(project, "apple", " apple ")


def test_renaming_keeps_the_split(project):
    parts = {photo.id: photo.split for photo in split_photos(project, 0, Shares())}
    edits.rename_class(project, "apple", "Apfel")
    edits.rename_class(project, "Apfel", "pear")
    assert {photo.id: photo.split for photo in project.photos()} == parts


def test_several_classes_merge_as_one_change(project):
    pear, text = ids(project, "pear"), project.photos_set_aside()[0]
    assert edits.merge_classes(project, ["apple", "pear", "plum"], "apple").what == (
        "Merged pear and plum into apple (5 photos)"
    )
    assert project.class_counts() == {"apple": 8}
    assert project.photos_set_aside()[0].label == "apple"
    edits.undo(project)
    assert project.class_counts() == {"apple": 4, "pear": 3, "plum": 1}
    assert ids(project, "pear") == pear
    assert project.photos_set_aside() == [text]
    with pytest.raises(InputError, match=r"nothing to change"):
        edits.merge_classes(project, ["apple"], "apple")


def test_kept_kinds_of_findings_are_added_photo_by_photo(project):
    one, two, three, _ = ids(project, "apple")
    edits.keep(project, [one], "blurred")
    edits.keep(project, [one, two], "near-copies")
    edit = edits.keep(project, [one, two, three], "blurred")
    assert edit.what == "Decided to keep 2 photos"
    assert [photo.kept for photo in project.photos("apple")] == [
        "blurred near-copies",
        "near-copies blurred",
        "blurred",
        "",
    ]
    with pytest.raises(InputError, match=r"nothing to change"):
        edits.keep(project, [one, two], "blurred")
    edits.undo(project)
    assert [photo.kept for photo in project.photos("apple")] == ["blurred near-copies", "near-copies", "", ""]


def test_held_out_photos_take_their_near_copies_along_and_others_stay(tmp_path, project):
    tiles = np.random.default_rng(5).integers(0, 256, (9, 12, 3), np.uint8)
    picture = Image.fromarray(tiles).resize((120, 90), Image.Resampling.NEAREST)
    for name, size in (("apple/large.png", (120, 90)), ("apple/small.png", (80, 60)), ("pear/middle.png", (100, 75))):
        (tmp_path / "more" / name).parent.mkdir(parents=True, exist_ok=True)
        picture.resize(size).save(tmp_path / "more" / name)
    shutil.copy(tmp_path / "more" / "apple" / "large.png", tmp_path / "more" / "pear" / "copy.png")
    bring_folder(project, tmp_path / "more")
    by_name = {photo.name: photo.id for photo in project.photos()}
    edits.set_aside(project, [by_name["apple/small.png"]])
    edit = edits.hold_out(project, [by_name["pear/middle.png"]], "test")
    assert edit.what == "Held out 4 photos for the test, 3 near-copies among them"
    held_out = {photo.name for photo in [*project.photos(), *project.photos_set_aside()] if photo.split == "test"}
    assert held_out == {"apple/large.png", "apple/small.png", "pear/middle.png", "pear/copy.png"}
    edits.undo(project)
    assert not any(photo.split for photo in project.photos())


def test_near_copies_are_taken_along_also_when_an_import_was_stopped_before_it_compared(project, draw, tmp_path):
    (tmp_path / "more" / "pear").mkdir(parents=True)
    (tmp_path / "more" / "apple").mkdir()
    draw(1).save(tmp_path / "more" / "pear" / "again.jpg", quality=50)  # apple/1.jpg
    bring_folder(project, tmp_path / "more")
    with project.database() as db:
        db.execute("update looks set near = null")
    edits.hold_out(project, ids(project, "apple")[1:2], "test")
    assert [photo.name for photo in project.photos() if photo.split] == ["apple/1.jpg", "pear/again.jpg"]


def test_held_out_photos_take_their_exact_copies_along_and_stay_in_the_test(project):
    first = ids(project, "apple")[0]
    edit = edits.hold_out(project, [first], "test")
    assert edit.what == "Held out 2 photos for the test, 1 near-copy among them"
    parts = {photo.name: photo.split for photo in project.photos() if photo.split}
    assert parts == {"apple/0.jpg": "test", "plum/plum.jpg": "test"}
    split = {photo.id: photo.split for photo in split_photos(project, 0, Shares())}
    assert split[first] == "test"
    assert edits.hold_out(project, [first], "train").what == "Gave 2 photos to the training, 1 near-copy among them"
    with pytest.raises(InputError, match=r"nothing to change"):
        edits.hold_out(project, [first], "train")


def test_photos_from_feedback_are_not_held_out_neither_by_hand_nor_along_with_a_near_copy(project):
    with project.database() as db:
        db.execute("update photos set origin = 'feedback', split = 'train' where name = 'plum/plum.jpg'")
    apple, plum = ids(project, "apple")[0], ids(project, "plum")[0]
    before = everything(project)
    for part in ("test", "validation"):
        with pytest.raises(InputError, match=r"plum/plum.jpg is from feedback and can only teach.*Select other photos"):
            edits.hold_out(project, [apple, plum], part)
    assert everything(project) == before
    edit = edits.hold_out(project, [apple], "test")
    assert edit.what == "Held out 1 photo for the test"
    assert {photo.name: photo.split for photo in project.photos() if photo.split} == {
        "apple/0.jpg": "test",
        "plum/plum.jpg": "train",
    }
    assert [photo.name for photo in photos_left_out(project)] == ["plum/plum.jpg"]
    edits.undo(project)
    assert photos_left_out(project) == []


def test_undo_goes_back_step_by_step(project):
    states, said = [everything(project)], []
    for change in ("move to a class", "set aside twice", "hold out", "rename"):
        if change == "set aside twice":
            edit = edits.set_aside(project, ids(project, "pear")[2:5])
        else:
            edit = CHANGES[change](project)
        said.append(edit.what)
        states.append(everything(project))
    for state in reversed(states[:-1]):
        assert edits.last_edit(project).what == said[-1]
        assert edits.undo(project).what == said.pop()
        assert everything(project) == state
    with pytest.raises(InputError, match=r"no change to undo"):
        edits.undo(project)


@pytest.mark.parametrize("change", ["set aside", "merge several", "hold out", "keep"])
def test_what_was_undone_is_done_again(project, change):
    before = everything(project)
    edit = CHANGES[change](project)
    after = everything(project)
    edits.undo(project)
    assert edits.last_undone(project) == edit
    assert edits.redo(project) == edit
    assert everything(project) == after
    assert edits.last_edit(project) == edit
    assert edits.last_undone(project) is None
    edits.undo(project)
    assert everything(project) == before


def test_several_are_done_again_in_the_order_in_which_they_were_made(project):
    made = [edits.set_aside(project, [1]), edits.move(project, [2], "pear"), edits.keep(project, [3], "blurred")]
    after = everything(project)
    for _ in made:
        edits.undo(project)
    assert [edits.redo(project) for _ in made] == made
    assert everything(project) == after
    with pytest.raises(InputError, match=r"no change to redo"):
        edits.redo(project)


def test_after_another_change_there_is_nothing_to_do_again_also_once_that_is_undone(project):
    edits.set_aside(project, [1])
    edits.keep(project, [2], "blurred")
    edits.undo(project)
    edits.undo(project)
    third = edits.move(project, [3], "pear")
    with pytest.raises(InputError, match=r"no change to redo"):
        edits.redo(project)
    edits.undo(project)
    assert edits.redo(project) == third
    assert edits.last_undone(project) is None


def test_redo_gives_a_number_when_an_import_took_the_name(project, tmp_path, fill):
    first = ids(project, "apple")[0]
    edits.move(project, [first], "pear")
    edits.undo(project)
    bring_folder(project, fill(tmp_path / "more", {"apple": 0, "pear": 4}, first_seed=50))
    taken = {photo.file for photo in project.photos()}
    edits.redo(project)
    (again,) = project.photos_with_ids([first])
    assert again.label == "pear"
    assert again.file not in taken
    assert_rows_fit_files(project)


@pytest.mark.parametrize("after", [0, 1])
def test_a_redo_that_was_killed_half_way_can_be_done_again(project, monkeypatch, after):
    edit = CHANGES["merge several"](project)
    merged = everything(project)
    edits.undo(project)
    before = everything(project)
    with monkeypatch.context() as patch:
        breaking_replace(patch, after, Killed())
        with pytest.raises(Killed):
            edits.redo(project)
    edits.repair(project)
    assert everything(project) == before
    assert edits.redo(project) == edit
    assert everything(project) == merged


def test_a_change_after_an_undo_is_the_next_to_be_undone(project):
    edits.move(project, ids(project, "plum"), "apple")
    edits.undo(project)
    edits.set_aside(project, ids(project, "plum"))
    assert edits.last_edit(project).what == "Set aside 1 photo"
    edits.undo(project)
    assert edits.last_edit(project) is None
    with project.database() as db:
        assert db.execute("select what, undone from edits order by id").fetchall() == [
            ("Moved 1 photo to apple", 1),
            ("Set aside 1 photo", 1),
        ]


def test_the_log_says_what_each_column_was_and_became(project):
    (plum,) = ids(project, "plum")
    edits.move(project, [plum], "apple")
    with project.database() as db:
        (changes,) = db.execute("select changes from edits").fetchone()
    assert json.loads(changes) == [
        [plum, "label", "plum", "apple"],
        [plum, "file", "photos/plum/plum.jpg", "photos/apple/plum.jpg"],
    ]


def test_undo_gives_a_number_when_an_import_took_the_old_name(project, tmp_path, fill):
    first = ids(project, "apple")[0]
    content = project.path(project.photos("apple")[0]).read_bytes()
    edits.move(project, [first], "pear")
    bring_folder(project, fill(tmp_path / "more", {"apple": 1, "pear": 0}, first_seed=50))
    edits.undo(project)
    again = next(photo for photo in project.photos("apple") if photo.id == first)
    assert (again.file, project.path(again).read_bytes()) == ("photos/apple/0 2.jpg", content)
    assert_rows_fit_files(project)


class Killed(BaseException):
    """What a process meets that is ended from outside: nothing catches it."""


def breaking_replace(monkeypatch, after, error):
    """`os.replace` works so many times, then fails for good."""
    real, calls = os.replace, []

    def replace(source, target):
        calls.append(source)
        if len(calls) > after:
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("change", MOVING_FILES)
@pytest.mark.parametrize("after", [0, 1])
def test_a_change_that_was_killed_half_way_never_happened(project, monkeypatch, change, after):
    before = everything(project)
    with monkeypatch.context() as patch:
        breaking_replace(patch, after, Killed())
        with pytest.raises(Killed):
            CHANGES[change](project)
    edits.repair(project)
    assert everything(project) == before
    assert edits.last_edit(project) is None
    CHANGES[change](project)
    assert_rows_fit_files(project)


def test_a_kill_between_the_files_and_the_rows_is_repaired_by_the_next_change(project, monkeypatch):
    before = everything(project)
    with monkeypatch.context() as patch:
        replace_file = os.replace

        def killed_after_the_last(source, target):
            replace_file(source, target)
            if target.name == "3.jpg":
                raise Killed

        patch.setattr(moves.os, "replace", killed_after_the_last)
        with pytest.raises(Killed):
            edits.move(project, ids(project, "apple"), "pear")
    assert not (project.photos_folder / "apple" / "0.jpg").exists()
    edits.move(project, ids(project, "plum"), "pear")
    edits.undo(project)
    assert everything(project) == before


def test_an_undo_that_was_killed_half_way_can_be_repeated(project, monkeypatch):
    before = everything(project)
    edits.move(project, ids(project, "apple"), "pear")
    moved = everything(project)
    with monkeypatch.context() as patch:
        breaking_replace(patch, 2, Killed())
        with pytest.raises(Killed):
            edits.undo(project)
    edits.repair(project)
    assert everything(project) == moved
    edits.undo(project)
    assert everything(project) == before


@pytest.mark.parametrize("after", [0, 2])
def test_a_full_disk_is_told_in_words_and_nothing_is_changed(project, monkeypatch, after):
    before = everything(project)
    with monkeypatch.context() as patch:
        breaking_replace(patch, after, OSError(28, os.strerror(28)))
        with pytest.raises(StorageError, match=r"disk is full.*moving the photos"):
            edits.move(project, ids(project, "apple"), "pear")
    edits.repair(project)
    assert everything(project) == before


def test_one_file_that_can_not_move_takes_the_others_back_at_once(project, monkeypatch):
    before, real = everything(project), os.replace

    def replace(source, target):
        if Path(source).name == "2.jpg":
            raise PermissionError(13, "it is open in another program")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(StorageError, match=r"can't be written to \(while moving the photos\)"):
        edits.move(project, ids(project, "apple"), "pear")
    assert everything(project) == before
    assert project.setting(moves.MOVING) == ""


def test_a_file_that_was_removed_by_hand_does_not_hinder(project):
    first = project.photos("apple")[0]
    project.path(first).unlink()
    edits.move(project, ids(project, "apple"), "pear")
    assert project.class_counts()["pear"] == 7
    edits.undo(project)
    assert project.photos("apple")[0] == first


def test_files_do_not_move_while_an_import_or_a_training_goes_on(project):
    before = everything(project)
    this = ImportFolder.create(project)
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="importing", words="")
        with pytest.raises(InputError, match=r"Photos are being brought in"):
            edits.set_aside(project, ids(project, "apple"))
    photos = [LabelledPhoto(str(project.path(p)), p.label, p.split, p.sha256) for p in project.photos()]
    run = Run.create(project.runs_folder / "a run", TrainConfig(), photos)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="features", words="")
        with pytest.raises(InputError, match=r"training is reading"):
            edits.set_aside(project, ids(project, "apple"))
        assert everything(project) == before
        edits.hold_out(project, ids(project, "apple"), "test")


def test_two_windows_do_not_change_photos_at_once(project, monkeypatch):
    monkeypatch.setattr(moves, "LOCK_WAIT_S", 0.1)
    with FileLock(project.folder / "edits.lock"), pytest.raises(InputError, match=r"Another window"):
        edits.set_aside(project, ids(project, "apple"))

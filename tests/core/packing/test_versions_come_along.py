"""A project with rotated photos is taken along with their originals; a stranger's rows about them are checked."""

import sqlite3
from contextlib import closing

import pytest

from core.base.errors import InputError
from core.base.files import content_of
from core.packing.pack import pack
from core.packing.rows import carry_over
from core.packing.unpack import unpack
from core.projects import edits
from core.projects.changes.shelf import formerly
from core.projects.changes.versions import crop, rotate
from core.projects.workspace import Workspace
from tests.importing import bring_folder


@pytest.fixture
def turned(tmp_path, fill):
    """Of three apples the first is turned, then cropped; the second was turned, and that undone."""
    project = Workspace(tmp_path / "here").create("Fruit")
    bring_folder(project, fill(tmp_path / "photos", {"apple": 3}))
    rotate(project, [1], 1)
    crop(project, 1, (2, 3, 40, 50))
    rotate(project, [2], 2)
    edits.undo(project)
    return project


def contents(project):
    return {
        (photo.id, photo.file): content_of(project.path(photo)) for photo in [*project.photos(), *formerly(project)]
    }


def test_originals_and_versions_come_along_and_changes_are_undone_there(turned, tmp_path):
    pack(turned, tmp_path / "fruit.zip")
    (tmp_path / "there").mkdir()
    there = unpack(tmp_path / "fruit.zip", Workspace(tmp_path / "there"), tmp_path / "there")
    assert contents(there) == contents(turned)
    assert len(formerly(there)) == 3
    assert all(content_of(there.path(photo)) == photo.sha256 for photo in formerly(there))
    assert sorted(path.name for path in (there.folder / "versions").rglob("*")) == sorted(
        path.name for path in (turned.folder / "versions").rglob("*")
    )
    assert edits.redo(there).what == "Turned 1 photo upside down"
    for _ in range(3):
        edits.undo(there)
    first = there.photos()[0]
    assert (first.made, first.file) == ("", "photos/apple/0.jpg")
    assert content_of(there.path(first)) == first.sha256


@pytest.mark.parametrize(
    "statement",
    [
        "update versions set file = 'photos/apple/x.jpg' where original and photo = 1",
        "update versions set file = 'versions/../x.jpg' where original and photo = 1",
        "update versions set sha256 = 'x' where original and photo = 1",
        "update photos set made = '{\"turns\": 7}' where id = 1",
        "update photos set made = 'x' where id = 1",
        'update edits set changes = \'[[1, "sha256", "x", "y"]]\' where id = 1',
        'update edits set changes = \'[[1, "bytes", 1, "1"]]\' where id = 1',
        'update edits set changes = \'[[1, "made", "", "x"]]\' where id = 1',
    ],
)
def test_rows_about_versions_that_the_app_did_not_write_are_refused(turned, tmp_path, statement):
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs:
        with turned.database() as db:
            db.backup(theirs)
        theirs.execute("pragma journal_mode = delete")
    carry_over(tmp_path / "theirs.db", tmp_path / "ours.db")
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as theirs, theirs:
        theirs.execute(statement)
    with pytest.raises(InputError, match="Espalier did not write it"):
        carry_over(tmp_path / "theirs.db", tmp_path / "again.db")

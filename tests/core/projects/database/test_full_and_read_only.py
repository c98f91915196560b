"""On a full or read-only disk a project is read, journal and all, and what would be written is refused in words."""

import pytest

from tests.disks import FULL, READ_ONLY, run_on_disk

MAKE = """
import shutil
from core.projects.project import Project
Project.create(disk / "fruit", "Fruit").keep_setting("plan", "mine")
left = Project.create(disk / "left", "Left")
with left.database() as db:  # as a killed process leaves it: the change lies in the journal alone
    db.execute("insert into settings values ('plan', 'in the journal')")
    db.commit()
    shutil.copytree(left.folder, disk / "killed")
(disk / "killed" / "project.db-shm").unlink()
"""
ASK = """
import os
from core.base.errors import StorageError
from core.projects.project import open_project
for name in ("fruit", "killed"):
    project = open_project(disk / name)
    print(project.title, "|", project.setting("plan"), "|", project.class_counts())
    try:
        project.keep_setting("plan", "x" * 100_000)
        print("written")
    except StorageError as error:
        print(error)
    print(project.setting("plan"))
"""


@pytest.mark.parametrize("kind", [FULL, READ_ONLY])
def test_a_list_is_read_and_nothing_is_written(tmp_path, kind):
    disk = tmp_path / "disk"
    disk.mkdir()
    first, refused, still, second, also_refused, also_still = run_on_disk(kind, disk, MAKE, ASK, 2).splitlines()
    assert (first, still) == ("Fruit | mine | {}", "mine")
    assert (second, also_still) == ("Left | in the journal | {}", "in the journal")
    for words in (refused, also_refused):
        assert "can't be read or written: the disk may be full, or the folder protected." in words

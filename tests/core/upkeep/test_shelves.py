import subprocess
import sys

import pytest

from core.jobs.job import REPOSITORY
from core.projects import edits
from core.projects.changes.versions import rotate
from core.upkeep.room import LEFTOVERS, usage
from core.upkeep.sweeping import sweep
from core.upkeep.workspace_checks import kept
from tests.importing import bring_folder

ROTATE = """
import sys
from pathlib import Path
from core.projects.changes import versions
from core.projects.project import open_project
do = versions.do
def last(*arguments):
    print("made", flush=True)
    sys.stdin.read(1)
    return do(*arguments)
versions.do = last
versions.rotate(open_project(Path(sys.argv[1])), [1, 2], 1)
"""


@pytest.fixture
def rotating(project, tmp_path, fill):
    """A real process that has made the versions of two photos, and waits before the photos change."""
    bring_folder(project, fill(tmp_path / "in", {"apple": 3}))
    command = [sys.executable, "-c", ROTATE, str(project.folder)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "made\n"
    yield process
    process.kill()
    process.communicate(timeout=30)


def on_shelves(project):
    return sorted(path.name for path in (project.folder / "versions").rglob("*") if path.is_file())


def test_versions_that_a_killed_change_has_made_are_known_as_leftovers_and_swept(home, project, rotating):
    rotating.kill()
    rotating.wait(timeout=30)
    made = on_shelves(project)
    assert len(made) == 4  # two versions, each with its note
    assert usage(home)[LEFTOVERS].items == 2
    assert kept(home).values["leftover_files"] == 2
    assert sweep(home).items == 2
    assert on_shelves(project) == []
    rotate(project, [1, 2], 1)
    assert {*made} <= {*on_shelves(project), *(f"{photo.sha256}.jpg" for photo in project.photos())}
    assert sweep(home).items == 0


def test_versions_of_a_living_change_stay(home, project, rotating):
    assert sweep(home).in_use == 2
    rotating.communicate("x", timeout=60)
    assert edits.last_edit(project).what == "Turned 2 photos to the right"
    assert sweep(home).items == 0
    edits.undo(project)
    edits.redo(project)


def test_what_a_repair_needs_of_shelves_stays_whatever_the_list_knows(home, project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "in", {"apple": 3}))
    whole = project.database_path.read_bytes()
    rotate(project, [1], 1)
    shelved = on_shelves(project)
    for journal in project.folder.glob("project.db-*"):
        journal.unlink()
    for damage in (whole, whole[:100]):  # the list of before, or none that can be read
        project.database_path.write_bytes(damage)
        assert sweep(home).items == 0
        assert on_shelves(project) == shelved

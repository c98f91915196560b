import pytest

from core.projects import edits
from core.projects.project import Project
from core.runs.photo_places import run_photos, still_so, with_places_now
from tests.importing import bring_folder


@pytest.fixture
def moved(tmp_path, fill):
    """A project that was moved by hand after a run was made, and the run's photos: places at which nothing is now."""
    project = Project.create(tmp_path / "here", "Shapes")
    bring_folder(project, fill(tmp_path / "photos", {"disc": 3, "cross": 2}))
    photos = run_photos(project, project.photos())
    project.folder.rename(tmp_path / "there")
    return Project(tmp_path / "there"), photos


def test_photos_are_found_where_the_project_was_moved_to(moved):
    project, photos = moved
    now = with_places_now(project, photos)
    assert [photo.path for photo in now] == [photo.path.replace("/here/", "/there/") for photo in photos]
    assert [(photo.sha256, photo.label, photo.split) for photo in now] == [
        (photo.sha256, photo.label, photo.split) for photo in photos
    ]
    assert still_so(project, photos) == now


def test_what_has_another_class_since_or_is_set_aside_keeps_its_row_and_is_not_learned_as_before(moved):
    project, photos = moved
    discs = [photo.id for photo in project.photos("disc")]
    edits.move(project, discs[:1], "cross")
    edits.set_aside(project, discs[1:2])
    now = with_places_now(project, photos)
    assert [photo.sha256 for photo in now] == [photo.sha256 for photo in photos]
    gone = [photo for photo in now if "/here/" in photo.path]
    assert [photo.label for photo in gone] == ["disc", "disc"]
    assert still_so(project, photos) == [photo for photo in now if photo not in gone]

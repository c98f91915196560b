"""The other ways for photos to come in: a zip, files of one class, a path, the webcam."""

import shutil

import pytest

from core.projects.workspace import Workspace
from tests.browser.steps import create_project, upload

pytestmark = pytest.mark.slow


@pytest.fixture
def server(shared_server):
    return shared_server


def uploader_of(page, label):
    """By name, once its tab is open: for a moment after the click the tab left is the one that can be seen."""
    uploader = page.get_by_test_id("stFileUploader").filter(has_text=label)
    uploader.wait_for()
    return uploader


def name_class(page, label):
    """Type a new class into the selection of the open tab."""
    field = page.locator("input[role=combobox][aria-label=Class]").locator("visible=true").last
    field.click()
    field.fill(label)
    page.get_by_role("option").filter(has_text=label).wait_for()
    field.press("Enter")


@pytest.fixture
def empty(page, title):
    """A tab at the photos page of a new project."""
    create_project(page, title)
    return page


@pytest.fixture
def project(empty, server, title):
    (made,) = (each for each in Workspace(server.home).projects() if each.title == title)
    return made


def test_a_zip_keeps_its_test_folder(empty, project, fruit, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "fruit"), "zip", fruit.parent, fruit.name)
    empty.get_by_role("tab", name="Zip").click()
    upload(uploader_of(empty, "Zip or tar of class folders").locator("input[type=file]"), archive)
    empty.get_by_role("button", name="Bring them in").click()
    empty.get_by_text("300 photos added in").wait_for()
    parts = [photo.split for photo in project.photos()]
    assert parts.count("test") == 60
    assert parts.count("") == 240


@pytest.mark.endurance
def test_a_folder_on_this_computer_is_copied_and_left_as_it_was(empty, fruit):
    folder = fruit / "test"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")}
    empty.get_by_role("tab", name="On this computer").click()
    empty.get_by_label("Path of a folder of class folders").fill(str(folder))
    empty.get_by_role("button", name="Import").click()
    empty.get_by_role("button", name="Bring them in").click()
    empty.get_by_text("60 photos added in").wait_for()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")} == before


@pytest.mark.endurance
def test_files_go_to_the_class_that_was_named(empty, project, fruit):
    empty.get_by_role("tab", name="One class").click()
    name_class(empty, "Apfel")
    photos = sorted((fruit / "train" / "apple").iterdir())[:3]
    uploader = uploader_of(empty, "Photos of this class")
    uploader.locator("button:enabled").wait_for()  # it opens once the class has a name
    upload(uploader.locator("input[type=file]"), [str(photo) for photo in photos])
    empty.get_by_text("3 photos added in").wait_for()
    assert project.class_counts() == {"Apfel": 3}


def test_a_webcam_shot_goes_to_the_class_that_was_named(empty, project):
    empty.get_by_role("tab", name="Webcam").click()
    name_class(empty, "Birne")
    button = empty.frame_locator("iframe[title*=espalier_burst]").get_by_role("button", name="pictures of Birne")
    button.and_(empty.frame_locator("iframe[title*=espalier_burst]").locator("button:enabled")).wait_for()
    button.press("Enter")
    empty.get_by_text("1 photo added in").wait_for()
    assert project.class_counts() == {"Birne": 1}

"""Findings mended in a real browser: what a person clicks becomes what the database says, and undo takes it back."""

import shutil

import pytest
from PIL import Image, ImageFilter

from core.projects.workspace import Workspace
from tests.browser.steps import create_project, upload_folder

pytestmark = pytest.mark.slow


def shrunk(photo, share):
    with Image.open(photo) as image:
        return image.convert("RGB").resize((round(image.width * share), round(image.height * share)))


@pytest.fixture
def troubled(fruit, tmp_path):
    """Fruit with copies, near-copies, a photo in two classes, dark and blurred ones, and two spellings of apple."""
    folder = tmp_path / "troubled"
    for label in ("apple", "banana", "orange"):
        (folder / label).mkdir(parents=True)
        for photo in sorted((fruit / "train" / label).iterdir())[:20]:
            shutil.copy(photo, folder / label / photo.name)
    apples, bananas = (sorted((folder / label).iterdir()) for label in ("apple", "banana"))
    (folder / "Apple").mkdir()
    for photo in sorted((fruit / "test" / "apple").iterdir())[:5]:
        shutil.copy(photo, folder / "Apple" / photo.name)
    for i in range(3):
        shutil.copy(apples[i], folder / "apple" / f"copy {i}.jpg")
        shrunk(bananas[i], 0.7).save(folder / "banana" / f"small {i}.jpg")
    shutil.copy(bananas[5], folder / "orange" / "a banana.jpg")
    for name, apple in (("night", apples[8]), ("dusk", apples[10])):
        shrunk(apple, 1).rotate(30).point(lambda level: level // 20).save(folder / "apple" / f"{name}.jpg")
    shrunk(apples[9], 0.5).rotate(50).filter(ImageFilter.GaussianBlur(20)).save(folder / "apple" / "shaken.jpg")
    return folder


def section(page, name):
    """The box of one kind of finding, by the words of its heading."""
    return page.locator("[class*=st-key-findings_]").filter(has=page.get_by_role("heading", name=name)).last


def click(page, place, name, change):
    """Press a button and wait until the page tells of the change."""
    place.get_by_role("button", name=name, exact=True).first.click()
    page.get_by_text(f"Last change: {change}").wait_for()


def press(page, place, photo, key, change):
    """Select a photo in the gallery, press a key, and wait until the page tells of the change."""
    place.get_by_role("option", name=photo).first.click()
    page.keyboard.press(key)
    page.get_by_text(f"Last change: {change}").wait_for()


def test_findings_are_mended_with_clicks_and_undone(page, server, troubled):
    page.set_viewport_size({"width": 1280, "height": 440})
    create_project(page, "Fruit")
    upload_folder(page, troubled, "75 photos added in")
    page.get_by_role("button", name="Worth knowing").click()
    page.get_by_text("Worth a look: 1 photo in several classes").wait_for()
    page.get_by_role("dialog").get_by_role("link", name="Check the photos").click()
    page.get_by_role("button", name="Go on to Explore").wait_for()
    project = Workspace(server.home).projects()[0]
    before = project.photos()

    def aside():
        return {photo.name.rsplit("/", 2)[-1]: photo.set_aside for photo in project.photos_set_aside()}

    click(page, section(page, "photos that came more than once"), "Set aside all but one of each", "Set aside 3 photos")
    assert set(aside().values()) == {"a copy of another photo"}
    assert len(aside()) == 3
    page.get_by_role("heading", name="photos that came more than once").wait_for(state="detached")

    press(page, section(page, "photo in several classes"), "class banana", "i", "Set aside 1 photo")
    assert aside()["a banana.jpg"] == "the same photo is in another class"

    click(page, section(page, "class name with two spellings"), "Merge into apple", "Merged Apple into apple")
    assert set(project.class_counts()) == {"apple", "banana", "orange"}

    dark = section(page, "nearly black")
    dark.get_by_role("option", name="night.jpg").click()
    main = page.get_by_test_id("stMain")
    at = main.evaluate("element => element.scrollTop")
    press(page, dark, "night.jpg", "k", "Decided to keep 1 photo")
    assert {photo.name: photo.kept for photo in project.photos() if photo.kept} == {
        "troubled/apple/night.jpg": "very-dark"
    }
    assert main.evaluate("element => element.scrollTop") == at > 0

    for change in ("Decided to keep 1 photo", "Merged Apple into apple", "Set aside 1 photo", "Set aside 3 photos"):
        page.get_by_text(f"Last change: {change}").wait_for()
        page.get_by_test_id("stBottom").get_by_role("button", name="Undo").click()
        page.get_by_text(f"Undone: {change}").wait_for()
    assert project.photos() == before
    assert aside() == {}
    page.get_by_role("heading", name="3 photos that came more than once").wait_for()
    page.get_by_role("heading", name="1 class name with two spellings").wait_for()

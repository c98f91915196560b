"""How what came is read: the question, a table, names in an old code page, another name for a class."""

from pathlib import Path

import pytest

from core.projects.workspace import Workspace
from tests.browser.steps import create_project, upload
from tests.core.sources.packed import zip_bytes

pytestmark = pytest.mark.slow


@pytest.fixture
def server(shared_server):
    return shared_server


@pytest.fixture
def bring_path(page, title):
    """Give the path of a folder or an archive, and wait until it was looked at."""
    create_project(page, title)

    def bring(path: Path) -> None:
        page.get_by_role("tab", name="On this computer").click()
        page.get_by_label("Path of a folder of class folders").fill(str(path))
        page.get_by_role("button", name="Import").click()
        page.get_by_role("button", name="Bring them in").wait_for()

    return bring


def counts(server, title):
    (project,) = (each for each in Workspace(server.home).projects() if each.title == title)
    return project.class_counts()


def finish(page):
    page.get_by_role("button", name="Bring them in").click()
    page.get_by_text("added in").wait_for()


def test_folders_that_can_be_read_in_two_ways_are_asked_about(page, server, title, bring_path, tmp_path, fill):
    for seed, place in enumerate(("city", "wood")):
        fill(tmp_path / "seen" / place, {"owl": 3, "fox": 2}, first_seed=10 * seed)
    bring_path(tmp_path / "seen")
    page.get_by_text("seen: which do you mean?").wait_for()
    assert page.get_by_role("button", name="Bring them in").is_disabled()
    page.get_by_text("2 classes by folders: fox, owl").click()
    page.get_by_label("Name of owl").wait_for()
    samples = page.locator(".st-key-import_question img")
    samples.nth(5).wait_for()
    assert samples.count() == 6
    finish(page)
    assert counts(server, title) == {"fox": 4, "owl": 6}


@pytest.mark.endurance
def test_a_table_beside_the_photos_gives_the_classes_also_of_an_upload(page, server, title, tmp_path, fill):
    create_project(page, title)
    folder = fill(tmp_path / "set", {"images": 8})
    (folder / "labels.csv").write_text("file,label\n" + "".join(f"{n}.jpg,{'ab'[n % 2]}\n" for n in range(8)))
    upload(page.locator("input[type=file][webkitdirectory]").first, str(folder))
    page.get_by_text("Read as 2 classes by the column label of labels.csv: a, b.").wait_for()
    finish(page)
    assert counts(server, title) == {"a": 4, "b": 4}


def test_names_in_an_old_code_page_are_shown_before_anything_is_stored_and_can_be_changed(
    page, server, title, bring_path, tmp_path, jpeg
):
    names = ["りんご/1.jpg", "りんご/2.jpg", "みかん/1.jpg", "みかん/2.jpg"]
    entries = {name.encode("shift_jis"): jpeg(seed) for seed, name in enumerate(names)}
    (tmp_path / "kudamono.zip").write_bytes(zip_bytes(entries))
    bring_path(tmp_path / "kudamono.zip")
    page.get_by_label("Name of りんご").fill("apple")
    page.get_by_label("Name of りんご").press("Enter")
    finish(page)
    assert counts(server, title) == {"apple": 2, "みかん": 2}


@pytest.mark.endurance
def test_photos_without_a_class_are_kept_apart(page, server, title, bring_path, tmp_path, fill):
    fill(tmp_path / "set" / "train", {"apple": 3, "pear": 3})
    fill(tmp_path / "set", {"test": 2}, first_seed=50)
    bring_path(tmp_path / "set")
    page.get_by_text("2 photos in test have no class, so they can't test").wait_for()
    finish(page)
    page.get_by_text("2 photos without a class kept apart").wait_for()
    assert counts(server, title) == {"apple": 3, "pear": 3}

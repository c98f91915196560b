from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.checks.findings import find, find_in_project, title
from core.checks.picture_findings import BANDS, CUT, PAGES
from core.checks.picture_words import seen_in_words
from core.photos.pictures import PLAIN, USUAL, PictureSettings
from core.projects import edits
from core.projects.imports import PICTURES, ImportRequest
from core.sources.labelled import read_source
from tests.importing import bring, bring_folder


def noise(seed, shape=(96, 96, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.fixture
def odd(tmp_path):
    """Photos cut off at their end, stacks of which one begins blank, a picture of six bands, and sound photos."""
    folder = tmp_path / "odd"
    for label in "ab":
        (folder / label).mkdir(parents=True)
        for i in range(3):
            Image.fromarray(noise([ord(label), i])).save(folder / label / f"{i}.jpg", quality=95)
    for i, lost in enumerate((2, 700)):
        path = folder / "a" / f"cut {i}.jpg"
        Image.fromarray(noise([7, i])).save(path, quality=95)
        path.write_bytes(path.read_bytes()[:-lost])
    for i, first in enumerate((noise(1, (96, 96)), np.zeros((96, 96), np.uint8))):
        pages = np.stack([first, noise([2, i], (96, 96)), noise([3, i], (96, 96))])
        tifffile.imwrite(folder / "b" / f"stack {i}.tif", pages, photometric="minisblack")
    tifffile.imwrite(folder / "b" / "six.tif", noise(4, (96, 96, 6)), photometric="minisblack", planarconfig="contig")
    return folder


@pytest.fixture
def found(project, odd):
    bring_folder(project, odd)
    return find_in_project(project)


def names(project, finding):
    by_id = {photo.id: photo.name for photo in project.photos()}
    return [by_id[key] for key in finding.photos]


def test_a_photo_without_its_end_is_told_with_how_much_is_missing(project, found):
    (finding,) = found[CUT]
    assert title(found[CUT]) == "2 photos cut short"
    assert names(project, finding) == ["a/cut 1.jpg", "a/cut 0.jpg"]  # the worst first
    assert finding.why.startswith("2 files stop too early: up to ")
    with project.database() as db:
        shares = dict(db.execute("select name, missing from photos join pictures on photo = photos.id where cut = 1"))
    assert 0 < shares["a/cut 1.jpg"] <= 0.1
    edits.set_aside(project, finding.photos, "its end is missing")
    assert CUT not in find_in_project(project)


def test_pages_are_told_the_blank_ones_first(project, found):
    (finding,) = found[PAGES]
    assert names(project, finding) == ["b/stack 1.tif", "b/stack 0.tif"]
    assert (finding.severity, finding.why) == (
        "warning",
        "2 files have several pages: page 1 is used, and it is blank in 1 of them.",
    )
    bring(project, ImportRequest(PICTURES, pictures=PictureSettings(page=1).to_json()))
    (again,) = find_in_project(project)[PAGES]
    assert (again.severity, again.why) == ("note", "2 files have several pages: page 2 is used.")
    bring(project, ImportRequest(PICTURES, pictures=PictureSettings(page=3).to_json()))
    (last,) = find_in_project(project)[PAGES]
    assert last.why == "2 files have several pages: page 4 is used, or the last where there are fewer."
    edits.keep(project, again.photos, PAGES)
    assert PAGES not in find_in_project(project)


def test_bands_are_told_with_those_that_are_used(project, found):
    (finding,) = found[BANDS]
    assert names(project, finding) == ["b/six.tif"]
    assert "1 picture has more than three bands: 1, 2, 3 are taken as red, green and blue" in finding.why


def test_the_command_tells_the_same_of_a_folder(found, odd, tmp_path):
    (tmp_path / "staging").mkdir()
    in_folder = find(read_source(odd, tmp_path / "staging"), threads=2)
    for kind in (CUT, PAGES, BANDS):
        assert [f.why for f in in_folder if f.kind == kind] == [f.why for f in found[kind]]


def test_a_folder_of_twelve_bits_is_not_found_to_be_black(tmp_path):
    folder = tmp_path / "deep"
    for label in "ab":
        (folder / label).mkdir(parents=True)
        for i in range(2):
            values = np.random.default_rng([ord(label), i]).integers(0, 4096, (96, 96), np.uint16)
            tifffile.imwrite(folder / label / f"{i}.tif", values)
    (tmp_path / "staging").mkdir()
    assert "very-dark" not in {f.kind for f in find(read_source(folder, tmp_path / "staging"), threads=2)}


def test_what_was_seen_is_said_in_sentences():
    settings = replace(USUAL, ranges=(("float32", 0.25, 2.0), ("uint16", 0.0, 4095.0)), page=2)
    facts = [
        *[replace(PLAIN, depth="uint16", high=4000.0)] * 48,
        replace(PLAIN, depth="float32", high=2.0),
        *[replace(PLAIN, pages=5, blank=True)] * 2,
        replace(PLAIN, pages=2),
        replace(PLAIN, bands=4),
        replace(PLAIN, bands=8),
        replace(PLAIN, profile=True),
        PLAIN,
    ]
    assert seen_in_words(facts, settings) == [
        "1 picture of decimal numbers: 0.25 is black, 2 white.",
        "48 pictures of 16 bits: 0 is black, 4,095 white.",
        "3 files with 2 to 5 pages: page 3 (the last where there are fewer) is used, and it is blank in 2.",
        "2 pictures with 4 to 8 bands: 1 is red, 2 green, 3 blue.",
        "1 picture with a colour profile: it is applied.",
    ]
    assert seen_in_words([PLAIN, replace(PLAIN, cut=True)], USUAL) == []


def test_a_blank_page_is_told_once_and_not_as_black_or_blurred_too(project, odd):
    bring_folder(project, odd)
    found = find_in_project(project)
    (blank,) = [photo.id for photo in project.photos() if photo.name == "b/stack 1.tif"]
    assert [kind for kind, each in found.items() if any(blank in finding.photos for finding in each)] == [PAGES]


def test_the_sentences_on_pictures_are_told_of_a_folder_too(odd, tmp_path):
    (tmp_path / "staging").mkdir()
    told = []
    find(read_source(odd, tmp_path / "staging"), 2, USUAL, told.append)
    assert told == [
        "2 files with 3 pages: page 1 is used, and it is blank in 1.",
        "1 picture with 6 bands: 1 is red, 2 green, 3 blue.",
    ]

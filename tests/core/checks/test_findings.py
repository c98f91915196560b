import json
import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.checks.appearance_findings import NEAR, NEAR_ACROSS, NOTE
from core.checks.findings import (
    ABOUT_GROUPS,
    ALIKE,
    ERROR,
    KINDS,
    MIRRORED_ACROSS,
    WARNING,
    all_but_class,
    all_but_one,
    find,
    find_in_project,
    title,
    to_json,
)
from core.checks.picture_findings import BANDS, CUT, PAGES
from core.checks.readiness import refuse_unread
from core.models.config import MIN_PHOTOS_PER_CLASS
from core.photos.file_kinds import WEB_PAGE
from core.projects import edits
from core.projects.project import Project
from core.projects.project_split import near_copy_groups
from core.sources.labelled import read_source
from tests.importing import bring_folder


@pytest.fixture
def fill(draw):
    """Class folders as the shared fixture fills them, but with grain, so that no photo is blurred."""

    def fill_with_grain(folder, photos_per_class):
        seed = 0
        for label, n in photos_per_class.items():
            (folder / label).mkdir(parents=True)
            for i in range(n):
                grain = np.random.default_rng(seed).integers(-20, 21, (72, 96, 3))
                write(folder / label / f"{i}.jpg", np.clip(np.asarray(draw(seed, (96, 72)), int) + grain, 0, 255))
                seed += 1
        return folder

    return fill_with_grain


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path, "JPEG" if path.suffix == ".jpg" else "PNG", quality=90)


def findings_of(folder, tmp_path):
    staging = tmp_path / "staging"
    staging.mkdir()
    source = read_source(folder, staging)
    return source, {finding.kind: finding for finding in find(source, threads=2)}


def test_clean_photos_in_balance_give_no_finding(tmp_path, fill):
    _, found = findings_of(fill(tmp_path / "fruit", {"a": 50, "b": 50}), tmp_path)
    assert found == {}


def test_every_kind_of_trouble_is_found_with_its_photos(tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"a": 8, "b": 20})
    shutil.copy(folder / "a" / "0.jpg", folder / "a" / "copy.jpg")
    shutil.copy(folder / "a" / "1.jpg", folder / "b" / "conflict.jpg")
    (folder / "a" / "bad.jpg").write_bytes(b"no photo")
    (folder / "a" / "notes.txt").write_bytes(b"x")
    shutil.copy(folder / "a" / "2.jpg", folder / "loose.jpg")
    (folder / "c").mkdir()
    source, found = findings_of(folder, tmp_path)
    assert {kind: (each.severity, sorted(each.photos)) for kind, each in found.items()} == {
        "lost-class": (ERROR, []),
        "unlearnable": (ERROR, []),
        "unreadable": (WARNING, ["a/bad.jpg"]),
        "exact-copies": (NOTE, ["a/0.jpg", "a/copy.jpg"]),
        "same-photo-in-two-classes": (WARNING, ["a/1.jpg", "b/conflict.jpg"]),
        "no-class": (WARNING, ["loose.jpg"]),
        "not-a-photo": (NOTE, ["a/notes.txt"]),
        "balance": (WARNING, []),
    }
    assert "c (0)" in found["unlearnable"].why
    assert (found["lost-class"].why, found["lost-class"].class_names) == ("c is empty.", ("c",))
    assert "--without CLASS" in found["lost-class"].fix
    told = json.loads(json.dumps(to_json(source, list(found.values()))))
    assert (told["photos"], told["classes"]) == (31, {"a": 10, "b": 21, "c": 0})
    assert set(told["findings"][0]) == {"kind", "severity", "photos", "why", "mend"}


@pytest.mark.parametrize(
    ("good", "why"),
    [
        (0, "plum: none of 12 can be read (web pages, empty files)."),
        (3, "plum: only 3 of 15 can be read (web pages, empty files)."),
    ],
)
def test_a_class_of_web_pages_is_an_error_that_names_it_whether_some_photos_are_left(tmp_path, fill, good, why):
    folder = fill(tmp_path / "fruit", {"apple": 50, "pear": 50, "plum": good})
    for i in range(12):
        (folder / "plum" / f"page {i}.jpg").write_bytes(b"<!DOCTYPE html><html></html>" if i else b"")
    source, found = findings_of(folder, tmp_path)
    assert (found["lost-class"].severity, found["lost-class"].why) == (ERROR, why)
    unread = [("plum", WEB_PAGE.reason)] * 12
    labels = [file.label for file in source.arrangement.files]
    with pytest.raises(
        InputError,
        match=r"^plum: (none|only 3) of 1[25] can be read \(web pages\)\. A class needs at least 5 photos\. Mend",
    ):
        refuse_unread(labels, unread, MIN_PHOTOS_PER_CLASS)


@pytest.mark.parametrize(
    ("names", "words"), [([], "No photos were found in here"), (["1.jpg"], "photos in here are not in class folders")]
)
def test_a_folder_without_classes_is_refused_with_how_to_arrange_it(tmp_path, jpeg, names, words):
    (tmp_path / "here").mkdir()
    for name in names:
        (tmp_path / "here" / name).write_bytes(jpeg(1))
    with pytest.raises(InputError, match=f"{words}. Put the photos of each class into a folder"):
        read_source(tmp_path / "here", tmp_path / "staging")


def test_nearly_the_same_pictures_are_told_once_per_group(tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"a": 50, "b": 50})
    with Image.open(folder / "a" / "0.jpg") as photo:
        photo.resize((88, 66)).save(folder / "a" / "small.jpg")
        photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "a" / "mirrored.jpg")
    with Image.open(folder / "a" / "1.jpg") as photo:
        photo.save(folder / "b" / "again.jpg", quality=70)
    _, found = findings_of(folder, tmp_path)
    assert {kind: (each.severity, sorted(each.photos)) for kind, each in found.items()} == {
        "near-copies": (NOTE, ["a/0.jpg", "a/mirrored.jpg", "a/small.jpg"]),
        "near-copies-in-two-classes": (WARNING, ["a/1.jpg", "b/again.jpg"]),
    }
    assert found["near-copies"].why == (
        "Nearly the same picture 3 times: they stay on one side of the split if they can, for an honest test."
    )
    assert "in a and in b" in found["near-copies-in-two-classes"].why


def test_dark_bright_blurred_small_and_very_long_photos_are_named(tmp_path, fill, draw):
    folder = fill(tmp_path / "fruit", {"a": 50, "b": 50})
    grain = np.random.default_rng(0).integers(-20, 21, (100, 100, 3))
    write(folder / "a" / "night.png", np.clip(5 + grain, 0, 255))
    write(folder / "a" / "snow.png", np.clip(250 + grain, 0, 255))
    draw(777, (320, 240)).save(folder / "b" / "soft.jpg")
    write(folder / "b" / "tiny.png", np.random.default_rng(2).integers(0, 256, (63, 90, 3)))
    write(folder / "b" / "panorama.png", np.random.default_rng(1).integers(0, 256, (64, 800, 3)))
    _, found = findings_of(folder, tmp_path)
    assert {kind: (each.severity, each.photos) for kind, each in found.items()} == {
        "very-dark": (NOTE, ["a/night.png"]),
        "very-bright": (NOTE, ["a/snow.png"]),
        "blurred": (NOTE, ["b/soft.jpg"]),
        "very-small": (NOTE, ["b/tiny.png"]),
        "extreme-shape": (WARNING, ["b/panorama.png"]),
    }
    assert found["very-dark"].why.startswith("1 photo is nearly black")
    assert "less than 64 pixels wide or high: enlarged to the base model's input" in found["very-small"].why
    assert all(each.fix for each in found.values())


def test_classes_written_almost_alike_are_told(tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"Pâte  brisée": 50, "pate brisee": 50, "pear": 50})
    _, found = findings_of(folder, tmp_path)
    assert set(found) == {"class-twins"}
    assert found["class-twins"].why.startswith("“Pâte  brisée” and “pate brisee” are written almost alike")
    assert found["class-twins"].class_names == ("Pâte  brisée", "pate brisee")
    assert Counter(name.split("/")[0] for name in found["class-twins"].photos) == {
        "Pâte  brisée": 50,
        "pate brisee": 50,
    }


@pytest.mark.parametrize(("colour", "level"), [("white", 255), ("black", 0)])
def test_one_class_alone_on_a_plain_background_is_told(tmp_path, fill, colour, level):
    folder = fill(tmp_path / "fruit", {"b": 50, "c": 50})
    for i in range(50):
        pixels = np.full((64, 64, 3), level)
        pixels[8:40, 8:40] = np.random.default_rng(i).integers(30, 230, (4, 4, 3)).repeat(8, 0).repeat(8, 1)
        write(folder / "a" / f"{i}.png", pixels)
    _, found = findings_of(folder, tmp_path)
    assert found["one-background"].severity == WARNING
    assert found["one-background"].why.startswith(f"Only a is mostly {colour}")
    assert sorted(found["one-background"].photos) == sorted(f"a/{i}.png" for i in range(50))


def test_two_classes_on_the_same_background_are_no_finding(tmp_path):
    for label in ("a", "b"):
        for i in range(50):
            pixels = np.full((64, 64, 3), 255)
            pixels[8:40, 8:40] = np.random.default_rng([i, ord(label)]).integers(30, 230, (32, 32, 3))
            write(tmp_path / "fruit" / label / f"{i}.png", pixels)
    _, found = findings_of(tmp_path / "fruit", tmp_path)
    assert "one-background" not in found


@pytest.fixture
def troubled(tmp_path, fill, draw):
    """A folder with every kind of trouble that a project's photos can have, but a telling background."""
    folder = fill(tmp_path / "fruit", {"a": 8, "b": 8, "B": 2})
    shutil.copy(folder / "a" / "0.jpg", folder / "a" / "0 copy.jpg")
    shutil.copy(folder / "a" / "0.jpg", folder / "a" / "0 once more.jpg")
    shutil.copy(folder / "a" / "1.jpg", folder / "b" / "1 conflict.jpg")
    for name, label, near, size in (("2.jpg", "a", "small", (88, 66)), ("3.jpg", "b", "large", (128, 96))):
        with Image.open(folder / "a" / name) as photo:
            photo.resize(size).save(folder / label / f"{name[0]} {near}.jpg")
    grain = np.random.default_rng(0).integers(-20, 21, (100, 100, 3))
    write(folder / "a" / "night.png", np.clip(5 + grain, 0, 255))
    write(folder / "b" / "snow.png", np.clip(250 + grain, 0, 255))
    draw(777, (320, 240)).save(folder / "b" / "soft.jpg")
    write(folder / "b" / "tiny.png", np.random.default_rng(2).integers(0, 256, (63, 90, 3)))
    write(folder / "b" / "panorama.png", np.random.default_rng(1).integers(0, 256, (64, 800, 3)))
    return folder


@pytest.fixture
def project(project, troubled):
    """The same photos in a project."""
    bring_folder(project, troubled)
    return project


def named(project, findings):
    """The findings' photos by name, sorted, a list for each finding."""
    names = {photo.id: photo.name for photo in project.photos_with_ids(key for each in findings for key in each.photos)}
    return sorted(sorted(names[key] for key in finding.photos) for finding in findings)


def ids(project, *names):
    by_name = {photo.name: photo.id for photo in project.photos()}
    return [by_name[name] for name in names]


def test_a_project_tells_from_its_database_what_check_tells_from_the_files(project, troubled, tmp_path):
    for photo in project.photos():
        project.path(photo).unlink()
    in_project = find_in_project(project)
    (tmp_path / "staging").mkdir()
    in_folder = find(read_source(troubled, tmp_path / "staging"), threads=1)
    absent = ("one-background", CUT, PAGES, BANDS, MIRRORED_ACROSS, ALIKE)
    assert list(in_project) == [kind for kind in KINDS if kind not in absent]
    for kind, findings in in_project.items():
        same = [finding for finding in in_folder if finding.kind == kind]
        assert named(project, findings) == sorted(sorted(finding.photos) for finding in same)
        assert [(f.severity, f.why, f.class_names) for f in findings] == [
            (f.severity, f.why, f.class_names) for f in same
        ]


def test_a_kind_is_counted_in_words(project):
    assert [title(findings) for findings in find_in_project(project).values()] == [
        "1 photo in several classes",
        "1 group of near-copies in several classes",
        "1 class name with two spellings",
        "1 very long photo",
        "1 nearly black photo",
        "1 nearly white photo",
        "1 blurred photo",
        "1 very small photo",
        "1 photo that came more than once",
        "1 group of near-copies",
    ]


@pytest.mark.slow
def test_what_is_set_aside_is_no_finding_any_more(project):
    for kind, findings in find_in_project(project).items():
        edits.set_aside(project, [photo for finding in findings for photo in finding.photos])
        assert kind not in find_in_project(project)
        edits.undo(project)
        assert find_in_project(project)[kind] == findings


@pytest.mark.slow
def test_what_is_kept_is_no_finding_of_that_kind_any_more_until_undo(project):
    before = find_in_project(project)
    for kind, findings in before.items():
        edits.keep(project, [photo for finding in findings for photo in finding.photos], kind)
        assert find_in_project(project) == {other: each for other, each in before.items() if other != kind}
        edits.undo(project)
        assert find_in_project(project) == before


@pytest.mark.parametrize("kind", [kind for kind in ABOUT_GROUPS if kind not in (MIRRORED_ACROSS, ALIKE)])
def test_a_group_is_told_until_all_of_it_is_kept(project, kind):
    (finding,) = find_in_project(project)[kind]
    edits.keep(project, finding.photos[:-1], kind)
    assert find_in_project(project)[kind] == [finding]
    edits.keep(project, finding.photos[-1:], kind)
    assert kind not in find_in_project(project)


def test_a_single_photo_is_left_out_when_it_is_kept_and_the_others_stay(project):
    night, snow = ids(project, "a/night.png", "b/snow.png")
    with project.database() as db:
        db.execute("update looks set brightness = 10 where photo = ?", (snow,))
    assert find_in_project(project)["very-dark"][0].photos == [night, snow]
    edits.keep(project, [night], "very-dark")
    (dark,) = find_in_project(project)["very-dark"]
    assert (dark.photos, dark.why.split(":")[0]) == ([snow], "1 photo is nearly black")


def test_a_kept_background_is_silent(project):
    with project.database() as db:
        white = np.zeros((3, 32), np.float16)
        white[:, -1] = 1
        db.execute(
            "update looks set colours = ? where photo in (select id from photos where label = 'a')", (white.tobytes(),)
        )
    (background,) = find_in_project(project)["one-background"]
    assert background.photos == [photo.id for photo in project.photos("a")]
    edits.keep(project, background.photos, "one-background")
    assert "one-background" not in find_in_project(project)


def test_of_near_copies_the_largest_stays_and_of_copies_the_first(project):
    found = find_in_project(project)
    assert sorted(all_but_one(project, found["near-copies"])) == ids(project, "a/2 small.jpg")
    first, *others = sorted(ids(project, "a/0.jpg", "a/0 copy.jpg", "a/0 once more.jpg"))
    assert sorted(all_but_one(project, found["exact-copies"])) == others
    edits.set_aside(project, all_but_one(project, found["exact-copies"]))
    assert find_in_project(project).keys() == found.keys() - {"exact-copies"}
    assert all_but_one(project, found["exact-copies"]) == []  # another window sees the findings of before
    edits.undo(project)
    edits.set_aside(project, [first])
    assert len(all_but_one(project, found["exact-copies"])) == 1


def test_a_photo_of_two_classes_stays_in_the_chosen_one_and_other_groups_are_left_alone(project):
    found = find_in_project(project)
    conflict = found["same-photo-in-two-classes"]
    assert all_but_class(project, conflict, "a") == ids(project, "b/1 conflict.jpg")
    assert all_but_class(project, conflict, "b") == ids(project, "a/1.jpg")
    assert all_but_class(project, conflict, "B") == []
    both = [*conflict, *found["near-copies-in-two-classes"]]
    assert sorted(all_but_class(project, both, "a")) == sorted(ids(project, "b/1 conflict.jpg", "b/3 large.jpg"))


def test_many_groups_are_set_aside_as_one_change(tmp_path, draw):
    project = Project.create(tmp_path / "many", "Many")
    (tmp_path / "in" / "a").mkdir(parents=True)
    for i in range(30):
        draw(i, (96, 72)).save(tmp_path / "in" / "a" / f"{i}.png")
        shutil.copy(tmp_path / "in" / "a" / f"{i}.png", tmp_path / "in" / "a" / f"{i} copy.png")
    bring_folder(project, tmp_path / "in")
    copies = find_in_project(project)["exact-copies"]
    assert title(copies) == "30 photos that came more than once"
    assert edits.set_aside(project, all_but_one(project, copies)).what == "Set aside 30 photos"
    assert project.class_counts() == {"a": 30}
    edits.undo(project)
    assert project.class_counts() == {"a": 60}
    assert edits.last_edit(project) is None


def test_photos_that_an_import_left_uncompared_are_compared_now(project):
    before = find_in_project(project)
    with project.database() as db:
        db.execute("update looks set near = null")
    assert find_in_project(project) == before


def test_a_project_without_photos_has_no_findings(tmp_path):
    assert find_in_project(Project.create(tmp_path / "empty", "Empty")) == {}


@pytest.mark.endurance
def test_real_photos_of_good_quality_are_hardly_ever_flagged(tmp_path, shared_data):
    _, found = findings_of(shared_data("cats_and_dogs.zip"), tmp_path)
    kinds = (
        "near-copies",
        "near-copies-in-two-classes",
        "very-dark",
        "very-bright",
        "blurred",
        "very-small",
        "extreme-shape",
    )
    assert sum(len(found[kind].photos) for kind in kinds if kind in found) < 0.01 * 2600
    assert "one-background" not in found


def test_an_animal_that_leaves_within_seconds_is_one_burst_and_no_contradiction(tmp_path):
    rng, frames = np.random.default_rng(4), {}
    place = Image.fromarray(rng.integers(60, 190, (6, 8, 3), np.uint8)).resize((320, 240), Image.Resampling.BICUBIC)
    for second, label in enumerate(("vole", "empty")):
        pixels = np.asarray(place, np.float32) + rng.normal(0, 4, (240, 320, 1))
        if label == "vole":
            pixels[150:190, 200:250] = 20
        frames[label] = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"2026:06:01 04:00:0{second}"
        (tmp_path / "box" / label).mkdir(parents=True)
        frames[label].save(tmp_path / "box" / label / "frame.jpg", quality=92, exif=exif)
    project = Project.create(tmp_path / "project", "Boxes")
    bring_folder(project, tmp_path / "box")
    first, second = near_copy_groups(project, project.photos())
    assert first == second  # of one burst: they stay on one side of the split
    assert not {NEAR_ACROSS, NEAR} & find_in_project(project).keys()
    _, said = findings_of(tmp_path / "box", tmp_path)
    assert not {NEAR_ACROSS, NEAR} & said.keys()

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from core.data.findings import ERROR, NOTE, WARNING, find, to_json
from core.data.sources import read_source
from core.records.errors import InputError


@pytest.fixture
def fill(draw):
    """Class folders as the shared fixture fills them, but with grain, so that no photo is blurred."""

    def fill_with_grain(folder, photos_per_class):
        seed = 0
        for label, n in photos_per_class.items():
            (folder / label).mkdir(parents=True)
            for i in range(n):
                grain = np.random.default_rng(seed).integers(-20, 21, (48, 64, 3))
                write(folder / label / f"{i}.jpg", np.clip(np.asarray(draw(seed), int) + grain, 0, 255))
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
        "unlearnable": (ERROR, []),
        "unreadable": (WARNING, ["a/bad.jpg"]),
        "exact-copies": (NOTE, ["a/0.jpg", "a/copy.jpg"]),
        "same-photo-in-two-classes": (WARNING, ["a/1.jpg", "b/conflict.jpg"]),
        "no-class": (WARNING, ["loose.jpg"]),
        "not-a-photo": (NOTE, ["a/notes.txt"]),
        "balance": (WARNING, []),
    }
    assert "c (0)" in found["unlearnable"].why
    told = json.loads(json.dumps(to_json(source, list(found.values()))))
    assert (told["photos"], told["classes"]) == (31, {"a": 10, "b": 21, "c": 0})
    assert set(told["findings"][0]) == {"kind", "severity", "photos", "why", "mend"}


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
        photo.resize((48, 36)).save(folder / "a" / "small.jpg")
        photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "a" / "mirrored.jpg")
    with Image.open(folder / "a" / "1.jpg") as photo:
        photo.save(folder / "b" / "again.jpg", quality=40)
    _, found = findings_of(folder, tmp_path)
    assert {kind: (each.severity, sorted(each.photos)) for kind, each in found.items()} == {
        "near-copies": (NOTE, ["a/0.jpg", "a/mirrored.jpg", "a/small.jpg"]),
        "near-copies-in-two-classes": (WARNING, ["a/1.jpg", "b/again.jpg"]),
    }
    assert found["near-copies"].why == (
        "Nearly the same picture 3 times: they stay on one side of the split, so that the test stays honest."
    )
    assert "in a and in b" in found["near-copies-in-two-classes"].why


def test_dark_bright_blurred_and_very_long_photos_are_named(tmp_path, fill, draw):
    folder = fill(tmp_path / "fruit", {"a": 50, "b": 50})
    grain = np.random.default_rng(0).integers(-20, 21, (100, 100, 3))
    write(folder / "a" / "night.png", np.clip(5 + grain, 0, 255))
    write(folder / "a" / "snow.png", np.clip(250 + grain, 0, 255))
    draw(777, (320, 240)).save(folder / "b" / "soft.jpg")
    write(folder / "b" / "panorama.png", np.random.default_rng(1).integers(0, 256, (20, 2000, 3)))
    _, found = findings_of(folder, tmp_path)
    assert {kind: (each.severity, each.photos) for kind, each in found.items()} == {
        "very-dark": (NOTE, ["a/night.png"]),
        "very-bright": (NOTE, ["a/snow.png"]),
        "blurred": (NOTE, ["b/soft.jpg"]),
        "extreme-shape": (WARNING, ["b/panorama.png"]),
    }
    assert found["very-dark"].why.startswith("1 photo is nearly black")
    assert all(each.mend for each in found.values())


def test_classes_written_almost_alike_are_told(tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"Pâte  brisée": 50, "pate brisee": 50, "pear": 50})
    _, found = findings_of(folder, tmp_path)
    assert set(found) == {"class-twins"}
    assert found["class-twins"].why.startswith("“Pâte  brisée” and “pate brisee” are written almost alike")


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


def test_two_classes_on_the_same_background_are_no_finding(tmp_path):
    for label in ("a", "b"):
        for i in range(50):
            pixels = np.full((64, 64, 3), 255)
            pixels[8:40, 8:40] = np.random.default_rng([i, ord(label)]).integers(30, 230, (32, 32, 3))
            write(tmp_path / "fruit" / label / f"{i}.png", pixels)
    _, found = findings_of(tmp_path / "fruit", tmp_path)
    assert "one-background" not in found


@pytest.mark.slow
def test_real_photos_of_good_quality_are_hardly_ever_flagged(tmp_path, shared_data):
    _, found = findings_of(shared_data("cats_and_dogs.zip"), tmp_path)
    kinds = ("near-copies", "near-copies-in-two-classes", "very-dark", "very-bright", "blurred", "extreme-shape")
    assert sum(len(found[kind].photos) for kind in kinds if kind in found) < 0.01 * 2600
    assert "one-background" not in found

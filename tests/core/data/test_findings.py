import json
import shutil

import pytest

from core.data.findings import ERROR, NOTE, WARNING, find, to_json
from core.data.sources import read_source
from core.records.errors import InputError


def findings_of(folder, tmp_path):
    source = read_source(folder, tmp_path / "staging")
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

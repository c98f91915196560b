import zipfile

import pytest

from core.batches.sorted_zip import SortedPhoto, write_sorted_zip
from core.photos.decoding import PhotoError
from core.runs.predictor import Prediction

CLASSES = ["apple", "Unknown", "a/b: 🍎", "con", "a\\b: 🍎"]


def said(label, score=0.5):
    return Prediction(label, 0.9, {name: 0.9 if name == label else 0.025 for name in CLASSES}, score)


@pytest.fixture
def written(tmp_path):
    """Writes a zip of these photos and gives its members."""

    def write(photos, threshold=0.05):
        write_sorted_zip(tmp_path / "sorted.zip", CLASSES, photos, threshold)
        with zipfile.ZipFile(tmp_path / "sorted.zip") as opened:
            assert opened.testzip() is None
            return {name: opened.read(name) for name in opened.namelist()}

    return write


def test_photos_lie_in_the_folder_of_their_class_with_their_own_bytes(written, tmp_path):
    (tmp_path / "far.jpg").write_bytes(b"far")
    photos = [
        SortedPhoto("here.jpg", b"here", said("apple")),
        SortedPhoto("deep/in/far.jpg", tmp_path / "far.jpg", said("apple")),
        SortedPhoto("odd.jpg", b"odd", said("apple", score=0.01)),
    ]
    assert written(photos) == {"apple/here.jpg": b"here", "apple/far.jpg": b"far", "unknown/odd.jpg": b"odd"}
    assert "apple/odd.jpg" in written(photos, threshold=0.0)


def test_every_class_has_a_folder_of_its_own_that_every_file_system_takes(written):
    members = written([SortedPhoto("1.jpg", name.encode(), said(name)) for name in CLASSES])
    assert members == {
        "apple/1.jpg": b"apple",
        "Unknown 2/1.jpg": b"Unknown",
        "a_b_ 🍎/1.jpg": "a/b: 🍎".encode(),
        "_con/1.jpg": b"con",
        "a_b_ 🍎 2/1.jpg": "a\\b: 🍎".encode(),
    }


def test_photos_of_one_name_get_numbers_also_where_only_the_case_differs(written):
    names = ["1.jpg", "x/1.jpg", "1.JPG", "1 2.jpg", "../../1.jpg", "C:\\1.jpg", "nul.png"]
    members = written([SortedPhoto(name, name.encode(), said("apple")) for name in names])
    assert len(members) == len(names)
    assert len({name.lower() for name in members}) == len(names)
    assert all(name.startswith("apple/") and name.count("/") == 1 for name in members)
    assert members["apple/_nul.png"] == b"nul.png"


def test_what_has_no_answer_is_listed_with_its_reason(written, tmp_path):
    members = written(
        [
            SortedPhoto("text\n.jpg", b"text", PhotoError("not an image")),
            SortedPhoto("gone.jpg", tmp_path / "gone.jpg", said("apple")),
        ]
    )
    assert members == {
        "unreadable.txt": b"text .jpg: not an image\ngone.jpg: the file can't be opened any more\n",
    }


def test_a_stop_leaves_no_zip(tmp_path):
    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sorted_zip(tmp_path / "sorted.zip", CLASSES, [SortedPhoto("1.jpg", b"1", said("apple"))], 0.05, stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_thousands_of_one_name_take_no_longer_than_others(written):
    members = written(SortedPhoto(f"{n}/1.jpg", b"", said("apple")) for n in range(5000))
    assert len(members) == 5000
    assert "apple/1 5000.jpg" in members

import zipfile

import pytest

from core.base.errors import InputError
from core.sources.unlabelled import find_photos


@pytest.fixture
def staging(tmp_path):
    (tmp_path / "staging").mkdir()
    return tmp_path / "staging"


def test_a_folder_gives_its_photos_by_name_however_deep_they_lie(tmp_path, staging, jpeg):
    folder = tmp_path / "holiday"
    (folder / "day 1" / "morning").mkdir(parents=True)
    for name in ("b.jpg", "a.png", "day 1/morning/c.JPG", "bad.jpeg"):
        (folder / name).write_bytes(jpeg(1))
    for name in ("notes.txt", ".DS_Store", "Thumbs.db", "day 1/._c.JPG"):
        (folder / name).write_bytes(b"x")
    found = find_photos(folder, staging)
    assert [photo.name for photo in found.photos] == ["a.png", "b.jpg", "bad.jpeg", "day 1/morning/c.JPG"]
    assert found.passed_over == 1  # the text: what systems leave is not counted
    assert found.left_in_archive == []


def test_a_zip_needs_no_class_folders_and_says_what_it_refused(tmp_path, staging, jpeg):
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("1.jpg", jpeg(1))
        opened.writestr("../../escaped.jpg", jpeg(2))
        opened.writestr("more.zip", b"PK")
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = 0o120777 << 16
        opened.writestr(link, "/etc/passwd")
    found = find_photos(archive, staging)
    assert [photo.name for photo in found.photos] == ["1.jpg"]
    assert found.photos[0].path.read_bytes() == jpeg(1)
    assert found.left_in_archive == [
        ("../../escaped.jpg", "its name points outside the archive"),
        ("more.zip", "an archive inside this one is not opened where photos lie beside it; unpack it first"),
        ("link.jpg", "it is a link, not a photo"),
    ]
    assert found.passed_over == 0
    assert sorted(tmp_path.iterdir()) == [archive, staging]


def test_one_file_is_one_photo_whatever_it_is_called(tmp_path, staging):
    for name in ("photo.jpg", "no suffix", "gone.jpg"):
        found = find_photos(tmp_path / name, staging)
        assert [(photo.path, photo.name) for photo in found.photos] == [(tmp_path / name, name)]


def test_a_zip_that_is_none_is_refused_in_words(tmp_path, staging):
    (tmp_path / "cut.zip").write_bytes(b"PK\3\4 but not really")
    with pytest.raises(InputError, match=r"cut\.zip is damaged or not a zip file"):
        find_photos(tmp_path / "cut.zip", staging)
    with pytest.raises(InputError, match=r"There is no archive called gone\.zip"):
        find_photos(tmp_path / "gone.zip", staging)

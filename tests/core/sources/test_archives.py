import shutil
import zipfile
from collections import namedtuple

import pytest

from core.base.errors import InputError, StopRequested, StorageError
from core.photos.file_kinds import EMPTY, PDF
from core.sources.archive_files import limits
from core.sources.archives import unpack
from tests.core.sources.packed import add_overlapping


@pytest.fixture
def staging(tmp_path):
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def make_zip(path, entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def names(unpacked):
    return [item.name for item in unpacked.files]


def test_photos_come_out_byte_for_byte_under_numbers_with_their_names(tmp_path, staging, jpeg):
    source = make_zip(tmp_path / "a.zip", {"apple/1.JPG": jpeg(1), "Größe 梨/2.png": jpeg(2)})
    found = unpack(source, staging)
    assert names(found) == ["apple/1.JPG", "Größe 梨/2.png"]
    assert [item.path.name for item in found.files] == ["000001.jpg", "000002.png"]
    assert [item.path.read_bytes() for item in found.files] == [jpeg(1), jpeg(2)]
    assert found.left_in_archive == []


def test_a_photo_comes_out_whatever_it_is_called_and_other_files_are_named(tmp_path, staging, jpeg):
    entries = {"a/1.jpg?w=300": jpeg(1), "a/2": jpeg(2), "a/3.pdf": b"%PDF-1.7", "a/4.txt": b"x", "a/5": b""}
    found = unpack(make_zip(tmp_path / "a.zip", entries), staging)
    assert names(found) == ["a/1.jpg?w=300", "a/2"]
    assert [item.path.name for item in found.files] == ["000001", "000002"]
    assert all(item.is_photo for item in found.files)
    assert found.left_in_archive == [("a/3.pdf", PDF.reason), ("a/4.txt", "not a photo"), ("a/5", EMPTY.reason)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../escaped.jpg", "outside"),
        ("a/../../escaped.jpg", "outside"),
        ("/tmp/absolute.jpg", "outside"),  # one among others that aren't
        ("C:/windows.jpg", "outside"),
        ("more.zip", "photos lie beside it"),
        ("photos.part1.rar", "photos lie beside it"),
    ],
)
def test_what_may_not_come_out_stays_in_with_a_reason(tmp_path, staging, jpeg, name, reason):
    found = unpack(make_zip(tmp_path / "a.zip", {"a/1.jpg": jpeg(1), name: jpeg(2)}), staging)
    assert names(found) == ["a/1.jpg"]
    ((refused, why),) = found.left_in_archive
    assert refused == name
    assert reason in why
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "staging"]
    assert [path.name for path in staging.iterdir()] == ["000001.jpg"]


@pytest.mark.parametrize("name", [".", "a/.DS_Store", "__MACOSX/a/._1.jpg"])
def test_names_that_mean_nothing_are_passed_over(tmp_path, staging, jpeg, name):
    found = unpack(make_zip(tmp_path / "a.zip", {name: b"x", "a/1.jpg": jpeg(1)}), staging)
    assert names(found) == ["a/1.jpg"]


def test_a_photo_under_a_password_is_refused_with_that_reason(tmp_path, staging, jpeg):
    data = bytearray(make_zip(tmp_path / "a.zip", {"a/1.jpg": jpeg(1)}).read_bytes())
    data[6] |= 1  # the flag in the entry's own header
    data[data.index(b"PK\1\2") + 8] |= 1  # and in the directory
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(
        InputError, match=r"^Nothing can be taken from a\.zip: it is locked with a password\. Unpack it"
    ):
        unpack(tmp_path / "a.zip", staging)
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("a/2.jpg", jpeg(2))
    found = unpack(tmp_path / "a.zip", staging)
    assert (names(found), found.left_in_archive) == (["a/2.jpg"], [("a/1.jpg", "it is locked with a password")])


def test_one_damaged_photo_is_refused_and_the_rest_is_kept(tmp_path, staging, jpeg):
    source = make_zip(tmp_path / "a.zip", {"a/1.jpg": jpeg(1), "a/2.jpg": jpeg(2)}, zipfile.ZIP_STORED)
    data = bytearray(source.read_bytes())
    data[data.index(jpeg(1)) + 100] ^= 0xFF
    source.write_bytes(data)
    found = unpack(source, staging)
    assert names(found) == ["a/2.jpg"]
    assert found.left_in_archive[0][0] == "a/1.jpg"
    assert "damaged in the archive" in found.left_in_archive[0][1]
    assert [path.name for path in staging.iterdir()] == ["000002.jpg"]


@pytest.mark.parametrize(
    "entries",
    [
        {"a/zeros.jpg": bytes(20_000_000)},
        {f"a/{i}.jpg": bytes(9_000_000) for i in range(3)},  # each below the size that is looked at
    ],
)
def test_a_bomb_is_refused_before_anything_is_written(tmp_path, staging, entries):
    with pytest.raises(
        InputError, match=r"bomb.zip would unpack to far more than its own size.*Nothing of it was unpacked"
    ):
        unpack(make_zip(tmp_path / "bomb.zip", entries), staging)
    assert list(staging.iterdir()) == []


def test_a_zip_whose_files_lie_in_one_another_is_refused(tmp_path, staging):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a/0.jpg", bytes(3_000_000))
        add_overlapping(archive, [f"a/{i}.jpg" for i in range(1, 600)])
    with pytest.raises(InputError, match=r"a\.zip holds files that lie in one another"):
        unpack(tmp_path / "a.zip", staging)
    assert list(staging.iterdir()) == []


def test_far_too_many_entries_are_refused(tmp_path, staging, jpeg, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
    with pytest.raises(InputError, match=r"holds 4 files; at most 3"):
        unpack(make_zip(tmp_path / "a.zip", {f"a/{i}.jpg": b"x" for i in range(4)}), staging)


def test_a_zip_that_has_no_room_is_refused_before_anything_is_written(tmp_path, staging, jpeg, monkeypatch):
    usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**9, 10**9, limits.FREE_SPACE_KEPT))
    with pytest.raises(StorageError, match=r"Unpacking a\.zip needs .* Free some space"):
        unpack(make_zip(tmp_path / "a.zip", {"a/1.jpg": jpeg(1)}), staging)
    assert list(staging.iterdir()) == []


@pytest.mark.parametrize("data", [b"PK\3\4 but not really", b"anything", bytes(1000)])
def test_what_is_no_zip_is_refused_with_advice(tmp_path, staging, data):
    (tmp_path / "no.zip").write_bytes(data)
    with pytest.raises(InputError, match=r"no.zip is damaged or not a zip file.*Make or download it again"):
        unpack(tmp_path / "no.zip", staging)


def test_progress_counts_to_the_end_and_may_stop_the_work(tmp_path, staging, jpeg):
    source = make_zip(tmp_path / "a.zip", {f"a/{i}.jpg": jpeg(i) for i in range(3)})
    seen = []
    unpack(source, staging, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]

    def stop(done, total):
        raise StopRequested(keep=False)

    with pytest.raises(StopRequested):
        unpack(source, staging, stop)

import errno
import hashlib
import os
from pathlib import Path

import pytest

from core.base.errors import InputError, StorageError
from core.base.files import (
    appearing_whole,
    disk_errors_in_words,
    file_sha256,
    read_json,
    sha256_of_all,
    write_bytes,
    write_json,
)


def test_write_makes_the_folder_and_the_file(tmp_path):
    write_bytes(tmp_path / "new" / "file.bin", b"whole")
    assert (tmp_path / "new" / "file.bin").read_bytes() == b"whole"


def test_json_comes_back_equal_and_stays_readable_text(tmp_path):
    value = {"Größe": ["梨", 1, 0.25, None, True], "emoji": "🍎"}
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value
    assert "Größe" in (tmp_path / "value.json").read_text(encoding="utf-8")


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "model.bin"
    target.write_bytes(b"old")

    def half_a_write():
        with appearing_whole(target) as beside:
            beside.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_write()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_reader_never_sees_the_file_before_it_is_whole(tmp_path):
    target = tmp_path / "model.xml"
    with appearing_whole(target) as beside:
        beside.write_bytes(b"new")
        assert not target.exists()
        assert (beside.parent, beside.suffix) == (tmp_path, ".xml")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_in_words_and_the_old_file_stays(tmp_path, monkeypatch, code):
    target = tmp_path / "report.json"
    write_json(target, {"old": 1})

    def full(path, data):
        with path.open("wb") as file:
            file.write(data[:3])
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", full)
    refused = pytest.raises(StorageError, match=r"disk is full.*while saving the report.*Free some space")
    with refused as refusal, disk_errors_in_words("saving the report"):
        write_json(target, {"new": 2})
    assert str(tmp_path) not in str(refusal.value)
    assert read_json(target) == {"old": 1}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_really_full_device_is_told_in_words():
    with pytest.raises(StorageError, match=r"disk is full"), disk_errors_in_words("saving"):
        Path("/dev/full").write_bytes(b"x")


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_place_that_cannot_be_written_is_told_in_words(code):
    refused = pytest.raises(StorageError, match=r"can't be written to .while saving.*ESPALIER_HOME")
    with refused, disk_errors_in_words("saving"):
        raise OSError(code, os.strerror(code))


def test_a_disk_that_fails_is_told_in_words():
    with (
        pytest.raises(StorageError, match=r"^The disk failed while saving\. .*connected"),
        disk_errors_in_words("saving"),
    ):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_other_errors_pass_as_they_are():
    with pytest.raises(FileNotFoundError), disk_errors_in_words("saving"):
        raise FileNotFoundError(errno.ENOENT, "gone")


def test_digests_are_sha256_in_the_order_of_the_files(tmp_path):
    paths = []
    for i in range(20):
        paths.append(tmp_path / f"{i}.bin")
        paths[-1].write_bytes(bytes([i]) * 1000)
    assert sha256_of_all(paths) == [hashlib.sha256(bytes([i]) * 1000).hexdigest() for i in range(20)]


def test_a_file_that_is_gone_is_told_by_its_name_only(tmp_path):
    with pytest.raises(InputError, match=r"^gone.jpg can't be opened. Check"):
        file_sha256(tmp_path / "gone.jpg")

import hashlib

import pytest

from core.base.errors import InputError
from core.base.hashing import file_sha256, sha256_of_all


def test_digests_are_sha256_in_the_order_of_the_files(tmp_path):
    paths = []
    for i in range(20):
        paths.append(tmp_path / f"{i}.bin")
        paths[-1].write_bytes(bytes([i]) * 1000)
    assert sha256_of_all(paths) == [hashlib.sha256(bytes([i]) * 1000).hexdigest() for i in range(20)]


def test_a_file_that_is_gone_is_told_by_its_name_only(tmp_path):
    with pytest.raises(InputError, match=r"^gone.jpg can't be opened. Check"):
        file_sha256(tmp_path / "gone.jpg")

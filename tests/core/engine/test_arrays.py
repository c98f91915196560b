import io
import zipfile

import numpy as np
import pytest

from core.engine.arrays import read_arrays

GIVEN = {"a": np.arange(12, dtype=np.float32).reshape(3, 4), "b": np.zeros(0)}


@pytest.fixture
def path(tmp_path):
    np.savez(tmp_path / "own.npz", **GIVEN)
    return tmp_path / "own.npz"


def claiming(path, shape, data=b"", **options):
    """An `.npz` whose array "a" claims a shape."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", header.getvalue() + data, **options)


def test_arrays_come_back(path):
    found = read_arrays(path, GIVEN)
    assert all(np.array_equal(found[name], GIVEN[name]) for name in GIVEN)


@pytest.mark.parametrize("shape", [(500_000_000_000,), (2**62, 2**62), (1000, 1000), (3,)])
def test_more_than_there_is_is_never_allocated(path, shape):
    claiming(path, shape, bytes(16))
    with pytest.raises(ValueError, match=r"own.npz is damaged"):
        read_arrays(path, "a")


def test_a_packed_array_that_would_unpack_to_far_more_is_refused(path):
    claiming(path, (10_000_000,), bytes(80_000_000), compress_type=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="damaged"):
        read_arrays(path, "a")


def test_every_flipped_bit_is_found_or_changes_nothing(path):
    whole = path.read_bytes()
    for at in range(len(whole)):
        data = bytearray(whole)
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        try:
            found = read_arrays(path, GIVEN)
        except ValueError:
            continue
        assert all(np.array_equal(found[name], GIVEN[name]) for name in GIVEN), at


@pytest.mark.parametrize("kept", [0, 1, 30, 200])
def test_half_a_file_is_damaged(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match="damaged"):
        read_arrays(path, GIVEN)


def test_what_is_missing_or_no_number_is_damaged(path):
    with pytest.raises(ValueError, match="damaged"):
        read_arrays(path, ["c"])
    np.savez(path, a=np.array([{"an": "object"}], object))
    with pytest.raises(ValueError, match="damaged"):
        read_arrays(path, ["a"])
    path.unlink()
    with pytest.raises(ValueError, match="damaged"):
        read_arrays(path, ["a"])

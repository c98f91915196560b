import errno
import hashlib
import os

import numpy as np
import pytest

from core.base import disk
from core.base.errors import RunError, StorageError
from core.engine.feature_cache import ENTRY_BYTES, FeatureCache

WIDTH = 6


def digests(*names):
    return [hashlib.sha256(str(name).encode()).hexdigest() for name in names]


def rows(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, WIDTH)).astype(np.float32)


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", "base-224", WIDTH)


def test_features_come_back_in_the_order_asked_to_float16_precision(cache):
    given = rows(3)
    cache.add(digests(1, 2, 3), given)
    back = cache.read(digests(3, 1, 3))
    assert (back.shape, back.dtype) == ((3, WIDTH), np.float32)
    assert np.array_equal(back, given[[2, 0, 2]].astype(np.float16).astype(np.float32))


def test_another_process_reads_what_was_kept(cache, tmp_path):
    cache.add(digests(1), rows(1))
    again = FeatureCache(tmp_path / "cache", "base-224", WIDTH)
    assert np.array_equal(again.read(digests(1)), cache.read(digests(1)))


def test_another_base_has_files_of_its_own(cache, tmp_path):
    cache.add(digests(1), rows(1))
    assert FeatureCache(tmp_path / "cache", "other-224", WIDTH).missing(digests(1)) == [0]


def test_missing_names_each_unknown_photo_once(cache):
    cache.add(digests("b"), rows(1))
    assert cache.missing(digests("a", "b", "a", "c", "b", "c")) == [0, 3]
    assert cache.missing([]) == []


def test_nothing_asked_gives_no_rows_and_an_unknown_photo_is_an_error(cache):
    assert cache.read([]).shape == (0, WIDTH)
    with pytest.raises(KeyError):
        cache.read(digests("unknown"))


def file(cache, suffix):
    (path,) = cache._rows_path.parent.glob(f"*{suffix}")
    return path


@pytest.mark.parametrize("extra_bytes", [1, 2 * WIDTH, 2 * WIDTH * 5 + 3])
def test_a_kill_after_the_rows_loses_only_rows_without_keys(cache, extra_bytes):
    given = rows(4)
    cache.add(digests(1, 2), given[:2])
    with file(cache, ".f16").open("ab") as opened:
        opened.write(b"\x7f" * extra_bytes)
    before = cache.read(digests(1, 2))
    assert cache.missing(digests(1, 2, 3)) == [2]
    cache.add(digests(3, 4), given[2:])
    assert np.array_equal(cache.read(digests(1, 2)), before)
    assert np.array_equal(cache.read(digests(3, 4)), given[2:].astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("kept", [ENTRY_BYTES, ENTRY_BYTES + 7, 3 * ENTRY_BYTES - 1])
def test_a_kill_within_the_index_loses_only_the_last_photos(cache, kept):
    given = rows(3)
    cache.add(digests(1, 2, 3), given)
    os.truncate(file(cache, ".index"), kept)
    whole = kept // ENTRY_BYTES
    assert cache.missing(digests(1, 2, 3)) == list(range(whole, 3))
    cache.add(digests(1, 2, 3)[whole:], given[whole:])
    assert np.array_equal(cache.read(digests(1, 2, 3)), given.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("kept_bytes", [0, 2 * WIDTH, 2 * WIDTH * 2 + 1])
def test_rows_lost_to_a_power_cut_are_missing_and_not_mixed_up(cache, kept_bytes):
    given = rows(3)
    cache.add(digests(1, 2, 3), given)
    os.truncate(file(cache, ".f16"), kept_bytes)
    whole = kept_bytes // (2 * WIDTH)
    assert cache.missing(digests(1, 2, 3)) == list(range(whole, 3))
    cache.add(digests(1, 2, 3)[whole:], given[whole:])
    assert np.array_equal(cache.read(digests(1, 2, 3)), given.astype(np.float16).astype(np.float32))


def test_a_lost_rows_file_only_means_to_begin_again(cache):
    cache.add(digests(1), rows(1))
    file(cache, ".f16").unlink()
    assert cache.missing(digests(1)) == [0]


def test_a_full_disk_is_told_in_words_and_the_rows_before_are_good(cache, monkeypatch):
    cache.add(digests(1, 2), rows(2))
    before, append = cache.read(digests(1, 2)), disk.append

    def full(path, data):
        append(path, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(disk, "append", lambda path, data: (full if path.suffix == ".index" else append)(path, data))
        with pytest.raises(StorageError, match=r"disk is full.*while keeping the features"):
            cache.add(digests(3), rows(1, seed=1))
    assert np.array_equal(cache.read(digests(1, 2)), before)
    cache.add(digests(3), rows(1, seed=1))
    assert np.array_equal(cache.read(digests(3)), rows(1, seed=1).astype(np.float16).astype(np.float32))


def test_whoever_looks_into_a_cache_first_notes_that_it_was_of_use_and_no_batch_after_it(tmp_path):
    FeatureCache(tmp_path, "lite0-224", WIDTH).add(digests("a"), rows(1))
    file = tmp_path / "lite0-224.f16"
    os.utime(file, (1000, 1000))
    cache = FeatureCache(tmp_path, "lite0-224", WIDTH)
    cache.read(digests("a"))
    noted = file.stat().st_mtime_ns
    assert noted > 1000 * 10**9
    cache.read(digests("a"))
    assert file.stat().st_mtime_ns == noted


def test_what_is_no_number_is_refused(cache):
    for value in (np.nan, -np.nan):
        with pytest.raises(RunError, match="values that are no numbers"):
            cache.add(digests(1), np.full((1, WIDTH), value))
    assert cache.missing(digests(1)) == [0]


def test_rows_of_an_older_version_are_computed_anew_and_no_older_version_takes_ours_for_its_own(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "base-224.keys").write_bytes(bytes.fromhex("".join(digests(1, 2))))
    (folder / "base-224.f16").write_bytes(rows(2).astype(np.float16).tobytes())
    cache = FeatureCache(folder, "base-224", WIDTH)
    assert cache.missing(digests(1, 2)) == [0, 1]
    cache.add(digests(2), rows(1))
    assert not (folder / "base-224.keys").exists()
    assert (folder / "base-224.f16").stat().st_size == 2 * WIDTH
    assert np.array_equal(cache.read(digests(2)), rows(1).astype(np.float16).astype(np.float32))


def test_rows_are_on_disk_before_the_entries_that_name_them(cache, monkeypatch):
    done, append = [], disk.append
    monkeypatch.setattr(disk, "append", lambda path, data: (append(path, data), done.append((path.suffix, len(data)))))
    cache.add(digests(1, 2), rows(2))
    assert done == [(".f16", 2 * 2 * WIDTH), (".index", 2 * ENTRY_BYTES)]


def test_two_writers_at_once_mix_nothing_up(cache, tmp_path):
    """Each with an object of its own, as two processes have it."""
    one, other = cache, FeatureCache(tmp_path / "cache", "base-224", WIDTH)
    assert one.missing(digests(1, 2, 3)) == [0, 1, 2]
    other.add(digests(1, 2), rows(2))
    one.add(digests(3), rows(1, seed=1))
    other.add(digests(4), rows(1, seed=2))
    for each in (one, other):
        assert each.missing(digests(1, 2, 3, 4)) == []
        expected = np.concatenate([rows(2), rows(1, seed=1), rows(1, seed=2)]).astype(np.float16).astype(np.float32)
        assert np.array_equal(each.read(digests(1, 2, 3, 4)), expected)

"""What happens to a cache on disk, nothing of it is believed: each row is what was written for its key, or missing."""

import hashlib

import numpy as np
import pytest

from core.engine.engine import FEATURES
from core.engine.feature_cache import ENTRY_BYTES, FeatureCache
from core.engine.features import Features
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import ORIGINAL

WIDTH, N = 8, 72
KEYS = [hashlib.sha256(bytes([i])).hexdigest() for i in range(N)]
ROWS = np.random.default_rng(0).normal(size=(N, WIDTH)).astype(np.float16)
ROW_BYTES = 2 * WIDTH


@pytest.fixture
def cache(tmp_path):
    made = FeatureCache(tmp_path, "base", WIDTH)
    made.add(KEYS[:30], ROWS[:30])
    made.add(KEYS[30:], ROWS[30:])
    return made


def changed(folder, suffix, change):
    (path,) = folder.glob(f"*{suffix}")
    path.write_bytes(change(bytearray(path.read_bytes())))


def sound(folder):
    """The keys that a process which looks now finds, after it was proven that each has its own row."""
    cache = FeatureCache(folder, "base", WIDTH)
    found, rows = cache.read_sound(KEYS)
    expected = {key: row.astype(np.float32).tobytes() for key, row in zip(KEYS, ROWS, strict=True)}
    assert all(row.tobytes() == expected[key] for key, row in zip(found, rows, strict=True))
    assert cache.missing(KEYS) == [i for i, key in enumerate(KEYS) if key not in found]
    return found


def flipped(data, at, bit=0):
    data[at] ^= 1 << bit
    return data


def with_numbers(data, value):
    data[5 * ROW_BYTES : 5 * ROW_BYTES + 2] = np.float16(value).tobytes()
    return data


def swapped(data, unit):
    data[:unit], data[unit : 2 * unit] = data[unit : 2 * unit], data[:unit]
    return data


FAULTS = {
    "rows of zeros": (".f16", lambda data: bytes(len(data)), 0),
    "an index of zeros": (".index", lambda data: bytes(len(data)), 0),
    "no rows": (".f16", lambda data: b"", 0),
    "no index": (".index", lambda data: b"", 0),
    "the first key lost, which moves 71": (".index", lambda data: data[ENTRY_BYTES:], 71),
    "a key lost in the middle": (".index", lambda data: data[: 9 * ENTRY_BYTES] + data[10 * ENTRY_BYTES :], 71),
    "a key put in before": (".index", lambda data: bytes(ENTRY_BYTES) + data, 72),
    "a byte of a key lost": (".index", lambda data: data[: 9 * ENTRY_BYTES] + data[9 * ENTRY_BYTES + 1 :], 9),
    "two keys swapped": (".index", lambda data: swapped(data, 32), 71),
    "a row lost": (".f16", lambda data: data[ROW_BYTES:], 0),
    "a row put in": (".f16", lambda data: data[: 9 * ROW_BYTES] + bytes(ROW_BYTES) + data[9 * ROW_BYTES :], 9),
    "two rows swapped": (".f16", lambda data: swapped(data, ROW_BYTES), 70),
    "rows cut off": (".f16", lambda data: data[: 20 * ROW_BYTES + 3], 20),
    "an index cut off": (".index", lambda data: data[: 20 * ENTRY_BYTES + 3], 20),
    "more rows": (".f16", lambda data: data + b"\x11" * 1000, 72),
    "a longer index": (".index", lambda data: data + b"\x11" * 1000, 72),
    "not a number": (".f16", lambda data: with_numbers(data, np.nan), 71),
    "infinity": (".f16", lambda data: with_numbers(data, np.inf), 71),
}


@pytest.mark.parametrize(("suffix", "change", "left"), FAULTS.values(), ids=FAULTS)
def test_what_was_damaged_is_missing_and_the_rest_is_as_it_was(cache, tmp_path, suffix, change, left):
    changed(tmp_path, suffix, change)
    assert len(sound(tmp_path)) == left


@pytest.mark.parametrize("suffix", [".f16", ".index"])
def test_a_flipped_bit_costs_one_row_wherever_it_is(cache, tmp_path, suffix):
    (path,) = tmp_path.glob(f"*{suffix}")
    whole, unit = path.read_bytes(), len(path.read_bytes()) // N
    for number in range(unit):  # every byte of an entry, or of a row, each in another one
        path.write_bytes(flipped(bytearray(whole), number * unit + number, number % 8))
        assert sound(tmp_path) == [key for i, key in enumerate(KEYS) if i != number]


@pytest.mark.parametrize(("suffix", "change", "left"), FAULTS.values(), ids=FAULTS)
def test_after_any_damage_rows_can_be_added_again(cache, tmp_path, suffix, change, left):
    changed(tmp_path, suffix, change)
    again = FeatureCache(tmp_path, "base", WIDTH)
    lost = again.missing(KEYS)
    again.add([KEYS[i] for i in lost], ROWS[lost])
    assert sound(tmp_path) == KEYS


class Engine:
    """In the engine's place: of a photo it says what was kept of it at first, and counts."""

    def __init__(self, rows):
        self.rows = iter(rows)
        self.asked = 0

    def stream(self, photos):
        for _ in photos:
            self.asked += 1
            yield {FEATURES: next(self.rows)}


@pytest.fixture
def photos(tmp_path, jpeg):
    made = []
    for i in range(4):
        path = tmp_path / "photos" / "apple" / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(i))
        made.append(LabelledPhoto(str(path), "apple", "train", hashlib.sha256(path.read_bytes()).hexdigest()))
    return made


def test_a_cache_of_zeros_is_computed_anew_and_it_is_said(photos, tmp_path):
    told, given, cache = [], ROWS[:4].astype(np.float32), FeatureCache(tmp_path / "cache", "base", WIDTH)
    first = Features(cache, 32, lambda: Engine(given), tell=told.append)
    assert first.add(photos, lambda *_: None) == {}
    assert told == []
    changed(tmp_path / "cache", ".f16", lambda data: bytes(len(data)))
    engine = Engine(given)
    again = Features(FeatureCache(tmp_path / "cache", "base", WIDTH), 32, lambda: engine, tell=told.append)
    assert again.add(photos, lambda *_: None) == {}
    assert engine.asked == 4
    assert np.array_equal(again.read(photos), given)
    assert told == ["What was kept of 4 photos or views was damaged on disk. It is computed anew."]


def test_a_photo_of_which_a_base_gives_no_numbers_takes_no_part_and_nothing_is_kept_of_it(photos, tmp_path):
    given = ROWS[:4].astype(np.float32)
    given[2, 3] = np.nan
    known = Features(FeatureCache(tmp_path / "cache", "base", WIDTH), 32, lambda: Engine(given))
    assert known.add(photos, lambda *_: None) == {photos[2].path: "the base model gives no numbers for it"}
    assert known.missing(photos, (ORIGINAL,)) == {photos[2].sha256}

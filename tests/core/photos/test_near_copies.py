import io
import zipfile
from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from benchmarks.near_copies import KINDS, falsely_grouped, recall_by_kind, see_archive
from core.photos.near_copies import HASH_BYTES, MAX_IN_GROUP, group_distinct, group_near_copies, perceptual_hash


def scene(seed, size=(320, 240)):
    """Blobs on blobs, as different from seed to seed as photos are."""
    random = np.random.default_rng(seed)
    layers = [random.normal(0, 1, shape) for shape in ((4, 5), (9, 12), (18, 24))]
    blown = [
        np.asarray(Image.fromarray(layer.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)) for layer in layers
    ]
    grey = blown[0] + 0.6 * blown[1] + 0.3 * blown[2]
    return Image.fromarray(np.clip(128 + 45 * grey, 0, 255).astype(np.uint8)).convert("RGB")


def rows(hashes):
    return np.array([np.frombuffer(each, np.uint8) for each in hashes]).reshape(-1, HASH_BYTES)


def groups_of(hashes, taken=None):
    return group_near_copies(rows(hashes), np.full(len(hashes), np.nan) if taken is None else np.array(taken, float))


def bits_flipped(hashed, n, seed=0):
    """The hash with so many of its bits turned around."""
    bits = np.unpackbits(np.frombuffer(hashed, np.uint8))
    bits[np.random.default_rng(seed).choice(len(bits), n, replace=False)] ^= 1
    return np.packbits(bits).tobytes()


def jpeg_again(image, quality):
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return Image.open(encoded)


COPIES = {
    "smaller": lambda image: image.resize((192, 144), Image.Resampling.LANCZOS),
    "squeezed": lambda image: image.resize((192, 192)),
    "recompressed": lambda image: jpeg_again(image, 40),
    "cropped": lambda image: image.crop((8, 6, 312, 234)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "mirrored": ImageOps.mirror,
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_joins_its_original_and_nothing_else(kind):
    originals = [scene(seed) for seed in range(40)]
    copies = [COPIES[kind](image) for image in originals]
    groups = groups_of([perceptual_hash(image) for image in originals + copies])
    assert len(set(groups[:40])) == 40
    assert groups[40:].tolist() == groups[:40].tolist()


def test_a_hash_has_its_length_and_takes_the_smallest_pictures():
    assert all(len(perceptual_hash(scene(0, size))) == HASH_BYTES for size in ((8, 8), (3, 900), (320, 240)))


def test_plain_pictures_are_like_no_other():
    plain = [perceptual_hash(Image.new("RGB", (320, 240), colour)) for colour in ("red", "red", "white", "black")]
    assert len(set(groups_of([*plain, perceptual_hash(scene(1))]).tolist())) == 5


def test_groups_are_the_same_in_any_order():
    hashes = [perceptual_hash(scene(seed % 10)) for seed in range(30)]
    groups, backwards = groups_of(hashes), groups_of(hashes[::-1])[::-1]
    assert [(groups == g).tolist() for g in groups] == [(backwards == g).tolist() for g in backwards]


def test_photos_of_one_burst_may_differ_more():
    hashed = perceptual_hash(scene(3))
    hashes = [hashed, bits_flipped(hashed, 60)]
    assert len(set(groups_of(hashes).tolist())) == 2
    assert len(set(groups_of(hashes, [1000.0, 1003.0]).tolist())) == 1
    assert len(set(groups_of(hashes, [1000.0, 1004.0]).tolist())) == 2
    assert len(set(groups_of([hashed, bits_flipped(hashed, 90)], [1000.0, 1000.0]).tolist())) == 2


def test_a_long_chain_is_cut_and_equal_hashes_stay_together():
    chain = [perceptual_hash(scene(5))]
    for seed in range(3 * MAX_IN_GROUP):
        chain.append(bits_flipped(chain[-1], 5, seed))
    groups = groups_of(chain + chain[:1] * 200)
    assert np.bincount(groups[: len(chain)]).max() <= MAX_IN_GROUP
    assert len(set(groups[[0, *range(len(chain), len(groups))]].tolist())) == 1


def test_no_photos_have_no_groups_and_one_has_its_own():
    assert group_near_copies(np.zeros((0, HASH_BYTES), np.uint8), np.zeros(0)).tolist() == []
    assert len(groups_of([perceptual_hash(scene(0))])) == 1


def test_how_many_are_compared_and_looked_at_is_told(draw):
    pictures = [draw(0), draw(0), *map(draw, range(1, 99))]
    in_photos, in_looks = [], []
    group_distinct(
        [str(i) for i in range(100)], [perceptual_hash(each) for each in pictures], [None] * 100,
        lambda i: np.asarray(pictures[i]),
        lambda done, total: in_photos.append((done, total)), lambda done, total: in_looks.append((done, total)),
    )  # fmt: skip
    assert in_photos == [(0, 100), (54, 100), (87, 100), (100, 100), (100, 100)]  # the first are compared with most
    assert (in_looks[0], in_looks[-1]) == ((0, 1), (1, 1))


def test_of_ten_thousand_photos_all_bits_are_compared_only_where_the_first_ones_are_close(monkeypatch):
    counted, count = Counter(), np.bitwise_count

    def counting(bits, **out):
        counted["calls"] += 1
        counted["pairs by all bits"] += 0 if out else len(bits)
        return count(bits, **out)

    monkeypatch.setattr(np, "bitwise_count", counting)
    random = np.random.default_rng(0)
    hashes = random.integers(0, 256, (10_000, HASH_BYTES), np.uint8)
    hashes[-100:] = hashes[:100]
    groups = group_near_copies(hashes, random.uniform(0, 1e5, len(hashes)))
    assert counted["calls"] < 3_000  # of whole blocks: fewer calls than photos, though there are 50 million pairs
    assert counted["pairs by all bits"] < 50_000
    assert groups[-100:].tolist() == groups[:100].tolist()
    assert len(set(groups.tolist())) == 9900


@pytest.mark.slow
def test_copies_of_real_photos_are_found_and_different_ones_left_apart(shared_data):
    with zipfile.ZipFile(shared_data("cats_and_dogs.zip")) as archive:
        originals, copies, chosen = see_archive(archive, n_copied=200)
    recall = recall_by_kind(originals, copies, chosen)
    assert set(recall) == set(KINDS)
    assert min(recall.values()) >= 0.95
    assert falsely_grouped(originals) <= 0.01

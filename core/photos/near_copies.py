"""Near-copies: photos that show the same picture resized, recompressed, cropped a little, brightened or mirrored, and
bursts.

A hash is the signs of a picture's lowest frequencies, as in pHash (C. Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010) and PDQ (Facebook, 2019): brightness and contrast don't touch a sign, and small
crops shift the lowest waves only a little. Signs instead of comparisons with the median have one more virtue: to
mirror a picture is to flip the signs of its odd horizontal waves, so a mirrored copy is found without hashing twice.
The thresholds are measured: `python -m benchmarks.near_copies`, docs/log.md.

Pictures of one scene have nearly one hash. Whoever can show the pictures has pairs looked at once more by
`finer_look`, which tells copies from other things before the same background.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from PIL import Image

from core.photos.finer_look import Look, Step, pairs_alike

METHOD = "2"  # of grouping; another where photos are grouped otherwise, so that projects group theirs anew
HASH_BYTES = 24
SIDE = 32  # the picture is shrunk to a square of this many pixels; twice the highest frequency kept, and some
BLANK_CONTRAST = 2.0  # grey levels; below this standard deviation a picture is plain, and its waves are noise
NEAR_BITS = 46  # of 192; of copies cropped by 5 % 99 in 100 are within, other pictures begin at 49
MIRRORED_BITS = 36  # mirrored copies reach 5; stricter, since two things side by side are soon each other's mirror
BURST_BITS = 70  # for photos that were taken at nearly the same time; pictures with nothing in common lie around 96
BURST_S = 3.0
MAX_IN_GROUP = 100  # a chain of neighbours (a film, pictures of one kind) is cut here: a split must stay possible
FIRST_WORD_BITS = 16  # of the lowest 64 waves: which pairs are worth a look at all bits; near-copies reach 13
MAX_NEIGHBOURS = 20  # per photo and block, the closest; enough to tie a group together, however many are alike
MAX_LOOKS, LEAST_LOOKS = 60_000, 4  # pairs looked at in all, a minute or two; but so many of each photo
MOST_LOOKS = 200  # of each photo: a crop among pictures of one scene is not the closest by its hash
ROUNDS = (0, 2, 8, 40, MOST_LOOKS)  # neighbours are looked at from the closest on: what is together by then is left out
BLOCK = (32, 4096)  # pairs compared at a time; the numbers stay in the processor's cache


def _waves() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cosine transform's matrix and, from low to high, the vertical and horizontal frequencies of the hash."""
    bits = 8 * HASH_BYTES
    lowest = sorted((u + v, u, v) for u in range(SIDE) for v in range(SIDE) if u + v)[:bits]
    highest = lowest[-1][0]
    steps = np.pi * (2 * np.arange(SIDE) + 1) / (2 * SIDE)
    matrix = np.cos(np.arange(highest + 1)[:, None] * steps[None]).astype(np.float32)  # (frequencies, SIDE)
    return matrix, np.array([u for _, u, _ in lowest]), np.array([v for _, _, v in lowest])


COSINES, VERTICAL, HORIZONTAL = _waves()
MIRROR = np.packbits(HORIZONTAL % 2 == 1).view(np.uint64)  # (HASH_BYTES / 8,): the bits that mirroring flips
NOT_MIRRORED = np.zeros_like(MIRROR)
LIMITS = ((NOT_MIRRORED, NEAR_BITS), (MIRROR, MIRRORED_BITS))


def perceptual_hash(image: Image.Image) -> bytes:
    """A short description of the picture that small changes hardly touch.

    Args:
        image: RGB, of any size.

    Returns:
        HASH_BYTES bytes; the number of bits in which two differ says how unlike the pictures are. All zero for a plain
        picture, which is like no other.
    """
    grey = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    if grey.std() < BLANK_CONTRAST:
        return bytes(HASH_BYTES)
    strengths = COSINES @ (grey - grey.mean()) @ COSINES.T  # (vertical, horizontal)
    return np.packbits(strengths[VERTICAL, HORIZONTAL] > 0).tobytes()


def group_near_copies(hashes: np.ndarray, taken: np.ndarray, look: Look | None = None) -> np.ndarray:
    """Which photos belong together.

    Every pair is compared, by its first word and if that is close by all bits: 5 billion pairs take seconds, and no
    index has buckets that could overflow. Pairs are joined closest first, until a group has MAX_IN_GROUP photos;
    photos with equal hashes are always together, unless they can be looked at.

    Args:
        hashes: uint8 (n, HASH_BYTES), of `perceptual_hash`.
        taken: float64 (n,), seconds; nan = unknown. Photos within BURST_S of each other may differ by BURST_BITS.
        look: As of `finer_look.pairs_alike`, by which pairs that were not taken together are looked at once more.

    Returns:
        int64 (n,): the group's number; a photo like no other has a number of its own.
    """
    return _grouped(hashes, taken, look, *[lambda *_: None] * 2)[0]


def _grouped(
    hashes: np.ndarray, taken: np.ndarray, look: Look | None, in_photos: Step, in_looks: Step
) -> tuple[np.ndarray, np.ndarray]:
    """As `group_near_copies`, and the same of copies alone: what is only of one burst is apart there."""
    words = np.ascontiguousarray(hashes, np.uint8).reshape(-1, HASH_BYTES).view(np.uint64)
    patterned = np.flatnonzero(words.any(axis=1))
    groups = np.arange(len(words), dtype=np.int64)
    copies = groups.copy()
    if len(patterned):
        own = words[patterned]
        if look is None:
            distinct, index, counts = np.unique(own, axis=0, return_inverse=True, return_counts=True)
        else:  # equal hashes are looked at too
            distinct, index, counts = own, np.arange(len(own)), np.ones(len(own), np.int64)
        most = MAX_NEIGHBOURS if look is None else max(MAX_NEIGHBOURS, _looks(len(own)))
        near = np.concatenate([np.zeros((0, 4), np.int32), *_near_pairs(distinct, most, in_photos)])
        if look is not None:
            near = _looked_at(near, patterned, look, in_looks)
        pairs = np.concatenate([near, *_burst_pairs(distinct, index, taken[patterned])])
        first = np.full(len(distinct), len(words))
        np.minimum.at(first, index, patterned)
        groups[patterned] = first[_joined(pairs, counts)][index]
        copies[patterned] = first[_joined(near, counts)][index]
    return groups, copies


def group_distinct(
    contents: list[str],
    hashes: list[bytes],
    taken: list[float | None],
    look: Look | None = None,
    in_photos: Step = lambda *_: None,
    in_looks: Step = lambda *_: None,
) -> tuple[list[int], list[int]]:
    """As `group_near_copies`, of files that may be equal: each content is looked at once, and is one group.

    Args:
        contents: SHA-256 of each.
        hashes: Of each; one of another length is of an older kind, and counts as unknown.
        taken: Seconds; None = unknown.
        look: The picture of a number among `contents`.
        in_photos, in_looks: Told how many are compared by their hashes, and pairs looked at; may raise to stop.

    Returns:
        For each the number of the first of its group; and the same without bursts, of copies alone.
    """
    first = {content: i for i, content in reversed(list(enumerate(contents)))}
    numbers = sorted(first.values())
    known = b"".join(hashes[i] if len(hashes[i]) == HASH_BYTES else bytes(HASH_BYTES) for i in numbers)
    times = np.array([np.nan if taken[i] is None else taken[i] for i in numbers], float)
    see = None if look is None else lambda number: look(numbers[number])
    known_hashes = np.frombuffer(known, np.uint8).reshape(-1, HASH_BYTES)
    result = []
    for groups in _grouped(known_hashes, times, see, in_photos, in_looks):
        group_of = {contents[i]: numbers[group] for i, group in zip(numbers, groups.tolist(), strict=True)}
        result.append([group_of[content] for content in contents])
    return result[0], result[1]


def only_mirrored(hashes: list[bytes], others: list[bytes]) -> bool:
    """Whether these photos and those are near-copies of one another in a mirror alone."""
    one, other = (np.frombuffer(b"".join(each), np.uint8).reshape(-1, HASH_BYTES) for each in (hashes, others))
    return not have_near_copies(one, other, mirrored=False).any() and have_near_copies(one, other).any()


Pairs = np.ndarray  # int32 (n, 4): how many bits differ, one, the other, whether mirrored


def have_near_copies(hashes: np.ndarray, known: np.ndarray, mirrored: bool = True) -> np.ndarray:
    """Which photos are a near-copy of one of the known; bursts, which hang on the time, are not looked for.

    Args:
        hashes: uint8 (n, HASH_BYTES), of `perceptual_hash`.
        known: uint8 (m, HASH_BYTES).
        mirrored: Whether a mirrored copy counts.

    Returns:
        bool (n,).
    """
    words = np.ascontiguousarray(known, np.uint8).reshape(-1, HASH_BYTES).view(np.uint64)
    words = words[words.any(axis=1)]  # a plain picture is like no other
    own = np.ascontiguousarray(hashes, np.uint8).reshape(-1, HASH_BYTES).view(np.uint64)
    first = np.ascontiguousarray(words[:, 0])
    return np.array([bool(one.any()) and _is_near(one, words, first, LIMITS[: 1 + mirrored]) for one in own], bool)


def pairs_with(hashes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which photos have which near-copies among the known, as `have_near_copies` says: int (n, 3), one, the known one,
    whether mirrored; of each photo its closest."""
    words, own = (
        np.ascontiguousarray(each, np.uint8).reshape(-1, HASH_BYTES).view(np.uint64) for each in (known, hashes)
    )
    patterned, pairs = words.any(axis=1), [np.zeros((0, 3), np.int64)]
    for i in np.flatnonzero(own.any(axis=1)).tolist():
        for turned, (mask, limit) in enumerate(LIMITS):
            distance = np.bitwise_count(words ^ own[i] ^ mask).sum(axis=1)
            near = np.flatnonzero(patterned & (distance <= limit))
            near = near[np.argsort(distance[near], kind="stable")][:MAX_NEIGHBOURS]
            pairs.append(np.stack([np.full(len(near), i), near, np.full(len(near), turned)], axis=1))
    return np.concatenate(pairs)


def _is_near(one: np.ndarray, words: np.ndarray, first: np.ndarray, limits: tuple) -> bool:
    """Whether a hash is within the limits of one of these, of which `first` are the first words."""
    for mask, limit in limits:
        flipped = one ^ mask
        maybe = words[np.bitwise_count(first ^ flipped[0]) <= FIRST_WORD_BITS]
        if (np.bitwise_count(maybe ^ flipped).sum(axis=1) <= limit).any():
            return True
    return False


def _looks(n: int) -> int:
    """How many neighbours of each of so many photos are looked at."""
    return min(max(LEAST_LOOKS, MAX_LOOKS // n), MOST_LOOKS)


def _looked_at(pairs: Pairs, numbers: np.ndarray, look: Look, in_looks: Step) -> Pairs:
    """Those pairs that a finer look takes for the same, of each photo only its closest; enough to join all of them."""
    pairs = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]
    rank = np.arange(len(pairs)) - np.searchsorted(pairs[:, 1], pairs[:, 1])
    most, alike, together = _looks(len(numbers)), pairs[:0], np.arange(len(numbers))
    total = int((rank < most).sum())
    for start, end in pairwise(ROUNDS):
        some = pairs[(rank >= start) & (rank < min(end, most))]
        some = some[together[some[:, 1]] != together[some[:, 2]]]
        asked = np.stack([numbers[some[:, 1]], numbers[some[:, 2]], some[:, 3]], axis=1)
        before = int((rank < min(start, most)).sum())  # what was left out counts as done
        found = pairs_alike(asked, look, lambda done, _, before=before: in_looks(before + done, total))
        alike = np.concatenate([alike, some[found]])
        together = _joined(alike, np.ones(len(numbers), np.int64))
    if total:
        in_looks(total, total)
    return alike


def _near_pairs(words: np.ndarray, most: int, in_photos: Step) -> Iterator[Pairs]:
    first = np.ascontiguousarray(words[:, 0])
    xor, flipped, bits = (np.empty(BLOCK, kind) for kind in (np.uint64, np.uint64, np.uint8))
    for top in range(0, len(first), BLOCK[0]):
        in_photos(round(top * (2 - top / len(first))), len(first))  # the first have the most to be compared with
        rows = first[top : top + BLOCK[0], None]
        found = np.zeros(len(rows), np.int64)
        for left in range(top, len(first), BLOCK[1]):
            if found.min() >= most:
                break  # frames of a fixed camera, for instance: they are tied together already
            columns = first[None, left : left + BLOCK[1]]
            at = (slice(rows.shape[0]), slice(columns.shape[1]))
            np.bitwise_xor(rows, columns, out=xor[at])
            np.bitwise_xor(xor[at], MIRROR[0], out=flipped[at])
            for differing, mask, limit in ((xor, NOT_MIRRORED, NEAR_BITS), (flipped, MIRROR, MIRRORED_BITS)):
                np.bitwise_count(differing[at], out=bits[at])
                if bits[at].min() <= FIRST_WORD_BITS:
                    i, j = np.divmod(np.flatnonzero(bits[at] <= FIRST_WORD_BITS), columns.shape[1])
                    pairs = _close(words, i + top, j + left, (mask, limit), most)
                    found += np.bincount(pairs[:, 1] - top, minlength=len(found))
                    yield pairs
    in_photos(len(first), len(first))


def _close(
    words: np.ndarray, i: np.ndarray, j: np.ndarray, within: tuple[np.ndarray, int], most: int = MAX_NEIGHBOURS
) -> Pairs:
    """Those of the pairs that differ by at most so many bits, and of each `i` (in order) the closest."""
    mask, limit = within
    after = i < j
    i, j = i[after], j[after]
    distance = np.bitwise_count(words[i] ^ words[j] ^ mask).sum(axis=1)
    near = np.flatnonzero(distance <= limit)
    near = near[np.lexsort((distance[near], i[near]))]
    i, j, distance = i[near], j[near], distance[near]
    kept = np.arange(len(i)) - np.searchsorted(i, i) < most
    mirrored = np.full(kept.sum(), mask is MIRROR)
    return np.stack([distance[kept], i[kept], j[kept], mirrored], axis=1).astype(np.int32)


def _burst_pairs(words: np.ndarray, index: np.ndarray, taken: np.ndarray) -> Iterator[Pairs]:
    order = np.argsort(taken)[: np.count_nonzero(~np.isnan(taken))]  # nan sorts last
    for step in range(1, min(MAX_NEIGHBOURS + 1, len(order))):
        soon = taken[order[step:]] - taken[order[:-step]] <= BURST_S
        i, j = index[order[:-step][soon]], index[order[step:][soon]]
        i, j = np.minimum(i, j), np.maximum(i, j)
        by_i = np.argsort(i, kind="stable")
        yield _close(words, i[by_i], j[by_i], (NOT_MIRRORED, BURST_BITS))


def _joined(pairs: Pairs, counts: np.ndarray) -> np.ndarray:
    """Union-find over the pairs, closest first.

    Args:
        pairs: What may be joined.
        counts: Photos behind each number.

    Returns:
        int64, for each number the one that stands for its group.
    """
    parent, size = list(range(len(counts))), counts.tolist()

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]  # halves the way for the next who asks
            i = parent[i]
        return i

    for _, i, j, _ in pairs[np.argsort(pairs[:, 0], kind="stable")].tolist():
        a, b = root(i), root(j)
        if a != b and size[a] + size[b] <= MAX_IN_GROUP:
            a, b = (a, b) if size[a] >= size[b] else (b, a)
            parent[b] = a
            size[a] += size[b]
    return np.array([root(i) for i in range(len(parent))], np.int64)

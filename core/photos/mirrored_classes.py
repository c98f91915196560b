"""Which classes are each other's mirror image, by what their photos look like: hands, arrows, letters, turning cars.

There are two signs. *Mirrored copies*: photos of one class are, mirrored, near-copies of photos of another. And without
copies, *turned photos*: the mirror image of a photo lies nearer to the other class than to its own, and as near as the
photo itself lies to its own. Where sides mean nothing, as many photos say the opposite: they lie nearer to the other
class until they are mirrored. So each photo that says either is a coin's toss, as in Q. McNemar's test (Psychometrika
12, 1947). How often this is right and wrong was measured: docs/log.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.names import in_order
from core.photos.labelled_photo import even_positions
from core.photos.near_copies import HASH_BYTES, MIRROR, MIRRORED_BITS, NEAR_BITS

MOST_ASKED = (
    300  # photos that are mirrored; each is compared with all of the next number, also by a page while it opens
)
MOST_COMPARED = 20_000  # of all classes alike
LEAST_PAIRS = 3  # mirrored copies on each side: one or two are a wrong label, or things that happen to look so
LEAST_COPIED = 0.05  # of the photos of both classes
LEAST_TURNED = 0.2  # of the photos of both classes; half of them turn where two classes are wholly mirrored
LEAST_TURNED_EACH = 0.1  # of the photos of either: two classes mirror each other, not one the other
MOST_AGAINST = 0.25  # of those that turn: 0.04 where classes are mirrored, 0.4 and more where sides mean nothing
CHANCE = 1e-5  # of so many heads, in any pair of classes; that low, since photos that are alike toss together
FAR = 8 * HASH_BYTES + 1  # bits: more than any two differ by


@dataclass(frozen=True)
class Distances:
    """How near photos come to each class, in bits.

    Args:
        own: int64 (n,), the class of each of the photos.
        as_is: int64 (n, classes), to the nearest other photo of the class.
        mirrored: The same for its mirror image.
    """

    own: np.ndarray
    as_is: np.ndarray
    mirrored: np.ndarray

    def to_own(self, distances: np.ndarray) -> np.ndarray:
        """Of one of the two, the distance to each photo's own class: int64 (n, 1)."""
        return np.take_along_axis(distances, self.own[:, None], 1)

    def count(self, says: np.ndarray) -> np.ndarray:
        """By class and other class, how many photos say something, bool (n, classes): int64 (classes, classes)."""
        counts = np.zeros((says.shape[1], says.shape[1]), np.int64)
        np.add.at(counts, self.own, says)
        return counts


def mirrored_classes(labels: Sequence[str], hashes: Sequence[bytes]) -> list[tuple[str, str]]:
    """The pairs of classes whose photos are mirror images of each other's.

    Args:
        labels: The class of each photo.
        hashes: The perceptual hash of each; one of another length than HASH_BYTES counts as unknown.
    """
    known = [(label, one) for label, one in zip(labels, hashes, strict=True) if len(one) == HASH_BYTES and any(one)]
    names = in_order(label for label, _ in known)
    if len(names) < 2:
        return []
    index = {name: number for number, name in enumerate(names)}
    known = [known[position] for position in even_positions([label for label, _ in known], MOST_COMPARED)]
    known.sort(key=lambda photo: index[photo[0]])
    class_ids = np.array([index[label] for label, _ in known], np.int64)
    words = np.frombuffer(b"".join(one for _, one in known), np.uint64).reshape(len(known), -1)
    asked = even_positions([label for label, _ in known], MOST_ASKED)
    distances = _distances(words, class_ids, asked)
    return [(names[i], names[j]) for i, j in np.argwhere(np.triu(_copied(distances) | _turned(distances), 1))]


def _distances(words: np.ndarray, class_ids: np.ndarray, asked: list[int]) -> Distances:
    """Of some photos, to the nearest of each class; the photos are in the order of their classes."""
    starts = np.flatnonzero(np.diff(class_ids, prepend=-1))
    found = np.empty((2, len(asked), len(starts)), np.int64)
    for row, photo in enumerate(asked):
        for kind, seen in enumerate((words[photo], words[photo] ^ MIRROR)):
            bits = np.bitwise_count(words ^ seen).sum(1, dtype=np.int64)
            bits[photo] = FAR
            found[kind, row] = np.minimum.reduceat(bits, starts)
    return Distances(class_ids[asked], *found)


def _copied(distances: Distances) -> np.ndarray:
    """Which classes hold mirrored copies of each other, and more than of themselves: bool (classes, classes)."""
    is_copy = (distances.mirrored <= MIRRORED_BITS) & (distances.as_is > NEAR_BITS)
    copies = distances.count(is_copy)
    within = np.diag(copies)
    both = np.minimum(copies, copies.T)
    asked = np.bincount(distances.own, minlength=len(copies))
    enough = both >= np.maximum(LEAST_PAIRS, LEAST_COPIED * np.minimum(asked[:, None], asked))
    return enough & (copies + copies.T > within[:, None] + within)


def _turned(distances: Distances) -> np.ndarray:
    """Which classes the photos of each other go over to when they are mirrored: bool (classes, classes)."""
    as_is, mirrored = distances.as_is, distances.mirrored
    own_as_is, own_mirrored = distances.to_own(as_is), distances.to_own(mirrored)
    turned = distances.count((mirrored <= own_as_is) & (mirrored < own_mirrored) & (mirrored < as_is))
    against = distances.count((as_is <= own_mirrored) & (as_is < own_as_is) & (as_is < mirrored))
    asked = np.bincount(distances.own, minlength=len(turned))
    n, yes, no = asked[:, None] + asked, turned + turned.T, against + against.T
    share_of_each = np.minimum(turned / asked[:, None], (turned / asked[:, None]).T)
    found = (yes >= LEAST_TURNED * n) & (share_of_each >= LEAST_TURNED_EACH) & (no <= MOST_AGAINST * yes)
    tests = len(asked) * (len(asked) - 1) / 2
    for i, j in np.argwhere(np.triu(found, 1)):
        found[i, j] = tests * _by_chance(int(yes[i, j]), int(no[i, j])) < CHANCE
    return found


def _by_chance(yes: int, no: int) -> float:
    """How often so many tosses of a coin, or more, say yes."""
    tosses = yes + no
    return sum(math.comb(tosses, k) for k in range(yes, tosses + 1)) / 2**tosses

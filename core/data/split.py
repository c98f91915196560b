"""Which photos teach, which steer, which test: the same answer every time, and copies never on two sides."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass

from core.data.arrange import TEST, TRAIN, VALIDATION


@dataclass(frozen=True)
class Shares:
    """How to divide the photos that have no part yet; what is left over trains.

    Args:
        validation: Share of each class, from 0 up to but without 1.
        test: Share of each class, from 0 up to but without 1.
    """

    validation: float = 0.15
    test: float = 0.15

    def without(self, given: set[str]) -> "Shares":
        """These shares where a folder named after a part came with the photos: that part is complete as it is."""
        return Shares(0.0 if VALIDATION in given else self.validation, 0.0 if TEST in given else self.test)


def assign_splits(labels: list[str], contents: list[str], parts: list[str], seed: int, shares: Shares) -> list[str]:
    """Give every photo its part.

    Stratified: each class is divided by the same shares. A photo's turn comes from a hash of its content and the
    seed, not from its name or place in the list, and parts that were given before stay, so that adding photos never
    moves old ones. Photos with equal content go where the first of them went, across classes too.

    Args:
        labels: Class of each photo.
        contents: SHA-256 of each photo; equal strings are the same picture.
        parts: Its part if it has one already ("train", "validation", "test"), else "".
        seed: Another seed, another split.
        shares: Of each class.

    Returns:
        "train", "validation" or "test" for each photo.
    """
    wanted = {TRAIN: 1 - shares.validation - shares.test, TEST: shares.test, VALIDATION: shares.validation}
    wanted = {part: share for part, share in wanted.items() if share > 0}
    result = list(parts)
    side_of = {content: part for content, part in zip(contents, parts, strict=True) if part}
    counts: dict[str, Counter] = defaultdict(Counter)
    for label, part in zip(labels, parts, strict=True):
        counts[label][part] += 1
    for i in sorted(range(len(labels)), key=lambda i: _turn(contents[i], seed)):
        if not result[i]:
            count = counts[labels[i]]
            result[i] = side_of.get(contents[i]) or _most_wanting(count, wanted)
            side_of[contents[i]] = result[i]
            count[result[i]] += 1
    return result


def _turn(content: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{content}".encode()).hexdigest()


def _most_wanting(count: Counter, wanted: dict[str, float]) -> str:
    """The part furthest below its share once one more photo has come; the training part wins ties."""
    total = sum(count[part] for part in wanted) + 1
    return max(wanted, key=lambda part: wanted[part] * total - count[part])

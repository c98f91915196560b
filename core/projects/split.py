"""Which photos teach, which steer, which test: the same answer every time, and copies never on two sides."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from core.base.subsets import TEST, TRAIN, VALIDATION


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


def assign_subsets(
    labels: list[str], contents: list[str], groups: Sequence[Hashable], parts: list[str], seed: int, shares: Shares
) -> list[str]:
    """Give every photo its part.

    Stratified: each class is divided by the same shares, as closely as its groups let it. A photo's turn comes from a
    hash of its content and the seed, not from its name or place in the list, and parts that were given before stay, so
    that adding photos never moves old ones. Photos of one group go where the first of them went, across classes too.

    Args:
        labels: Class of each photo.
        contents: SHA-256 of each photo.
        groups: Equal for photos that show the same, such as `near_copies.group_near_copies` tells, or the contents.
        parts: Its part if it has one already ("train", "validation", "test"), else "".
        seed: Another seed, another split.
        shares: Of each class.

    Returns:
        "train", "validation" or "test" for each photo.
    """
    wanted = {TRAIN: 1 - shares.validation - shares.test, TEST: shares.test, VALIDATION: shares.validation}
    wanted = {part: share for part, share in wanted.items() if share > 0}
    result = list(parts)
    counts: dict[str, Counter] = defaultdict(Counter)
    part_of, waiting = {}, defaultdict(list)
    for i, (label, group, part) in enumerate(zip(labels, groups, parts, strict=True)):
        counts[label][part] += 1
        if part:
            part_of.setdefault(group, part)
        else:
            waiting[group].append(i)
    for i in sorted(range(len(labels)), key=lambda i: _turn(contents[i], seed)):
        if result[i]:
            continue
        together = waiting[groups[i]]
        coming = sum(labels[other] == labels[i] for other in together)
        part = part_of.get(groups[i]) or _most_wanting(counts[labels[i]], wanted, coming)
        for other in together:
            result[other] = part
            counts[labels[other]][part] += 1
    return result


def may_take_part(parts: list[str], groups: Sequence[Hashable], only_teaches: list[bool]) -> list[bool]:
    """Which photos a run may use: of those that only teach none that is a near-copy of a photo that judges.

    Args:
        parts: Of each photo.
        groups: As for `assign_subsets`.
        only_teaches: Whether it may be in no other part than the training, as photos from feedback.
    """
    judging = {
        group
        for part, group, teaches in zip(parts, groups, only_teaches, strict=True)
        if part in (VALIDATION, TEST) and not teaches
    }
    return [not (teaches and group in judging) for group, teaches in zip(groups, only_teaches, strict=True)]


def leaks(parts: list[str], groups: Sequence[Hashable]) -> int:
    """How many test photos have a near-copy among the training photos, so that they test memory and not skill.

    Args:
        parts: Of each photo.
        groups: As for `assign_subsets`.
    """
    learned = {group for part, group in zip(parts, groups, strict=True) if part == TRAIN}
    return sum(part == TEST and group in learned for part, group in zip(parts, groups, strict=True))


def _turn(content: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{content}".encode()).hexdigest()


def _most_wanting(count: Counter, wanted: dict[str, float], coming: int) -> str:
    """The part furthest below its share once so many more photos have come; the training part wins ties."""
    total = sum(count[part] for part in wanted) + coming
    return max(wanted, key=lambda part: wanted[part] * total - count[part])

"""What a split did for the honesty of the test, in numbers."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.projects.split import Shares, leaks


@dataclass(frozen=True)
class SplitReport:
    """A split in numbers.

    Args:
        counts: Photos by part ("train", "validation", "test"), then by class, classes in order of their names.
        groups: How many groups of near-copies there are.
        photos_in_groups: Photos in them.
        leaked: Test photos with a near-copy in training; 0 unless the photos came divided like that, were found to be
            near-copies after they had been divided, or are a chain too long for one group.
        leaked_by_random: As many a plain random split would have had.
    """

    counts: dict[str, dict[str, int]]
    groups: int
    photos_in_groups: int
    leaked: int
    leaked_by_random: int


def report_split(
    labels: list[str], groups: Sequence[Hashable], parts: list[str], seed: int, shares: Shares
) -> SplitReport:
    """The report on a split.

    Args:
        labels: Class of each photo.
        groups: As for `assign_subsets`.
        parts: What it answered.
        seed: For the random split that this one is compared with.
        shares: For that one too.
    """
    counted = Counter(zip(parts, labels, strict=True))
    classes = sorted(set(labels))
    sizes = [size for size in Counter(groups).values() if size > 1]
    return SplitReport(
        counts={part: {label: counted[part, label] for label in classes} for part in (TRAIN, VALIDATION, TEST)},
        groups=len(sizes),
        photos_in_groups=sum(sizes),
        leaked=leaks(parts, groups),
        leaked_by_random=leaks(random_split(len(parts), seed, shares), groups),
    )


def random_split(n: int, seed: int, shares: Shares) -> list[str]:
    """Parts for so many photos by chance alone, as most scripts split: what near-copies leak through."""
    n_test, n_validation = round(shares.test * n), round(shares.validation * n)
    parts = [TEST] * n_test + [VALIDATION] * n_validation + [TRAIN] * (n - n_test - n_validation)
    return [parts[i] for i in np.random.default_rng(seed).permutation(n)]

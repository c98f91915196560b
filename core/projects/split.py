"""Which photos teach, steer and test: the same answer every time, copies never on two sides; and what that did."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.names import in_order
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import counted


@dataclass(frozen=True)
class Shares:
    """How to split the photos that are in no subset yet; what is left over trains.

    Args:
        validation: Share of each class, from 0 up to but without 1.
        test: Share of each class, from 0 up to but without 1.
    """

    validation: float = 0.15
    test: float = 0.15

    def without(self, given: set[str]) -> "Shares":
        """These shares where a folder named after a subset came with the photos: it is complete as it is."""
        return Shares(0.0 if VALIDATION in given else self.validation, 0.0 if TEST in given else self.test)


def assign_subsets(
    labels: list[str], contents: list[str], groups: Sequence[Hashable], subsets: list[str], seed: int, shares: Shares
) -> list[str]:
    """Put every photo into a subset.

    Stratified: each class is split by the same shares, as closely as its groups let it. A photo's turn comes from a
    hash of its content and the seed, not from its name or place in the list, and subsets that were given before stay,
    so that adding photos never moves old ones. Photos of one group go where the first of them went, across classes too.

    Args:
        labels: Class of each photo.
        contents: SHA-256 of each photo.
        groups: Equal for photos that show the same, such as `near_copies.group_near_copies` tells, or the contents.
        subsets: Of each photo, if it is in one already ("train", "validation", "test"), else "".
        seed: Another seed, another split.
        shares: Of each class.

    Returns:
        "train", "validation" or "test" for each photo.
    """
    wanted = {TRAIN: 1 - shares.validation - shares.test, TEST: shares.test, VALIDATION: shares.validation}
    wanted = {subset: share for subset, share in wanted.items() if share > 0}
    result = list(subsets)
    counts: dict[str, Counter] = defaultdict(Counter)
    subset_of, waiting = {}, defaultdict(list)
    for i, (label, group, subset) in enumerate(zip(labels, groups, subsets, strict=True)):
        counts[label][subset] += 1
        if subset:
            subset_of.setdefault(group, subset)
        else:
            waiting[group].append(i)
    for i in sorted(range(len(labels)), key=lambda i: _turn(contents[i], seed)):
        if result[i]:
            continue
        together = waiting[groups[i]]
        coming = sum(labels[other] == labels[i] for other in together)
        subset = subset_of.get(groups[i]) or _most_wanting(counts[labels[i]], wanted, coming)
        for other in together:
            result[other] = subset
            counts[labels[other]][subset] += 1
    return result


@dataclass(frozen=True)
class Attempt:
    """What `assign_or_next_best` tried.

    Args:
        groups: Which photos it kept together.
        why: What it cost beside the honest split, a sentence; "" for the honest one.
    """

    groups: Sequence[Hashable]
    why: str = ""


TAKEN_APART = (
    "If all photos that look alike stayed together, none would be left {}. So they are split as different things: if "
    "they are copies of one another after all, the test makes the model look better than it is."
)
ONE_BURST = (
    "All photos of a class come from one or two bursts of pictures. So they are split second by second, and the test "
    "shows the model nearly what it learned from: it looks better than it is. Take some at another time or place."
)
ALL_APART = (
    "If all near-copies stayed together, no photo would be left {}. So only identical files stay together, and the "
    "test makes the model look better than it is. Add more different photos."
)


def assign_or_next_best(
    labels: list[str],
    contents: list[str],
    attempts: Sequence[Attempt],
    subsets: list[str],
    seed: int,
    shares: Shares,
) -> tuple[list[str], str]:
    """As `assign_subsets` by the first of the attempts that leaves no wanted subset empty, and what it cost.

    Photos that were all given to the training, so that nothing could be trained, are given anew where that helps.
    Where nothing helps the first attempt stands.
    """
    wanted = {TEST: shares.test, VALIDATION: shares.validation}
    wanted = [subset for subset, share in wanted.items() if share > 0]
    anew = ["" if subset == TRAIN else subset for subset in subsets]
    first = None
    for given in [subsets] if anew == subsets else [subsets, anew]:
        for attempt in attempts:
            result = assign_subsets(labels, contents, attempt.groups, given, seed, shares)
            first = first or result
            if all(subset in result for subset in wanted):
                lacking = VALIDATION not in first and VALIDATION in wanted
                return result, attempt.why.format("for validation" if lacking else "to test on")
    return first, ""


def may_take_part(subsets: list[str], groups: Sequence[Hashable], only_teaches: list[bool]) -> list[bool]:
    """Which photos a run may use: of those that only teach none that is a near-copy of a photo that judges.

    All three are by photo. Those that only teach, as from feedback, may be in no other subset than the training.
    """
    judging = {
        group
        for subset, group, teaches in zip(subsets, groups, only_teaches, strict=True)
        if subset in (VALIDATION, TEST) and not teaches
    }
    return [not (teaches and group in judging) for group, teaches in zip(groups, only_teaches, strict=True)]


def leaks(subsets: list[str], groups: Sequence[Hashable]) -> int:
    """How many test photos have a near-copy among the training photos, so that they test memory and not skill."""
    return len(leaking_groups(subsets, groups))


def leaking_groups(subsets: list[str], groups: Sequence[Hashable]) -> list[Hashable]:
    """The group of each such test photo."""
    learned = {group for subset, group in zip(subsets, groups, strict=True) if subset == TRAIN}
    return [group for subset, group in zip(subsets, groups, strict=True) if subset == TEST and group in learned]


def leaks_in_words(subsets: list[str], groups: Sequence[Hashable], unsure: set[str]) -> str:
    """What the test is worth where near-copies are on both sides already; "" where they aren't.

    Args:
        subsets: Of each photo, which it keeps.
        groups: Of each photo.
        unsure: Groups that may be different things.
    """
    found = leaking_groups(subsets, groups)
    if not found:
        return ""
    these = f"{counted(len(found), 'test photo')} {'has' if len(found) == 1 else 'have'}"
    if_so = "if they are copies, " if unsure.issuperset(found) else ""
    return (
        f"{these} a near-copy among the training photos, and photos keep the part that they were given: "
        f"{if_so}the test makes the model look better than it is."
    )


@dataclass(frozen=True)
class SplitReport:
    """A split in numbers.

    Test photos with a near-copy in training are `leaked`: 0 unless the photos came split like that, were found to be
    near-copies after they had been split, or are a chain too long for one group.
    """

    counts: dict[str, dict[str, int]]  # photos by subset, then by class, classes in order of their names
    groups: int  # how many groups of near-copies there are
    photos_in_groups: int
    leaked: int
    leaked_by_random: int  # as many a plain random split would have had


def report_split(
    labels: list[str], groups: Sequence[Hashable], subsets: list[str], seed: int, shares: Shares
) -> SplitReport:
    """The report on what `assign_subsets` answered; seed and shares are of the random split it is compared with."""
    photos = Counter(zip(subsets, labels, strict=True))
    classes = in_order(labels)
    sizes = [size for size in Counter(groups).values() if size > 1]
    return SplitReport(
        counts={subset: {label: photos[subset, label] for label in classes} for subset in (TRAIN, VALIDATION, TEST)},
        groups=len(sizes),
        photos_in_groups=sum(sizes),
        leaked=leaks(subsets, groups),
        leaked_by_random=leaks(random_split(len(subsets), seed, shares), groups),
    )


def near_copies_in_words(report: SplitReport) -> str:
    """What near-copies would have done to the test; "" without any."""
    if not report.groups:
        return ""
    words = f"{counted(report.photos_in_groups, 'photo')} are near-copies of others or from one burst. "
    if report.leaked:
        return words + "They are not all on one side."
    if not report.leaked_by_random:
        return words + "They stay on one side, so that the test is honest."
    leaked = counted(report.leaked_by_random, "test photo")
    return words + f"They stay on one side: split by chance, {leaked} would have a near-copy among the training photos."


def random_split(n: int, seed: int, shares: Shares) -> list[str]:
    """Subsets for so many photos by chance alone, as most scripts split: what near-copies leak through."""
    n_test, n_validation = round(shares.test * n), round(shares.validation * n)
    subsets = [TEST] * n_test + [VALIDATION] * n_validation + [TRAIN] * (n - n_test - n_validation)
    return [subsets[i] for i in np.random.default_rng(seed).permutation(n)]


def _turn(content: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{content}".encode()).hexdigest()


def _most_wanting(count: Counter, wanted: dict[str, float], coming: int) -> str:
    """The subset furthest below its share once so many more photos have come; the training one wins ties."""
    total = sum(count[subset] for subset in wanted) + coming
    return max(wanted, key=lambda subset: wanted[subset] * total - count[subset])

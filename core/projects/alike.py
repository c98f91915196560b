"""Photos that look alike: copies of one another, or different things before one background? What the user said of it.

The answers are kept with the photos, beside the findings that the user wants to hear no more of, so that they are
undone like any change. A new photo that looks like those is covered by what was said of most.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from core.photos.near_copies import BURST_S

COPIES, DIFFERENT = "alike-copies", "alike-different"  # the answers, in the column `kept` of photos
LEAST = 5  # photos of a group that is asked about
STRETCH_S = 1.0  # of a burst whose pictures have to be on several sides; cameras note whole seconds
SHARE = 0.1  # of a class: what is held together by less does no harm


def answer_of(kept: str) -> str:
    """What was said of a photo by the kinds that it keeps, COPIES or DIFFERENT; "" for nothing."""
    return next((kind for kind in kept.split()[::-1] if kind in (COPIES, DIFFERENT)), "")


def with_answer(kept: str, answer: str) -> str:
    """The same kinds with this answer, in the place of any earlier; "" = none."""
    return " ".join([kind for kind in kept.split() if kind not in (COPIES, DIFFERENT)] + [answer]).strip()


def as_answered(groups: list[str], kept: list[str], contents: list[str], taken: list[float | None]) -> list[str]:
    """The groups by what the user said of them: of different things only equal files and bursts stay together.

    All arguments are by photo.

    Args:
        groups: Names of groups.
        kept: Kinds that are kept, the answers among them.
        contents: SHA-256.
        taken: When, in seconds; None = unknown.
    """
    apart = {group for group, said in _said(groups, kept).items() if said[DIFFERENT] > said[COPIES]}
    return taken_apart(groups, apart, contents, taken)


def taken_apart(groups: list[str], apart: set[str], contents: list[str], taken: list[float | None]) -> list[str]:
    """The groups, those named in `apart` divided into equal files and bursts; arguments as of `as_answered`."""
    result = list(groups)
    for group, photos in _photos_of(groups, apart):
        name, before = group, None
        times: dict[str, float] = {contents[i]: taken[i] for i in photos if taken[i] is not None}
        for content, time in sorted(times.items(), key=lambda item: (item[1], item[0])):
            if before is None or time - before > BURST_S:
                name = content
            times[content], before = name, time
        for i in photos:
            result[i] = f"{group}/{times.get(contents[i], contents[i])}"
    return result


def in_stretches(labels: list[str], groups: list[str], taken: list[float | None], least: int) -> list[str]:
    """The groups, those of a class that has fewer than `least` cut into stretches of time where it was filmed.

    All of a class may be one burst of a webcam: in one group it could only be learned from, or only be tested on.
    Arguments are by photo, as of `as_answered`.
    """
    of_class: dict[str, set[str]] = defaultdict(set)
    for label, group in zip(labels, groups, strict=True):
        of_class[label].add(group)
    filmed = Counter(group for group, time in zip(groups, taken, strict=True) if time is not None)
    cut = {g for found in of_class.values() if len(found) < least for g in found if filmed[g] >= LEAST}
    return [
        f"{group}/{int(time // STRETCH_S)}" if group in cut and time is not None else group
        for group, time in zip(groups, taken, strict=True)
    ]


def asked_about(labels: list[str], groups: list[str], contents: list[str], kept: list[str]) -> set[str]:
    """The groups of which the user should say what they are: they span classes, or hold much of one.

    Arguments are by photo, as of `as_answered`.
    """
    sizes, said = Counter(labels), _said(groups, kept)
    large = {group for group, n in Counter(groups).items() if n >= LEAST and not said[group]}
    found = set()
    for group, photos in _photos_of(groups, large):
        by_class = Counter(labels[i] for i in photos)
        much = len(by_class) > 1 or any(n > SHARE * sizes[label] for label, n in by_class.items())
        if much and len({contents[i] for i in photos}) >= LEAST:
            found.add(group)
    return found


def _said(groups: list[str], kept: list[str]) -> dict[str, Counter]:
    said: dict[str, Counter] = defaultdict(Counter)
    for group, kinds in zip(groups, kept, strict=True):
        if answer := kinds and answer_of(kinds):
            said[group][answer] += 1
    return said


def _photos_of(groups: list[str], which: set[str]) -> Iterator[tuple[str, list[int]]]:
    """The numbers of the photos of some groups."""
    members = defaultdict(list)
    for i, group in enumerate(groups):
        if group in which:
            members[group].append(i)
    return iter(members.items())

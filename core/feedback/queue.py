"""Which photos with feedback would help most, and why.

First what the model got wrong, its surest mistakes on top: the gradient of the cross-entropy grows with the probability
that went to the wrong class. Then what the user has not decided, by margin sampling: the smaller the lead of the answer
over the second, the more a label tells (T. Scheffer, C. Decomain, S. Wrobel, "Active Hidden Markov Models for
Information Extraction", 2001; B. Settles, "Active Learning Literature Survey", 2009, section 3.1). Last what was right:
first what is unlike the photos that the model knows, then the least sure. A photo that the project has already, in
another size or crop, teaches nothing new, whatever the answer was.

Measured (docs/log.md): mistakes and narrow leads bring the most, photos that it has right and is sure of bring nothing.
Among mistakes no order is reliably the best; the surest are what a person wants to see first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.subsets import TEST, VALIDATION
from core.feedback.entry import FeedbackEntry
from core.photos.near_copies import BURST_BITS, BURST_S, HASH_BYTES, MIRROR, MIRRORED_BITS, NEAR_BITS
from core.projects.project import Project

SURE = 0.95  # a right answer from here on pulls at the weights with at most 1 - 0.95 of what a sure mistake does
CORRECTED, UNDECIDED, CONFIRMED, COPY = range(4)  # kinds, in the order of the queue


@dataclass(frozen=True)
class Ranked:
    """One photo of the queue.

    Args:
        entry: What the user said of it.
        kind: CORRECTED, UNDECIDED, CONFIRMED, or COPY for what the project or the queue has already.
        helps: Whether it is worth bringing in.
        why: Why, or why not, in a sentence or two.
    """

    entry: FeedbackEntry
    kind: int
    helps: bool
    why: str


def queue(project: Project, waiting: Sequence[FeedbackEntry]) -> list[Ranked]:
    """The photos of `FeedbackFolder.waiting`, those that would help most first."""
    if not waiting:  # else all that the project has would be looked at for nothing
        return []
    class_names, (known, named), ranked = set(project.class_counts()), _of_project(project), []
    ordered = sorted(waiting, key=lambda entry: _turn(entry, class_names))
    these = _Appearances([(bytes.fromhex(entry.phash), entry.taken) for entry in ordered])
    for place, entry in enumerate(ordered):
        kind, near = _kind(entry, class_names), known.first_near(these, place)
        twin = None if near is not None else these.first_near(these, place, before=place)
        if near is not None:
            ranked.append(Ranked(entry, COPY, helps=False, why=_copy_in_words(*named[near])))
        elif twin is not None:
            why = f"It shows nearly the same as {ordered[twin].name}, which is above; a second one adds nothing."
            ranked.append(Ranked(entry, COPY, helps=False, why=why))
        else:
            ranked.append(Ranked(entry, kind, _helps(entry, kind), _why(entry, kind)))
    return sorted(ranked, key=lambda each: each.kind == COPY)  # stable: otherwise the order stays


def _kind(entry: FeedbackEntry, class_names: set[str]) -> int:
    if entry.label not in class_names:  # nothing said, or of a class that is gone
        return UNDECIDED
    return CORRECTED if entry.was_wrong else CONFIRMED


def _turn(entry: FeedbackEntry, class_names: set[str]) -> tuple[float, ...]:
    kind = _kind(entry, class_names)
    if kind == CORRECTED:
        return kind, -entry.probability
    if kind == UNDECIDED:
        return kind, entry.margin
    return kind, entry.known is not False, entry.probability


def _helps(entry: FeedbackEntry, kind: int) -> bool:
    return kind == CORRECTED or (kind == CONFIRMED and (entry.known is False or entry.probability < SURE))


def _why(entry: FeedbackEntry, kind: int) -> str:
    if kind == CORRECTED:
        return "Wrong: mistakes teach it most."
    if kind == UNDECIDED and entry.label:
        return f"There is no class called {entry.label} any more. Say again what it shows."
    if kind == UNDECIDED and entry.probability < SURE and entry.second:
        return f"It wavered, next to {entry.second}. Say what it shows, and it can teach."
    if kind == UNDECIDED:
        return "Say whether that is right, and it can teach."
    if entry.known is False:
        return "Right, but unlike the photos that the model knows: it shows something new."
    if entry.probability < SURE:
        return "Right, but not sure: it helps a little."
    return "Right, and sure already: it would add little."


class _Appearances:
    """What photos look like, to find near-copies by the thresholds of `near_copies`.

    Args:
        seen: Perceptual hash, and when it was taken, of each of n photos.
    """

    def __init__(self, seen: list[tuple[bytes, float | None]]) -> None:
        known = b"".join(phash for phash, _ in seen)
        self.hashes = np.frombuffer(known, np.uint8).reshape(-1, HASH_BYTES).view(np.uint64)  # (n, words)
        self.taken = np.array([np.nan if taken is None else taken for _, taken in seen])

    def first_near(self, others: "_Appearances", place: int, before: int | None = None) -> int | None:
        """The first of these photos, or of so many of them, that another is a near-copy of."""
        hashes, own = self.hashes[:before], others.hashes[place]
        apart = np.bitwise_count(hashes ^ own).sum(1)
        mirrored = np.bitwise_count(hashes ^ own ^ MIRROR).sum(1)
        burst = np.abs(self.taken[:before] - others.taken[place]) <= BURST_S  # False where one is unknown
        near = (apart <= NEAR_BITS) | (mirrored <= MIRRORED_BITS) | (burst & (apart <= BURST_BITS))
        found = np.flatnonzero(near & hashes.any(axis=1) & own.any())  # a plain picture is like no other
        return int(found[0]) if len(found) else None


def _of_project(project: Project) -> tuple[_Appearances, list[tuple[str, str, bool]]]:
    """The project's photos that take part, those held out first: to be like one of these matters most.

    Of each its name, its class and whether it is held out, beside what it looks like.
    """
    query = (
        "select phash, taken, name, label, split in (?, ?) as held_out from photos join looks on photo = photos.id"
        " where set_aside = '' order by held_out desc, photos.id"
    )
    with project.database() as db:
        rows = [row for row in db.execute(query, (TEST, VALIDATION)) if len(row[0]) == HASH_BYTES]
    named = [(name, label, bool(held_out)) for _, _, name, label, held_out in rows]
    return _Appearances([(phash, taken) for phash, taken, *_ in rows]), named


def _copy_in_words(name: str, label: str, held_out: bool) -> str:
    if held_out:
        return (
            f"It shows nearly the same as {name} ({label}), which the model is judged by. Learned from, it would tell "
            "the answer; so it stays out."
        )
    return f"The project has nearly the same photo already: {name} ({label}). It adds nothing."

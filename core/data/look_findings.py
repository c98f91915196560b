"""Findings from what photos look like: near-copies, too dark, too bright, blurred, odd shapes, telling backgrounds."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from core.data.arrange import LabelledFile
from core.data.inspection import PhotoFacts
from core.data.looks import BINS
from core.data.near_copies import group_near_copies
from core.records.words import counted

ERROR, WARNING, NOTE = "error", "warning", "note"
DARK, BRIGHT = 30, 235  # mean grey level
BLURRED = 20  # variance of the Laplacian at thumbnail size; a blur of 3 pixels brings 95 % of sharp photos below it
EXTREME_ASPECT = 10
EDGE_BINS = 2  # of 32: a channel's lowest and highest 16 levels count as black and white
PLAIN, BUSY = 0.5, 0.2  # share of white or black pixels: most of the picture, hardly any


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing.

    Args:
        kind: A short name for programs, such as "unreadable".
        severity: "error" (training refuses), "warning" (the result suffers), "note".
        photos: Names of the photos it is about.
        why: What was found and why it matters, a sentence.
        mend: What to do, a sentence.
    """

    kind: str
    severity: str
    photos: list[str]
    why: str
    mend: str


Good = list[tuple[LabelledFile, PhotoFacts]]  # the photos that can be decoded


def near_copies(good: Good) -> list[Finding]:
    """Groups of photos that show nearly the same; those of equal files alone are told as copies."""
    if not good:
        return []
    hashes = np.stack([np.frombuffer(fact.look.phash, np.uint8) for _, fact in good])
    taken = np.array([np.nan if fact.look.taken is None else fact.look.taken for _, fact in good])
    groups: dict[int, Good] = defaultdict(list)
    for photo, group in zip(good, group_near_copies(hashes, taken).tolist(), strict=True):
        groups[group].append(photo)
    return [_near_copy(group) for group in groups.values() if len({fact.sha256 for _, fact in group}) > 1]


def _near_copy(group: Good) -> Finding:
    names, labels = [file.name for file, _ in group], sorted({file.label for file, _ in group})
    if len(labels) > 1:
        why = f"Nearly the same picture is in {' and in '.join(labels)}: the model may learn a contradiction."
        mend = "Look at them, and keep each in its right class. They stay on one side of the split."
        return Finding("near-copies-in-two-classes", WARNING, names, why, mend)
    why = (
        f"Nearly the same picture {len(group)} times: they stay on one side of the split, "
        "so that the test stays honest."
    )
    return Finding("near-copies", NOTE, names, why, "Nothing needs to be done. More different photos teach more.")


def looks(good: Good) -> list[Finding]:
    """Single photos that may teach little, a finding for each reason."""

    def told(kind: str, severity: str, is_so: Callable[[PhotoFacts], bool], why: str, mend: str) -> Iterator[Finding]:
        names = [file.name for file, fact in good if is_so(fact)]
        if names:
            these = "1 photo is" if len(names) == 1 else f"{counted(len(names), 'photo')} are"
            yield Finding(kind, severity, names, f"{these} {why}", mend)

    return [
        *told(
            "very-dark",
            NOTE,
            lambda fact: fact.look.brightness < DARK,
            "nearly black: there is little in it to learn from.",
            "Keep it if you can tell what it shows. If not, remove it.",
        ),
        *told(
            "very-bright",
            NOTE,
            lambda fact: fact.look.brightness > BRIGHT,
            "nearly white: overexposed, or a small thing before white, with little in it to learn from.",
            "Keep it if you can tell what it shows. If not, remove it.",
        ),
        *told(
            "blurred",
            NOTE,
            lambda fact: fact.look.sharpness < BLURRED,
            "blurred, or without any detail: the model sees only what you see.",
            "Keep it if such photos will come later too, else replace it with a sharp one.",
        ),
        *told(
            "extreme-shape",
            WARNING,
            lambda fact: max(fact.width, fact.height) > EXTREME_ASPECT * min(fact.width, fact.height),
            f"more than {EXTREME_ASPECT} times as long as wide: the model looks at squares, so it is squeezed "
            "until hardly anything can be recognised.",
            "Crop it to the part that shows the class.",
        ),
    ]


def class_twins(labels: Iterable[str]) -> list[Finding]:
    """Class names that differ only in capitals, spaces or accents."""
    alike: dict[str, list[str]] = defaultdict(list)
    for label in sorted(set(labels)):
        alike[_plain_name(label)].append(label)
    return [
        Finding(
            "class-twins",
            WARNING,
            [],
            f"{' and '.join(f'“{name}”' for name in names)} are written almost alike: if they are meant to be one "
            "class, the model would have to tell apart what is the same.",
            "Merge them if they are the same class, else give them clearer names.",
        )
        for names in alike.values()
        if len(names) > 1
    ]


def _plain_name(label: str) -> str:
    letters = unicodedata.normalize("NFKD", label.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def one_background(good: Good) -> list[Finding]:
    """A class that alone stands before white or black, which is easier to learn than what the class is."""
    shares: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for file, fact in good:
        shares[file.label].append(_white_and_black(fact.look.colours))
    medians = {label: np.median(each, axis=0) for label, each in shares.items()}  # (2,) white, black
    found = []
    for k, colour in enumerate(("white", "black")):
        plain = [label for label, median in medians.items() if median[k] > PLAIN]
        busy = [label for label, median in medians.items() if median[k] < BUSY]
        if len(plain) == 1 and len(busy) == len(medians) - 1 > 0:
            why = (
                f"Only {plain[0]} is mostly {colour}: the model may learn the background instead of what is in front "
                "of it, and fail on photos taken elsewhere."
            )
            mend = f"Add photos of {plain[0]} before other backgrounds, or of the others before {colour}."
            found.append(Finding("one-background", WARNING, [], why, mend))
    return found


def _white_and_black(colours: bytes) -> tuple[float, float]:
    """Largest possible share of pixels that are white, and black: of each channel alone, hence the least of them."""
    bins = np.frombuffer(colours, np.float16).reshape(3, BINS).astype(np.float32)
    return float(bins[:, -EDGE_BINS:].sum(1).min()), float(bins[:, :EDGE_BINS].sum(1).min())

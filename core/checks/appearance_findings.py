"""Findings from one table of photos: which are alike, too dark, blurred, oddly shaped, or given away by a background.

The same functions serve a folder, whose files were just inspected, and a project, whose database knows it all. Both
make a table with one row a photo, in the order they came:

    key                    what a finding lists: the name of a file, or the id of a project's photo
    label                  str, the class
    sha256                 str, of the file
    phash                  bytes, see `near_copies`
    near                   photos with the same value are near-copies of each other, or of one burst
    copies                 photos with the same value are near-copies of each other
    width, height          int, pixels
    brightness, sharpness  float, see `Appearance`
    white, black           float 0..1, see `edge_shares`
    kept                   str, kinds of findings that the user wants to hear no more of, with spaces between
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.names import in_order
from core.base.words import counted
from core.photos.appearance import BINS
from core.photos.near_copies import HASH_BYTES, only_mirrored
from core.projects.alike import asked_about

ERROR, WARNING, NOTE = "error", "warning", "note"
SAME_ACROSS, EXACT = "same-photo-in-two-classes", "exact-copies"
NEAR_ACROSS, NEAR = "near-copies-in-two-classes", "near-copies"
MIRRORED_ACROSS, ALIKE = "mirrored-copies-in-two-classes", "look-alike"
TWINS, BACKGROUND = "class-twins", "one-background"
SMALL = 64  # pixels of the shorter side; a base looks at about 224, so more than nine in ten pixels would be made up
DARK, BRIGHT = 30, 235  # mean grey level
BLURRED = 40  # `Appearance.sharpness`; of 400 sharp photos none is below, of the same ones blurred 96 %
EXTREME_ASPECT = 10
EDGE_BINS = 2  # of 32: a channel's lowest and highest 16 levels count as black and white
PLAIN, BUSY = 0.5, 0.2  # share of white or black pixels: most of the picture, hardly any

Key = str | int


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing."""

    kind: str  # a short name for programs, such as "unreadable"
    severity: str  # "error" (training refuses), "warning" (the result suffers), "note"
    photos: list[Key]  # the keys of the photos it is about
    why: str  # what was found and why it matters, a sentence
    fix: str  # what to do, a sentence
    class_names: tuple[str, ...] = ()  # in the order of the alphabet; empty where the class plays no role


def find_on_photos(table: pd.DataFrame, class_names: Iterable[str]) -> list[Finding]:
    """All findings on the photos of a table and on the names of all classes, those without photos too."""
    return [
        *find_equal_files(table),
        *find_near_copies(table),
        *find_weak_photos(table),
        *find_class_twins(table, class_names),
        *find_one_background(table),
    ]


def find_equal_files(table: pd.DataFrame) -> list[Finding]:
    """Groups of equal files."""
    found = []
    for group in _alike(table, "sha256"):
        keys, names = [row.key for row in group], _class_names(group)
        if len(names) > 1:
            why = f"The same photo is in {' and in '.join(names)}: the model would learn a contradiction."
            finding = Finding(SAME_ACROSS, WARNING, keys, why, "Keep it in one class only.", names)
        else:
            why = "The same file more than once: it would count double."
            finding = Finding(EXACT, NOTE, keys, why, "Copies stay on one side of the split.", names)
        found += _unless_kept(finding, group)
    return found


def find_near_copies(table: pd.DataFrame) -> list[Finding]:
    """Groups of photos that show nearly the same; those of equal files alone are told as copies.

    Where it matters whether they do, it is asked. Of a burst nothing is said: an animal comes and goes within seconds.
    """
    columns = (table[name].tolist() for name in ("label", "near", "sha256", "kept"))
    found, asked = [], asked_about(*columns)
    for group in _alike(table, "near"):
        if group[0].near in asked:
            found.append(_question([row.key for row in group], _class_names(group)))
    for group in _alike(table, "copies"):
        keys, names = [row.key for row in group], _class_names(group)
        if group[0].near not in asked and len({row.sha256 for row in group}) > 1:
            mirrored = len(names) > 1 and _is_mirrored(group)
            found += _unless_kept(_near_copy(keys, names, mirrored), group)
    return found


def _question(keys: list[Key], names: tuple[str, ...]) -> Finding:
    of = f", of {' and of '.join(names)}," if len(names) > 1 else f" of {names[0]}"
    why = f"These {len(keys)} photos{of} look alike."
    fix = "Are they copies or bursts of one another, or different things before one background?"
    return Finding(ALIKE, WARNING, keys, why, fix, names)


def _is_mirrored(group: list) -> bool:
    """Whether the photos of one class are those of another only in a mirror."""
    known = [row for row in group if len(row.phash) == HASH_BYTES]
    near = []
    for label in {row.label for row in known}:
        own, others = ([row.phash for row in known if (row.label == label) is mine] for mine in (True, False))
        near.append(bool(others) and only_mirrored(own, others))
    return bool(near) and all(near)


def _near_copy(keys: list[Key], names: tuple[str, ...], mirrored: bool = False) -> Finding:
    if mirrored:
        why = f"A photo and its mirror image are in {' and in '.join(names)}: left and right may be what tells them."
        fix = "If so, all is well: keep them. If not, one of them is in the wrong class."
        return Finding(MIRRORED_ACROSS, WARNING, keys, why, fix, names)
    if len(names) > 1:
        why = f"Nearly the same picture is in {' and in '.join(names)}: the model may learn a contradiction."
        fix = "Look at them, and keep each in its right class."
        return Finding(NEAR_ACROSS, WARNING, keys, why, fix, names)
    times = f"Nearly the same picture {len(keys)} times"
    why = f"{times}: they stay on one side of the split if they can, for an honest test."
    return Finding(NEAR, NOTE, keys, why, "Nothing needs to be done. More different photos teach more.", names)


PLAIN_ONES = ("very-dark", "very-bright", "blurred")  # kinds that any blank picture is of

# Reasons why a single photo may teach little: kind, severity, which photos, why after "3 photos are", what to do.
WEAK_PHOTOS: tuple[tuple[str, str, Callable[[pd.DataFrame], pd.Series], str, str], ...] = (
    (
        "very-dark",
        NOTE,
        lambda table: table["brightness"] < DARK,
        "nearly black: there is little in it to learn from.",
        "Keep it if you can tell what it shows. If not, leave it out.",
    ),
    (
        "very-bright",
        NOTE,
        lambda table: table["brightness"] > BRIGHT,
        "nearly white: overexposed, or a small thing before white, with little in it to learn from.",
        "Keep it if you can tell what it shows. If not, leave it out.",
    ),
    (
        "blurred",
        NOTE,
        lambda table: table["sharpness"] < BLURRED,
        "blurred, or without any detail: the model sees only what you see.",
        "Keep it if such photos will come later too, else replace it with a sharp one.",
    ),
    (
        "very-small",
        NOTE,
        lambda table: table[["width", "height"]].min(axis=1) < SMALL,
        f"less than {SMALL} pixels wide or high: enlarged to the base model's input, there is little detail.",
        "Keep it if such photos will come later too, else replace it with a larger one.",
    ),
    (
        "extreme-shape",
        WARNING,
        lambda table: table[["width", "height"]].max(axis=1) > EXTREME_ASPECT * table[["width", "height"]].min(axis=1),
        f"more than {EXTREME_ASPECT} times as long as wide: the model looks at squares, so it is squeezed "
        "until hardly anything can be recognised.",
        "Crop it to the part that shows the class.",
    ),
)


def find_weak_photos(table: pd.DataFrame) -> list[Finding]:
    """Single photos that may teach little, a finding for each reason.

    Those of which a blank page is used are told for that (`picture_findings`), and not once more for being plain.
    """
    found = []
    blank = table["blank"].astype(bool) if "blank" in table else pd.Series(False, table.index)
    for kind, severity, is_so, why, fix in WEAK_PHOTOS:
        told = is_kept(table, kind) | (blank if kind in PLAIN_ONES else False)
        keys = table.loc[is_so(table) & ~told, "key"].tolist()
        if keys:
            these = "1 photo is" if len(keys) == 1 else f"{counted(len(keys), 'photo')} are"
            found.append(Finding(kind, severity, keys, f"{these} {why}", fix))
    return found


def find_class_twins(table: pd.DataFrame, class_names: Iterable[str]) -> list[Finding]:
    """Class names, those without photos too, that differ only in capitals, spaces or accents."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in in_order(class_names):
        alike[_plain_name(name)].append(name)
    found = []
    for names in alike.values():
        if len(names) > 1:
            why = (
                f"{' and '.join(f'“{name}”' for name in names)} are written almost alike: if they are meant to be one "
                "class, the model would have to tell apart what is the same."
            )
            fix = "Merge them if they are the same class, else give them clearer names."
            group = table[table["label"].isin(names)]
            if group.empty or not is_kept(group, TWINS).all():
                found.append(Finding(TWINS, WARNING, group["key"].tolist(), why, fix, tuple(names)))
    return found


def _plain_name(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def find_one_background(table: pd.DataFrame) -> list[Finding]:
    """A class that alone stands before white or black, which is easier to learn than what the class is."""
    medians = table.groupby("label")[["white", "black"]].median()
    found = []
    for colour in ("white", "black"):
        plain = medians.index[medians[colour] > PLAIN].tolist()
        n_busy = int((medians[colour] < BUSY).sum())
        if len(plain) == 1 and n_busy == len(medians) - 1 > 0:
            why = (
                f"Only {plain[0]} is mostly {colour}: the model may learn the background instead of what is in front "
                "of it, and fail on photos taken elsewhere."
            )
            fix = f"Add photos of {plain[0]} before other backgrounds, or of the others before {colour}."
            group = table[(table["label"] == plain[0]) & (table[colour] > PLAIN)]
            if not is_kept(group, BACKGROUND).all():
                found.append(Finding(BACKGROUND, WARNING, group["key"].tolist(), why, fix, (plain[0],)))
    return found


def edge_shares(colours: list[bytes]) -> np.ndarray:
    """The largest possible share of pixels that are white, and black: of each channel alone, hence the least of them.

    Args:
        colours: Of each photo's `Appearance`.

    Returns:
        float32 (n, 2), 0..1: white, black.
    """
    bins = np.frombuffer(b"".join(colours), np.float16).reshape(len(colours), 3, BINS)
    ends = (bins[:, :, -EDGE_BINS:], bins[:, :, :EDGE_BINS])  # each (n, 3, EDGE_BINS)
    return np.stack([end.astype(np.float32).sum(2).min(1) for end in ends], axis=1)


def _alike(table: pd.DataFrame, column: str) -> Iterable[list]:
    """Rows, as named tuples, that share a value with others; by groups, in the order of their first rows."""
    groups: dict[Key, list] = defaultdict(list)
    for row in table[table.duplicated(column, keep=False)].itertuples(index=False):
        groups[getattr(row, column)].append(row)
    return groups.values()


def _class_names(group: list) -> tuple[str, ...]:
    return tuple(in_order(row.label for row in group))


def _unless_kept(finding: Finding, group: list) -> list[Finding]:
    return [] if all(finding.kind in row.kept.split() for row in group) else [finding]


def is_kept(table: pd.DataFrame, kind: str) -> pd.Series:
    """Whether the user wants to hear no more of this kind, bool, by photo."""
    return table["kept"].isin([kept for kept in table["kept"].unique() if kind in kept.split()])

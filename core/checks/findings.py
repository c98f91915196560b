"""What a person should know about photos before training on them, and which to set aside. No finding is a verdict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.base.names import in_order
from core.base.words import counted
from core.checks.appearance_findings import (
    ALIKE,
    BACKGROUND,
    ERROR,
    EXACT,
    MIRRORED_ACROSS,
    NEAR,
    NEAR_ACROSS,
    SAME_ACROSS,
    TWINS,
    WARNING,
    Finding,
    edge_shares,
    find_on_photos,
)
from core.checks.file_findings import left_out, unreadable
from core.checks.picture_findings import BANDS, COLUMNS, CUT, PAGES, find_odd_pictures, with_facts
from core.checks.picture_words import seen_in_words
from core.checks.readiness import problems, unread_classes, warnings
from core.models.config import MIN_PHOTOS_PER_CLASS
from core.photos.decoding import PhotoError
from core.photos.depths import inspect_alike
from core.photos.inspection import PhotoFacts, small_pixels
from core.photos.near_copies import group_distinct
from core.photos.pictures import USUAL, PictureSettings, project_range
from core.projects.alike import as_answered
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project
from core.projects.project_split import compare_if_needed
from core.sources.labelled import LOST_HELP, Source
from core.sources.layouts import LabelledFile, count_by_class


@dataclass(frozen=True)
class Kind:
    """How a page speaks of all findings of one kind."""

    one: str  # what is counted, such as "blurred photo"
    many: str
    aside: str  # why a photo was set aside for it, such as "blurred"; "" where that is no fix
    why: str = ""  # a sentence for several findings, where each has a sentence of its own


# Those of a project's photos, in the order in which a page shows them: first what would teach the model wrong things.
KINDS = {
    SAME_ACROSS: Kind(
        "photo in several classes",
        "photos in several classes",
        "the same photo is in another class",
        "The same photo is in more than one class: the model would learn a contradiction. Keep each in one class only.",
    ),
    NEAR_ACROSS: Kind(
        "group of near-copies in several classes",
        "groups of near-copies in several classes",
        "nearly the same photo is in another class",
        "Nearly the same picture is in more than one class: the model may learn a contradiction. Look at them, and "
        "keep each in its right class.",
    ),
    CUT: Kind("photo cut short", "photos cut short", "its end is missing"),
    PAGES: Kind("picture with several pages", "pictures with several pages", "its page shows nothing"),
    MIRRORED_ACROSS: Kind(
        "photo with its mirror image in another class",
        "photos with their mirror image in another class",
        "its mirror image is in another class",
        "Photos and their mirror images are in different classes. If left and right are what tells these classes "
        "apart, keep them. If not, move each to its right class under Sort and tidy.",
    ),
    ALIKE: Kind(
        "group of photos that look alike",
        "groups of photos that look alike",
        "",
        "The photos of each group look alike. Are they copies or bursts of one another, or different things before "
        "one background? Until you answer, each group stays on one side of the split.",
    ),
    TWINS: Kind("class name with two spellings", "class names with two spellings", ""),
    BACKGROUND: Kind("class with a background of its own", "classes with a background of their own", ""),
    "extreme-shape": Kind("very long photo", "very long photos", "very long"),
    "very-dark": Kind("nearly black photo", "nearly black photos", "nearly black"),
    "very-bright": Kind("nearly white photo", "nearly white photos", "nearly white"),
    "blurred": Kind("blurred photo", "blurred photos", "blurred"),
    "very-small": Kind("very small photo", "very small photos", "very small"),
    BANDS: Kind("picture with more than three bands", "pictures with more than three bands", "its bands"),
    EXACT: Kind(
        "photo that came more than once",
        "photos that came more than once",
        "a copy of another photo",
        "The same file more than once: it would count double. Copies stay on one side of the split.",
    ),
    NEAR: Kind(
        "group of near-copies",
        "groups of near-copies",
        "nearly the same as another photo",
        "Nearly the same picture several times: they stay on one side of the split if they can, for an honest test. "
        "Nothing needs to be done. More different photos teach more.",
    ),
}
ABOUT_GROUPS = (SAME_ACROSS, NEAR_ACROSS, MIRRORED_ACROSS, ALIKE, EXACT, NEAR)


def find(
    source: Source, threads: int, settings: PictureSettings = USUAL, tell: Callable[[str], None] | None = None
) -> list[Finding]:
    """All findings on a folder or zip, so many photos decoded at a time; their photos are names of files.

    What is out of the ordinary in its pictures is told in sentences to `tell`.
    """
    files = source.arrangement.files
    facts = inspect_alike([file.path for file in files], threads, settings)
    good = [(file, fact) for file, fact in zip(files, facts, strict=True) if isinstance(fact, PhotoFacts)]
    counts = _counts(source, [file for file, _ in good])
    unread = [
        (file.label, str(error)) for file, error in zip(files, facts, strict=True) if isinstance(error, PhotoError)
    ]
    odd = [fact.picture for _, fact in good]
    settings = replace(settings, ranges=project_range(odd))
    for words in seen_in_words(odd, settings) if tell else ():
        tell(words)
    seen = with_facts(_inspected(good, settings), odd)
    lost = source.lost | unread_classes([file.label for file in files], unread, MIN_PHOTOS_PER_CLASS)
    return [
        *(Finding("lost-class", ERROR, [], f"{why}.", LOST_HELP, (name,)) for name, why in lost.items()),
        *(Finding("unlearnable", ERROR, [], why, "Add photos, then check again.") for why in problems(counts)),
        *unreadable(files, facts),
        *find_on_photos(seen, counts),
        *find_odd_pictures(seen, settings),
        *left_out(source),
        *(Finding("balance", WARNING, [], why, "Add photos where there are few.") for why in warnings(counts)),
    ]


def find_in_project(project: Project) -> dict[str, list[Finding]]:
    """Findings on the usable photos of a project, from its database alone: 100,000 photos take about a second.

    Whether there are enough photos is not among them: `readiness` says that, from their numbers.

    Returns:
        By kind, in the order of KINDS; the findings' photos are ids.
    """
    compare_if_needed(project)
    table = _known(project)
    found = [*find_on_photos(table, project.class_counts()), *find_odd_pictures(table, pictures_of(project))]
    by_kind = {kind: [finding for finding in found if finding.kind == kind] for kind in KINDS}
    return {kind: findings for kind, findings in by_kind.items() if findings}


def title(findings: list[Finding]) -> str:
    """How many of one kind there are, such as "3 blurred photos"."""
    kind = findings[0].kind
    is_list = not findings[0].class_names  # one finding for all photos of its kind
    return counted(len(findings[0].photos) if is_list else len(findings), KINDS[kind].one, KINDS[kind].many)


def all_but_one(project: Project, findings: Iterable[Finding]) -> list[int]:
    """Which photos go so that one of each finding's group stays: that with the most pixels, else that which came first.

    Only those that take part now are among the ids.
    """
    photo_ids = []
    for photos in _groups(project, findings):
        best_first = sorted(photos, key=lambda photo: (-photo.width * photo.height, photo.id))
        photo_ids += [photo.id for photo in best_first[1:]]
    return photo_ids


def all_but_class(project: Project, findings: Iterable[Finding], label: str) -> list[int]:
    """Which photos go so that each group is in this class only; a group that isn't in it at all is left alone."""
    photo_ids = []
    for photos in _groups(project, findings):
        others = [photo.id for photo in photos if photo.label != label]
        photo_ids += others if len(others) < len(photos) else []
    return photo_ids


def _groups(project: Project, findings: Iterable[Finding]) -> list[list[Photo]]:
    """The photos of each finding that take part now: they may have changed in another window."""
    findings = list(findings)
    photos = project.photos_with_ids(key for finding in findings for key in finding.photos)
    usable = {photo.id: photo for photo in photos if not photo.set_aside}
    return [[usable[key] for key in finding.photos if key in usable] for finding in findings]


def _inspected(good: list[tuple[LabelledFile, PhotoFacts]], settings: PictureSettings) -> pd.DataFrame:
    """The table that `appearance_findings` wants, of files that were inspected."""
    contents = [fact.sha256 for _, fact in good]
    hashes, taken = ([getattr(fact.appearance, name) for _, fact in good] for name in ("phash", "taken"))
    near, copies = group_distinct(contents, hashes, taken, lambda i: small_pixels(good[i][0].path, settings))
    table = pd.DataFrame(
        {
            "key": [file.name for file, _ in good],
            "label": [file.label for file, _ in good],
            "sha256": contents,
            "phash": hashes,
            "near": near,
            "copies": copies,
            "width": [fact.width for _, fact in good],
            "height": [fact.height for _, fact in good],
            "brightness": [fact.appearance.brightness for _, fact in good],
            "sharpness": [fact.appearance.sharpness for _, fact in good],
            "kept": "",
        }
    )
    table[["white", "black"]] = edge_shares([fact.appearance.colours for _, fact in good])
    return table


def _known(project: Project) -> pd.DataFrame:
    """The same of a project's usable photos whose appearance is known."""
    odd = ", ".join(f"ifnull({name}, 0) as {name}" for name in COLUMNS)
    query = (
        "select id as key, label, sha256, phash, near, ifnull(copies, near) as copies, taken, width, height,"
        " brightness, sharpness, kept, colours,"
        f" {odd}"
        " from photos join looks on looks.photo = id left join pictures on pictures.photo = id"
        " where set_aside = '' order by id"
    )
    with project.database() as db:
        table = pd.read_sql_query(query, db)
    taken = [None if np.isnan(seconds) else seconds for seconds in table.pop("taken").astype(float)]
    near = as_answered(table["near"].tolist(), table["kept"].tolist(), table["sha256"].tolist(), taken)
    # what the user said are different things is no copy
    table["copies"] = [f"{group} {copy}" for group, copy in zip(near, table["copies"].tolist(), strict=True)]
    table["near"] = near
    table[["white", "black"]] = edge_shares(table.pop("colours").tolist())
    return table


def _counts(source: Source, files: list[LabelledFile]) -> dict[str, int]:
    """Files per class, those with none at all too."""
    every = [*source.lost, *source.arrangement.class_names]
    return {**dict.fromkeys(every, 0), **count_by_class(files)}


def to_json(source: Source, findings: list[Finding]) -> dict[str, Any]:
    """The result of `python -m core check --json`."""
    counts = _counts(source, source.arrangement.files)
    listed = [
        {"kind": f.kind, "severity": f.severity, "photos": f.photos, "why": f.why, "mend": f.fix} for f in findings
    ]
    return {
        "photos": len(source.arrangement.files),
        "classes": {name: counts[name] for name in in_order(counts)},
        "findings": listed,
    }

"""Which photos of a project show the same, and which are for training, validation and test; both are kept."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np

from core.base.events import PHASE
from core.base.subsets import TRAIN
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.photos.finer_look import Step
from core.photos.inspection import small_pixels
from core.photos.labelled_photo import FEEDBACK
from core.photos.near_copies import METHOD, group_distinct
from core.photos.pictures import USUAL
from core.projects.alike import as_answered, asked_about, in_stretches, taken_apart
from core.projects.changes.shelf import former_versions
from core.projects.project import Photo, Project
from core.projects.split import (
    ALL_APART,
    ONE_BURST,
    TAKEN_APART,
    Attempt,
    Shares,
    SplitReport,
    assign_or_next_best,
    leaks_in_words,
    may_take_part,
    report_split,
)

GIVEN_SUBSETS = "given_parts"  # the project's setting: names with spaces between
COMPARED_BY = "near_copies_method"  # the project's setting: the METHOD by which its photos were grouped


def compare_photos(project: Project, job: Job | None = None) -> None:
    """Find near-copies, bursts and equal files among all photos, those set aside too; the groups are kept in `looks`.

    100,000 photos take about 15 s, and longer where many are of one scene, since these are looked at by their small
    pictures; so an import does it at its end. Nothing but new photos changes the groups.

    Args:
        job: Gets PHASE and PROGRESS; its stop file ends it, and nothing is changed then.
    """

    def look(i: int) -> np.ndarray | None:
        return small_pixels(project.thumbnail_of(contents[i]), USUAL)

    query = "select id, sha256, phash, taken from photos join looks on photo = id order by id"
    with project.database() as db:
        rows = db.execute(query).fetchall()
    n = len(rows)
    former = [(version.photo, version.sha256, version.phash, version.taken) for version in former_versions(project)]
    contents, hashes, taken = ([row[i] for row in [*rows, *former]] for i in (1, 2, 3))
    phases = {"comparing": "Looking for near-copies among all photos", "looking": "Looking closer at those most alike"}
    steps = [_told(job, name, words) for name, words in phases.items()] if job else []
    groups, copies = group_distinct(contents, hashes, taken, look, *steps)
    groups = _with_former(groups, [row[0] for row in rows], [row[0] for row in former])
    with project.database() as db:
        changed = [(contents[g], contents[c], row[0]) for g, c, row in zip(groups[:n], copies[:n], rows, strict=True)]
        db.executemany("update looks set near = ?, copies = ? where photo = ?", changed)
    project.keep_setting(COMPARED_BY, METHOD)


def _told(job: Job, name: str, words: str) -> Step:
    """Writes PROGRESS of a phase, which begins with the first step."""
    log = job.event_log()

    @cache
    def progress() -> Progress:
        log.write(PHASE, name=name, words=words)
        return Progress(log, job.check_stop)

    return lambda done, total: progress()(done, total)


def _with_former(groups: list[int], photos: list[int], former: list[int]) -> list[int]:
    """The groups; that of what a photo is and those of what it was, before it was rotated or cropped, are one.

    Args:
        groups: Of the photos, then of their former contents.
        photos: Their ids.
        former: The photo of each former content.
    """
    known = {photo: i for i, photo in enumerate(photos)}
    pairs = [(groups[known[photo]], groups[i]) for i, photo in enumerate(former, len(photos)) if photo in known]
    parent = list(range(len(groups)))
    for one, other in pairs:
        one, other = sorted((_root(parent, one), _root(parent, other)))
        parent[other] = one
    return [_root(parent, group) for group in groups]


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


def compare_if_needed(project: Project) -> None:
    """Compare the photos where an import was stopped before it did, or an older version did by another method."""
    with project.database() as db:
        open_ones = db.execute("select count(*) from looks where near is null").fetchone()[0]
        grouped = db.execute("select count(*) - count(distinct near) from looks").fetchone()[0]
    if open_ones or (grouped and project.setting(COMPARED_BY) != METHOD):
        compare_photos(project)


def near_copy_groups(project: Project, photos: list[Photo]) -> list[str]:
    """For each photo the name of its group: near-copies, bursts and equal files share one, as the user said."""
    return as_answered(*_alike(project, photos))


def _alike(project: Project, photos: list[Photo]) -> tuple[list[str], list[str], list[str], list[float | None]]:
    """For each photo its group as compared, what is kept of it, its content, and when it was taken."""
    compare_if_needed(project)
    with project.database() as db:
        looks = {photo: (near, taken) for photo, near, taken in db.execute("select photo, near, taken from looks")}
    known = [looks.get(photo.id, (photo.sha256, None)) for photo in photos]
    kept, contents = [photo.kept for photo in photos], [photo.sha256 for photo in photos]
    return [near for near, _ in known], kept, contents, [taken for _, taken in known]


def given_subsets(project: Project) -> set[str]:
    """The subsets, "validation" and "test", for which a folder came with the photos."""
    return set(project.setting(GIVEN_SUBSETS).split())


def add_given_subsets(project: Project, subsets: Iterable[str]) -> None:
    """Keep that folders of these subsets came; "train" and "" (not said) are passed over."""
    given = given_subsets(project) | set(subsets)
    project.keep_setting(GIVEN_SUBSETS, " ".join(sorted(given - {"", TRAIN})))


def split_photos(project: Project, seed: int, shares: Shares) -> list[Photo]:
    """The photos that take part, each in its subset; one once given is kept, so new photos never move old ones.

    Photos from feedback are in the training subset alone. One that is a near-copy of a validation or test photo is
    left out: learned from, it would tell the answer.
    """
    return split_with_groups(project, seed, shares)[0]


def split_with_groups(project: Project, seed: int, shares: Shares) -> tuple[list[Photo], list[str]]:
    """As `split_photos`, and of each of these photos the name of its group of near-copies."""
    photos = project.photos()
    groups = near_copy_groups(project, photos)
    subsets, _ = _subsets(project, photos, groups, seed, shares)
    with project.database() as db:
        changed = [(subset, p.id) for subset, p in zip(subsets, photos, strict=True) if subset != p.split]
        db.executemany("update photos set split = ? where id = ?", changed)
    return _taking_part(photos, groups, subsets)


def preview_split(project: Project, seed: int, shares: Shares) -> SplitReport:
    """What `split_photos` would do, without doing it, and what chance would have done in its place."""
    photos = project.photos()
    groups = near_copy_groups(project, photos)
    taking_part, groups = _taking_part(photos, groups, _subsets(project, photos, groups, seed, shares)[0])
    labels, subsets = ([getattr(photo, name) for photo in taking_part] for name in ("label", "split"))
    return report_split(labels, groups, subsets, seed, shares)


def split_cost(project: Project, seed: int, shares: Shares) -> str:
    """Why near-copies aren't all on one side, and what that means for the test, in words; "" where they are."""
    photos = project.photos()
    groups = near_copy_groups(project, photos)
    subsets, cost = _subsets(project, photos, groups, seed, shares)
    if cost:
        return cost
    taking_part, groups = _taking_part(photos, groups, subsets)
    return leaks_in_words([photo.split for photo in taking_part], groups, _asked(project, photos))


def photos_asked_about(project: Project) -> int:
    """How many photos look so alike that the user should say whether they are copies."""
    photos = project.photos()
    asked = _asked(project, photos)
    return sum(group in asked for group in near_copy_groups(project, photos))


def _asked(project: Project, photos: list[Photo]) -> set[str]:
    groups, kept, contents, taken = _alike(project, photos)
    groups = as_answered(groups, kept, contents, taken)
    return asked_about([photo.label for photo in photos], groups, contents, kept)


def photos_left_out(project: Project) -> list[Photo]:
    """The photos from feedback that take no part, since each is a near-copy of a validation or test photo."""
    photos = project.photos()
    taking_part, _ = _taking_part(photos, near_copy_groups(project, photos), [photo.split for photo in photos])
    known = {photo.id for photo in taking_part}
    return [photo for photo in photos if photo.id not in known]


def _taking_part(photos: list[Photo], groups: list[str], subsets: list[str]) -> tuple[list[Photo], list[str]]:
    """The photos that may take part, each in its subset, and their groups."""
    may = may_take_part(subsets, groups, [photo.origin == FEEDBACK for photo in photos])
    taking_part = [replace(p, split=subset) for p, subset, yes in zip(photos, subsets, may, strict=True) if yes]
    return taking_part, [group for group, yes in zip(groups, may, strict=True) if yes]


def _subsets(
    project: Project, photos: list[Photo], groups: list[str], seed: int, shares: Shares
) -> tuple[list[str], str]:
    """A subset for each photo, and what the split cost; those from feedback only teach, and have no say.

    Groups that the user has yet to judge are taken apart only where a subset would be left empty otherwise, and all
    others only if that doesn't help.
    """
    own = [(photo, group) for photo, group in zip(photos, groups, strict=True) if photo.origin != FEEDBACK]
    labels, contents = ([getattr(photo, name) for photo, _ in own] for name in ("label", "sha256"))
    assigned, cost = assign_or_next_best(
        labels,
        contents,
        _attempts(project, [photo for photo, _ in own], [group for _, group in own]),
        [photo.split for photo, _ in own],
        seed,
        shares.without(given_subsets(project)),
    )
    turns = iter(assigned)
    return [TRAIN if photo.origin == FEEDBACK else next(turns) for photo in photos], cost


def _attempts(project: Project, photos: list[Photo], groups: list[str]) -> list[Attempt]:
    _, kept, contents, taken = _alike(project, photos)
    labels = [photo.label for photo in photos]
    asked = asked_about(labels, groups, contents, kept)
    apart = taken_apart(groups, asked, contents, taken)
    all_apart = taken_apart(groups, set(groups), contents, taken)
    filmed = in_stretches(labels, groups, taken, least=3)  # as many as there are subsets
    first = Attempt(filmed, "" if filmed == groups else ONE_BURST)
    attempts = [first, Attempt(apart, TAKEN_APART), Attempt(all_apart, ALL_APART)]
    return [*attempts, Attempt(contents, ALL_APART)]  # bursts too

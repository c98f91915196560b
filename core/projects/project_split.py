"""Which photos of a project show the same, and which are for training, validation and test; both are kept."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.base.subsets import TRAIN
from core.photos.labelled_photo import FEEDBACK
from core.photos.near_copies import HASH_BYTES, group_near_copies
from core.projects.project import Photo, Project
from core.projects.split import Shares, SplitReport, assign_subsets, may_take_part, report_split

GIVEN_SUBSETS = "given_parts"  # the project's setting: names with spaces between


def compare_photos(project: Project) -> None:
    """Find near-copies, bursts and equal files among all photos, those set aside too; the groups are kept in `looks`.

    100,000 photos take about 15 s, so an import does it at its end; nothing but new photos changes the groups.
    """
    query = "select id, sha256, phash, taken from photos join looks on photo = id order by id"
    with project.database() as db:
        rows = db.execute(query).fetchall()
    first = {sha256: photo for photo, sha256, _, _ in reversed(rows)}
    distinct = [row for row in rows if first[row[1]] == row[0]]
    # a hash of an older kind has another length, and counts as unknown
    known = b"".join(row[2] if len(row[2]) == HASH_BYTES else bytes(HASH_BYTES) for row in distinct)
    hashes = np.frombuffer(known, np.uint8).reshape(-1, HASH_BYTES)
    taken = np.array([np.nan if seconds is None else seconds for _, _, _, seconds in distinct])
    groups = group_near_copies(hashes, taken).tolist()
    group_of = {row[1]: distinct[group][1] for row, group in zip(distinct, groups, strict=True)}
    with project.database() as db:
        db.executemany("update looks set near = ? where photo = ?", [(group_of[row[1]], row[0]) for row in rows])


def near_copy_groups(project: Project, photos: list[Photo]) -> list[str]:
    """For each photo the name of its group: near-copies, bursts and equal files share one."""
    with project.database() as db:
        groups = dict(db.execute("select photo, near from looks"))
    if None in groups.values():  # an import was stopped before it compared them
        compare_photos(project)
        return near_copy_groups(project, photos)
    return [groups.get(photo.id, photo.sha256) for photo in photos]


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
    subsets = _subsets(project, photos, groups, seed, shares)
    with project.database() as db:
        changed = [(subset, p.id) for subset, p in zip(subsets, photos, strict=True) if subset != p.split]
        db.executemany("update photos set split = ? where id = ?", changed)
    return _taking_part(photos, groups, subsets)


def preview_split(project: Project, seed: int, shares: Shares) -> SplitReport:
    """What `split_photos` would do, without doing it, and what chance would have done in its place."""
    photos = project.photos()
    groups = near_copy_groups(project, photos)
    taking_part, groups = _taking_part(photos, groups, _subsets(project, photos, groups, seed, shares))
    labels, subsets = ([getattr(photo, name) for photo in taking_part] for name in ("label", "split"))
    return report_split(labels, groups, subsets, seed, shares)


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


def _subsets(project: Project, photos: list[Photo], groups: list[str], seed: int, shares: Shares) -> list[str]:
    """A subset for each photo; those from feedback only teach, and have no say in where others go."""
    own = [(photo, group) for photo, group in zip(photos, groups, strict=True) if photo.origin != FEEDBACK]
    assigned = iter(
        assign_subsets(
            [photo.label for photo, _ in own],
            [photo.sha256 for photo, _ in own],
            [group for _, group in own],
            [photo.split for photo, _ in own],
            seed,
            shares.without(given_subsets(project)),
        )
    )
    return [TRAIN if photo.origin == FEEDBACK else next(assigned) for photo in photos]

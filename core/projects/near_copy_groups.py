"""Which photos of a project show the same. Found once, after an import, and kept beside what each looks like."""

import numpy as np

from core.photos.near_copies import HASH_BYTES, group_near_copies
from core.projects.project import Photo, Project


def compare_photos(project: Project) -> None:
    """Find near-copies, bursts and equal files among all photos, those set aside too, and keep the groups.

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

"""Which photos a gallery shows, as it asks for them: some of them at a time, and anew after each change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.projects.project import Photo, Project


@dataclass(frozen=True)
class Listed:
    """Some of the photos that a gallery shows.

    Args:
        photos: Those of one page, in their order; of a project's list, or as `lent.Lent` gives them.
        n: How many there are on all pages.
        said: Of a photo's id, what stands under it and in the viewer, such as "called pear, 93 % sure".
        more: Of a photo's id, what the viewer says besides: a sentence or two.
        groups: Of a photo's id, the group that it stands in, such as "Group 3"; those of a group follow one another.
    """

    photos: list[Photo]
    n: int
    said: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    more: Mapping[int, str] = field(default_factory=dict)


Listing = Callable[[int, int], Listed]  # given how many at most, after how many


def of_ids(
    project: Project,
    photo_ids: list[int],
    said: Mapping[int, str] | None = None,
    groups: Mapping[int, str] | None = None,
) -> Listing:
    """Lists photos that were chosen before, in that order, as they are now."""

    def listed(limit: int, offset: int) -> Listed:
        wanted = photo_ids[offset : offset + limit]
        found = {photo.id: photo for photo in project.photos_with_ids(wanted)}
        return Listed([found[each] for each in wanted if each in found], len(photo_ids), said or {}, groups or {})

    return listed


def where(project: Project, condition: str, *values: str | int) -> Listing:
    """Lists the photos for which a condition holds, as `Project.photos_where` has it, in the order they came."""

    def listed(limit: int, offset: int) -> Listed:
        with project.database() as db:
            (n,) = db.execute(f"select count(*) from photos where {condition}", values).fetchone()
        return Listed(project.photos_where(condition, *values, limit=limit, offset=offset), n)

    return listed

"""Where a gallery's photos are: in a project's list, or lent by the page (`lent.Lent`)."""

import json
from collections.abc import Collection
from typing import Protocol

from core.projects.project import Photo, Project
from pages.components.pictures import addresses
from pages.components.pictures.history import OF_PROJECT, History


class Source(Protocol):
    """What a gallery asks about its photos.

    Args:
        address: Where their pictures are, before `/<id>/<size>?<version>`.
        history: What undo takes back; None where nothing is undone.
    """

    address: str
    history: History | None

    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """Those of these that are there, as they are now."""

    def version_of(self, photo: Photo) -> str:
        """Changes with what is seen of a photo; begins with its content, up to a hyphen."""

    def taken(self, photo_ids: Collection[int]) -> dict[int, float]:
        """Unix seconds at which the camera says that they were taken, of those that say it."""


class InProject:
    """The photos of a project's list."""

    def __init__(self, project: Project, history: History = OF_PROJECT) -> None:
        self.history = history
        self.address = addresses.address_of(project)
        self._project = project
        self._pictures = addresses.pictures_version(project)

    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """As `Source` has it."""
        return self._project.photos_with_ids(photo_ids)

    def version_of(self, photo: Photo) -> str:
        """As `Source` has it."""
        return addresses.version_of(photo, self._pictures)

    def taken(self, photo_ids: Collection[int]) -> dict[int, float]:
        """As `Source` has it."""
        query = "select photo, taken from looks where taken is not null and photo in (select value from json_each(?))"
        with self._project.database() as db:
            return dict(db.execute(query, (json.dumps(list(photo_ids)),)).fetchall())

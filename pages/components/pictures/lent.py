"""Photos in no project's list that a page shows, such as uploads that a run is asked about: how a gallery has them.

Nothing is written for it. What a page holds is lent under an address that nobody can guess, for as long as its gallery
is there.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from weakref import WeakValueDictionary

from core.projects.project import Photo

ADDRESS = "/lent"


@dataclass(frozen=True)
class Pictures:
    """A photo's pictures as JPEGs, made when they are asked for.

    Args:
        version: Changes with what is seen in them.
        small: Gives the thumbnail.
        large: Gives the photo, with at most so many pixels on its longer side.
    """

    version: str
    small: Callable[[], bytes]
    large: Callable[[int], bytes]


class Lent(ABC):
    """Such photos: a `Source` of a gallery, alive while something holds it.

    Args:
        token: Of a session's own and unguessable; what was lent by it before is lent no more.
    """

    history = None  # nothing is undone

    def __init__(self, token: str) -> None:
        self.address = f"{ADDRESS}/{token}"
        _all()[token] = self

    @abstractmethod
    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """Those of these that are there, as they are now."""

    @abstractmethod
    def pictures(self, photo_id: int) -> Pictures | None:
        """Of one of them; None where there is no such. Called from other threads than the page's."""

    def version_of(self, photo: Photo) -> str:
        """As its pictures have it."""
        return photo.sha256[:16]

    def taken(self, photo_ids: Collection[int]) -> dict[int, float]:
        """Nobody noted when they were taken."""
        return {}


def lent_photo(
    number: int, name: str, sha256: str, label: str, size: int = 0, set_aside: str = "", added: float = 0.0
) -> Photo:
    """Such a photo as a gallery knows photos: in no subset, and with no file and no sides of its own.

    Args:
        number: Tells it from the others of its gallery.
        size: In bytes, where that is known.
    """
    return Photo(
        id=number,
        label=label,
        file="",
        name=name,
        sha256=sha256,
        bytes=size,
        width=0,
        height=0,
        split="",
        set_aside=set_aside,
        added=added,
    )


@cache
def _all() -> WeakValueDictionary[str, Lent]:
    return WeakValueDictionary()


def find(token: str) -> Lent | None:
    """What is lent by a token, while it is."""
    return _all().get(token)

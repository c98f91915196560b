"""Photos that come from outside are decoded in processes of their own, so that a decoder that aborts costs one photo.

The rule: whatever comes in (an import, photos that a run is asked about, class folders of the command line, a project
from a zip) is decoded here first. What was decoded here to its end may be decoded in the process itself afterwards,
since a decoder does the same with the same bytes; so the photos of a project and of a run are read where they are
needed. `serve` decodes nothing itself, and the web process shows originals through these processes too.

This is no sandbox: a photo that takes a decoder over runs with the rights of the user. What is bounded is a decoder
that crashes, hangs or takes all memory.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from core.photos.apart.child import NO_MEMORY
from core.photos.apart.children import ENDED, LATE, Children, LostItemError
from core.photos.decoding import PhotoError

T = TypeVar("T")
R = TypeVar("R")

PHOTO_S = 60.0  # the largest photo takes a few seconds
MEMORY = 8_000_000_000  # bytes; the largest picture of decimal numbers that is allowed takes 6.8
REASONS = {
    ENDED: "ended the program that decodes it",
    LATE: f"takes longer than {PHOTO_S:.0f} seconds to read",
    NO_MEMORY: f"needs more than {MEMORY // 1_000_000_000} GB of memory",
}


class LostPhotoError(PhotoError):
    """A photo with which a process crashed, hung or ran out of memory: it is never decoded in this process."""


class Decoders(Children):
    """Processes that decode photos; each takes a fifth of a second of a processor to start, and 50 MB.

    Args:
        most: How many there are at most.
    """

    def __init__(self, most: int = os.cpu_count() or 2) -> None:
        super().__init__(most, PHOTO_S, MEMORY)

    def call(self, function: Callable[..., R], *item: Any) -> R:
        """As `Children.call`, of one photo.

        Raises:
            PhotoError: It can't be used, or the process that decoded it was lost.
        """
        try:
            return super().call(function, *item)
        except LostItemError as error:
            raise LostPhotoError(REASONS[error.why]) from error

    def each(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R | PhotoError]:
        """As `Children.each`, an item a photo; what else than a PhotoError is raised in a process is raised here."""
        for result in super().each(function, items):
            if isinstance(result, LostItemError):
                yield LostPhotoError(REASONS[result.why])
            elif isinstance(result, Exception) and not isinstance(result, PhotoError):
                raise result
            else:
                yield result

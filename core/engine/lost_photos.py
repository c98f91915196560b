"""Photos that could not be used in some work, each with its reason; who was changed on disk is said by name."""

from collections.abc import Callable, Iterable

from core.photos.decoding import CHANGED, ChangedPhotoError, PhotoError
from core.photos.labelled_photo import LabelledPhoto

NAMED = 3  # photos in one sentence


class LostPhotos:
    """Filled while photos are opened, by several threads."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}  # by path
        self._changed: dict[str, str] = {}  # names by path

    def add(self, photos: Iterable[LabelledPhoto], error: PhotoError) -> None:
        """Note why these can't be used."""
        for photo in photos:
            self.reasons[photo.path] = str(error)
            if isinstance(error, ChangedPhotoError):
                self._changed[photo.path] = photo.name

    def tell_changed(self, tell: Callable[[str], None]) -> None:
        """Say which hold another content than they had, if any do."""
        names = sorted(self._changed.values())
        if len(names) == 1:
            tell(f"{names[0]} has {CHANGED}, so it took no part. Bring the right one in again, or set it aside.")
        elif names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            tell(
                f"{len(names):,} photos have changed since they were brought in, so they took no part: "
                f"{', '.join(names[:NAMED])}{more}. Bring the right ones in again, or set them aside."
            )

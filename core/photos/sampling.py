"""Some of many photos: of all classes alike, or with the classes' own shares."""

from collections import defaultdict
from collections.abc import Sequence

from core.photos.labelled_photo import LabelledPhoto


def even_positions(labels: Sequence[str], at_most: int) -> list[int]:
    """Positions of so many, of all classes alike where they have enough, from all over the list; one of each at least.

    Args:
        labels: Class of each.
        at_most: How many; where there are more classes, one of each all the same.
    """
    by_class: dict[str, list[int]] = defaultdict(list)
    for position, label in enumerate(labels):
        by_class[label].append(position)
    chosen, left = [], at_most
    for rest, positions in zip(range(len(by_class), 0, -1), sorted(by_class.values(), key=len), strict=True):
        n = min(len(positions), max(1, left // rest))
        chosen += [positions[i * len(positions) // n] for i in range(n)]
        left -= n
    return sorted(chosen)


def even_sample(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most so many photos, of all classes alike where they have enough, from all over the list."""
    return [photos[i] for i in even_positions([photo.label for photo in photos], at_most)[:at_most]]


def sample_by_share(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most so many, by the turn of their content: of each class the same share, but none below its fair part."""
    by_class: dict[str, list[LabelledPhoto]] = defaultdict(list)
    for photo in sorted(photos, key=lambda photo: photo.sha256):
        by_class[photo.label].append(photo)
    if len(photos) <= at_most:
        return [photo for label in sorted(by_class) for photo in by_class[label]]
    fair = at_most // len(by_class)
    share = at_most / len(photos)
    kept = {label: max(min(len(own), fair // 2), round(share * len(own))) for label, own in by_class.items()}
    return [photo for label in sorted(by_class) for photo in by_class[label][: kept[label]]]

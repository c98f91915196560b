"""At how many pixels a side a network sees photos: what is usual, what is possible, and what settings ask for."""

from dataclasses import dataclass

from core.models.catalogue import base_model
from core.models.config import BENCHMARK_CNN, LARGEST_IMAGE_SIZE, SMALLEST_FOR_BENCHMARK, USUAL_SIZE, TrainConfig

BENCHMARK_SIZE = 128  # pixels; five halvings leave 4 x 4, and an epoch takes a third of the time of 224
SMALL_SIDE = 64  # pixels of a photo; those with 128 were told apart a little better at the usual size (docs/log.md)
SMALL_SIZE = 128  # pixels at which they are seen; a step takes a third of the time of 224


@dataclass(frozen=True)
class ImageSizes:
    """Height and width of a network's input in pixels: the usual, the least and the most."""

    usual: int
    least: int
    most: int = LARGEST_IMAGE_SIZE

    @property
    def in_words(self) -> str:
        """What can be chosen, and what it costs, for the screen."""
        return (
            f"Usually {self.usual}, at least {self.least}, at most {self.most}. Small things need more pixels; twice "
            "the size takes about four times as long."
        )


def image_sizes(base: str) -> ImageSizes:
    """The sizes at which a base, or "benchmark-cnn", can see photos; InputError when there is no such base."""
    if base == BENCHMARK_CNN:
        return ImageSizes(BENCHMARK_SIZE, SMALLEST_FOR_BENCHMARK)
    row = base_model(base)
    return ImageSizes(row.image_size, row.smallest_image_size)


def image_size_of(config: TrainConfig) -> int:
    """Height and width in pixels at which a run with these settings sees photos; errors as of `image_sizes`."""
    return config.image_size or image_sizes(config.base).usual


def size_for_photos(base: str, photo_side: int) -> int:
    """The size at which a network or thawed blocks should see photos: of small ones more pixels say nothing more.

    Args:
        photo_side: Of the photos' longer sides the middle one, in pixels; 0 where it isn't known.

    Returns:
        `SMALL_SIZE`, or USUAL_SIZE for that of the base.
    """
    sizes = image_sizes(base)
    small = 0 < photo_side <= SMALL_SIDE and sizes.least <= SMALL_SIZE < sizes.usual
    return SMALL_SIZE if small else USUAL_SIZE


def size_in_words(size: int) -> str:
    """Such as "224 x 224 pixels"."""
    return f"{size} x {size} pixels"


def work_of_size(config: TrainConfig) -> float:
    """How much more there is to compute for a photo than at the usual size: it grows with the number of pixels."""
    return (image_size_of(config) / image_sizes(config.base).usual) ** 2

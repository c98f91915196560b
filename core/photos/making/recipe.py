"""How a version of a photo is made of its original: a rectangle is cut out of it, then that is turned."""

import json
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from PIL import Image

from core.base.errors import InputError
from core.base.files import value_of
from core.base.records import LEFT_OUT, Record
from core.photos.readers.limits import MIN_SIDE

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels; the last two are the first that are left out
Size = tuple[int, int]  # width, height
QUARTER_TURNS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


@dataclass(frozen=True)
class Making(Record):
    """What was done with the original, all at once: a version of a version is made of the original too.

    Args:
        turns: Quarter turns clockwise, 0..3, of what was cut out.
        box: What was cut out of the upright original; None for all of it.
    """

    turns: int = field(default=0, metadata=LEFT_OUT)
    box: Box | None = field(default=None, metadata=LEFT_OUT)

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The making that a row keeps; "" is the original.

        Raises:
            ValueError: It is damaged.
        """
        making = cls.from_json(value_of(text)) if text else cls()
        left, top, right, bottom = making.box or (0, 0, 1, 1)
        if making.turns not in range(4) or not (0 <= left < right and 0 <= top < bottom):
            raise ValueError(f"not how a version is made. Received: {text[:100]}.")
        return making

    @property
    def text(self) -> str:
        """As a row keeps it."""
        return json.dumps(self.to_json()) if self != Making() else ""

    def turned(self, quarter_turns: int) -> Self:
        """The same, turned clockwise by so many quarter turns, which may be negative."""
        return replace(self, turns=(self.turns + quarter_turns) % 4)

    def cropped(self, box: Box, original: Size) -> Self:
        """Of the version that this makes only a rectangle.

        Args:
            box: In pixels of the version.
            original: The size of the upright original.

        Raises:
            InputError: It reaches out of the picture, or is too small to learn from.
        """
        width, height = size = self.size_of(original)
        left, top, right, bottom = box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise InputError(f"The rectangle must lie in the picture, which has {width:,} x {height:,} pixels.")
        if min(right - left, bottom - top) < MIN_SIDE:
            raise InputError(f"The rectangle is too small: a photo needs {MIN_SIDE} pixels each way at least.")
        left, top, right, bottom = _turned_back(box, size, self.turns)
        x, y = (self.box or (0, 0))[:2]
        whole = (0, 0, *original)
        cut = (left + x, top + y, right + x, bottom + y)
        return replace(self, box=None if cut == whole else cut)

    def size_of(self, original: Size) -> Size:
        """Width and height of the version of an original of this size."""
        left, top, right, bottom = self.box or (0, 0, *original)
        size = (right - left, bottom - top)
        return size[::-1] if self.turns % 2 else size

    def of_image(self, original: Image.Image) -> Image.Image:
        """The version of an upright picture; no pixel is changed."""
        cut = original.crop(self.box) if self.box else original
        return cut.transpose(QUARTER_TURNS[self.turns]) if self.turns else cut

    def of_values(self, original: np.ndarray) -> np.ndarray:
        """The same of numbers (height, width, ...) of any depth."""
        left, top, right, bottom = self.box or (0, 0, original.shape[1], original.shape[0])
        return np.ascontiguousarray(np.rot90(original[top:bottom, left:right], -self.turns))


def _turned_back(box: Box, size: Size, turns: int) -> Box:
    """Where a rectangle lies in a picture that is turned back by so many quarter turns."""
    left, top, right, bottom = box
    width, height = size
    for _ in range(turns):
        left, top, right, bottom = top, width - right, bottom, width - left
        width, height = height, width
    return left, top, right, bottom

"""The one decoder: pictures of every kind as 8-bit RGB.

It stands alone, since every export and recipe carries this file as it is: so that a photo is the same wherever a model
is asked about it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

DECODER = 2  # part of every cache's key; another number where the pixels of some picture come out otherwise

Range = tuple[str, float, float]  # NumPy's name of a depth ("uint16", "float32"), what becomes black, what white


@dataclass(frozen=True)
class PictureSettings:
    """What holds for all pictures of a project, and for every later photo that a model of it is asked about.

    Args:
        ranges: For depths beyond 8 bits that the project has seen; others are stretched by their format's own rule.
        bands: Which bands of a picture with more than three are red, green and blue, from 0.
        page: Which page of several is used, from 0; the last where there are fewer.
        profiles: Whether colours are brought to sRGB by the profile in the file.
    """

    ranges: tuple[Range, ...] = ()
    bands: tuple[int, int, int] = (0, 1, 2)
    page: int = 0
    profiles: bool = True

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The settings that a JSON object holds; what it lacks is as usual."""
        given = {name: value[name] for name in ("page", "profiles") if name in value}
        ranges = tuple((str(depth), float(low), float(high)) for depth, low, high in value.get("ranges", ()))
        return cls(ranges, tuple(value.get("bands", (0, 1, 2))), **given)

    def to_json(self) -> dict[str, Any]:
        """JSON values, of which `from_json` makes the same settings."""
        return asdict(self)

    def range_of(self, depth: str) -> tuple[float, float] | None:
        """What becomes black and white in pictures of this depth; None where the project has seen none."""
        return next(((low, high) for known, low, high in self.ranges if known == depth), None)


USUAL = PictureSettings()
BEFORE = PictureSettings(profiles=False)  # of runs that were trained before there were settings


@dataclass(frozen=True)
class PictureFacts:
    """What is out of the ordinary in a picture; all as it stands here for a plain one.

    Args:
        depth: NumPy's name of what its values are, such as "uint16"; "" for 8 bits.
        low: Below which one in a thousand of its values lies; 0 for 8 bits.
        high: Above which one in a thousand of its values lies; 0 for 8 bits.
        bands: More than three, where it has more that are no transparency; else 0.
        pages: How many, where it has several; else 0.
        blank: Whether the page that is used shows next to nothing, though it has several.
        cut: Whether its file lacks its end.
        missing: The share of the picture that is not there for that, 0..1.
        profile: Whether it has a colour profile other than sRGB.
    """

    depth: str = ""
    low: float = 0.0
    high: float = 0.0
    bands: int = 0
    pages: int = 0
    blank: bool = False
    cut: bool = False
    missing: float = 0.0
    profile: bool = False


PLAIN = PictureFacts()

LEVELS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0, 2.0**32 - 1)  # what 8, 10, 12, 14, 16 and 32 bits hold


def project_range(facts: Iterable[PictureFacts]) -> tuple[Range, ...]:
    """One black and one white for each depth beyond 8 bits, from all pictures of a project.

    Of unsigned integers white is the most that the fewest bits hold into which all pictures go, and black is 0; of
    other numbers they are the least low and the largest high. So they are of unsigned integers with an offset, as of a
    thermal camera (29,500 to 31,000): those that fill less than a quarter of the way up to white, far from black.
    With 0 as black hardly any contrast would be left. Single hot pixels have no say in `low` and `high`.
    """
    ends: dict[str, tuple[float, float]] = {}
    for fact in facts:
        if fact.depth:
            low, high = ends.get(fact.depth, (fact.low, fact.high))
            ends[fact.depth] = min(low, fact.low), max(high, fact.high)
    return tuple((depth, *_black_and_white(depth, *ends[depth])) for depth in sorted(ends))


def _black_and_white(depth: str, low: float, high: float) -> tuple[float, float]:
    if depth.startswith("uint"):
        white = next((level for level in LEVELS if high <= level), high)
        has_offset = high / 2 < low < high and high - low < white / 4
        return (low, high) if has_offset else (0.0, white)
    if depth.startswith("float") and low >= 0 and 0.5 < high <= 1:
        return 0.0, 1.0
    return low, high

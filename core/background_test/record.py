"""What the background test found, as `plate-test.json` keeps it."""

from dataclasses import dataclass

from core.base.records import Record


@dataclass(frozen=True)
class SwappedPhoto(Record):
    """One photo, and what was answered to it in each form.

    Args:
        sha256: Of the photo.
        truth: Its class.
        whole: Answer to the whole photo.
        middle: To its middle alone.
        edge: To its edge alone.
        joined: To its middle on another photo's edge.
        other: Class of that photo.
        edge_of: SHA-256 of that photo.
    """

    sha256: str
    truth: str
    whole: str
    middle: str
    edge: str
    joined: str
    other: str
    edge_of: str


@dataclass(frozen=True, kw_only=True)
class BackgroundTest(Record):
    """All that was asked, a row for each photo that could be read.

    Args:
        fill: The colour of what was hidden: RGB, 0..255.
    """

    schema: int = 1
    fill: list[float]
    rows: list[SwappedPhoto]

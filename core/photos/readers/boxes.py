"""The boxes of JPEG 2000 and JPEG XL (ISO/IEC 15444-1, Annex I)."""

from collections.abc import Iterator

MOST_BOXES = 10_000


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents, up to where the file ends or makes no sense; the last one may be cut."""
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        length, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if length == 0:  # to the end
            length = len(data) - at
        if length < head:
            return
        yield name, data[at + head : at + length]
        at += length

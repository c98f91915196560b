"""What a file of so few bytes cannot hold, or would take minutes to read: refused before it is decoded."""

import re

from PIL import Image

from core.photos.readers.limits import PictureError, check_missing
from core.photos.readers.notes import SIZES_IN_JPEG, jpeg_places

MOST_DEFLATED = 1032  # bytes that one byte can stand for (zlib's technical notes, "Maximum Compression Factor")
MOST_IN_JPEG = 512  # pixels that one byte can stand for: each block of 8 x 8 takes at least one bit of Huffman's code
HUFFMAN = (0xC0, 0xC1, 0xC2, 0xC3)  # markers of a JPEG whose values are coded so
SEQUENTIAL = (0xC0, 0xC1, 0xC3, 0xC9, 0xCB)  # markers of those whose values come whole, not ever more exactly
BITS_OF_PNG = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # for each bit of depth, by its kind of colour
MOST_SCANNED = 4_000_000_000  # pixels times scans: 15 seconds; a large progressive JPEG of a camera has 3 billion
LONGEST_HEAD = 10  # bytes of a segment that tell size and number of colours
NO_HEAD = b"\xff\0"  # where there is none
SCAN, END = b"\xff\xda", b"\xff\xd9"
MARKER = rb"\xff[\x02-\xcf\xd9-\xfe]"  # of a segment with a length, or of the end


def check_claims(image: Image.Image, data: bytes) -> None:
    """Raise PictureError for an opened picture whose file holds far less of it, or is made to be slow."""
    if image.format == "PNG":
        bits = data[24] * BITS_OF_PNG.get(data[25], 1)
        check_missing(1 - MOST_DEFLATED * len(data) / (image.height * (1 + -(-image.width * bits // 8))))
    if image.format not in ("JPEG", "MPO"):
        return
    pixels = image.width * image.height
    heads = [data[place.start : min(place.stop, place.start + LONGEST_HEAD)] for place in jpeg_places(data)]
    size = next((head for head in heads if head[1] in SIZES_IN_JPEG), NO_HEAD)
    if size[1] in HUFFMAN:
        check_missing(1 - MOST_IN_JPEG * len(data) / pixels)
    if _in_one_pass(size, heads[-1] if heads else NO_HEAD):
        return
    if pixels * data.count(SCAN) > MOST_SCANNED and pixels * (scans := _scans(data)) > MOST_SCANNED:
        raise PictureError(f"a JPEG in {scans} passes, which takes too long to read: save it anew first")


def _in_one_pass(size: bytes, scan: bytes) -> bool:
    """Whether a JPEG's first scan has all its colours whole, after which libjpeg takes no other (its `initial_setup`).

    Most photos are so, and to look for scans in all of one of 12 megapixels costs a tenth of its import.
    """
    return size[1] in SEQUENTIAL and scan[1] == SCAN[1] and size[9:10] == scan[4:5] != b""


def _scans(data: bytes) -> int:
    """How many there are of a JPEG's first picture; those in its notes, or in a film behind it, don't count."""
    found, at = 0, 2
    while (marker := re.compile(MARKER).search(data, at)) and marker[0] != END:
        found += marker[0] == SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return found

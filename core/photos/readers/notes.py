"""What a file says beside its picture, where Pillow stumbles over it: the picture is taken out of it all the same."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

PNG_START = b"\x89PNG\r\n\x1a\n"
PALETTE = 3  # a PNG's kind of colour
TRANSPARENT = {0: (2,), 2: (6,), PALETTE: range(1, 257)}  # bytes that say which colours are, by the kind of colour
JPEG_START = b"\xff\xd8"
SIZES_IN_JPEG = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}  # markers: start of frame, and that of JPEG-LS
WEBP_KEPT = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
LEAST_OF_JFIF = 12  # bytes; of Adobe's segment too
MOST_PROFILE = 16_000_000  # bytes, unpacked
ORIENTATION = 0x0112
MOST_TAGS = 1000


def exif_of(data: bytes) -> Image.Exif:
    """The EXIF block of a file of any kind, as far as it can be read; at least the orientation."""
    block = _exif_block(data)
    exif = Image.Exif()
    try:
        exif.load(b"Exif\0\0" + block)
        exif.get(ORIENTATION)
        exif.tobytes()
    except Exception:  # it is broken: Pillow raises whatever comes along
        exif = Image.Exif()
        if orientation := orientation_in(block):
            exif[ORIENTATION] = orientation
    return exif


def orientation_in(tiff: bytes) -> int:
    """The orientation, 1..8, in the first directory of a TIFF, or of a block of EXIF; 0 where none can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        at = struct.unpack_from(f"{order}I", tiff, 4)[0] if order else 0
        tags = struct.unpack_from(f"{order}H", tiff, at)[0] if order else 0
        for number in range(min(tags, MOST_TAGS)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * number)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        pass
    return 0


def _exif_block(data: bytes) -> bytes:
    if data.startswith(PNG_START):
        return next((body for name, body in png_chunks(data) if name == b"eXIf"), b"").removeprefix(b"Exif\0\0")
    if data.startswith(JPEG_START):
        marked = (part[4:] for part in jpeg_segments(data) if part.startswith(b"\xff\xe1"))
        return next((body[6:] for body in marked if body.startswith(b"Exif\0\0")), b"")
    if data[8:12] == b"WEBP":
        return next((body for name, body in riff_chunks(data) if name == b"EXIF"), b"").removeprefix(b"Exif\0\0")
    return b""


def profile_of(data: bytes) -> bytes | None:
    """The colour profile in a PNG or WebP, which may be as long as a printer's."""
    try:
        if data.startswith(PNG_START):
            packed = next((body for name, body in png_chunks(data) if name == b"iCCP"), b"").partition(b"\0")[2][1:]
            return zlib.decompressobj().decompress(packed, MOST_PROFILE) or None
    except zlib.error:
        return None
    return next((body for name, body in riff_chunks(data) if name == b"ICCP"), None) if data[8:12] == b"WEBP" else None


def without_notes(data: bytes) -> bytes:
    """The same picture in a file that says nothing else; a file of another kind comes back as it is."""
    if data.startswith(PNG_START):
        kept = [png_chunk(name, body) for name, body in png_chunks(data) if _is_needed(name, body, data[25])]
        return b"".join([PNG_START, *kept, png_chunk(b"IEND", b"")])
    if data.startswith(JPEG_START):
        return b"".join([JPEG_START, *(part for part in jpeg_segments(data) if not _is_note(part))])
    if data[8:12] == b"WEBP":
        return _plain_webp(data)
    return data


def lacks_its_end(data: bytes) -> bool:
    """Whether a PNG is cut; of other kinds it is not told by this."""
    return (
        data.startswith(PNG_START)
        and b"IEND" not in data[-64:]
        and all(name != b"IEND" for name, _ in png_chunks(data))
    )


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents, up to where the file ends or makes no sense; the last one may be cut."""
    at = len(PNG_START)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if not name.isalpha():
            return
        yield name, data[at + 8 : at + 8 + length]
        if name == b"IEND":
            return
        at += length + 12


def _is_needed(name: bytes, body: bytes, colour: int) -> bool:
    """Whether the pixels need this chunk of a PNG, whose kind of colour this is."""
    if name == b"tRNS":
        return len(body) in TRANSPARENT.get(colour, ())
    return name in (b"IHDR", b"IDAT") or (name == b"PLTE" and colour == PALETTE)


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk as it stands in a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def jpeg_segments(data: bytes) -> Iterator[bytes]:
    """What stands before the picture's own data, each with its marker, and then all the rest."""
    return (data[place] for place in jpeg_places(data))


def jpeg_places(data: bytes) -> Iterator[slice]:
    """Where each of `jpeg_segments` lies: the rest is long, and to copy it takes longer than all else here."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:  # from here on is the picture
            yield slice(at, len(data))
            return
        if marker == 0xFF or 0xD0 <= marker <= 0xD7 or marker == 1:  # of no length
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield slice(at, at + 2 + length)
        at += 2 + length


def size_in_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG of any kind, also of those that Pillow doesn't read; zeros where none are told."""
    for segment in jpeg_segments(data):
        if segment[1] in SIZES_IN_JPEG and len(segment) >= 9:
            return int.from_bytes(segment[7:9], "big"), int.from_bytes(segment[5:7], "big")
    return 0, 0


def _is_note(segment: bytes) -> bool:
    """All but what a decoder needs, and the colour profile."""
    marker, body = segment[1], segment[4:]
    if marker in (0xE0, 0xEE):
        return not body.startswith((b"JFIF", b"Adobe")) or len(body) < LEAST_OF_JFIF
    return marker == 0xFE or (0xE1 <= marker <= 0xEF and not body.startswith(b"ICC_PROFILE\0"))


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of a WebP."""
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _plain_webp(data: bytes) -> bytes:
    """A WebP whose header no longer announces a profile, EXIF or XMP."""
    body = b""
    for name, content in riff_chunks(data):
        if name == b"VP8X" and len(content) == 10:
            content = bytes([content[0] & 0b00010010]) + content[1:]
        elif name not in WEBP_KEPT:
            continue
        body += name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body

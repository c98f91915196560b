"""What a file is, told from its first bytes, whatever it is called; and what to do about one that is no photo.

Own rows rather than a library's: that names a type, and what is wanted is a sentence, and whether it is read here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HEAD_BYTES = 1024  # enough for all rows, and for a page of HTML that begins with remarks


@dataclass(frozen=True)
class FileKind:
    """One kind of file.

    Args:
        what: With its article, such as "a web page".
        fix: What to do about one that is no photo, as half a sentence.
        suffix: How the name of a photo of this kind ends, such as ".jpg"; "" for what isn't read as a photo.
    """

    what: str
    fix: str = ""
    suffix: str = ""

    @property
    def reason(self) -> str:
        """Why it is not taken; "" for a photo."""
        return "" if self.suffix else f"{self.what}: {self.fix}" if self.fix else self.what


JPEG = FileKind("a JPEG", suffix=".jpg")
TIFF = FileKind("a TIFF", suffix=".tif")
HEIC = FileKind("a HEIC", suffix=".heic")
AVIF = FileKind("an AVIF", suffix=".avif")
EMPTY = FileKind("an empty file", "it is not downloaded from a cloud drive yet, or still being written")
ICLOUD = FileKind("a placeholder of iCloud", "download the photo in Finder first")
UNFINISHED = FileKind("an unfinished download", "wait until it is complete, or download it again")
ZEROS = FileKind("a file of zeros", "it was never downloaded or copied to the end, so get it again")
POINTER = FileKind("a pointer of Git LFS or git-annex", "get the photo itself with git lfs pull or git annex get")
SHORTCUT = FileKind("a shortcut", "bring the file that it leads to")
WEB_PAGE = FileKind("a web page", "the site sent it in place of the photo, so get the photo again")
TEXT = FileKind("not a photo")
UNKNOWN = FileKind("of no kind that is known here", "save it as JPEG or PNG if it is a picture")
SAVE_AS_PNG = "save it as PNG or TIFF first"
DICOM = FileKind("a DICOM file", suffix=".dcm")
RAW = FileKind("a camera RAW file", suffix=".dng")
JPEG_2000 = FileKind("a JPEG 2000 picture", suffix=".jp2")
JPEG_XL = FileKind("a JPEG XL picture", suffix=".jxl")
DRAWING = FileKind("an SVG drawing", "save it as PNG first")
PDF = FileKind("a PDF document", "save its pictures as JPEG or PNG first")
VIDEO = FileKind("a video", "save some of its frames as JPEG or PNG first")
SOUND = FileKind("a sound file")
OFFICE = FileKind("an Office document", "save its pictures as JPEG or PNG first")
ARCHIVE = FileKind("an archive", "unpack it first")
PICTURE = FileKind("a picture of a kind that isn't read here", SAVE_AS_PNG)
ARRAYS = FileKind("a file of numbers", "save its pictures as PNG or TIFF first")

# Where the bytes stand, which, and what that means; the first row that fits counts.
SIGNATURES: tuple[tuple[int, bytes, FileKind], ...] = (
    (128, b"DICM", DICOM),
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", FileKind("a PNG", suffix=".png")),
    *((0, start, FileKind("a GIF", suffix=".gif")) for start in (b"GIF87a", b"GIF89a")),
    (8, b"WEBPVP8", FileKind("a WebP", suffix=".webp")),
    (8, b"CR\x02\0", RAW),  # Canon's CR2, else a TIFF
    *((0, start, RAW) for start in (b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM")),
    *((0, start, TIFF) for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    *((4, b"ftyp" + brand, HEIC) for brand in (b"heic", b"heix", b"heim", b"heis", b"mif1")),
    *((4, b"ftyp" + brand, AVIF) for brand in (b"avif", b"avis")),
    (4, b"ftypcrx ", RAW),  # Canon's CR3
    (4, b"ftyp", VIDEO),  # MP4, MOV, 3GP: of all other brands
    *((4, mark, VIDEO) for mark in (b"moov", b"mdat")),
    (8, b"AVI LIST", VIDEO),
    *((0, start, VIDEO) for start in (b"\x1aE\xdf\xa3", b"FLV\1", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\0\x08wide")),
    *((0, start, VIDEO) for start in (b"\0\0\1\xba", b"\0\0\1\xb3")),
    (8, b"WAVEfmt ", SOUND),
    *((0, start, SOUND) for start in (b"ID3", b"OggS", b"fLaC")),
    *((0, start, JPEG_2000) for start in (b"\0\0\0\x0cjP  ", b"\xffO\xffQ")),
    *((0, start, JPEG_XL) for start in (b"\0\0\0\x0cJXL ", b"\xff\x0a")),
    (0, b"%PDF-", PDF),
    *((0, start, PICTURE) for start in (b"8BPS", b"gimp xcf", b"%!PS", b"\xc5\xd0\xd3\xc6", b"v/1\1", b"#?RADIANCE")),
    *((0, start, PICTURE) for start in (b"\0\0\1\0", b"II\xbc", b"qoif", b"DDS ", b"P5\n", b"P6\n")),
    *((0, start, ARRAYS) for start in (b"\x93NUMPY", b"\x89HDF", b"SIMPLE  =", b"MATLAB 5")),
    (344, b"n+1\0", ARRAYS),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE),
    *((30, name, OFFICE) for name in (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")),
    *((0, start, ARCHIVE) for start in (b"PK\3\4", b"PK\5\6", b"Rar!", b"7z\xbc\xaf'\x1c", b"\x1f\x8b", b"BZh")),
    *((0, start, ARCHIVE) for start in (b"\xfd7zXZ\0", b"(\xb5/\xfd")),
    (257, b"ustar", ARCHIVE),
    *((0, start, POINTER) for start in (b"version https://git-lfs", b"/annex/objects/", b"../.git/annex/")),
    *((0, start, SHORTCUT) for start in (b"L\0\0\0\1\x14\2\0", b"book\0\0\0\0mark", b"[InternetShortcut]")),
)
UNFINISHED_SUFFIXES = frozenset((".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp", ".!ut"))
DICOM_SUFFIXES = frozenset((".dcm", ".dicom"))  # older ones have no mark at their beginning
RAW_SUFFIXES = frozenset((".nef", ".nrw", ".arw", ".sr2", ".dng", ".cr2", ".pef", ".3fr", ".iiq", ".erf", ".srw"))
MARKED_RAW_SUFFIXES = frozenset((".cr3", ".raf", ".orf", ".rw2", ".rwl", ".x3f", ".mrw"))  # with marks of their own
TEXT_SUFFIXES = frozenset((".txt", ".csv", ".tsv", ".json", ".xml", ".md", ".yaml", ".yml", ".py", ".log"))
PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title")


def kind_of(head: bytes, name: str = "") -> FileKind:
    """What a file is.

    Args:
        head: Its first HEAD_BYTES bytes, or all where there are fewer.
        name: What it is called; some kinds have nothing else to tell them apart.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".icloud":
        return ICLOUD
    if suffix in UNFINISHED_SUFFIXES:
        return UNFINISHED
    if not head:
        return TEXT if suffix in TEXT_SUFFIXES else EMPTY
    found = next((kind for at, mark, kind in SIGNATURES if head.startswith(mark, at)), None)
    if found in (TIFF, None) and suffix in RAW_SUFFIXES:
        return RAW  # most makers' files begin like a TIFF, which holds a small preview
    return found or _kind_of_unmarked(head, suffix)


def _kind_of_unmarked(head: bytes, suffix: str) -> FileKind:
    """What has no mark of its own: a bitmap, zeros, or some kind of text."""
    if head.startswith(b"BM") and head[6:10] == bytes(4):  # two letters alone could begin any text
        return FileKind("a BMP", suffix=".bmp")
    if not head.strip(b"\0"):
        return ZEROS
    if suffix in DICOM_SUFFIXES:
        return DICOM
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<?xml", b"<!--", b"<svg", b"<!doctype svg")) and b"<svg" in start:
        return DRAWING
    if start.startswith(PAGE_STARTS) or (start.startswith((b"<?xml", b"<!--")) and b"<html" in start):
        return WEB_PAGE
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether these bytes could be text: UTF-8, perhaps cut within a letter, in UTF-16, or in an old code page."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 27 for byte in head)


def kind_of_file(path: Path, name: str) -> FileKind:
    """What a file is, of which only the first bytes are read; raises OSError when they can't be."""
    with path.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES), name)


def why_no_photo(path: Path, name: str) -> str:
    """Why a file isn't taken, such as "a web page: ..."; "" for a photo that is read whatever it is called."""
    try:
        return kind_of_file(path, name).reason
    except OSError as error:
        return why_not_opened(error)


def why_not_opened(error: OSError) -> str:
    """Why a file can't be opened at all."""
    return "no permission to read it" if isinstance(error, PermissionError) else "the file can't be opened"


def in_short(reasons: Iterable[str]) -> str:
    """Several reasons as what the files are, the commonest first: "web pages, empty files"."""
    shorts = Counter(_many(reason.split(":")[0]) for reason in reasons)
    return ", ".join(short for short, _ in shorts.most_common())


def _many(what: str) -> str:
    """ "a web page" as "web pages"; what is no thing, such as "damaged or cut short", as it is."""
    article, _, thing = what.partition(" ")
    if article not in ("a", "an"):
        return what.removesuffix(" to read it")  # "no permission"
    first, of, rest = thing.partition(" of ")
    return f"{first}s{of}{rest}"

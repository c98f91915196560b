import io

import pytest
from PIL import Image

from core.photos import file_kinds
from core.photos.decoding import SUFFIXES
from core.photos.file_kinds import SIGNATURES, in_short, kind_of, why_no_photo


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        ("JPEG", ".jpg"),
        ("PNG", ".png"),
        ("GIF", ".gif"),
        ("WEBP", ".webp"),
        ("BMP", ".bmp"),
        ("TIFF", ".tif"),
        ("AVIF", ".avif"),
    ],
)
def test_a_photo_is_known_whatever_it_is_called(draw, kind, suffix):
    data = io.BytesIO()
    draw(1).save(data, kind)
    for name in ("", "photo", "a.dat", "a.jpg?w=300", "a.exe"):
        assert (kind_of(data.getvalue(), name).suffix, kind_of(data.getvalue(), name).reason) == (suffix, "")
    assert suffix in SUFFIXES


def test_a_picture_that_pillow_reads_but_not_here_is_no_photo():
    data = io.BytesIO()
    Image.new("RGB", (20, 20)).save(data, "PPM")
    assert kind_of(data.getvalue()).reason.startswith("a picture of a kind that isn't read here: save it as PNG")


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="x">', "a.jpg", "DRAWING"),
        (b"<svg width='1'>", "a.svg", "DRAWING"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML><html>", "a.jpg", "WEB_PAGE"),
        (b"<html><head><title>403", "a.jpg", "WEB_PAGE"),
        (b"%PDF-1.7", "a.jpg", "PDF"),
        (b"\0\0\0\x20ftypisom", "a.mp4", "VIDEO"),
        (b"\0\0\0\x14ftypqt  ", "a.jpg", "VIDEO"),
        (b"RIFF\0\1\0\0AVI LIST", "a.avi", "VIDEO"),
        (b"\x1aE\xdf\xa3\x01", "a.mkv", "VIDEO"),
        (b"RIFF\0\1\0\0WAVEfmt ", "a.wav", "SOUND"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "OFFICE"),
        (b"PK\3\4" + bytes(26) + b"[Content_Types].xml", "a.docx", "OFFICE"),
        (b"PK\3\4" + bytes(26) + b"apple/1.jpg", "a.jpg", "ARCHIVE"),
        (b"Rar!\x1a\7\1\0", "a.rar", "ARCHIVE"),
        (b"7z\xbc\xaf'\x1c\0\4", "a", "ARCHIVE"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a.jpg", "POINTER"),
        (b"", "a.jpg", "EMPTY"),
        (b"", "notes.txt", "TEXT"),
        (bytes(500), "a.jpg", "ZEROS"),
        (b"\xff\xd8\xff\xe0", "a.jpg.crdownload", "UNFINISHED"),
        (b"\xff\xd8\xff\xe0", "a.PART", "UNFINISHED"),
        (b"", "a.tmp", "UNFINISHED"),
        (b"bplist00", ".IMG_1.HEIC.icloud", "ICLOUD"),
        ("Größe, Maß\n".encode(), "table.csv", "TEXT"),
        (b"BM is how this text begins, no bitmap", "a", "TEXT"),
        ("a".encode("utf-16"), "a", "TEXT"),
        (b"MZ\x90\0\3\0\0\0", "run.exe", "UNKNOWN"),
    ],
)
def test_what_is_no_photo_is_named(head, name, kind):
    assert kind_of(head, name) is getattr(file_kinds, kind)
    assert kind_of(head, name).reason


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (bytes(128) + b"DICM\2\0\0\0", "IM1", "DICOM"),
        (b"\x08\0\5\0no mark" + bytes(9), "old.DCM", "DICOM"),
        (b"II*\0\x10\0\0\0CR\x02\0", "IMG.jpg", "RAW"),
        (b"MM\0*\0\0\0\x08", "DSC.NEF", "RAW"),
        (b"II*\0\x08\0\0\0", "DSC.arw", "RAW"),
        (b"II*\0\x08\0\0\0", "scan.dng", "RAW"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "IMG.CR3", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "DSCF.RAF", "RAW"),
        (b"IIRO\x08\0", "P1.ORF", "RAW"),
        (b"IIU\0\x18\0", "P1.RW2", "RAW"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a.jp2", "JPEG_2000"),
        (b"\xff\x0a\xfa\x1f", "a", "JPEG_XL"),
    ],
)
def test_what_is_read_by_a_package_or_has_a_preview_in_it_is_a_photo(head, name, kind):
    found = kind_of(head, name)
    assert found is getattr(file_kinds, kind)
    assert (found.reason, found.suffix in SUFFIXES) == ("", True)


def test_every_row_says_what_to_do_or_is_a_photo():
    for at, mark, kind in SIGNATURES:
        assert at + len(mark) <= file_kinds.HEAD_BYTES
        assert kind.suffix in SUFFIXES or kind.fix or kind is file_kinds.SOUND, kind


def test_only_the_first_bytes_of_a_file_are_read(tmp_path, jpeg):
    (tmp_path / "a").write_bytes(jpeg(1) + bytes(10_000))
    assert why_no_photo(tmp_path / "a", "a") == ""
    (tmp_path / "b").write_bytes(b"text " * 1000 + bytes(100))
    assert why_no_photo(tmp_path / "b", "b") == "not a photo"
    assert why_no_photo(tmp_path / "gone", "gone") == "the file can't be opened"


def test_reasons_are_summed_up_as_what_the_files_are():
    pages, empty = [file_kinds.WEB_PAGE.reason] * 3, [file_kinds.EMPTY.reason] * 2
    assert in_short([*empty, *pages, "damaged or cut short"]) == "web pages, empty files, damaged or cut short"
    assert in_short(["no permission to read it"]) == "no permission"
    assert in_short([file_kinds.PICTURE.reason]) == "pictures of a kind that isn't read here"
    assert in_short([file_kinds.VIDEO.reason, file_kinds.ARCHIVE.reason]) == "videos, archives"

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib

import pytest
from backports import zstd

from core.base.errors import InputError
from core.sources.archive_files.kinds import is_archive
from core.sources.archives import unpack
from tests.core.sources.packed import deflate_64, tar_bytes, zip_bytes, zip_of_one

PACKERS = {"tar": bytes, "tgz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress}


@pytest.fixture
def take(tmp_path):
    """Unpack bytes that came under a name: the photos' bytes by their names, and all that came of it."""

    def taken(data, name="a.zip"):
        archive, staging = tmp_path / "archive", tmp_path / "staging"
        archive.write_bytes(data)
        staging.mkdir(exist_ok=True)
        found = unpack(archive, staging, name=name)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "staging"]
        assert all(item.path.parent == staging for item in [*found.files, *found.tables])
        return {item.name: item.path.read_bytes() for item in found.files}, found

    return taken


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["photos.zip", "photos"])
def test_a_tar_is_read_however_it_is_packed_and_whatever_it_is_called(take, packer, name):
    packed = PACKERS[packer](
        tar_bytes({"flowers/daisy/1.jpg": b"one", "flowers/rose/2.JPG": b"two", "LICENSE.txt": b"x"})
    )
    photos, found = take(packed, name)
    assert photos == {"flowers/daisy/1.jpg": b"one", "flowers/rose/2.JPG": b"two"}
    assert [item.path.name for item in found.files] == ["000001.jpg", "000002.jpg"]
    assert found.left_in_archive == [("LICENSE.txt", "not a photo")]
    assert [(item.name, item.path.read_bytes()) for item in found.tables] == [("LICENSE.txt", b"x")]


def special(kind, target=""):
    info = tarfile.TarInfo("a/special.jpg")
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("name", "entry", "reason"),
    [
        ("../../out.jpg", b"x", "its name points outside the archive"),
        ("/etc/out.jpg", b"x", "its name points outside the archive"),
        ("a/special.jpg", special(tarfile.SYMTYPE, "/etc/passwd"), "it is a link, not a photo"),
        ("a/special.jpg", special(tarfile.LNKTYPE, "/etc/passwd"), "it is a link, not a photo"),
        ("a/special.jpg", special(tarfile.CHRTYPE), "it is no file but a device"),
        ("a/special.jpg", special(tarfile.FIFOTYPE), "it is no file but a device"),
    ],
)
def test_what_may_not_come_out_of_a_tar_stays_in(take, name, entry, reason):
    photos, found = take(tar_bytes({"a/1.jpg": b"one", name: entry}))
    assert photos == {"a/1.jpg": b"one"}
    assert found.left_in_archive == [(name, reason)]


def test_a_packed_bomb_is_refused_before_anything_is_written(take, tmp_path):
    bomb = gzip.compress(tar_bytes({f"a/{i}.jpg": bytes(9_000_000) for i in range(3)}))
    with pytest.raises(InputError, match=r"a\.tgz would unpack to far more than its own size"):
        take(bomb, "a.tgz")
    assert list((tmp_path / "staging").iterdir()) == []


@pytest.mark.parametrize(
    "damaged",
    [
        lambda tar: gzip.compress(tar)[:-20],
        lambda tar: gzip.compress(tar)[:-6] + b"\0\0" + gzip.compress(tar)[-4:],  # its checksum
        lambda tar: lzma.compress(tar)[:-40],
        lambda tar: tar[:1024] + b"\xff" * 512 + tar[1536:],  # the second header
    ],
)
def test_a_damaged_tar_is_never_taken_in_part(take, damaged):
    tar = tar_bytes({"a/1.jpg": b"one" * 100, "a/2.jpg": b"two" * 100})
    with pytest.raises(
        InputError, match=r"a\.tgz is damaged, so nothing was taken from it\. Make or download it again"
    ):
        take(damaged(tar), "a.tgz")


def test_a_header_that_claims_gigabytes_is_not_read(take):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**32
    with pytest.raises(InputError, match="is damaged"):
        take(info.tobuf() + bytes(2048))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.rar", b"Rar!\x1a\x07\x01\x00", r"a\.rar is a RAR archive, which can't be opened here\. Unpack it"),
        ("a.zip", b"7z\xbc\xaf\x27\x1c\x00\x04", r"a\.zip is a 7z archive"),
        ("a.lzh", b"\x20\x10-lh5-", "is an LZH archive"),
        ("a.zip.001", b"PK\3\4", r"one part of a split archive\. Put all parts into one folder"),
        ("a.z01", b"PK\7\x08PK\3\4", "one part of a split archive"),
        ("a.part1.rar", b"Rar!\x1a\x07\x01\x00", "one part of a split archive"),
        ("a.zip", b"", r"a\.zip is empty \(0 bytes\)"),
        ("a.zip", b"\n<!DOCTYPE html><html>", "is a web page and no archive"),
        ("1.jpg.gz", gzip.compress(b"a photo", mtime=0), "is one packed file and no archive of photos"),
    ],
)
def test_what_cant_be_opened_is_named_with_what_to_do(take, name, data, words):
    with pytest.raises(InputError, match=words):
        take(data, name)


def test_the_last_part_of_a_split_zip_is_named(take):
    data = zip_bytes({"a/1.jpg": b"one"})
    at = data.rindex(b"PK\5\6")
    with pytest.raises(InputError, match="one part of a split archive"):
        take(data[: at + 4] + b"\1\0\1\0" + data[at + 8 :])


def test_deflate64_is_read_also_where_it_reaches_farther_than_deflate(take):
    start = bytes(i * i % 143 for i in range(33_000))
    whole = start + start[-32_900:][:1_000]
    assert take(zip_of_one("a/1.jpg", whole, deflate_64(start, 1_000, 32_900), 9))[0] == {"a/1.jpg": whole}
    packer = zlib.compressobj(wbits=-15)
    plain = packer.compress(whole) + packer.flush()
    assert take(zip_of_one("a/1.jpg", whole, plain, 9))[0] == {"a/1.jpg": whole}


@pytest.mark.parametrize(("method", "packer"), [(93, zstd.compress), (95, lzma.compress)])
def test_zips_packed_by_newer_methods_are_read_and_their_checksum_holds(take, method, packer):
    whole = bytes(range(256)) * 10
    assert take(zip_of_one("a/1.jpg", whole, packer(whole), method))[0] == {"a/1.jpg": whole}
    with pytest.raises(InputError, match=r"Nothing can be taken from a\.zip: every file in it is damaged\."):
        take(zip_of_one("a/1.jpg", whole, packer(whole[::-1]), method))
    with pytest.raises(InputError, match="every file in it is damaged"):
        take(zip_of_one("a/1.jpg", whole[:10], packer(whole), method))  # more than it says


def test_a_method_that_cant_be_read_is_named(take):
    with pytest.raises(InputError, match=r"it is packed in a way that can't be read here\. Unpack it"):
        take(zip_of_one("a/1.jpg", b"one", b"one", 98))


def test_zip64_is_read(take, tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive, archive.open("a/1.jpg", "w", force_zip64=True) as file:
        file.write(b"one")
    assert take((tmp_path / "archive").read_bytes())[0] == {"a/1.jpg": b"one"}


def test_names_that_are_all_absolute_lose_what_made_them_so(take):
    photos, _ = take(zip_bytes({"/storage/0/DCIM/apple/1.jpg": b"one", "C:\\Users\\me\\pear\\2.jpg": b"two"}))
    assert photos == {"storage/0/DCIM/apple/1.jpg": b"one", "Users/me/pear/2.jpg": b"two"}


def test_archives_in_an_archive_are_opened_once_and_keep_their_folders(take):
    deepest = zip_bytes({"x/1.jpg": b"deep"})
    photos, found = take(
        zip_bytes(
            {
                "train.zip": zip_bytes({"train/apple/1.jpg": b"one", "train/more.zip": deepest}, zipfile.ZIP_STORED),
                "set/test.tar.gz": tar_bytes({"apple/2.jpg": b"two"}, "w:gz"),
                "set/rest.rar": b"Rar!\x1a\x07\x01\x00",
                "__MACOSX/._train.zip": b"x",
                "labels.csv": b"id,label",
            }
        )
    )
    assert photos == {"train/apple/1.jpg": b"one", "set/test/apple/2.jpg": b"two"}
    assert [name for name, _ in found.left_in_archive] == ["train/more.zip", "set/rest.rar", "labels.csv"]
    assert "unpack it first" in found.left_in_archive[0][1]
    assert found.left_in_archive[1][1].startswith("rest.rar is a RAR archive")
    assert [item.name for item in found.tables] == ["labels.csv"]
    assert len(list(found.files[0].path.parent.iterdir())) == 3  # no inner archive is left there


def test_what_lies_in_inner_archives_counts_for_the_bomb(take):
    inner = {f"{i}.zip": zip_bytes({"a/1.jpg": bytes(9_000_000)}) for i in range(3)}
    with pytest.raises(InputError, match=r"Nothing can be taken from a\.zip|far more than its own size"):
        take(zip_bytes({"0.zip": zip_bytes({f"a/{i}.jpg": bytes(9_000_000) for i in range(3)})}))
    photos, found = take(zip_bytes(inner))
    assert len(photos) == 1
    assert ["far more than its own size" in why for _, why in found.left_in_archive] == [True, True]


def test_the_one_reason_why_nothing_was_taken_is_the_message(take):
    inner = zip_of_one("a/1.jpg", b"one", b"one", 0, flags=1)
    with pytest.raises(InputError, match=r"^Nothing can be taken from a\.zip: it is locked with a password\."):
        take(zip_bytes({"train.zip": inner, "readme.txt": b"x"}))
    with pytest.raises(InputError, match=r"outside the archive \(1 file\).*photos\.rar is a RAR archive"):
        take(zip_bytes({"../1.jpg": b"x", "photos.rar": b"Rar!\x1a\x07\x01\x00"}))


def test_an_archive_is_known_by_its_name_or_by_its_first_bytes(tmp_path):
    for name, data in (
        ("a", zip_bytes({"1.jpg": b"x"})),
        ("b.jpg", tar_bytes({"1.jpg": b"x"})),
        ("c.dat", b"Rar!\x1a\x07\0"),
    ):
        (tmp_path / name).write_bytes(data)
        assert is_archive(tmp_path / name)
    assert is_archive(tmp_path / "gone.tar.gz")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(600))
    assert not is_archive(tmp_path / "photo.jpg")
    assert not is_archive(tmp_path / "gone.jpg")

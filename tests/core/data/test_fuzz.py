"""Random damage may lead to a refusal in words, never to any other error."""

import io
import random
import shutil
import zipfile

import pytest

from core.data.inspection import inspect_photo
from core.data.photos import PhotoError, read_pixels
from core.data.sources import read_source
from core.records.errors import InputError, StorageError

ROUNDS = 300


def damaged(data, rng):
    """Cut, with bits turned over, with a part replaced by noise, or nothing but noise."""
    data = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        kind = rng.choice(["cut", "bits", "noise", "swap"])
        at = rng.randrange(len(data))
        if kind == "cut":
            data = data[: max(1, at)]
        elif kind == "bits":
            for _ in range(rng.randrange(1, 30)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif kind == "noise":
            data[at : at + 16] = rng.randbytes(16)
        else:
            data = data[at:] + data[:at]
    return bytes(data) if rng.random() < 0.97 else rng.randbytes(200)


@pytest.fixture
def originals(draw):
    def encoded(kind, **options):
        buffer = io.BytesIO()
        draw(1).convert(options.pop("mode", "RGB")).save(buffer, kind, **options)
        return buffer.getvalue()

    rgba = {"PNG": encoded("PNG", mode="RGBA"), "GIF": encoded("GIF", mode="P")}
    return [*rgba.values(), *(encoded(kind) for kind in ("JPEG", "MPO", "PNG", "WEBP", "BMP", "TIFF", "AVIF"))]


@pytest.mark.filterwarnings("ignore")
def test_damaged_photos_open_or_are_refused_in_words(tmp_path, originals):
    rng, outcomes = random.Random(5), {"opened": 0, "refused": 0}
    for i in range(ROUNDS):
        data = damaged(originals[i % len(originals)], rng)
        (tmp_path / "photo.jpg").write_bytes(data)
        try:
            facts = inspect_photo(tmp_path / "photo.jpg")
            assert read_pixels(data, 32).shape == (32, 32, 3)
            assert facts.thumbnail.startswith(b"\xff\xd8")
            outcomes["opened"] += 1
        except PhotoError as refusal:
            outcomes["refused"] += 5 < len(str(refusal)) < 120  # a few words
    assert sum(outcomes.values()) == ROUNDS
    assert min(outcomes.values()) > ROUNDS // 20  # both were tried


def test_damaged_zips_open_or_are_refused_in_words_and_nothing_leaves_the_folder(tmp_path, jpeg):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for label in ("a", "b"):
            for i in range(3):
                archive.writestr(f"{label}/{i}.jpg", jpeg(i, (24, 16)))
        archive.writestr("empty.jpg", b"")
    rng, outcomes = random.Random(6), {"opened": 0, "refused": 0}
    staging = tmp_path / "staging"
    for _ in range(ROUNDS):
        (tmp_path / "a.zip").write_bytes(damaged(whole.getvalue(), rng))
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            source = read_source(tmp_path / "a.zip", staging)
            assert all(file.path.parent == staging for file in source.arrangement.files)
            outcomes["opened"] += 1
        except (InputError, StorageError):
            outcomes["refused"] += 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "staging"]
        assert all(path.is_file() and not path.is_symlink() for path in staging.iterdir())
    assert min(outcomes.values()) > ROUNDS // 20


def test_damage_in_every_byte_of_a_zips_directory_is_refused_in_words(tmp_path):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a/0.jpg", b"x" * 40)
    data, refused = whole.getvalue(), 0
    (tmp_path / "staging").mkdir()
    for at in range(data.index(b"PK\1\2"), len(data)):
        for flip in (0x01, 0x80, 0xFF):
            broken = bytearray(data)
            broken[at] ^= flip
            (tmp_path / "a.zip").write_bytes(broken)
            try:
                read_source(tmp_path / "a.zip", tmp_path / "staging")
            except (InputError, StorageError):
                refused += 1
    assert refused > 30

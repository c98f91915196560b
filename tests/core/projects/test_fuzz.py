"""Random damage may lead to a refusal in words, never to any other error, a hang, or a file outside the project.

Hypothesis thinks of the cases, the same ones every time; what fails is shrunk to the least that fails. The quick suite
tries some 200, the slow one more than twenty times as many.
"""

import base64
import io
import shutil
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from core.base.errors import InputError, StorageError
from core.base.events import FINISHED
from core.photos.decoding import PhotoError, pixels_or_error, read_pixels
from core.photos.inspection import inspect_photo
from core.projects.imports import ZIP, ImportFolder, ImportRequest, run_import
from core.projects.project import Project
from core.sources.labelled import read_source
from tests.core.photos.test_decoding import HEIC
from tests.fuzz.cases import cases, damaged_files, try_each


@pytest.fixture(scope="module")
def originals():
    """A small photo in every format that the app reads, and in the odder kinds of some."""
    coarse = np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8)
    photo = Image.fromarray(coarse).resize((64, 48), Image.Resampling.BICUBIC)
    deep = Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side

    def encoded(kind, image=photo, **options):
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    return [
        *(encoded(kind) for kind in ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF")),
        encoded("JPEG", photo.convert("CMYK"), exif=exif, progressive=True),
        encoded("PNG", photo.convert("RGBA")),
        encoded("PNG", photo.convert("P"), transparency=0),
        encoded("PNG", deep),
        encoded("WEBP", photo.convert("RGBA"), lossless=True),
        encoded("GIF", photo.convert("P"), save_all=True, append_images=[photo.rotate(90).convert("P")]),
        encoded("TIFF", photo, compression="tiff_lzw", exif=exif),
        encoded("TIFF", deep),
        zlib.decompress(base64.b64decode(HEIC)),
    ]


@pytest.fixture(scope="module")
def archive(originals):
    """A zip of six photos in two classes, one of them empty."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for i, data in enumerate(originals[:6]):
            opened.writestr(f"{'ab'[i % 2]}/{i}.jpg", data)
        opened.writestr("empty.jpg", b"")
    return buffer.getvalue()


@pytest.mark.slow
@cases(quick=110, long=3_000)
@pytest.mark.filterwarnings("ignore")
def test_damaged_photos_open_or_are_refused_in_words(tmp_path, originals, cases):
    def check(data):
        (tmp_path / "photo.jpg").write_bytes(data)
        try:
            facts = inspect_photo(tmp_path / "photo.jpg")
            assert read_pixels(data, 32).shape == (32, 32, 3)
        except PhotoError as refusal:
            return "refused" if 5 < len(str(refusal)) < 120 else str(refusal)  # a few words
        assert min(facts.width, facts.height) >= 16
        assert facts.thumbnail is None or facts.thumbnail.startswith(b"\xff\xd8")
        return "opened"

    outcomes = try_each(damaged_files(originals), cases, check)
    assert set(outcomes) == {"opened", "refused"}
    assert min(outcomes.values()) > cases // 20  # both were tried
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@cases(quick=2, long=20)
def test_a_photo_of_every_format_opens_and_cut_anywhere_it_is_refused_or_opens_in_part(originals, cases):
    for data in originals:
        assert read_pixels(data, 32).shape == (32, 32, 3)
        shapes = set()
        for length in np.linspace(1, len(data) - 1, cases).astype(int):
            answer = pixels_or_error(data[:length], 32)
            shapes.add("refused" if isinstance(answer, PhotoError) else answer.shape)
        assert "refused" in shapes
        assert shapes <= {"refused", (32, 32, 3)}


@cases(quick=60, long=1_000)
def test_damaged_zips_open_or_are_refused_in_words_and_nothing_leaves_the_folder(tmp_path, archive, cases):
    staging = tmp_path / "staging"

    def check(data):
        (tmp_path / "a.zip").write_bytes(data)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            source = read_source(tmp_path / "a.zip", staging)
            assert all(file.path.parent == staging for file in source.arrangement.files)
            return "opened"
        except (InputError, StorageError):
            return "refused"
        finally:
            assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "staging"]
            assert all(path.is_file() and not path.is_symlink() for path in staging.iterdir())

    outcomes = try_each(damaged_files([archive]), cases, check)
    assert min(outcomes["opened"], outcomes["refused"]) > cases // 20


def hostile_names(folder):
    """Names of entries that lead somewhere else on some system, or are none."""
    part = st.one_of(
        st.sampled_from(["..", ".", "", " ", "apple", "pear", "C:", "~", "con", "x" * 300, "__MACOSX", str(folder)]),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
    )
    parts = st.lists(part, min_size=1, max_size=4)
    suffix = st.sampled_from([".jpg", ".png", "/", "", ".zip", ".jpg.", ".JPG "])
    return st.builds(
        lambda parts, slash, suffix: (slash.join(parts) + suffix) or "/", parts, st.sampled_from("/\\"), suffix
    )


@pytest.mark.slow
@cases(quick=20, long=400)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_import_of_hostile_names_and_damaged_photos_writes_only_into_the_project(tmp_path, originals, cases):
    outside = tmp_path / "deep" / "er"  # so that names with some ".." would still land below tmp_path
    outside.mkdir(parents=True)
    files = st.one_of(st.sampled_from(originals), damaged_files(originals))
    entries = st.lists(st.tuples(hostile_names(tmp_path), files), min_size=1, max_size=5)

    def check(entries):
        with zipfile.ZipFile(outside / "a.zip", "w") as archive:
            for name, data in entries:
                archive.writestr(name, data)
            archive.writestr("apple/good.jpg", originals[0])
        shutil.rmtree(outside / "project", ignore_errors=True)
        project = Project.create(outside / "project", "Fuzz")
        this = ImportFolder.create(project)
        this.write_request(ImportRequest(ZIP, str(outside / "a.zip")))
        run_import(project, this, 1)
        beyond = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
        beyond = {name for name in beyond if not name.startswith("deep/er/project/")}
        assert beyond == {"deep", "deep/er", "deep/er/a.zip", "deep/er/project"}
        stored = [project.path(photo) for photo in project.photos()]
        assert all(path.is_file() and path.resolve().is_relative_to(project.folder.resolve()) for path in stored)
        assert this.job.events()[-1]["event"] == FINISHED
        return len(stored) > 1

    outcomes = try_each(entries, cases, check)
    assert outcomes[True] > cases // 20


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

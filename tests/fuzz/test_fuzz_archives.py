"""Archives of strangers, mutated: taken, or refused in words; nothing is written elsewhere or without bound."""

import io
import json
import lzma
import shutil
import struct
import tarfile
import warnings
import zipfile
from contextlib import suppress

import pytest
from backports import zstd
from hypothesis import strategies as st

from core.base.errors import EspalierError, InputError, StorageError
from core.packing.pack import ABOUT, pack
from core.packing.unpack import unpack as unpack_project
from core.projects.workspace import Workspace
from core.runs.run import list_runs
from core.sources.archive_files.limits import allowed_bytes
from core.sources.archives import unpack
from core.sources.layouts import Incoming
from tests.conftest import _fill
from tests.core.packing.test_pack_and_unpack import finished_run
from tests.core.sources.packed import deflate_64, tar_bytes, zip_bytes, zip_of_one
from tests.fuzz.cases import SOME_BYTES, Bytes, cases, damaged, damaged_files, try_each
from tests.importing import bring_folder

LIES = st.sampled_from([0, 1, 0x7FFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0x80000000, 10**9, 22, 30])
ODD_NAMES = [
    "../x.jpg",
    "/x.jpg",
    "C:\\x.jpg",
    "a/../../x.jpg",
    "con.jpg",
    "a\0b.jpg",
    "x" * 300 + ".jpg",
    "",
    "./",
    "a/.",
]


def everything_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def archives():
    """One of every kind that is read, of two photos in two classes, a table and a folder."""
    photo = b"\xff\xd8\xff\xe0 of no photo" + bytes(range(256)) * 3
    files = {"apple/1.jpg": photo, "pear/2.jpg": photo[::-1], "labels.csv": b"file,label\n1.jpg,apple\n", "empty/": b""}
    zstd_whole = zstd.compress(tar_bytes(files))
    link = tarfile.TarInfo("apple/link.jpg")
    link.type, link.linkname = tarfile.SYMTYPE, "../../../etc/passwd"
    long = b"ab" * 20_000
    kinds = [
        *(zip_bytes(files, method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)),
        zip_bytes(files, zipfile.ZIP_LZMA),
        zip_bytes({"caf\xe9/1.jpg".encode("cp850"): photo, **files}),
        zip_bytes({"all/inner.zip": zip_bytes(files), "more.tar": tar_bytes(files)}),
        zip_of_one("a.jpg", bytes(40_000) + b"abc" * 30, deflate_64(b"abc", 30_000, 33_000), 9),
        zip_of_one("a.jpg", long, zstd.compress(long), 93),
        zip_of_one("a.jpg", long, lzma.compress(long), 95),
        tar_bytes({**files, "apple/link.jpg": link}),
        *(tar_bytes(files, mode) for mode in ("w:gz", "w:bz2", "w:xz")),
        tar_bytes({f"{'long ' * 40}/1.jpg": photo}, format=tarfile.GNU_FORMAT),
        tar_bytes({f"{'lång ' * 40}/1.jpg": photo}, format=tarfile.PAX_FORMAT),
        zstd_whole,
    ]
    return list(map(Bytes, kinds))


def with_lies(data, lies):
    """Numbers in the headers of a zip or tar are others: sizes, offsets, counts, flags."""
    for nth, value, at in lies:
        places = [i for sign in (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"ustar") for i in _all(data, sign)]
        if places:
            place = places[nth % len(places)] + (at % 46 if data.startswith(b"PK") else at % 160 - 257 + 97)
            field = struct.pack("<I", value) if data.startswith(b"PK") else f"{value:011o}".encode()[-12:]
            data = data[: max(0, place)] + field + data[max(0, place) + len(field) :]
    return Bytes(data)


def _all(data, sign):
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + 1)


@pytest.mark.slow
@cases(quick=350, long=4000)
def test_mutated_archives_are_taken_or_refused_in_words(tmp_path, archives, cases):
    place, archive = tmp_path / "outside" / "staging", tmp_path / "outside" / "a"
    place.parent.mkdir()
    lies = st.lists(st.tuples(st.integers(0, 50), LIES, st.integers(0, 200)), min_size=1, max_size=3)
    lying = st.builds(with_lies, st.sampled_from(archives), lies)

    def check(data):
        archive.write_bytes(data)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            with warnings.catch_warnings(action="ignore"):
                taken = unpack(archive, place, name="theirs.zip")
        except (InputError, StorageError) as refusal:
            words, outcome = str(refusal), "refused"
        else:
            words, outcome = "", "taken"
            assert all(isinstance(each, Incoming) and each.path.parent == place for each in taken.files + taken.tables)
        assert not words or 20 < len(words) < 600
        written = list(place.rglob("*"))
        assert all(path.is_file() and not path.is_symlink() for path in written)
        assert sum(path.stat().st_size for path in written) <= allowed_bytes(len(data))
        assert everything_below(tmp_path) - {f"outside/staging/{path.name}" for path in written} == {
            *("outside", "outside/a", "outside/staging")
        }
        return outcome

    outcomes = try_each(st.one_of(damaged_files(archives), lying), cases, check)
    assert min(outcomes["taken"], outcomes["refused"]) > cases // 20


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The entries of a project's zip: two classes, a run, and one in the trash."""
    folder = tmp_path_factory.mktemp("packed")
    project = Workspace(folder / "home").create("Fruit")
    bring_folder(project, _fill(folder / "brought", {"apple": 2, "pear": 2}))
    finished_run(project, "2026-01-01 kept")
    pack(project, folder / "fruit.zip")
    with zipfile.ZipFile(folder / "fruit.zip") as opened:
        return {name: Bytes(opened.read(name)) for name in opened.namelist()}


def odd_values():
    texts = st.one_of(st.text(max_size=5), st.sampled_from(ODD_NAMES))
    simple = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
    return st.recursive(simple, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


def zip_again(entries, change, about_is_right):
    """The project's zip with a changed entry, whose numbers of files and bytes may be counted anew."""
    kind, nth, value = change
    names = sorted(entries)
    name, whole_about, entries = names[nth % len(names)], entries[ABOUT], dict(entries)
    if kind == "rename":
        entries[value] = entries.pop(name)
    elif kind == "add":
        entries[f"{name.rpartition('/')[0]}/{value}"] = entries[name]
    elif kind == "drop":
        entries.pop(name)
    elif kind == "json":
        name = [each for each in names if each.endswith((".json", ".jsonl"))][nth % 5]
        entries[name] = json.dumps(value).encode()
    else:
        entries[name] = damaged(entries[name], value)
    if about_is_right and ABOUT in entries and kind != "json":
        rest = [data for each, data in entries.items() if each != ABOUT]
        about = {**json.loads(whole_about), "files": len(rest), "bytes": sum(map(len, rest))}
        entries[ABOUT] = json.dumps(about).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as opened, warnings.catch_warnings(action="ignore"):
        for each, data in entries.items():
            opened.writestr(each, data)
    return Bytes(whole.getvalue())


@pytest.mark.slow
@cases(quick=150, long=1500)
def test_mutated_zips_of_projects_open_as_projects_or_are_refused_in_words(tmp_path, packed, cases):
    workspace, staging = Workspace(tmp_path / "home"), tmp_path / "staging"
    staging.mkdir()
    archive = tmp_path / "fruit.zip"
    kinds = st.sampled_from(["cut", "flip", "write over", "insert"])
    damages = st.lists(st.tuples(kinds, st.integers(0, 5000), SOME_BYTES))
    changes = st.one_of(
        st.tuples(st.sampled_from(["rename", "add", "drop"]), st.integers(0, 99), st.sampled_from(ODD_NAMES)),
        st.tuples(st.just("json"), st.integers(0, 9), odd_values()),
        st.tuples(st.just("damage"), st.integers(0, 99), damages),
    )
    whole = zip_again(packed, ("damage", 0, []), True)
    entries = st.builds(zip_again, st.just(packed), changes, st.booleans())
    lies = st.lists(st.tuples(st.integers(0, 90), LIES, st.integers(0, 46)), min_size=1)
    lying = st.builds(with_lies, st.just(whole), lies)

    def check(data):
        archive.write_bytes(data)
        shutil.rmtree(workspace.home, ignore_errors=True)
        try:
            project = unpack_project(archive, workspace, staging)
        except (InputError, StorageError) as refusal:
            words, outcome = str(refusal), "refused"
            assert not workspace.projects()
        else:
            words, outcome = "", "opened"
            read_all(project)
        assert not words or 20 < len(words) < 600
        assert list(staging.iterdir()) == []
        assert {name.split("/")[0] for name in everything_below(tmp_path)} <= {"home", "staging", "fruit.zip"}
        assert not [path for path in workspace.home.rglob("*") if path.is_symlink()]
        return outcome

    outcomes = try_each(st.one_of(entries, entries, lying, damaged_files([whole])), cases, check)
    assert min(outcomes["opened"], outcomes["refused"]) > cases // 20


def read_all(project):
    """What the pages read of a project that was opened; whatever is damaged is told in words or counts as none."""
    assert project.title
    for photo in project.photos():
        assert project.path(photo).resolve().is_relative_to(project.folder.resolve())
    for run in list_runs(project.runs_folder):
        assert run.title
        for read in (run.report, run.config, run.photos, run.pictures, run.notes, run.job.state):
            with suppress(EspalierError):
                read()

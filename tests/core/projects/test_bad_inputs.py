"""Every line of the expected.json that ../shared/tools/make_bad_inputs.py writes, held against the real functions."""

import json
import os
import runpy
import sys
from pathlib import Path

import pytest

from core.base.errors import InputError, StorageError
from core.checks.findings import find
from core.checks.readiness import problems
from core.photos.inspection import PhotoFacts, inspect_all
from core.projects.project import Project
from core.sources.labelled import read_source
from core.sources.layouts import count_by_class
from tests.importing import bring_folder

TOOL = Path(__file__).resolve().parents[4] / "shared" / "tools" / "make_bad_inputs.py"
SYSTEM_FILES = (".DS_Store", "Thumbs.db", ".keep")  # the tool's own words: "ignored silently is fine"


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """The folder that the tool wrote."""
    if not TOOL.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{TOOL} is absent")
    folder, arguments = tmp_path_factory.mktemp("bad"), sys.argv
    sys.argv = [str(TOOL), str(folder)]
    try:
        runpy.run_path(str(TOOL), run_name="__main__")
    finally:
        sys.argv = arguments
    return folder


def expected(bad, kind):
    lines = json.loads((bad / "expected.json").read_text(encoding="utf-8"))
    return {name.removeprefix(kind): line for name, line in lines.items() if name.startswith(kind)}


@pytest.mark.slow
def test_each_photo_is_accepted_or_set_aside_as_expected(bad, tmp_path):
    project = Project.create(tmp_path / "project", "bad")
    summary = bring_folder(project, bad / "photos")
    accepted = {photo.name: photo for photo in project.photos()}
    rejected = {photo.name: photo for photo in project.photos_set_aside()}
    lines = {n: line for n, line in expected(bad, "photos/").items() if not n.endswith(SYSTEM_FILES)}
    outcomes = {name: "accepted" if name in accepted else "rejected" for name in [*accepted, *rejected]}
    assert outcomes == {name: line["outcome"] for name, line in lines.items()}
    assert len(outcomes) == summary.added + summary.set_aside == len(lines)
    assert all(photo.set_aside for photo in rejected.values())
    for photo in [*accepted.values(), *rejected.values()]:
        assert project.path(photo).read_bytes() == (bad / "photos" / photo.name).read_bytes()
    assert (accepted["red apple/sideways.jpg"].width, accepted["red apple/sideways.jpg"].height) == (100, 200)
    assert accepted["red apple/twin.jpg"].sha256 == accepted["red apple/good 0.jpg"].sha256
    assert "claims 60,000 x 60,000 pixels" in rejected["red apple/bomb.png"].set_aside
    assert "too small" in rejected["red apple/one pixel.png"].set_aside
    assert "empty" in rejected["red apple/empty.jpg"].set_aside
    assert ("empty class/", "is empty") in summary.left_out


def test_the_findings_name_what_is_wrong(bad, tmp_path):
    found = find(read_source(bad / "photos", tmp_path), threads=2)
    by_kind = {}
    for finding in found:
        by_kind.setdefault(finding.kind, []).append(finding)
    assert sorted(name for finding in by_kind["unreadable"] for name in finding.photos) == sorted(
        f"red apple/{name}"
        for name in ("bomb.png", "empty.jpg", "one pixel.png", "page.png", "text.jpg", "truncated.jpg")
    )
    assert by_kind["exact-copies"][0].photos == ["red apple/good 0.jpg", "red apple/twin.jpg"]
    (conflict,) = by_kind["same-photo-in-two-classes"]
    assert set(conflict.photos) == {"red apple/good 1.jpg", "Größe ü 梨/same photo.jpg"}
    assert "empty class (0)" in by_kind["unlearnable"][0].why


def test_each_archive_is_taken_or_refused_as_expected(bad, tmp_path):
    before = {path: path.stat().st_size for path in bad.rglob("*")}
    for name, line in expected(bad, "archives/").items():
        staging = tmp_path / name / "deep" / "staging"
        staging.mkdir(parents=True)
        outcome, counts = "accepted", {}
        try:
            source = read_source(bad / "archives" / name, staging)
            counts = count_by_class(source.arrangement.files)
            outcome = "rejected" if problems(counts) else "accepted"
        except (InputError, StorageError) as refusal:
            outcome = "rejected" if len(str(refusal)) > 30 else "rejected without a reason"
        assert outcome == line["outcome"], name
        if outcome == "accepted":
            assert (sorted(counts), sum(counts.values())) == (line["classes"], line["photos"]), name
            facts = list(inspect_all([file.path for file in source.arrangement.files], workers=2))
            assert all(isinstance(fact, PhotoFacts) for fact in facts), name
        assert all(path.parent == staging and path.is_file() for path in staging.iterdir())
        assert [path for path in (tmp_path / name).rglob("*") if path.is_file() and staging not in path.parents] == []
    assert {path: path.stat().st_size for path in bad.rglob("*")} == before
    assert not Path("/tmp/escaped_absolute.jpg").exists()
    assert not any((folder / "escaped.jpg").exists() for folder in (tmp_path, *tmp_path.parents, bad, *bad.parents))


def test_the_split_archive_keeps_its_split(bad, tmp_path):
    source = read_source(bad / "archives" / "split.zip", tmp_path)
    parts = [(file.name.split("/")[0], file.split) for file in source.arrangement.files]
    assert {part: parts.count(part) for part in parts} == {("Training", ""): 12, ("Test", "test"): 12}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one class.zip", "only one class, only"),
        ("loose.zip", "not in class folders. Put the photos of each class into a folder"),
        ("bomb.zip", "far more than its own size"),
        ("cut.zip", "damaged or not a zip"),
        ("not a zip.zip", "damaged or not a zip"),
    ],
)
def test_a_refused_archive_says_why_and_what_to_do(bad, tmp_path, name, words):
    try:
        said = problems(count_by_class(read_source(bad / "archives" / name, tmp_path).arrangement.files))[0]
    except InputError as refusal:
        said = str(refusal)
    assert words in said


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("slip.zip", {"../../escaped.jpg", "/tmp/escaped_absolute.jpg"}),
        ("links.zip", {"a/link.jpg"}),
        ("nested.zip", {"more.zip"}),
        ("macos.zip", set()),
    ],
)
def test_entries_left_in_an_archive_are_told(bad, tmp_path, name, refused):
    assert {entry for entry, _ in read_source(bad / "archives" / name, tmp_path).left_in_archive} == refused

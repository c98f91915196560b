"""A run goes on, is tested and is taken away when the archive that it was trained from, or the folder, is gone."""

import json
import os
import shutil
from pathlib import Path

import pytest

from core.base.words import storage
from core.cli.main import main
from core.runs.kept_photos import kept_photos
from core.runs.run import Run
from tests.core.shapes import CLASSES, write_shapes


@pytest.fixture(scope="module")
def home(workspace_home, tmp_path_factory):
    """A workspace of these tests alone, in which the built-in base is converted already."""
    home = tmp_path_factory.mktemp("outliving")
    shutil.copytree(workspace_home / "engine", home / "engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESPALIER_HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def outlived(home, tmp_path_factory):
    """A run from a zip that is gone; what was printed; and the photos in a folder under other names."""
    folder = tmp_path_factory.mktemp("brought")
    write_shapes(folder / "photos" / "train", per_class=8)
    write_shapes(folder / "photos" / "test", per_class=4, first=50)
    archive = Path(shutil.make_archive(str(folder / "photos"), "zip", folder / "photos"))
    assert main(["train", str(archive), "--out", str(home / "runs" / "one"), "--epochs", "3"]) == 0
    archive.unlink()
    (folder / "moved").mkdir()
    for n, photo in enumerate(sorted((folder / "photos").rglob("*.jpg"))):
        shutil.move(photo, folder / "moved" / f"{n}.jpg")
    return Run(home / "runs" / "one"), folder / "moved"


@pytest.fixture
def without(outlived, tmp_path):
    """The run with its copies removed, and the folder in which the photos are now."""
    run = Run(Path(shutil.copytree(outlived[0].folder, tmp_path / "run")))
    shutil.rmtree(run.kept_folder)
    return run, outlived[1]


def said_of(capsys, *arguments, status=0):
    capsys.readouterr()
    assert main([*map(str, arguments)]) == status
    return capsys.readouterr()


@pytest.mark.slow
def test_the_copies_are_counted_and_named_as_in_the_archive(outlived, capsys):
    run, _ = outlived
    photos = run.photos()
    names = {f"{label}/{n}.jpg" for label in CLASSES for n in (*range(8), *range(50, 54))}
    assert {Path(photo.path).relative_to(run.kept_folder).as_posix() for photo in photos} == names
    (listed,) = json.loads(said_of(capsys, "runs", "--json").out)
    assert listed["kept_photos"] == {"photos": 36, "bytes": sum(Path(p.path).stat().st_size for p in photos)}
    assert listed["bytes"] > listed["kept_photos"]["bytes"]
    assert listed["photos_from"].endswith("photos.zip")
    words = said_of(capsys, "runs").out
    assert words.startswith(f"{run.folder}: ")
    assert "copies of 36 photos" in words


@pytest.mark.slow
def test_it_goes_on_and_shares_the_copies(outlived, tmp_path, capsys):
    said = said_of(
        capsys, "train", "--continue", outlived[0].folder, "--epochs", 1, "--out", tmp_path / "next", "--json"
    )
    assert json.loads(said.out)["kept_photos"]["photos"] == 36
    again = Run(tmp_path / "next")
    assert [photo.sha256 for photo in again.photos()] == [photo.sha256 for photo in outlived[0].photos()]
    assert len(kept_photos(again)) == 36
    assert os.path.samefile(again.photos()[0].path, outlived[0].photos()[0].path)


def test_the_plate_test_needs_nothing_but_the_run(outlived, capsys):
    said = said_of(capsys, "plate-test", outlived[0].folder, "--json")
    assert json.loads(said.out)["verdict"]["n"] == 12


@pytest.mark.parametrize(
    "command",
    [
        ["plate-test"],
        ["train", "--epochs", "1", "--continue"],
        ["export", "--format", "litert", "--precision", "int8", "--out", "model.zip"],
    ],
)
def test_without_its_photos_a_command_says_where_they_were_and_what_to_name(
    command, without, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    said = said_of(capsys, *command, without[0].folder, status=2)
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert " none can be found any more. They were in " in said.err
    assert "photos.zip. If they are elsewhere now, name the place: --photos FOLDER_OR_ARCHIVE." in said.err
    assert not (tmp_path / "model.zip").exists()


def test_the_place_where_they_are_now_is_taken_and_told(without, capsys):
    run, moved = without
    said = said_of(capsys, "plate-test", run.folder, "--photos", moved, "--json")
    assert f"All 12 photos of this run were found in {moved}." in said.err
    assert json.loads(said.out)["verdict"]["n"] == 12


@pytest.mark.slow
def test_an_archive_is_such_a_place_too_and_what_it_lacks_is_counted(without, tmp_path, capsys):
    run, moved = without
    fewer = Path(shutil.copytree(moved, tmp_path / "fewer"))
    (fewer / "0.jpg").unlink()  # the first by name: of the test part
    archive = shutil.make_archive(str(tmp_path / "fewer"), "zip", fewer)
    said = said_of(capsys, "plate-test", run.folder, "--photos", archive, "--json")
    assert f"11 of 12 photos of this run were found in {archive}; left out: 1 missing. They were in " in said.err
    assert json.loads(said.out)["verdict"]["n"] == 11


@pytest.mark.slow
def test_it_goes_on_with_those_that_are_found_and_names_how_many_are_not(without, tmp_path, capsys):
    run, moved = without
    fewer = Path(shutil.copytree(moved, tmp_path / "fewer"))
    (fewer / "0.jpg").unlink()
    archive = shutil.make_archive(str(tmp_path / "fewer"), "zip", fewer)
    arguments = ["train", "--continue", run.folder, "--epochs", 1, "--photos", archive, "--out", tmp_path / "next"]
    said = said_of(capsys, *arguments)
    assert f"35 of 36 photos of this run were found in {archive}; left out: 1 missing. They were in " in said.err
    assert f"It keeps copies of 35 photos of {archive} (" in said.out
    names = [
        {Path(p.path).relative_to(each.kept_folder) for p in each.photos()} for each in (Run(tmp_path / "next"), run)
    ]
    assert names[0] < names[1]


def test_a_class_that_is_gone_stops_it(without, tmp_path, capsys):
    run, _ = without
    two = write_shapes(tmp_path / "two", per_class=8, classes=CLASSES[:2])
    said = said_of(capsys, "train", "--continue", run.folder, "--photos", two, "--out", tmp_path / "next", status=2)
    assert f"No photo of {CLASSES[2]} is left, so the model would forget that" in said.err
    assert not (tmp_path / "next").exists()


def test_photos_that_were_changed_are_told_from_missing_ones(outlived, tmp_path, capsys):
    run = Run(Path(shutil.copytree(outlived[0].folder, tmp_path / "run")))
    first, second, *_ = (Path(photo.path) for photo in run.photos() if photo.split == "test")
    first.unlink()
    second.write_bytes(b"another picture")
    said = said_of(capsys, "plate-test", run.folder, "--json")
    assert "10 of 12 photos of this run are still there; left out: 1 missing, 1 changed. They were in " in said.err
    assert json.loads(said.out)["verdict"]["n"] == 10


def test_evaluate_finds_near_copies_of_photos_that_lie_elsewhere(without, tmp_path, capsys):
    run, moved = without
    run.hashes_path.unlink()
    write_shapes(tmp_path / "judging", per_class=2, first=900)
    said = said_of(capsys, "evaluate", run.folder, tmp_path / "judging")
    assert "24 photos that it learned from can't be found any more" in said.out
    assert "They were in " in said.out
    assert "--photos FOLDER_OR_ARCHIVE" in said.out
    found = said_of(capsys, "evaluate", run.folder, tmp_path / "judging", "--photos", moved, "--json")
    assert json.loads(found.out)["learned_from"]["not_compared"] == 0


def test_removed_copies_are_counted_and_it_is_said_what_needs_them(outlived, tmp_path, capsys):
    run = Run(Path(shutil.copytree(outlived[0].folder, tmp_path / "run")))
    size = storage(sum(Path(photo.path).stat().st_size for photo in run.photos()))
    said = said_of(capsys, "runs", "--remove-photos", run.folder)
    assert said.out.startswith(f"Removed the copies of 36 photos ({size}). The model answers as before. To go on from")
    assert "photos.zip. If they are elsewhere now, name the place: --photos FOLDER_OR_ARCHIVE." in said.out
    assert not run.kept_folder.exists()
    again = said_of(capsys, "runs", "--remove-photos", run.folder, "--json")
    assert json.loads(again.out)["removed_photos"] == {"photos": 0, "bytes": 0}
    assert "holds no training run" in said_of(capsys, "runs", "--remove-photos", tmp_path, status=2).err


def test_a_training_that_fails_keeps_no_copies(home, tmp_path, capsys):
    folder = write_shapes(tmp_path / "photos", per_class=6, classes=CLASSES[:2])
    for n in range(4):
        (folder / CLASSES[0] / f"{n}.jpg").write_bytes(b"\xff\xd8 no picture" + bytes([n]))
    archive = shutil.make_archive(str(tmp_path / "photos"), "zip", folder)
    said = said_of(capsys, "train", archive, "--out", tmp_path / "failed", status=2)
    assert "A class needs at least 5 photos" in said.err
    assert not Run(tmp_path / "failed").kept_folder.exists()


def test_a_place_for_photos_goes_with_a_run(home, tmp_path, capsys):
    said = said_of(capsys, "train", tmp_path, "--photos", tmp_path, status=2)
    assert "--photos says where the photos of a run to --continue are now" in said.err

"""How pictures are read, as the command line says it."""

import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.cli.main import build_parser, main
from core.cli.pictures_option import names_pictures, pictures_from
from core.models.config import TrainConfig
from core.photos.pictures import USUAL, PictureSettings
from core.photos.readers.dicom import DICOM_NOTE
from core.runs.run import Run


def parsed(*options):
    return build_parser().parse_args(["train", "photos", *options])


@pytest.fixture
def microscope(tmp_path):
    """Ten 12-bit pictures of each of two classes, told apart by where they are bright; the first page is blank."""
    folder = tmp_path / "microscope"
    for label, at in (("left", 4), ("right", 36)):
        (folder / label).mkdir(parents=True)
        for i in range(10):
            values = np.random.default_rng([at, i]).integers(0, 400, (64, 64), np.uint16)
            values[12:52, at : at + 24] += 3500
            pages = np.stack([np.zeros_like(values), values])
            tifffile.imwrite(folder / label / f"{i}.tif", pages, photometric="minisblack")
    return folder


def test_what_is_said_counts_and_the_stretch_is_measured_on_the_photos(microscope, capsys):
    paths = sorted(microscope.rglob("*.tif"))
    said = pictures_from(parsed("--page", "2", "--bands", "4,3,2", "--no-profiles"), paths)
    assert said == PictureSettings((("uint16", 0.0, 4095.0),), (3, 2, 1), 1, profiles=False)
    assert capsys.readouterr().err.splitlines() == [
        "20 pictures of 16 bits: 0 is black, 4,095 white.",
        "20 files with 2 pages: page 2 is used.",
    ]
    assert pictures_from(parsed(), []) == USUAL
    assert capsys.readouterr().err == ""
    assert not names_pictures(parsed())
    assert all(names_pictures(parsed(*each)) for each in (["--page", "1"], ["--bands", "1,1,1"], ["--no-profiles"]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--page", "0"], "a page is a number from 1, such as 2, not 0"),
        (["--page", "first"], "a page is a number from 1, such as 2, not first"),
        (["--bands", "4,3"], "name three bands by their numbers from 1, such as 4,3,2, not 4,3"),
        (["--bands", "0,1,2"], "name three bands by their numbers from 1, such as 4,3,2, not 0"),
        (["--bands", "red"], "name three bands by their numbers from 1, such as 4,3,2, not red"),
    ],
)
def test_what_can_not_be_is_refused_in_a_line(options, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "photos", *options])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_run_that_goes_on_reads_pictures_as_before(tmp_path, capsys):
    Run.create(tmp_path / "run", TrainConfig(), [])
    assert main(["train", "--continue", str(tmp_path / "run"), "--page", "2"]) == 2
    assert "A run that goes on reads its pictures as before" in capsys.readouterr().err


def test_check_tells_how_pictures_are_read_and_what_dicom_files_hold(microscope, capsys):
    assert main(["check", str(microscope), "--page", "2"]) == 0
    assert capsys.readouterr().err.splitlines()[1:] == [
        "20 pictures of 16 bits: 0 is black, 4,095 white.",
        "20 files with 2 pages: page 2 is used.",
    ]
    (microscope / "left" / "scan.dcm").write_bytes(bytes(128) + b"DICM")
    assert main(["check", str(microscope)]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines().count(DICOM_NOTE) == 1
    assert "page 1 is used, and it is blank in all of them" in said.out
    assert not any(words in said.out for words in ("nearly black", "blurred"))


@pytest.mark.slow  # it trains
def test_a_model_of_twelve_bits_keeps_its_stretch_and_its_page(
    microscope, workspace_home, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    options = ["--out", str(tmp_path / "run"), "--page", "2", "--epochs", "5", "--augment", "none"]
    assert main(["train", str(microscope), *options]) == 0
    assert Run(tmp_path / "run").pictures() == PictureSettings((("uint16", 0.0, 4095.0),), page=1)
    values = np.zeros((64, 64), np.float32)
    values[12:52, 36:60] = 1.0
    tifffile.imwrite(tmp_path / "float.tif", values)
    Image.fromarray(np.uint8(values * 255)).save(tmp_path / "plain.png")
    capsys.readouterr()
    asked = [microscope / "left" / "0.tif", tmp_path / "float.tif", tmp_path / "plain.png"]
    assert main(["predict", "--json", str(tmp_path / "run"), *map(str, asked)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["label"] for row in rows] == ["left", "right", "right"]
    assert [row.get("note", "") != "" for row in rows] == [False, True, False]
    assert rows[1]["note"].startswith("picture of decimal numbers; the model learned from none")

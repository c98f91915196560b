"""Photos from a fixed camera, of which a hash says that all are one: they are trained on by the command line."""

import csv
import io
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.cli.main import main
from core.runs.run import Run

LEFT_OUT = "stoat"  # of which there are four frames


@pytest.fixture
def boxes(shared_data, tmp_path):
    """The real frames of two camera boxes in class folders, and the trigger of each by its name."""
    with zipfile.ZipFile(shared_data("camera_boxes.zip")) as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg") and LEFT_OUT not in name]
        archive.extractall(tmp_path / "in", names)
        table = next(name for name in archive.namelist() if name.endswith("frames.csv"))
        rows = csv.DictReader(io.StringIO(archive.read(table).decode()))
        triggers = {row["file"]: (row["camera"], row["date"], row["time"]) for row in rows}
    return (tmp_path / "in" / names[0]).parents[1], triggers


@pytest.mark.slow
def test_frames_of_camera_boxes_are_trained_on_and_those_of_one_trigger_stay_on_one_side(boxes, tmp_path, monkeypatch):
    folder, triggers = boxes
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))
    assert main(["train", str(folder), "--out", str(tmp_path / "run")]) == 0
    run = Run(tmp_path / "run")
    sides, counts = defaultdict(set), defaultdict(int)
    for photo in run.photos():
        sides[triggers[Path(photo.path).name]].add(photo.split)
        counts[photo.split] += 1
    assert set(counts) == {TRAIN, VALIDATION, TEST}
    assert all(len(subsets) == 1 for subsets in sides.values())
    assert run.finished_report().test.accuracy >= 0.9
    groups = defaultdict(set)
    for photo in run.photos():
        groups[photo.group].add(photo.label)
    assert all(len(labels) == 1 for labels in groups.values())  # no frame with an animal is like an empty one

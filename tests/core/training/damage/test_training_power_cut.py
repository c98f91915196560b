"""What a power cut leaves of a run that is said to be finished: all of it."""

import pytest

from core.base.events import FINISHED, read_events
from core.models.config import TrainConfig
from core.runs.run import Run
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.power_cut import remembered


@pytest.mark.slow
def test_all_files_of_a_finished_run_are_on_the_disk(shapes, places, tmp_path, monkeypatch):
    (tmp_path / "home" / "runs").mkdir(parents=True)
    power = remembered(tmp_path / "home", tmp_path / "held", monkeypatch)
    run = Run.create(tmp_path / "home" / "runs" / "run", TrainConfig(epochs=2), run_photos(shapes))
    train_run(run, places)
    left = Run(power.left(tmp_path / "left") / "runs" / "run")
    power.close()
    files = {path.relative_to(run.folder): path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    lost = [str(name) for name, data in files.items() if not (left.folder / name).exists()]
    lost += [str(name) for name, data in files.items() if name not in lost and _differs(left.folder / name, data)]
    assert lost == []
    assert {"report.json", "model.keras", "model.xml", "model.bin", "labels.json", "photos.csv"} <= {
        str(name) for name in files
    }
    assert read_events(left.folder / "events.jsonl")[-1]["event"] == FINISHED
    assert left.report() == run.report()


def _differs(path, data):
    return path.exists() and path.read_bytes() != data

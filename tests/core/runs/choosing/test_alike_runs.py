import pytest

from core.base.events import FINISHED, PHASE, PROGRESS
from core.base.files import write_json
from core.jobs.pace import KnownPaces
from core.models.config import FINE_TUNE, TrainConfig
from core.runs.choosing.alike import known_by_runs, runs_like
from core.runs.run import Run
from tests.core.reports import a_report

PLAN = TrainConfig()


@pytest.fixture
def finish(tmp_path):
    """Makes a finished run with these settings."""

    def make(name, config=PLAN):
        run = Run.create(tmp_path / "runs" / name, config, [])
        write_json(run.report_path, a_report(base=config.base, strategy=config.strategy).to_json())
        return run

    return make


def test_runs_are_alike_by_base_strategy_size_and_steps(finish, tmp_path):
    finish("1 alike")
    finish("2 larger", TrainConfig(image_size=320))
    finish("3 tuned", TrainConfig(strategy=FINE_TUNE, thaw_from="stage6"))
    finish("4 in steps", TrainConfig(steps_per_epoch=5))
    finish("5 longer", TrainConfig(epochs=40))
    assert [run.name for run, _ in runs_like(tmp_path / "runs", PLAN)] == ["5 longer", "1 alike"]


def test_only_what_was_made_on_this_computer_is_known(finish, tmp_path):
    assert known_by_runs(tmp_path / "runs", PLAN) == KnownPaces()
    run = finish("1")
    log = run.job.event_log()
    run.job.say_queued(1)
    log.write(PHASE, name="fit", words="Learning")
    log.write(PROGRESS, done=1, total=2, seconds_left=None)
    log.write(FINISHED)
    assert list(known_by_runs(tmp_path / "runs", PLAN).whole) == ["Learning"]
    (run.folder / "events.jsonl").rename(tmp_path / "kept")
    text = (tmp_path / "kept").read_text().replace('"folder": ', '"folder": 1')  # of the folder that it was copied from
    (run.folder / "events.jsonl").write_text(text)
    assert known_by_runs(tmp_path / "runs", PLAN) == KnownPaces()

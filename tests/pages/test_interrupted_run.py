"""A run whose worker died, where it is shown: how far it was, and one button that goes on with the same run."""

import json

import pytest

from core.base.events import EPOCH, FAILED, PHASE
from core.jobs.job import Job
from core.models.config import BENCHMARK_CNN, usual_config
from core.runs.report import GOES_ON
from core.runs.run import Run, list_runs
from tests.core.kept_epochs import NOWHERE, interrupt
from tests.pages.screen import labels, press

KEPT, ANEW = "Go on from epoch 4 of 12", "Start it again"


@pytest.fixture
def lost(project):
    """A run from scratch whose worker has told of four epochs, three of them kept, and died."""
    run = Run.create(project.runs_folder / "a run", usual_config("from-scratch", BENCHMARK_CNN), NOWHERE)
    return interrupt(run, told=4, kept=3)


@pytest.mark.parametrize("page", ["train", "runs"])
def test_a_lost_run_goes_on_from_its_last_kept_epoch_by_one_button(lost, open_page, submitted, page):
    app = open_page(page)
    assert KEPT in labels(app)
    press(app, KEPT)
    assert submitted == [("train", lost.folder)]
    assert app.title[0].value == "Train"


@pytest.mark.parametrize("page", ["train", "runs"])
def test_one_of_which_nothing_is_kept_starts_again(lost, open_page, submitted, page):
    lost.checkpoint_path.unlink()
    press(open_page(page), ANEW)
    assert submitted == [("train", lost.folder)]


def test_a_list_of_runs_says_how_the_unfinished_one_ended(lost, open_page, words):
    assert "Not finished: ended without a word" in words(open_page("runs"))


def test_one_that_failed_goes_on_only_where_epochs_are_kept(lost, open_page):
    lost.job.event_log().write(FAILED, message="The disk is full.")
    app = open_page("train")
    assert app.error[0].value == "The disk is full."
    assert KEPT in labels(app)
    lost.checkpoint_path.write_bytes(b"damaged")
    assert not {KEPT, ANEW} & set(labels(open_page("train")))


def test_while_a_tutorial_is_at_it_the_button_says_so(project, lost, open_page, words, submitted):
    tutorial = project.folder / "tutorials" / "one"
    tutorial.mkdir(parents=True)
    (tutorial / "request.json").write_text(json.dumps({"runs": [lost.name]}))
    with Job(tutorial).alive_lock():
        app = press(open_page("train"), KEPT)
    assert "a run belongs to a tutorial that still goes on. Wait for it or stop it first." in words(app)
    assert submitted == []


def test_its_curves_have_no_epoch_twice(lost, open_page, words):
    """It goes on from the third, and has done the fourth again, better."""
    with lost.job.alive_lock():
        log = lost.job.event_log()
        log.write(GOES_ON, epoch=3)
        log.write(PHASE, name="from-scratch", words="The whole network learns")
        again = {"loss": 1.0, "accuracy": 0.5, "val_loss": 0.01, "val_accuracy": 0.9, "seconds": 1.0}
        log.write(EPOCH, epoch=4, phase="from-scratch", **again)
        app = open_page("train")
        assert "Best so far: epoch **4**, 90 % of the validation photos right" in words(app)
        curve = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
        assert len(curve["x"]) == 4
    assert [run.name for run in list_runs(lost.folder.parent)] == ["a run"]

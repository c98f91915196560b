"""What is said under the curves; what else the monitor shows is in test_train_page.py."""

import json

import pytest

from core.base.events import EPOCH, FINISHED, PHASE, QUEUED
from core.base.files import read_json, write_json
from core.runs.run import NOTE, list_runs


def write_epochs(log, val_losses):
    """Epochs of a head whose training loss falls all the time."""
    for number, val_loss in enumerate(val_losses, 1):
        log.write(
            EPOCH,
            epoch=number,
            phase="head",
            loss=0.6 / number,
            accuracy=0.9,
            val_loss=val_loss,
            val_accuracy=0.8,
            seconds=0.1,
        )


@pytest.mark.parametrize(
    ("val_losses", "said"),
    [
        ([0.6, 0.5, 0.4, 0.3], None),
        ([0.6, 0.5, 0.4, 0.3, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], "it learns by heart (over-fitting).**"),
        ([0.6, 0.5, 0.4, 0.3] + [0.3] * 8, "it has learned what these photos teach it (converged).**"),
    ],
)
def test_a_running_run_says_what_its_curves_say(project, make_run, open_page, val_losses, said):
    run = make_run(project)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="fit", words="Learning to tell the classes apart")
        write_epochs(run.job.event_log(), val_losses)
        advice = [info.value for info in open_page("train").info]
    assert len(advice) == (1 if said else 0)
    assert said is None or said in advice[0]


def test_what_the_run_itself_notes_is_shown_too(project, make_run, open_page):
    run = make_run(project)
    with run.job.alive_lock():
        run.job.event_log().write(NOTE, words="The disk has no room for it (2.0 GB).")
        assert open_page("train").warning[0].value == "The disk has no room for it (2.0 GB)."


def test_a_finished_run_ends_with_the_last_word_and_the_class_that_it_never_recognised(own, open_page):
    run = list_runs(own.runs_folder)[0]
    written = read_json(run.report_path)
    written["notes"] = ["The training ended early because its loss was no longer a number."]
    written["test"]["per_class"]["disc"] = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 3}
    calm = {**written["epochs"][0], "accuracy": 0.9, "val_accuracy": 0.9, "loss": 0.3, "val_loss": 0.3}
    written["epochs"] = [{**calm, "epoch": number} for number in range(1, 15)]
    write_json(run.report_path, written)
    app = open_page("train")
    assert [warning.value for warning in app.warning] == written["notes"]
    ignored, converged = (info.value for info in app.info)
    assert ignored.startswith("**Not one photo of disc was recognised (a class is ignored).** See what")
    assert "(converged).** More epochs would not help." in converged


@pytest.mark.parametrize(
    ("began", "said"),
    [
        (0.0, "Done in 18 seconds: "),
        (-600.0, "Done in 10 minutes, of which 10 minutes waiting and getting ready: "),
        (900.0, "Done in 12 seconds: "),  # the clock was set back meanwhile
    ],
)
def test_done_in_counts_from_the_click(own, open_page, began, said):
    run = list_runs(own.runs_folder)[0]
    written = read_json(run.report_path)
    written["seconds"]["total"] = 12.0
    write_json(run.report_path, written)
    lines = [{"time": began, "event": QUEUED}, {"time": 18.0, "event": FINISHED}]
    (run.folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert open_page("train").success[0].value.startswith(said)

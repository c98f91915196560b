import json
import shutil

import numpy as np
import pytest

from core.base.events import CANCELLED, PHASE
from core.base.files import read_json, write_json
from core.photos.labelled_photo import LabelledPhoto
from core.projects.plan import kept_plan
from core.runs.predictions import write_predictions
from core.runs.run import Run, list_runs
from core.runs.trash import trashed_runs
from tests.waiting import await_that

OLD, NEW = "2026-11-20 09.00.00 aaaa", "2026-11-21 10.30.00 bbbb"


@pytest.fixture
def two_runs(own):
    """A project with two finished runs, the newer with other settings, whose answers differ on 15 of 20 photos."""
    project = own
    (first,) = list_runs(project.runs_folder)
    first.folder.rename(project.runs_folder / OLD)
    first = Run(project.runs_folder / OLD)
    second = Run(shutil.copytree(first.folder, project.runs_folder / NEW))
    settings = read_json(second.config_path)
    write_json(second.config_path, {**settings, "learning_rate": 0.01, "epochs": 20})
    answer(first, right=set(range(3)) | set(range(15, 20)))
    answer(second, right=set(range(3, 20)))
    return project


def answer(run, right):
    """Let a run have judged 20 discs, these numbers rightly."""
    photos = [LabelledPhoto(f"/{n}.png", "disc", "test", f"content {n}") for n in range(20)]
    probabilities = np.array([[0.1, 0.9] if n in right else [0.9, 0.1] for n in range(20)], np.float32)
    write_predictions(run.predictions_path, {"test": photos}, {"test": probabilities}, ["cross", "disc"])
    written = read_json(run.report_path)
    written["test"] |= {"n": 20, "accuracy": len(right) / 20, "accuracy_interval": [0.2, 0.9], "kappa": 0.5}
    write_json(run.report_path, written)


def select(app, project, rows):
    """Select these rows of the table; AppTest has no way to click into one."""
    names = tuple(run.name for run in list_runs(project.runs_folder))
    app.session_state[f"runs_{project.id}_{hash(names)}"] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return app.run()


def test_without_a_run_the_page_points_to_training(project, open_page, words):
    app = open_page("runs")
    assert "There is no run yet. Train one first." in words(app)
    assert app.get("page_link")[0].proto.label == "Go to training"


def test_a_name_that_a_disk_changed_is_told(two_runs, open_page, words):
    run = list_runs(two_runs.runs_folder)[0]
    run.describe("The good one", "")
    assert "about.json" not in words(open_page("runs"))
    run.about_path.write_bytes(run.about_path.read_bytes().replace(b"good", b"gold"))
    assert "The name and note that you gave it (about.json) can't be read any more." in words(open_page("runs"))


def test_the_table_has_a_line_per_run_with_its_numbers(two_runs, open_page):
    app = open_page("runs")
    table = app.dataframe[0].value
    report = list_runs(two_runs.runs_folder)[0].report()
    assert list(table["run"]) == ["New head, 85 %", "New head, 40 %"]
    assert list(table["date"]) == ["2026-11-21 10:30", "2026-11-20 09:00"]
    assert list(table["in use"]) == ["yes", ""]
    assert list(table["accuracy"]) == [85.0, 40.0]
    assert list(table["likely between"]) == ["20 and 90 %"] * 2
    assert list(table["judged on"]) == ["20 test photos"] * 2
    assert list(table["log loss"]) == [report.test.log_loss] * 2
    assert list(table["kappa"]) == [0.5, 0.5]
    assert list(table["base model"]) == ["EfficientNet-Lite0"] * 2
    assert list(table["strategy"]) == ["feature extraction"] * 2
    assert list(table["head"]) == ["simple (gap)"] * 2
    assert table["epoch"][0] == pytest.approx(np.mean([epoch.seconds for epoch in report.epochs]))
    assert list(table["total"]) == [report.seconds.total] * 2
    assert list(table["state"]) == ["finished"] * 2


def test_the_two_newest_are_compared_at_first(two_runs, open_page, words):
    app = open_page("runs")
    said = words(app)
    assert "From New head, 40 % to New head, 85 %." in said
    assert "- Passes over the photos at most (epochs): **15** → **20**" in said
    assert "- How large its steps are (learning rate): **0.003** → **0.01**" in said
    assert app.success[0].value == (
        "On the 20 photos that both were judged on, **New head, 85 %** is right on 12 where **New head, 40 %** is "
        "wrong, **New head, 40 %** on 3 where **New head, 85 %** is wrong: that is more than chance (p = 0.035). "
        "**New head, 85 %** is better on photos like these."
    )
    assert len(app.get("plotly_chart")) == 3  # the accuracies, and two with curves


def test_a_difference_that_could_be_chance_is_not_called_better(two_runs, open_page, words):
    newer, _ = list_runs(two_runs.runs_folder)
    answer(newer, right=set(range(3, 12)) | set(range(15, 20)))  # 9 against 3
    app = open_page("runs")
    assert len(app.success) == 0
    assert "the difference could be chance (p = 0.15)" in app.info[0].value
    assert "is better" not in words(app)


def test_the_chart_shows_each_accuracy_with_its_interval(two_runs, open_page):
    figure = json.loads(open_page("runs").get("plotly_chart")[0].proto.spec)
    (trace,) = figure["data"]
    assert trace["x"] == [0.85, 0.4]
    assert trace["error_x"]["array"] == pytest.approx([0.05, 0.5])
    assert trace["error_x"]["arrayminus"] == pytest.approx([0.65, 0.2])
    assert figure["layout"]["yaxis"]["ticktext"] == [
        "New head, 85 %<br><span style='font-size:11px'>2026-11-21 10:30</span>",
        "New head, 40 %<br><span style='font-size:11px'>2026-11-20 09:00</span>",
    ]
    assert trace["customdata"][1] == (
        "New head, 40 % in the test · 2026-11-20 09:00: 40 % of 20 photos, likely between 20 and 90 %"
    )


def test_one_selected_run_is_not_compared_and_none_leaves_the_table(two_runs, open_page, words):
    app = select(open_page("runs"), two_runs, [1])
    assert "What differed" not in words(app)
    assert [button.label for button in app.button] == [
        "Use this one",
        "Start again from these settings",
        "Train on",
        "Save",
        "Move to trash",
    ]
    app = select(app, two_runs, [])
    assert not app.exception
    assert [button.label for button in app.button] == []
    assert len(app.get("plotly_chart")) == 1


def test_a_new_name_and_note_are_shown_here_and_where_a_run_is_chosen(two_runs, open_page, words):
    app = open_page("runs")
    app.text_input(key=f"title_{NEW}").input("Larger *steps*")
    app.text_area(key=f"remark_{NEW}").input("Ten thousandths.")
    app.button(key=f"save_{NEW}").click().run()
    table = app.dataframe[0].value
    assert (table["run"][0], table["note"][0]) == ("Larger *steps*", "Ten thousandths.")
    assert r"**Larger \*steps\*** is right on 12" in app.success[0].value
    choice = open_page("results").selectbox[0]
    assert choice.options == [
        "Larger *steps* · New head, 85 % in the test · 2026-11-21 10:30 · in use · Ten thousandths.",
        "New head, 40 % in the test · 2026-11-20 09:00",
    ]


def validation(run, accuracy):
    """Let the kept epoch of a run have had this share of the validation photos right."""
    written = read_json(run.report_path)
    for epoch in written["epochs"]:
        epoch["val_accuracy"] = accuracy
    write_json(run.report_path, written)


def test_the_best_by_validation_is_in_use_until_another_is_pinned(two_runs, open_page, words):
    newer, older = list_runs(two_runs.runs_folder)
    validation(newer, 0.6)
    validation(older, 0.9)  # though its test was worse
    app = open_page("runs")
    assert list(app.dataframe[0].value["in use"]) == ["", "yes"]
    assert (
        "**New head, 40 %** is in use on all pages. It is the best on the validation photos of 2 runs of the same "
        "photos." in words(app)
    )
    app.button(key=f"card_pin_{NEW}").click().run()
    assert list(app.dataframe[0].value["in use"]) == ["pinned", ""]
    for page in ("results", "try_it", "take_away", "teachable_machine"):
        assert open_page(page).selectbox[0].value == NEW
    app = open_page("runs")
    app.button(key=f"trash_{NEW}").click().run()
    assert "The run that you pinned, New head, 85 %, is in the trash." in app.info[0].value
    assert list(app.dataframe[0].value["in use"]) == ["yes"]
    app.button(key=f"restore_{NEW}").click().run()
    app.button(key=f"card_pin_{NEW}").click().run()  # lets go of it
    assert list(app.dataframe[0].value["in use"]) == ["", "yes"]


def test_a_run_is_pinned_where_it_is_chosen(two_runs, open_page, words):
    app = open_page("results")
    assert app.selectbox[0].value == NEW
    app.selectbox[0].set_value(OLD).run()
    assert "You look at this one here; in use on all pages is New head, 85 %." in words(app)
    app.button(key=f"results_run_{two_runs.id}_pin_{OLD}").click().run()
    assert "In use on all pages. You pinned it." in words(app)
    assert open_page("try_it").selectbox[0].value == OLD
    app.button(key=f"results_run_{two_runs.id}_pin_{OLD}").click().run()
    assert app.selectbox[0].value == NEW


def test_training_says_which_model_is_in_use(two_runs, open_page, words):
    validation(list_runs(two_runs.runs_folder)[0], 0.6)
    app = open_page("train")
    assert "In use on all pages stays **New head, 40 %**. It is the best on the validation photos" in words(app)
    app.button(key=f"outcome_pin_{NEW}").click().run()
    assert "This model is in use on all pages. You pinned it." in words(app)


def test_a_run_goes_on_as_a_new_one(two_runs, open_page):
    app = open_page("runs")
    app.number_input(key=f"more_{NEW}").set_value(3)
    app.button(key=f"go_on_{NEW}").click().run()
    (continued,) = [run for run in list_runs(two_runs.runs_folder) if run.name not in (OLD, NEW)]
    assert (continued.config().start_from, continued.config().epochs) == (NEW, 3)
    continued.job.request_stop(keep=False)
    await_that(lambda: not continued.job.state().is_active, 60)


def test_a_run_that_has_no_model_to_go_on_from_says_so(two_runs, open_page):
    (two_runs.runs_folder / NEW / "model.keras").unlink()
    app = open_page("runs")
    app.button(key=f"go_on_{NEW}").click().run()
    assert "has no finished model to go on from" in app.error[0].value


def test_a_name_in_use_is_refused_in_words(two_runs, open_page):
    list_runs(two_runs.runs_folder)[1].describe("Best", "")
    app = open_page("runs")
    app.text_input(key=f"title_{NEW}").input("best")
    app.button(key=f"save_{NEW}").click().run()
    assert app.error[0].value == "There is already a run called best. Choose another name."


def test_a_run_goes_to_the_trash_and_back(two_runs, open_page):
    app = open_page("runs")
    app.button(key=f"trash_{NEW}").click().run()
    assert list(app.dataframe[0].value["run"]) == ["New head, 40 %"]
    assert [run.name for run in trashed_runs(two_runs)] == [NEW]
    app.button(key=f"restore_{NEW}").click().run()
    assert list(app.dataframe[0].value["run"]) == ["New head, 85 %", "New head, 40 %"]
    assert trashed_runs(two_runs) == []


def test_the_last_run_in_the_trash_can_still_be_brought_back(own, open_page, words):
    app = open_page("runs")
    app.button(key="trash_a run").click().run()
    assert "There is no run yet" in words(app)
    app.button(key="restore_a run").click().run()
    assert list(app.dataframe[0].value["date"]) == ["a run"]


def test_the_settings_of_a_run_become_the_plan_that_train_begins_with(two_runs, open_page):
    app = open_page("runs")
    app.button(key=f"again_{NEW}").click().run()
    assert app.title[0].value == "Train"
    assert kept_plan(two_runs) == list_runs(two_runs.runs_folder)[0].config()
    assert app.number_input[0].value == 20


def test_an_active_run_is_listed_and_can_not_be_moved_to_the_trash(project, make_run, open_page):
    stopped, run = make_run(project, "1 stopped"), make_run(project, "2 active")
    stopped.job.event_log().write(CANCELLED, message="Nothing of this run is kept.")
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="fit", words="Learning")
        app = open_page("runs")
        assert list(app.dataframe[0].value["state"]) == ["running", "stopped"]
        assert len(app.get("plotly_chart")) == 0
        app = select(app, project, [0, 1])
        app.button(key="trash_2 active").click().run()
        assert "2 active is still going on" in app.error[0].value
    assert len(list_runs(project.runs_folder)) == 2


def test_results_and_train_lead_here(trained, open_page):
    for page in ("results", "train"):
        links = [link.proto for link in open_page(page).get("page_link")]
        assert ("Compare runs", "runs") in [(link.label, link.page) for link in links]

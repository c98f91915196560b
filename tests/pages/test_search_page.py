import time
from dataclasses import replace

import pytest

from core.base.events import FAILED, FINISHED, PHASE, PROGRESS, QUEUED
from core.base.files import write_json
from core.jobs.job import START_GRACE_S, State
from core.models.config import TrainConfig, usual_config, with_optimizer
from core.projects import edits
from core.projects.plan import keep_plan, kept_plan
from core.search.folder import search_of
from core.search.table import SearchTable, SearchTrial
from tests.pages.screen import charts, labels, press, primary
from tests.waiting import await_that

GAP = {"head": "gap", "learning_rate": 0.003, "dropout": 0.5, "weight_decay": 0.0}
FC = {"head": "fc", "learning_rate": 0.0012, "units": 140, "dropout": 0.1, "weight_decay": 0.05}


def tried(number, settings, loss, accuracy=0.875, pruned=False):
    return SearchTrial(number, settings, loss, accuracy, 1.0, pruned)


TABLE = SearchTable(
    base="efficientnet-lite0",
    plan=TrainConfig().to_json(),
    estimate="cross-validation",
    n=16,
    trials=[
        tried(1, GAP, 0.4),
        tried(2, {"head": "linear-svm"}, 0.6, 0.75),
        tried(3, {**FC, "learning_rate": 0.09}, 2.5, 0.5, pruned=True),
        tried(4, FC, 0.3, 0.9375),
    ],
    best=4,
    own=1,
    only_best=1,
    only_own=0,
    seconds=60.0,
    test_cross_validated=True,
)


@pytest.fixture
def asked(project):
    """A project's search whose worker is played by the test."""
    search = search_of(project)
    search.write_request(60.0, TrainConfig())
    search.job.event_log().write(QUEUED)
    return search


@pytest.fixture
def found(project, asked):
    """The same with what it tried."""

    def find(**changes):
        asked.write(replace(TABLE, measured_on=project.photo_state(), **changes))
        asked.job.event_log().write(FINISHED)
        return project

    return find


def test_without_photos_the_page_says_what_is_missing(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("search")
    assert "There are no photos yet" in words(app)
    assert labels(app) == []


@pytest.mark.slow
def test_the_first_visit_says_what_it_does_and_the_button_starts_a_worker(project, open_page, words):
    app = open_page("search")
    assert "The photos kept for the test take no part." in words(app)
    assert labels(app) == primary(app) == ["Search"]
    assert list(app.get("button_group")[0].options) == ["1 minute", "3 minutes", "10 minutes"]
    press(app, "Search")
    search = search_of(project)
    assert (search.job.kind(), search.request()) == ("search", (60, TrainConfig(final="validation")))
    app = open_page("search")
    press(app, "Stop")
    assert search.job.stop_requested() == "keep"
    await_that(lambda: search.job.state() is State.CANCELLED, seconds=60)
    app = open_page("search")
    assert "The search was stopped before it had tried anything." in words(app)
    assert primary(app) == ["Search"]


def test_while_it_tries_the_page_shows_time_chart_and_the_best(project, asked, open_page, words):
    asked.write(replace(TABLE, measured_on=project.photo_state()))
    with asked.job.alive_lock():
        asked.job.event_log().write(PHASE, name="search", words="Trying settings of the head")
        asked.job.event_log().write(PROGRESS, done=15, total=60, seconds_left=45.0)
        app = open_page("search")
        bar = app.get("progress")[0].proto
        assert (bar.value, bar.text) == (25, "Trying settings of the head: 15 of 60 seconds, about 45 seconds left")
        assert labels(app) == ["Stop"]
        assert "Best so far: a hidden layer (fc), learning rate 0.0012, units 140" in words(app)
        assert "How wrong each try was" in charts(app)


def test_tries_on_other_photos_are_not_shown_as_those_of_a_search_that_works(project, asked, open_page, words):
    asked.write(replace(TABLE, measured_on="another state"))
    with asked.job.alive_lock():
        asked.job.event_log().write(PHASE, name="search", words="Trying settings of the head")
        app = open_page("search")
        assert "Best so far" not in words(app)
        assert charts(app) == {}


def test_what_it_found_is_shown_with_its_doubt(found, open_page, words):
    found()
    app = open_page("search")
    said = words(app)
    assert "15 of 16 photos right (94 %, likely between 72 and 99 %), log loss 0.300" in said
    assert "14 of 16 photos right (88 %, likely between 64 and 97 %), log loss 0.400" in said
    assert "that could be chance, as the best of 4 tries." in said
    assert "luck is chosen too" in said
    assert "With so few photos a training is judged on all of them" in said
    assert primary(app) == []  # what may be chance is not urged
    assert labels(app) == ["Use these settings", "Search on"]


def test_what_is_surely_better_is_urged(found, open_page, words):
    found(only_best=12, only_own=0)
    app = open_page("search")
    assert "that is more than chance, also when it is counted that 4 settings were tried." in words(app)
    assert primary(app) == ["Use these settings"]


def test_the_chart_shows_each_try_the_best_so_far_and_the_plan(found, open_page):
    found()
    chart = charts(open_page("search"))["How wrong each try was"]
    whole, given_up, best, plan = chart["data"]
    assert (whole["x"], whole["y"]) == ([1, 2, 4], [0.4, 0.6, 0.3])
    assert (given_up["x"], given_up["y"]) == ([3], [pytest.approx(1.2)])  # drawn at the edge, its number in the hover
    assert given_up["customdata"] == [[2.5, " (beyond the chart)"]]
    assert (best["x"], best["y"]) == ([1, 2, 4, 4], [0.4, 0.4, 0.3, 0.3])
    assert (plan["name"], plan["y"]) == ("your plan", [0.4, 0.4])
    assert chart["layout"]["xaxis"]["title"]["text"] == "try"


def test_the_table_holds_the_best_in_words(found, open_page):
    found()
    table = open_page("search").dataframe[0].value
    assert list(table["try"]) == ["4", "1, your plan", "2"]
    assert list(table["head"]) == ["a hidden layer (fc)", "one layer (gap)", "a support vector machine (linear-svm)"]
    assert list(table["units"]) == ["140", "", ""]


def test_one_click_keeps_the_settings_and_nothing_else_changes(found, open_page, words):
    project = found()
    keep_plan(project, TrainConfig(epochs=33, augment="auto", class_weights=True))
    app = open_page("search")
    assert "- how large its steps are (learning rate): 0.003 → 0.0012" in words(app)
    assert "- width of the hidden layer (units): not used → 140" in words(app)
    press(app, "Use these settings")
    kept = kept_plan(project)
    assert kept == TrainConfig(epochs=33, augment="auto", class_weights=True, **FC)
    assert app.title[0].value == "Train"
    app = open_page("search")
    assert "Your plan has these settings." in words(app)
    assert primary(app) == []


SGD = {**FC, "optimizer": "sgd", "momentum": 0.9, "batch_size": 128}


def test_optimizer_momentum_and_batch_size_are_shown_and_kept(found, open_page, words):
    project = found(trials=[*TABLE.trials[:3], tried(4, SGD, 0.3)])
    app = open_page("search")
    said, table = words(app), app.dataframe[0].value
    assert "Tried were settings of the head." in said
    assert "units 140, dropout 10 %, weight decay 0.05, optimizer SGD, momentum 0.9, batch size 128" in said
    assert "- how it takes its steps (optimizer): Adam → SGD" in said
    assert "- how much of a step goes on into the next (momentum): not used → 0.9" in said
    assert "- photos per step (batch size): 64 → 128" in said
    assert list(table["momentum"]) == ["0.9", "", ""]
    press(app, "Use these settings")
    assert kept_plan(project) == TrainConfig(final="validation", **SGD)


def test_settings_for_adam_leave_no_momentum_in_a_plan(found, open_page):
    project = found()  # tried before optimizers were: so with Adam
    keep_plan(project, TrainConfig(optimizer="sgd", momentum=0.9, batch_size=32))
    press(open_page("search"), "Use these settings")
    assert kept_plan(project) == TrainConfig(**FC)


BLOCKS = {"thaw_from": "stage6", "fine_tune_rate": 0.0007, "fine_tune_epochs": 6}
TUNE = usual_config("fine-tune")
OF_BLOCKS = {
    "plan": TUNE.to_json(),
    "estimate": "validation",
    "trials": [
        tried(1, {"thaw_from": TUNE.thaw_from, "fine_tune_rate": 0.0003, "fine_tune_epochs": 4}, 0.4),
        tried(2, BLOCKS, 0.3, 0.9375),
    ],
    "best": 2,
}


def test_a_plan_that_fine_tunes_is_searched_for_its_blocks(project, open_page, words):
    keep_plan(project, TUNE)
    app = open_page("search")
    assert "which of the base model's last blocks learn too (thaw from)" in words(app)
    assert list(app.get("button_group")[0].options) == ["10 minutes", "30 minutes", "2 hours"]


def test_what_was_found_for_blocks_is_shown_and_kept(found, open_page, words):
    project = found(**OF_BLOCKS)
    keep_plan(project, replace(TUNE, augment="none"))
    app = open_page("search")
    said, table = words(app), app.dataframe[0].value
    assert "Tried were which blocks of the base model learn, how fast and how long." in said
    assert "Learning from stage6 on, learning rate 0.0007, epochs 6" in said
    assert f"(block): {TUNE.thaw_from} → stage6" in said
    assert list(table.columns) == ["try", "log loss", "right", "thaw from", "fine tune rate", "fine tune epochs"]
    assert list(table["thaw from"]) == ["stage6", TUNE.thaw_from]
    press(app, "Use these settings")
    assert kept_plan(project) == replace(TUNE, augment="none", **BLOCKS)


@pytest.mark.parametrize(("changes", "plan"), [(OF_BLOCKS, TrainConfig()), ({}, TUNE)], ids=["of blocks", "of heads"])
def test_what_was_found_for_another_strategy_is_shown_and_not_taken(found, open_page, words, changes, plan):
    project = found(**changes)
    keep_plan(project, plan)
    app = open_page("search")
    assert "This was tried for a plan that" in words(app)
    assert "Use these settings" not in labels(app)
    assert "Search" in labels(app)
    assert "Search on" not in labels(app)


def test_a_support_vector_machine_can_be_used_too(found, open_page):
    project = found(best=2)
    app = press(open_page("search"), "Use these settings")
    assert not app.exception
    assert app.title[0].value == "Train"
    assert kept_plan(project).head == "linear-svm"


@pytest.mark.parametrize(
    ("changes", "plan", "why"),
    [
        ({}, TrainConfig(image_size=96), "tried with photos of 224 x 224 pixels, and your plan sees 96 x 96 pixels."),
        (OF_BLOCKS, with_optimizer(TUNE, "sgd"), "tried with Adam, and your plan learns with SGD now"),
    ],
    ids=["size", "optimizer"],
)
def test_what_was_found_with_other_means_is_not_taken(found, open_page, words, changes, plan, why):
    keep_plan(found(**changes), plan)
    app = open_page("search")
    assert why in words(app)
    assert "Use these settings" not in labels(app)


def test_where_the_plan_is_the_best_it_says_so(found, open_page, words):
    found(best=1, trials=TABLE.trials[:3])
    app = open_page("search")
    assert "None of 2 other settings had a lower loss than the plan. Keep it." in words(app)
    assert "Use these settings" not in labels(app)


def test_photos_that_changed_since_are_told_of_and_the_tries_stay(found, open_page, words):
    project = found()
    edits.set_aside(project, [project.photos()[0].id], "it is not wanted")
    app = open_page("search")
    assert "The photos have changed since this was tried." in words(app)
    assert "How wrong each try was" in charts(app)


def test_a_plan_with_another_base_does_not_take_these_settings(found, open_page, words):
    project = found()
    keep_plan(project, usual_config("feature-extraction", "vgg16"))
    app = open_page("search")
    assert "This was tried with EfficientNet-Lite0, and your plan starts from VGG16 now." in words(app)
    assert "Use these settings" not in labels(app)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (usual_config("from-scratch"), "The plan trains the whole network"),
        (TrainConfig(head="flatten-fc"), "The plan's head learns from whole feature maps"),
    ],
)
def test_a_plan_without_such_a_head_is_sent_to_the_advice(project, open_page, words, plan, why):
    keep_plan(project, plan)
    app = open_page("search")
    assert why in words(app)
    assert labels(app) == []


def test_a_failure_is_said_in_words_with_the_log(asked, open_page, words):
    asked.job.event_log().write(FAILED, message="The disk is full.")
    (asked.folder / "worker.log").write_text("the last words")
    app = open_page("search")
    assert [error.value for error in app.error] == ["The disk is full."]
    assert "the last words" in words(app)
    assert primary(app) == ["Search"]


def test_a_worker_that_died_leaves_its_tries_and_a_clear_message(project, asked, open_page, words):
    asked.write(replace(TABLE, measured_on=project.photo_state()))
    asked.job.event_log().write(PHASE, name="search", words="Trying settings of the head")
    write_json(asked.folder / "job.json", {"work": "search", "submitted": time.time() - START_GRACE_S - 1})
    app = open_page("search")
    assert "The search ended without a word" in app.warning[0].value
    assert "How wrong each try was" in charts(app)
    assert "Search on" in labels(app)


def test_train_links_to_it(project, open_page):
    assert "Search for better settings" in [link.label for link in open_page("train").get("page_link")]

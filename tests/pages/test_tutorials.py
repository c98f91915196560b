"""Follow a tutorial, on the page Train: what is shown, what a change does, and a tutorial that goes on or has ended."""

import time

import pandas as pd
import pytest

from core.base.events import FINISHED, PHASE, PROGRESS
from core.base.files import write_json
from core.jobs.job import START_GRACE_S
from core.recipes.catalogue import CATS_AND_DOGS, TUTORIALS
from core.recipes.folder import new_tutorial, tutorials_of
from core.recipes.planning import plan_of, request_of
from core.recipes.record import Decision, MapFacts, Pair, RunRow, TutorialResult
from tests.pages.screen import charts, labels, press, widget

ROW = RunRow("head", "now 1", "cats-and-dogs head", 1.5, 5, 0.21, 0.9, (0.8, 0.95), 0.8, 60)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """A computer with the built-in base's weights only."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("ESPALIER_WEIGHTS", raising=False)


def choose(app, name):
    app = widget(app, "radio", "Tutorial").set_value(name).run()
    assert not app.exception
    return app


def begun(project):
    this = new_tutorial(project)
    this.ask(request_of(CATS_AND_DOGS, plan_of(CATS_AND_DOGS, {"KERAS_HOME": str(project.folder)}), "now"))
    write_json(this.folder / "job.json", {"work": "tutorial", "submitted": time.time() - START_GRACE_S - 1})
    return this


def test_until_one_is_chosen_there_are_their_names_and_no_button(project, open_page):
    app = open_page("train")
    assert widget(app, "radio", "Tutorial").options == [tutorial.title for tutorial in TUTORIALS]
    assert labels(app) == ["Train"]


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda each: each.name)
def test_the_chosen_one_says_what_it_sets_and_what_is_otherwise(tutorial, project, open_page, words):
    app = choose(open_page("train"), tutorial.name)
    said = words(app)
    assert f"After an article about {tutorial.article}." in said
    assert all(step.words in said for step in tutorial.steps if not step.optional)
    assert all(each in said for each in tutorial.differs)
    assert labels(app) == ["Train", "Follow this tutorial"]


def test_what_is_changed_reaches_the_request(project, open_page, words, submitted):
    app = choose(open_page("train"), "cats-and-dogs")
    assert "**How often it sees each photo** (epochs): at most 5\n" in words(app)
    assert "EfficientNet-Lite0, standing in for InceptionV3" in words(app)
    key = f"tutorial_{project.id}_cats-and-dogs"
    app.number_input(key=f"{key}_head_epochs").set_value(3)
    app.number_input(key=f"{key}_head_batch").set_value(16)
    app.number_input(key=f"{key}_thawed_slow").set_value(0.00002).run()
    assert "(epochs): at most 3 :small[· not the article's]" in words(app)
    press(app, "Follow this tutorial")
    (this,) = tutorials_of(project)
    assert submitted == [("tutorial", this.folder)]
    head, thawed = (step.settings() for step in this.request().steps)
    assert (head.epochs, head.batch_size, head.learning_rate, head.optimizer) == (3, 16, 0.001, "rmsprop")
    assert (thawed.fine_tune_rate, thawed.batch_size, thawed.thaw_from) == (0.00002, 32, "stage7")
    assert this.request().steps[1].title == "cats-and-dogs thawed (EfficientNet-Lite0 for InceptionV3)"


def test_the_optional_step_can_be_left_out(project, open_page, submitted):
    app = choose(open_page("train"), "cats-and-dogs")
    widget(app, "checkbox", "Go on with the last blocks thawed, at a lower rate (as you like)").uncheck().run()
    press(app, "Follow this tutorial")
    assert [step.name for step in tutorials_of(project)[0].request().steps] == ["head"]


def test_one_that_goes_on_shows_its_step_and_can_be_stopped_and_no_other_begun(project, open_page, words):
    this = begun(project)
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="tutorial", words="Step 2 of 2: Go on with the last blocks thawed")
        this.job.event_log().write(PROGRESS, done=1, total=2, seconds_left=None)
        app = open_page("train")
        text = app.get("progress")[0].proto.text
        assert text == "Step 2 of 2: Go on with the last blocks thawed: 1 of 2 steps"
        assert words(app).count("Step 2 of 2") == 0
        assert "Follow this tutorial" not in labels(app)
        assert not [each for each in app.radio if each.label == "Tutorial"]
        press(app, "Stop the tutorial")
        assert this.job.stop_requested() == "discard"


def test_the_step_stays_in_sight_while_what_it_does_has_words_of_its_own(project, open_page, words):
    this = begun(project)
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="tutorial", words="Step 1 of 2: Draw a map")
        this.job.event_log().write(PHASE, name="features", words="Looking at the photos")
        app = open_page("train")
        assert "**Step 1 of 2: Draw a map**" in words(app)
        assert app.get("progress")[0].proto.text == "Looking at the photos"


def test_one_whose_worker_was_killed_can_go_on(project, open_page, words, submitted):
    this = begun(project)
    this.job.event_log().write(PHASE, name="tutorial", words="Step 2 of 2")
    this.write(TutorialResult("cats-and-dogs", runs=[ROW]))
    app = open_page("train")
    assert any("The tutorial ended without a word" in each.value for each in app.warning)
    assert app.dataframe[0].value.to_dict("records") == [
        {
            "step": "head",
            "time an epoch": "1.50 s",
            "log loss": "0.210",
            "accuracy": "90 % of 60 (likely 80 to 95 %)",
            "kappa": "0.800",
        }
    ]
    press(app, "Go on")
    assert submitted == [("tutorial", this.folder)]


def test_a_finished_one_shows_all_that_came_of_it(project, open_page, words):
    this = begun(project)
    this.job.event_log().write(FINISHED)
    photos = project.photos()
    places = pd.DataFrame({"x": range(len(photos)), "y": 0.0, "label": [photo.label for photo in photos]})
    this.write_map(places)
    this.write(
        TutorialResult(
            "bananas",
            runs=[ROW],
            map=MapFacts("inceptionv3", 20, 0.95),
            decision=Decision(4, "Keep the base model as it is", "efficientnet-lite0", ["Few photos."]),
            pairs=[Pair("a", "b", 60, 3, 2, 1.0, "The difference could be chance.")],
        )
    )
    app = open_page("train")
    said = words(app)
    assert "Keep the base model as it is (EfficientNet-Lite0). Few photos." in said
    assert "the nearest neighbour of 95 % is of the same class" in said
    assert "The difference could be chance." in said
    assert "Photos that look alike to the base model lie together" in charts(app)
    assert "Go on" not in labels(app)
    assert [each.proto.label for each in app.get("page_link")][-2:] == [
        "Ask it about a photo from elsewhere",
        "Compare its runs",
    ]

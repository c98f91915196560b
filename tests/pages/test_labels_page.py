import json

import pandas as pd
import pytest

from core.base.events import CANCELLED, FAILED, FINISHED, PHASE, PROGRESS, QUEUED
from core.label_issues.folder import SearchedLabels, labels_of
from core.projects import edits
from tests.pages.screen import as_seen, ask_gallery, button, gallery


def bar(app):
    return app.get("progress")[0].proto.text


def asked(app):
    return next(each.value for each in app.markdown if each.value.startswith("####"))


@pytest.fixture
def judged(project):
    """The project with two crosses that look like discs."""
    photos = project.photos()
    crosses, discs = ([photo.sha256 for photo in photos if photo.label == label] for label in ("cross", "disc"))
    table = pd.DataFrame(
        {
            "sha256": crosses + discs,
            "label": ["cross"] * 10 + ["disc"] * 10,
            "looks_like": ["disc"] * 10 + ["cross"] * 10,
            "score": 0.9,
            "sure": 0.97,
            "agree": 9,
            "near": 10,
            "suspect": [True] * 2 + [False] * 18,
            "near_own": [crosses[5:8]] * 20,
            "near_other": [discs[5:8]] * 20,
        }
    )
    labels_of(project).write(table, SearchedLabels(20, 2, []), project.photo_state())
    return project


@pytest.fixture
def three(judged):
    """The same with three suspects that are crosses, and a disc."""
    labels = labels_of(judged)
    table = pd.read_parquet(labels.result_path)
    table.loc[[2, 10], "suspect"] = True
    labels.write(table, SearchedLabels(20, 4, []), judged.photo_state())
    return judged


def crosses(project):
    return [photo.name for photo in project.photos("cross")]


def test_without_photos_it_says_what_is_missing(workspace, open_page):
    workspace.create("Empty")
    app = open_page("labels")
    assert "no photos yet" in app.warning[0].value
    assert not app.button


def test_the_search_is_started_with_one_button(project, open_page, submitted):
    button(open_page("labels"), "Look for wrong labels").click().run()
    assert [(kind, folder.name) for kind, folder in submitted] == [("labels", "labels")]


def test_a_suspect_is_shown_with_its_reason_its_neighbours_and_keys(judged, open_page, words):
    app = open_page("labels")
    assert bar(app) == "0 of 2 looked at"
    assert asked(app) == "#### It is in cross. Is it disc?"
    why = "9 of its 10 nearest photos are disc; judged by models that have not seen it: disc, 97 %."
    assert why in words(app).replace("\\", "")
    assert len(app.get("image")) == 7
    keys = {each.label: each.proto.shortcut for each in app.button if each.proto.shortcut}
    assert {label: key.upper() for label, key in keys.items()} == {
        "Move to disc": "M",
        "Keep in cross": "K",
        "Set aside": "A",
        "Not sure": "N",
    }
    assert [each.label for each in app.button if each.proto.type == "primary"] == ["Move to disc"]


def test_moving_and_setting_aside_change_the_photo_and_are_undone(judged, open_page, words):
    before = crosses(judged)
    app = open_page("labels")
    button(app, "Move to disc").click().run()
    assert crosses(judged) == before[1:]
    assert bar(app) == "1 of 2 looked at"
    button(app, "Set aside").click().run()
    assert [photo.set_aside for photo in judged.photos_set_aside()] == ["its class is unclear"]
    assert "You have looked at all of them." in app.success[0].value
    assert button(app, "Train again").proto.type == "primary"
    button(app, "Undo").click().run()
    button(app, "Undo").click().run()
    assert crosses(judged) == before
    assert bar(app) == "0 of 2 looked at"


def test_a_photo_of_neither_class_goes_to_a_third_one_and_comes_back(judged, open_page):
    edits.move(judged, [judged.photos("disc")[-1].id], "star")
    app = open_page("labels")
    first = crosses(judged)[0]
    other = next(box for box in app.selectbox if box.label == "It is something else")
    assert other.options == ["star"]
    other.set_value("star").run()
    assert not app.exception
    assert first in [photo.name for photo in judged.photos("star")]
    assert bar(app) == "1 of 2 looked at"
    assert next(box for box in app.selectbox if box.label == "It is something else").value is None
    button(app, "Undo").click().run()
    assert crosses(judged)[0] == first
    assert len(judged.photos("star")) == 1


def test_what_is_kept_does_not_come_back_and_can_be_undone(judged, open_page, words):
    first = crosses(judged)[0]
    app = open_page("labels")
    button(app, "Keep in cross").click().run()
    assert bar(open_page("labels")) == "1 of 2 looked at"
    assert "Last decision: Kept" in words(app)
    assert len(crosses(judged)) == 10
    button(app, "Undo").click().run()
    assert bar(app) == "0 of 2 looked at"
    assert first in words(app).replace("\\", "")


def test_what_one_is_not_sure_of_comes_again_at_the_end(judged, open_page, words):
    app = open_page("labels")
    button(app, "Not sure").click().run()
    assert bar(app) == "1 of 2 looked at"
    button(app, "Keep in cross").click().run()
    assert bar(app) == "2 of 2 looked at"
    assert "You were not sure about 1 photo; here they are again." in words(app)
    button(app, "Keep in cross").click().run()
    assert app.success[0].value == "You have looked at all of them."


def ask(app, number, do, seen, **more):
    ask_gallery(app, {"n": number, "do": do, "photos": seen, **more})


def said(app):
    return gallery(app)["done"]["said"][-1]["words"]


def undo(app, number):
    ask(app, number, "undo", [], edit=gallery(app)["last"]["id"])


def test_all_that_are_left_stand_in_the_gallery_with_what_they_look_like(judged, open_page):
    shown = gallery(open_page("labels"))
    assert [photo["said"] for photo in shown["photos"]] == ["cross, looks like disc, 97 %"] * 2
    assert [photo["name"] for photo in shown["photos"]] == crosses(judged)[:2]
    keys = {each["words"]: each["keys"][:1] for each in shown["actions"]}
    assert keys == {
        "Move to what it looks like": ["m"],
        "Keep": ["k"],
        "Set aside": ["a"],
        "Not sure": ["n"],
        "Put into a class": [],
    }


def test_several_are_moved_at_once_and_come_back(judged, open_page, words):
    before = crosses(judged)
    app = open_page("labels")
    ask(app, 1, "like", as_seen(app, "png"))
    assert crosses(judged) == before[2:]
    assert "You have looked at all of them." in app.success[0].value
    button(app, "Undo").click().run()
    assert crosses(judged) == before
    ask(app, 2, "aside", as_seen(app, "png")[:1])
    assert [photo.set_aside for photo in judged.photos_set_aside()] == ["its class is unclear"]
    assert bar(app) == "1 of 2 looked at"


@pytest.mark.parametrize("do", ["keep", "unsure"])
def test_a_decision_on_several_is_undone_as_one_and_before_the_change_before_it(three, open_page, do):
    app = open_page("labels")
    first = crosses(three)[0]
    ask(app, 1, "like", as_seen(app, "png")[:1])
    ask(app, 2, do, as_seen(app, "png")[:2])
    assert bar(app) == "3 of 4 looked at"
    undo(app, 3)
    assert said(app).startswith("Undone: ")
    assert bar(app) == "1 of 4 looked at"
    assert first not in crosses(three)
    undo(app, 4)
    assert crosses(three)[0] == first
    assert bar(app) == "0 of 4 looked at"


def test_those_that_look_like_several_classes_are_not_moved_at_once(three, open_page):
    app = open_page("labels")
    ask(app, 1, "like", as_seen(app, "png"))
    assert said(app) == "These look like several classes: cross, disc. Select those of one."
    assert len(crosses(three)) == 10


def test_no_suspects_is_said_as_good_news(judged, open_page):
    labels = labels_of(judged)
    table = pd.read_parquet(labels.result_path).assign(suspect=False)
    labels.write(table, SearchedLabels(20, 0, ["disc"]), judged.photo_state())
    app = open_page("labels")
    assert "No class looks wrong among 20 photos." in app.success[0].value
    assert "Not judged, since all photos of it show one picture: disc." in app.caption[0].value.replace("\\", "")


def test_photos_that_came_since_are_mentioned(judged, open_page):
    labels = labels_of(judged)
    then = json.loads(judged.photo_state())
    about = SearchedLabels(20, 2, [])
    labels.write(pd.read_parquet(labels.result_path), about, json.dumps([then[0], then[1] - 1, *then[2:]]))
    app = open_page("labels")
    assert "Photos were added since" in app.info[0].value
    assert button(app, "Look again")


def test_a_search_that_goes_on_can_be_stopped(project, open_page):
    labels = labels_of(project)
    labels.folder.mkdir()
    with labels.job.alive_lock():
        labels.job.event_log().write(PHASE, name="labels", words="Judging each photo")
        labels.job.event_log().write(PROGRESS, done=3, total=11, seconds_left=4.0)
        app = open_page("labels")
        assert bar(app) == "Judging each photo: 3 of 11 steps, about 4 seconds left"
        button(app, "Stop").click().run()
        assert labels.job.stop_requested() == "discard"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"event": CANCELLED}, "The search was stopped."),
        ({"event": FAILED, "message": "It broke."}, "It broke."),
        ({"event": PHASE, "name": "labels", "words": ""}, "The search ended without a word"),
    ],
)
def test_it_says_how_a_search_ended_and_offers_another(project, open_page, words, last, said):
    labels = labels_of(project)
    labels.folder.mkdir()
    labels.job.event_log().write(QUEUED)
    labels.job.event_log().write(last.pop("event"), **last)
    app = open_page("labels")
    assert said in words(app)
    assert button(app, "Look for wrong labels")


def test_a_finished_search_says_nothing_of_its_end(judged, open_page):
    labels_of(judged).job.event_log().write(FINISHED)
    app = open_page("labels")
    assert not app.error
    assert not app.warning

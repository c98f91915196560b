import io
import shutil

import numpy as np
import pytest
from PIL import Image

from core.base.files import read_json, write_json
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.photos.labelled_photo import FEEDBACK
from core.projects.imports import ImportFolder, run_import
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.runs.choosing.in_use import finished_runs
from core.runs.choosing.names import short_names
from core.runs.photo_places import run_photos
from core.runs.predictions import read_predictions, write_predictions
from core.runs.run import Run, list_runs
from pages.components.feedback.waiting import WaitingPhotos
from tests.pages.screen import as_seen, ask_gallery, button, gallery, labels, primary


def picture(seed):
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(coarse).resize((64, 48), Image.Resampling.BICUBIC).save(data, "PNG")
    return data.getvalue()


def say(project, name, probability, said, data=None, known=None):
    """Keeps feedback on a photo that was taken for a cross."""
    answer = ModelAnswer("a run", {"cross": probability, "disc": 1 - probability}, known=known)
    data = data or picture(sum(name.encode()))
    return feedback_of(project).add(name, data, answer, said)


@pytest.fixture
def fed(project):
    """A sure mistake, one that was kept for later, a right answer that was unsure, and one that was sure."""
    say(project, "sure.png", 0.99, "cross")
    say(project, "unsure.png", 0.6, "cross")
    say(project, "later.png", 0.55, "")
    say(project, "mistake_[1].png", 0.97, "disc")
    return project


def test_without_feedback_it_says_where_to_give_some(project, open_page):
    app = open_page("feedback")
    assert "Nothing waits here" in app.info[0].value
    assert not app.button


WAITING, TAUGHT = "Photos that wait", "Photos from feedback"


def waiting(app):
    """The gallery of photos that wait."""
    return gallery(app, WAITING)["photos"]


def tell(app, n, do, *names, value=""):
    """What a key does with photos that wait."""
    photos = as_seen(app, *names, title=WAITING) if names else []
    last = gallery(app, WAITING)["again" if do == "redo" else "last"]
    edit = {"edit": last["id"]} if do in ("undo", "redo") else {}
    return ask_gallery(app, {"n": n, "do": do, "photos": photos, "value": value, **edit}, title=WAITING)


def test_the_queue_says_what_would_help_most_and_why(fed, open_page, words):
    app = open_page("feedback")
    assert "4 photos, those that would help most first" in words(app)
    shown = waiting(app)
    assert [(photo["name"], photo["label"]) for photo in shown] == [
        ("mistake_[1].png", "disc"),
        ("later.png", ""),
        ("unsure.png", "cross"),
        ("sure.png", "cross"),
    ]
    assert [photo["said"] for photo in shown[::3]] == ["called cross, 97\xa0% sure", "called cross, 99\xa0% sure"]
    assert shown[0]["group"] == "It was wrong: these teach it most"
    assert shown[3]["more"] == "Right, and sure already: it would add little."
    assert primary(app) == ["Put 2 photos into the project"]


def test_the_original_of_a_photo_that_waits_is_shown_while_the_page_is_there(fed, open_page):
    app = open_page("feedback")
    shown, photo = gallery(app, WAITING), waiting(app)[0]
    source = WaitingPhotos(shown["pictures"].split("/")[-1], fed, feedback_of(fed))
    pictures = source.pictures(photo["id"])
    assert pictures.version == photo["version"]
    assert Image.open(io.BytesIO(pictures.large(2000))).size == (64, 48)
    assert source.pictures(1) is None


def test_words_that_a_disk_changed_are_told_and_the_others_count(fed, open_page, words):
    log = feedback_of(fed).log_path
    log.write_bytes(log.read_bytes().replace(b'"said": "disc"', b'"said": "dist"'))
    app = open_page("feedback")
    assert "Some of what you said (said.jsonl) can't be read any more." in app.warning[0].value
    assert "3 photos, those that would help most first" in words(app)


def test_what_was_kept_for_later_counts_once_it_is_named_and_can_be_taken_back(fed, open_page):
    app = tell(open_page("feedback"), 1, "move", "later.png", value="disc")
    assert primary(app) == ["Put 3 photos into the project"]
    assert {row.name: row.label for row in feedback_of(fed).waiting()}["later.png"] == "disc"
    tell(app, 2, "back", "mistake_[1].png")
    assert primary(app) == ["Put 2 photos into the project"]
    assert {row.name for row in feedback_of(fed).waiting()} == {"sure.png", "unsure.png", "later.png"}
    app.toggle[0].set_value(True).run()
    assert app.toggle[0].label == "Also 1 photo that would add little"
    assert primary(app) == ["Put 3 photos into the project"]


def test_what_is_said_of_photos_that_wait_is_undone_and_done_again(fed, open_page, words):
    def labels():
        return {row.name: row.label for row in feedback_of(fed).waiting()}

    app, before = open_page("feedback"), labels()
    tell(app, 1, "right", "later.png", "mistake_[1].png")
    assert labels() == {**before, "later.png": "cross", "mistake_[1].png": "cross"}
    tell(app, 2, "back", "png")
    assert labels() == {}
    assert "No photo waits" in words(app)
    assert gallery(app, WAITING)["last"]["what"] == "Took back what you said of 4 photos"
    tell(app, 3, "undo")
    tell(app, 4, "undo")
    assert labels() == before
    assert gallery(app, WAITING)["last"] is None
    tell(app, 5, "redo")
    assert labels()["later.png"] == "cross"
    feedback_of(fed).change({row.sha256: "disc" for row in feedback_of(fed).waiting()})
    tell(app, 6, "undo")
    assert "Another window said something else" in gallery(app, WAITING)["done"]["said"][-1]["words"]
    assert set(labels().values()) == {"disc"}


def test_one_click_puts_them_into_the_project_and_offers_to_train_again(fed, open_page, submitted, words):
    app = open_page("feedback")
    button(app, "Put 2 photos into the project").click().run()
    ((work, folder),) = submitted
    assert work == "import"
    assert run_import(fed, ImportFolder(folder), workers=1).added == 2
    app = open_page("feedback")
    assert "2 photos added" in app.success[0].value
    assert "2 photos from feedback wait in the project for the next run." in words(app)
    assert primary(app) == ["Train again"]
    assert [(photo.label, photo.split) for photo in fed.photos() if photo.origin == FEEDBACK] == [
        ("disc", "train"),
        ("cross", "train"),
    ]
    assert "2 photos, those that would help most first" in words(app)  # the others wait on


def test_those_in_the_project_stand_in_the_gallery_with_what_the_model_had_said(fed, open_page):
    run_import(fed, feedback_of(fed).put_into_project(feedback_of(fed).waiting()[-1:]), workers=1)
    app = open_page("feedback")
    (photo,) = gallery(app, TAUGHT)["photos"]
    assert (photo["label"], photo["fed"], photo["said"]) == ("disc", True, "was called cross, 97 % sure")
    ask_gallery(
        app, {"n": 1, "do": "move", "photos": as_seen(app, "png", title=TAUGHT), "value": "cross"}, title=TAUGHT
    )
    assert [photo["label"] for photo in gallery(app, TAUGHT)["photos"]] == ["cross"]
    assert len(fed.photos("cross")) == 11


def test_a_class_that_went_is_told_in_words(fed, open_page):
    app = open_page("feedback")
    with fed.database() as db:
        db.execute("update photos set label = 'ring' where label = 'disc'")
    button(app, "Put 2 photos into the project").click().run()
    assert not app.exception
    assert primary(app) == ["Put 1 photo into the project"]
    assert "There is no class called disc any more. Say again what it shows." in [each["more"] for each in waiting(app)]


def test_photos_like_the_test_are_left_out_and_the_page_says_so(fed, open_page):
    this = feedback_of(fed).put_into_project([row for row in feedback_of(fed).waiting() if row.was_wrong])
    run_import(fed, this, workers=1)
    with fed.database() as db:  # as when a test folder with a copy of it came later
        db.execute("update looks set near = 'twins' where photo in (1, 21)")
        db.execute("update photos set split = 'test' where id = 1")
    app = open_page("feedback")
    assert "1 photo from feedback takes no part in training" in app.warning[0].value
    assert "Train again" not in labels(app)


@pytest.fixture
def trained_again(own):
    """A project with two finished runs: the second has learned from a photo that was taken for a cross."""
    project = own
    first = list_runs(project.runs_folder)[0]
    say(project, "mistake.png", 0.97, "disc")
    run_import(project, feedback_of(project).put_into_project(feedback_of(project).waiting()), workers=1)
    shutil.copytree(first.folder, project.runs_folder / "b run")
    second = Run(project.runs_folder / "b run")
    second.write_photos(run_photos(project, split_photos(project, 0, Shares())))
    written, table = read_json(second.report_path), read_predictions(second.predictions_path, "test")
    photos = [photo for photo in second.photos() if photo.sha256 in set(table["sha256"])]
    right = np.eye(2, dtype=np.float32)[[written["classes"].index(photo.label) for photo in photos]]
    write_predictions(second.predictions_path, {"test": photos}, {"test": right}, written["classes"])
    n = len(photos)
    test = {**written["test"], "n": n, "accuracy": 1.0, "accuracy_interval": [0.61, 1.0]}
    write_json(second.report_path, {**written, "test": test})
    return project


def test_what_it_brought_is_shown_with_no_more_than_it_shows(trained_again, open_page, words):
    app = open_page("feedback")
    said = words(app).replace("\\", "")
    assert app.subheader[0].value == "What it brought"
    names = short_names(finished_runs(trained_again))
    assert f"**{names['b run']}** learned from 1 photo from feedback that **{names['a run']}** had not seen." in said
    assert "After: 6 of 6 test photos right (100 %, likely between 61 and 100 %)." in said
    assert any(each in said for each in ("could be chance", "right on the same photos"))  # six photos prove nothing
    assert not [each for each in app.success if "better" in each.value]
    assert "Of 1 photo that it had got wrong and you corrected," in said
    assert "it has learned from these very photos" in said
    assert "Train again" not in labels(app)

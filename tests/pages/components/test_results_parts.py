"""The parts of the Results page on answers that are known: what is chosen, mended, marked and said."""

import numpy as np
import pandas as pd
import pytest

from core.base.files import write_json
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import percent
from core.engine.feature_cache import FeatureCache
from core.evaluation.calibration import fit_calibration, with_temperature
from core.evaluation.metrics import classification_metrics
from core.evaluation.thresholds import costly_pairs
from core.models.config import TrainConfig
from core.photos.kept_settings import pictures_key
from core.photos.labelled_photo import LabelledPhoto
from core.projects.edits import last_edit
from core.runs.predictions import write_predictions
from core.runs.run import Run
from pages.components.results.photos_gone import GonePhotos
from tests.core.reports import a_report
from tests.pages.screen import as_seen, ask_gallery, gallery, press

CLASSES = ["cross", "disc"]
GONE = "Photos no longer in the project"
SURE_OF_CROSS = [0.9, 0.8, 0.4, 0.05]  # that the four photos of each class in each part are a cross


@pytest.fixture
def judged(project):
    """A run on the 20 photos: of four crosses two are called disc, of four discs two cross, in test and validation."""
    chosen = {label: project.photos(label) for label in CLASSES}
    photos = {
        part: [
            LabelledPhoto(str(project.path(photo)), label, part, photo.sha256)
            for label in CLASSES
            for photo in chosen[label][first : first + n]
        ]
        for part, first, n in ((TEST, 0, 4), (VALIDATION, 4, 4), (TRAIN, 8, 2))
    }
    answers = {part: np.array([[p, 1 - p] for p in SURE_OF_CROSS * 2], np.float32) for part in (TEST, VALIDATION)}
    answers[TRAIN] = np.array([[0.9, 0.1]] * 4, np.float32)
    truth = np.array([0] * 4 + [1] * 4)
    run = Run.create(project.runs_folder / "a run", TrainConfig(), [p for part in photos.values() for p in part])
    write_predictions(run.predictions_path, photos, answers, CLASSES)
    report = a_report(
        CLASSES,
        photos={part: len(each) for part, each in photos.items()},
        test=classification_metrics(truth, answers[TEST], CLASSES),
        calibration=fit_calibration((answers[VALIDATION], truth), (answers[TEST], truth)),
    )
    write_json(run.report_path, report.to_json())
    return run


def sure(judged, p):
    """How sure the app is where the network gave p: 0..1."""
    return with_temperature(np.array([[p, 1 - p]]), judged.temperature()).max()


def choose(app, label, value):
    box = next(box for box in app.selectbox if box.label == label)
    box.set_value(value).run()
    assert not app.exception
    return app


def truths(app):
    """What stands under the photos of the gallery, in order."""
    return [photo["said"] for photo in gallery(app)["photos"]]


def look_closer(app, *names):
    return ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, *names)[:1]})


def test_all_mistakes_are_shown_at_first_the_surest_on_top(judged, open_page, words):
    app = open_page("results")
    assert "The 4 photos it got wrong, the surest mistakes first" in words(app)
    assert judged.temperature() > 1.1  # the network was too sure
    assert truths(app) == [
        f"cross, taken for disc, {percent(sure(judged, 0.95))} sure",
        f"disc, taken for cross, {percent(sure(judged, 0.9))} sure",
        f"disc, taken for cross, {percent(sure(judged, 0.8))} sure",
        f"cross, taken for disc, {percent(sure(judged, 0.6))} sure",
    ]


@pytest.mark.slow
def test_a_confused_pair_a_row_and_a_column_choose_their_photos(judged, open_page, words):
    app = press(open_page("results"), "cross → disc: 2 of 4")
    assert "2 photos of cross called disc" in words(app)
    shares = [percent(sure(judged, p)) for p in (0.95, 0.6, 0.8, 0.9)]
    assert truths(app) == [f"cross, taken for disc, {share} sure" for share in shares[:2]]
    choose(app, "Taken for", None)
    assert "4 photos of cross, mistakes first" in words(app)
    assert truths(app)[2:] == [f"cross, rightly called so, {share} sure" for share in shares[2:]]
    choose(app, "True class", None)
    choose(app, "Taken for", "cross")
    assert "4 photos called cross, mistakes first" in words(app)
    press(app, "All mistakes")
    assert "The 4 photos it got wrong" in words(app)


@pytest.mark.slow
def test_photos_behind_a_mistake_are_moved_and_the_move_is_undone(judged, project, open_page):
    app = press(open_page("results"), "cross → disc: 2 of 4")
    before = truths(app)
    ask_gallery(app, {"n": 1, "do": "move", "photos": as_seen(app, "png"), "value": "disc"})
    assert last_edit(project).what == "Moved 2 photos to disc"
    assert truths(app) == [f"{said}, now in disc" for said in before]
    ask_gallery(app, {"n": 2, "do": "undo", "photos": [], "edit": gallery(app)["last"]["id"]})
    assert last_edit(project) is None
    assert truths(app) == before


def test_photos_behind_a_mistake_are_set_aside_one_by_one(judged, project, open_page):
    app = press(open_page("results"), "disc → cross: 2 of 4")
    ask_gallery(app, {"n": 1, "do": "aside", "photos": as_seen(app, "png")[:1]})
    assert last_edit(project).what == "Set aside 1 photo"
    assert [photo["aside"] for photo in gallery(app)["photos"]] == ["you set it aside", ""]
    assert len(project.photos_set_aside()) == 1


def test_photos_that_left_the_project_stand_in_a_gallery_of_their_own(judged, project, open_page, words):
    left = project.photos("cross")[3]  # the surest mistake
    with project.database() as db:
        db.execute("delete from photos where id = ?", (left.id,))
    app = open_page("results")
    assert "The 4 photos it got wrong" in words(app)
    assert "1 photo no longer in the project" in words(app)
    assert len(gallery(app, "Photos behind the number")["photos"]) == 3
    shown = gallery(app, GONE)
    (photo,) = shown["photos"]
    assert photo["said"].startswith("cross, taken for disc, ")
    assert (photo["label"], photo["name"]) == ("cross", project.path(left).name)
    assert ([action["name"] for action in shown["actions"]], shown["undoes"]) == (["closer"], False)
    rows = pd.DataFrame({"sha256": [left.sha256], "truth": ["cross"]})
    pictures = GonePhotos("a token", project, judged, rows).pictures(0)
    assert pictures.large(2000) == pictures.small() == project.thumbnail(left).read_bytes()
    app = ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, "png", title=GONE)}, title=GONE)
    assert "It is **cross**, and was called **disc**" in words(app)


def test_a_photo_opens_with_its_probabilities(judged, open_page, words):
    app = open_page("results")
    assert "was called" not in words(app)
    said = words(look_closer(app, "png"))
    assert f"It is **cross**, and was called **disc**, {percent(sure(judged, 0.95))} sure." in said
    assert "1 of 4" in said
    assert "no features of this photo were kept" in said


def test_a_photo_opens_with_the_training_photos_most_like_it(judged, project, open_page, words):
    photos = judged.photos()
    name = f"efficientnet-lite0-57934424-224-{pictures_key(judged.pictures())}"
    cache = FeatureCache(project.cache_folder / "features", name, 1280)
    cache.add([photo.sha256 for photo in photos], np.random.default_rng(0).random((len(photos), 1280)))
    said = words(look_closer(open_page("results"), "png"))
    assert "The training photos most like it" in said
    assert "no features" not in said


def test_the_calibration_is_said_in_words(judged, open_page, words):
    said = words(open_page("results"))
    mean = np.mean([sure(judged, p) for p in (0.9, 0.8, 0.6, 0.95)])
    assert f"On average it is {percent(mean)} sure and 50 % right, which agrees" in said
    most = percent(sure(judged, 0.95))
    assert f"When it says about {most}, it is right **50 %** of the time (2 photos; likely 9 to 91 %)" in said
    assert "were made less sure by one number" in said
    assert "fitted on 8 validation photos" in said
    assert "The answers stay the same" in said


def test_the_slider_says_how_often_it_answers_and_is_right_then(judged, open_page, words):
    app = open_page("results")
    assert "It answers on **100 %** of the photos (8 of 8) and is right on **50 %** of these" in words(app)
    app.slider[0].set_value(85).run()
    assert "It answers on **50 %** of the photos (4 of 8) and is right on **50 %** of these" in words(app)
    app.slider[0].set_value(99).run()
    assert "So sure it never is" in words(app)


@pytest.mark.slow
def test_a_costly_mistake_is_marked_kept_and_avoided(judged, project, open_page, words):
    app = choose(open_page("results"), "What is truly", "cross")
    choose(app, "must not be taken for", "disc")
    press(app, "Mark as costly")
    assert costly_pairs(project) == [("cross", "disc")]
    said = words(app)
    least = 100 * sure(judged, 0.95)
    assert f"Answer only when at least **{least:.1f} %** sure: on the validation photos that leaves 0 of 2" in said
    assert "says “not sure” on **100 %** (8)" in said
    assert "**0 costly mistakes** of 2 remain. Only 4 photos could show it: in truth it may happen on up to" in said
    said = words(press(app, "cross taken for disc"))
    assert costly_pairs(project) == []
    assert "Answer only when at least" not in said


def test_a_report_and_the_whole_table_can_be_downloaded(judged, open_page):
    labels = [button.label for button in open_page("results").get("download_button")]
    assert labels == ["Table (CSV)", "Report for a colleague (HTML)"]

import json
import time
from dataclasses import replace

import pytest

from core.advice.folder import advice_of
from core.advice.record import Examples, PhotosPerClass
from core.base.events import CANCELLED, FAILED, FINISHED, PHASE, PROGRESS, QUEUED
from core.base.files import read_json, write_json
from core.jobs.job import START_GRACE_S, Job, State
from core.models.config import TrainConfig
from core.projects import edits
from core.projects.plan import keep_plan, kept_plan
from core.runs.run import list_runs
from tests.core.advices import LITE0, LITE1, VGG16, some_advice
from tests.pages.screen import charts, labels, press, primary, widget
from tests.waiting import await_that

BOTH = replace(
    LITE1,
    base="efficientnet-lite0+efficientnet-lite1",
    title="EfficientNet-Lite0 + EfficientNet-Lite1",
    multiply_adds_g=0.983,
    gained=9,
    lost=1,
)


@pytest.fixture
def asked(project):
    """A project's advice whose worker is played by the test."""
    advice = advice_of(project)
    advice.folder.mkdir()
    advice.job.event_log().write(QUEUED)
    return advice


@pytest.fixture
def advised(project, asked):
    """A project with an answer."""

    def advise(**changes):
        photos = [photo.sha256 for photo in project.photos()]
        examples = Examples(photos[:6], photos[-6:])
        asked.write(some_advice(**{"examples": examples, "measured_on": project.photo_state(), **changes}))
        asked.job.event_log().write(FINISHED)
        return project

    return advise


def test_without_photos_the_page_says_what_is_missing(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("advice")
    assert "There are no photos yet" in words(app)
    assert labels(app) == []


def test_the_empty_state_is_a_sentence_and_a_button_that_starts_a_worker(project, open_page, words):
    app = open_page("advice")
    assert "says which base model to start from and how much of it to train" in words(app)
    assert labels(app) == primary(app) == ["Measure my photos"]
    app.button[0].click().run()
    job = advice_of(project).job
    assert job.kind() == "advise"
    assert "Stop measuring" in labels(app)
    press(app, "Stop measuring")
    assert job.stop_requested() == "discard"
    await_that(lambda: job.state() is State.CANCELLED, seconds=60)
    app = open_page("advice")
    assert "The measuring was stopped." in words(app)
    assert labels(app) == ["Measure my photos"]


def test_while_it_measures_the_page_shows_how_far_it_is(asked, open_page):
    with asked.job.alive_lock():
        asked.job.event_log().write(PHASE, name="features", words="Looking at the photos through EfficientNet-Lite0")
        asked.job.event_log().write(PROGRESS, done=5, total=20, seconds_left=31.0)
        app = open_page("advice")
        bar = app.get("progress")[0].proto
        assert bar.value == 25
        assert bar.text == ("Looking at the photos through EfficientNet-Lite0: 5 of 20 photos, about 31 seconds left")
        assert labels(app) == ["Stop measuring"]


def test_a_second_attempt_does_not_show_how_far_the_first_one_came(asked, open_page):
    log = asked.job.event_log()
    log.write(PHASE, name="features", words="Looking at the photos")
    log.write(PROGRESS, done=15, total=20, seconds_left=1.0)
    log.write(CANCELLED, message="Stopped.")
    log.write(QUEUED)
    bar = open_page("advice").get("progress")[0].proto
    assert (bar.text, bar.value) == ("Starting", 0)


def test_a_failure_is_said_in_words_and_can_be_tried_again(asked, open_page):
    why = "All photos of disc show the same picture, so nothing can be measured. Add different photos of it."
    asked.job.event_log().write(FAILED, message=why)
    app = open_page("advice")
    assert [error.value for error in app.error] == [why]
    assert primary(app) == ["Measure my photos"]


def test_a_worker_that_died_leaves_a_clear_message_and_the_old_advice(advised, asked, open_page, words):
    advised()
    asked.job.event_log().write(PHASE, name="features", words="Looking at the photos")
    write_json(asked.folder / "job.json", {"work": "advise", "submitted": time.time() - START_GRACE_S - 1})
    app = open_page("advice")
    assert "The measuring ended without a word" in app.warning[0].value
    assert "Where your photos lie" in charts(app)


def test_the_matrix_holds_the_photos_with_their_uncertainty_and_known_sets(advised, open_page):
    advised()
    matrix = charts(open_page("advice"))["Where your photos lie"]
    known, own, places = matrix["data"]
    assert (own["x"], own["y"]) == ([0.62], [12.0])
    assert {number for number, _ in places["customdata"]} == {1, 2, 3, 4}  # what a click on each chooses
    assert own["error_x"]["array"] == [pytest.approx(0.08)]
    assert own["error_x"]["arrayminus"] == [pytest.approx(0.07)]
    assert own["error_y"]["arrayminus"] == [2.0]
    assert known["text"][1] == "cats and dogs"
    assert (known["x"][1], known["y"][1]) == (0.69, 1000)
    assert [shape["x0"] for shape in matrix["layout"]["shapes"]] == [0, 0.5, 0, 0.5]
    assert {shape["y0"] for shape in matrix["layout"]["shapes"]} == {1, 1000}
    assert [note["text"][:6] for note in matrix["layout"]["annotations"]] == [f"<b>{n}</b"[:6] for n in (1, 2, 3, 4)]


def test_a_known_set_that_would_hide_behind_the_users_point_is_left_out(advised, open_page):
    advised(similarity=0.76, photos_per_class=PhotosPerClass(50, 70.0))
    known = charts(open_page("advice"))["Where your photos lie"]["data"][0]
    assert "fruit photos" not in known["text"]
    assert "cats and dogs" in known["text"]


def test_reasons_photos_plan_and_curve_are_on_the_page(advised, open_page, words):
    advised()
    app = open_page("advice")
    said = words(app)
    assert "It sees the differences that matter already." in said
    assert "12 photos of a class (the middle one): few." in said
    assert len(app.get("image")) == 12
    assert "**It starts from** (base model): EfficientNet-Lite0, built in" in said
    assert "a new head; the base model stays as it is: feature extraction" in said
    assert "**How long it takes** (expected): about 10 seconds on this computer" in said
    assert r"About 10 more of cross\_\* should help. More of disc will hardly change anything." in said
    continued, measured = charts(app)["What more photos bring"]["data"]
    assert (measured["x"], measured["line"]["dash"]) == ([2.0, 8.0], "solid")
    assert (continued["x"], continued["line"]["dash"]) == ([8.0, 20.0], "dash")
    assert continued["error_y"]["array"][1] == pytest.approx(0.05)
    assert primary(app) == ["Use this plan"]


def test_photos_that_changed_since_are_told_of_and_the_old_advice_stays(advised, open_page, words):
    project = advised()
    assert "The photos have changed" not in words(open_page("advice"))
    edits.set_aside(project, [project.photos()[0].id], "it is not wanted")
    app = open_page("advice")
    assert "The photos have changed since this was measured." in words(app)
    assert "Measure again" in labels(app)
    assert primary(app) == ["Use this plan"]
    assert "Where your photos lie" in charts(app)


def test_another_quadrant_shows_its_risk_and_its_plan(advised, open_page, words):
    advised()
    app = open_page("advice")
    assert len(app.warning) == 0
    told = [caption.rpartition(", about ") for caption in widget(app, "radio", "What to train").proto.captions]
    assert [place for place, _, _ in told][3] == "few photos, similar: here your photos lie"
    assert all(time.endswith(("seconds", "minute", "minutes")) for _, _, time in told)
    widget(app, "radio", "What to train").set_value(3).run()
    said = words(app)
    assert "The base model knows pictures like yours: training this much takes longer" in app.warning[0].value
    assert "For photos that lie there: the hardest case" in said
    assert "then also the last 3 of the base model's 7 blocks (from stage5 on): fine-tuning" in said
    assert "at most 60 times for the head, then at most 53 times with the thawed blocks" in said
    widget(app, "radio", "What to train").set_value(1).run()
    assert app.warning[0].value.startswith("Your photos are few for this")
    assert "the whole base model at once, from its first layer on" in words(app)


def test_parts_of_the_plan_can_be_changed_and_each_risk_is_named(advised, open_page, words):
    advised(quadrant=3, similar=False)
    app = open_page("advice")
    assert len(app.warning) == 0
    widget(app, "selectbox", "From which block on (where thawing begins)").set_value("stage2").run()
    assert [w.value for w in app.warning] == [
        "So many thawed blocks with few photos: it may learn them by heart (over-fitting)."
    ]
    widget(app, "toggle", "Mirrored photos too (augmentation)").set_value(False).run()
    assert len(app.warning) == 2
    assert "the last 6 of the base model's 7 blocks (from stage2 on)" in words(app)
    widget(app, "radio", "What learns (strategy)").set_value("feature-extraction").run()
    assert [w.value[:56] for w in app.warning] == ["The base model does not know pictures like yours well: k"]


@pytest.mark.slow
def test_using_the_plan_keeps_it_and_goes_to_training(advised, open_page, words):
    project = advised(quadrant=3, similar=False)
    app = open_page("advice")
    widget(app, "selectbox", "From which block on (where thawing begins)").set_value("stage6").run()
    press(app, "Use this plan")
    assert app.title[0].value == "Train"
    assert "This is the plan that you chose." in words(app)
    assert "Then the last 2 of the base model's 7 blocks (from stage6 on) learn too" in words(app)
    press(open_page("train"), "Train")
    (run,) = list_runs(project.runs_folder)
    run.job.request_stop(keep=False)
    assert (run.config().strategy, run.config().thaw_from, run.config().augment) == ("fine-tune", "stage6", "auto")
    await_that(lambda: not run.job.state().is_active, seconds=60)


def test_photos_varied_on_their_own_page_stay_so_in_the_plan(advised, open_page, words):
    project = advised()
    varied = "mirror=1,rotation=10,views=4"
    keep_plan(project, TrainConfig(augment=varied))
    app = open_page("advice")
    told = "4 varied views of each besides: mirrored, turned by up to 10°"
    assert f"Varied photos (augmentation): {told}." in words(app)
    assert f"- **Varied photos** (augmentation): {told}" in words(app)
    assert "Mirrored photos too (augmentation)" not in [toggle.label for toggle in app.toggle]
    press(app, "Use this plan")
    assert kept_plan(project).augment == varied
    assert f"Varied photos (augmentation): {told}." in words(app)  # Train says it too


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ([replace(LITE0, recommended=True)], "It is the only base model on this computer so far."),
        (
            [LITE1, replace(LITE0, recommended=True), VGG16],
            "On these photos EfficientNet-Lite1 is not surely better; it was the quickest of them when they were tried "
            "and is recommended.",
        ),
        (
            [replace(BOTH, recommended=True), LITE1, LITE0],
            "Side by side they were right on 9 photos where EfficientNet-Lite1, the best one alone, was wrong, and "
            "wrong on 1 where it was right: more than chance would do (McNemar's test, p = 0.021).",
        ),
        (
            [replace(LITE1, recommended=True), VGG16],
            "All others are surely worse on these photos, so it is recommended.",
        ),
    ],
)
def test_no_base_is_called_better_that_chance_may_have_made_so(advised, open_page, words, tried, said):
    advised(bake_off=tried)
    app = open_page("advice")
    assert said in words(app)
    bars = charts(app)["How well each base model tells them apart"]["data"][0]
    assert bars["y"][0].replace("<br>", " ").startswith(tried[0].title)
    assert len(bars["error_x"]["array"]) == len(tried)


def test_bases_that_are_not_here_can_be_downloaded_and_without_internet_a_sentence_says_why_not(
    advised, open_page, words, workspace, monkeypatch
):
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody answers
    monkeypatch.setenv("KERAS_HOME", str(workspace.home))
    monkeypatch.delenv("ESPALIER_WEIGHTS", raising=False)
    advised()
    app = open_page("advice")
    assert "**MobileNetV3 Large** needs a download of 13 MB (76 % right on ImageNet" in words(app)
    next(button for button in app.button if "mobilenetv3-large" in (button.key or "")).click().run()
    job = Job(workspace.home / "downloads" / "mobilenetv3-large")
    await_that(lambda: job.state() is State.FAILED, seconds=60)
    assert read_json(job.folder / "job.json")["work"] == "download"
    app = open_page("advice")
    assert app.error[0].value.startswith("The weights of MobileNetV3 Large can't be downloaded: the connection")
    assert any("mobilenetv3-large" in (button.key or "") for button in app.button)


def test_a_download_shows_its_megabytes_and_can_be_stopped(advised, open_page, workspace, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(workspace.home))
    monkeypatch.delenv("ESPALIER_WEIGHTS", raising=False)
    advised()
    job = Job(workspace.home / "downloads" / "resnet50")
    job.folder.mkdir(parents=True)
    with job.alive_lock():
        job.event_log().write(PHASE, name="download", words="Downloading ResNet50")
        job.event_log().write(PROGRESS, done=19, total=95, seconds_left=40.0)
        app = open_page("advice")
        assert app.get("progress")[0].proto.text == "Downloading ResNet50: 19 of 95 MB, about 40 seconds left"
        assert not any("resnet50_download" in (button.key or "") for button in app.button)
        press(app, "Stop the download")
        assert job.stop_requested() == "discard"


def test_a_base_that_came_since_can_be_tried(advised, open_page, words, workspace):
    advised()
    (workspace.home / "weights").mkdir()
    (workspace.home / "weights" / "mobilenetv2.weights.h5").write_bytes(b"looked at by name only")
    app = open_page("advice")
    assert "not yet tried on your photos:" in words(app)
    assert "MobileNetV2" in next(info.value for info in app.info if "not yet tried" in info.value)
    assert "Measure again to try them" in labels(app)
    widget(app, "selectbox", "It starts from (base model)").set_value("mobilenetv2").run()
    assert "MobileNetV2 has not been tried on your photos. Measure again to compare it." in app.warning[0].value
    assert "How long it takes" not in words(app)


def test_base_models_that_are_here_can_be_taken_side_by_side(advised, open_page, words, workspace):
    project = advised(quadrant=3, similar=False)
    (workspace.home / "weights").mkdir()
    for name in ("mobilenetv2", "mobilenet"):
        (workspace.home / "weights" / f"{name}.weights.h5").write_bytes(b"looked at by name only")
    app = open_page("advice")
    beside = "And beside it (a head learns from what all of them see)"
    assert widget(app, "multiselect", beside).value == []
    widget(app, "multiselect", beside).set_value(["mobilenetv2", "mobilenet"]).run()
    all_three = "EfficientNet-Lite0 + MobileNet + MobileNetV2"
    assert f"**It starts from** (base models side by side): {all_three}, on this computer" in words(app)
    assert widget(app, "radio", "What learns (strategy)").options == ["A new head only (feature extraction)"]
    assert "To train more of one, take it alone." in words(app)
    assert [w.value[:40] for w in app.warning] == [
        f"{all_three} has not been"[:40],
        "The base model does not know pictures li",
    ]
    press(app, "Use this plan")
    assert kept_plan(project).base == "efficientnet-lite0+mobilenet+mobilenetv2"
    app = open_page("train")
    assert f"what **{all_three}** (base models side by side, on this computer) already know" in words(app)
    heads = widget(app, "radio", "Head (what is learned on top)").options
    assert not any("flatten" in head for head in heads)
    (workspace.home / "weights" / "mobilenet.weights.h5").unlink()
    assert "The weights of MobileNet are not on this computer." in open_page("train").error[0].value


def test_a_plan_of_another_version_of_the_app_is_as_none(project, open_page, words):
    project.keep_setting("plan", json.dumps({**TrainConfig().to_json(), "schema": 99}))
    assert "This is the usual plan." in words(open_page("train"))


def test_where_sides_matter_the_plan_mirrors_only_when_told_to(advised, open_page, words):
    project = advised(quadrant=3, similar=False)
    edits.rename_class(project, "cross", "facing left")
    edits.rename_class(project, "disc", "facing right")
    app = open_page("advice")
    mirrored = "Mirrored photos too (augmentation)"
    assert not widget(app, "toggle", mirrored).value
    assert len(app.warning) == 0
    assert "Not mirrored: mirrored photos of facing left would show facing right." in words(app)
    widget(app, "toggle", mirrored).set_value(True).run()
    said = app.warning[0].value
    assert "also mirrored, as you chose, but mirrored photos of facing left would show facing right" in said
    press(app, "Use this plan")
    assert kept_plan(project).augment == "mirror=1,views=1"
    assert widget(open_page("advice"), "toggle", mirrored).value

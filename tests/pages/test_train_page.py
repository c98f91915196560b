import time
from dataclasses import replace

import pytest
from PIL import Image

from core.advice.folder import advice_of
from core.base.device import cores_in_words, usable_cores
from core.base.events import CANCELLED, EPOCH, FAILED, PHASE, PROGRESS
from core.base.files import write_json
from core.jobs.job import START_GRACE_S, State
from core.models import heads
from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, TrainConfig, usual_config
from core.projects.plan import keep_plan, kept_plan
from core.projects.project_split import add_given_subsets, near_copy_groups, preview_split
from core.projects.split import Shares
from core.runs.run import list_runs
from pages.components.shared.markdown import plain
from tests.core.advices import LITE0, some_advice
from tests.core.narrow_head import NARROW
from tests.pages.screen import labels, press, widget
from tests.waiting import await_that

SIZE = "Size at which it sees photos (input size, pixels)"


def an_epoch(number, val_loss):
    return {
        "epoch": number,
        "loss": 1 / number,
        "accuracy": 0.5,
        "val_loss": val_loss,
        "val_accuracy": 0.75,
        "seconds": 0.1,
    }


def test_without_photos_the_page_says_what_is_missing(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("train")
    assert "There are no photos yet" in words(app)
    assert labels(app) == []


def test_a_ready_project_shows_the_plan_and_one_primary_button(project, open_page, words):
    app = open_page("train")
    assert "EfficientNet-Lite0" in words(app)
    assert labels(app) == ["Train"]
    assert app.button[0].proto.type == "primary"
    assert "This is the usual plan." in words(app)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            TrainConfig(class_weights=True),
            "keeps that frozen, and learns your 2 classes on top of it (feature",
        ),
        (
            usual_config("fine-tune"),
            "Then the last 3 of the base model's 7 blocks (from stage5 on) learn too, at a small rate (fine-tuning).",
        ),
        (
            usual_config("from-scratch"),
            "Everything learns your 2 classes, from the first layer to the last. It begins with what",
        ),
    ],
)
def test_the_kept_plan_is_said_in_words_and_trained(project, open_page, words, plan, said):
    keep_plan(project, plan)
    app = open_page("train")
    assert said in words(app)
    assert "This is the plan that you chose." in words(app)
    press(app, "Train")
    (run,) = list_runs(project.runs_folder)
    run.job.request_stop(keep=False)
    assert run.config() == plan
    await_that(lambda: not run.job.state().is_active, seconds=60)


def test_the_thawed_blocks_have_their_own_details(project, open_page):
    keep_plan(project, usual_config("fine-tune"))
    app = open_page("train")
    assert "Epochs at most with the thawed blocks" in [field.label for field in app.number_input]
    assert not app.toggle[0].value  # a final model takes as long again here
    assert [slider.value for slider in app.select_slider] == [0.003, 0.0003]


def test_another_head_brings_its_width_and_a_rate_that_suits_it(project, open_page):
    app = open_page("train")
    app.radio[0].set_value("flatten-fc").run()
    assert not app.exception
    assert app.number_input[0].value == 519
    assert app.select_slider[0].value == 0.0001
    app.radio[0].set_value("gap").run()
    assert app.select_slider[0].value == 0.003
    app.radio[0].set_value("linear-svm").run()
    assert [field.label for field in app.number_input] == [SIZE]  # it is solved at once: no epochs to set
    assert not app.select_slider


@pytest.mark.slow
def test_details_offer_optimizers_steps_and_what_is_monitored(project, open_page):
    app = open_page("train")
    assert not app.slider
    app.radio[1].set_value("sgd").run()
    assert app.slider[0].label == "Share of each step that goes on in the next (momentum)"
    assert (app.slider[0].value, app.select_slider[0].value) == (0.9, 0.03)
    assert "With SGD the usual learning rates are 10 times as high." in [caption.value for caption in app.caption]
    steps = next(field for field in app.number_input if field.label == "Steps in an epoch (0: all photos once)")
    steps.set_value(5)
    app.radio[2].set_value("val_accuracy")
    app.checkbox[0].check()
    assert any("an answer takes about twice as long" in caption.value for caption in app.caption)
    assert "(final model)" in app.toggle[0].label
    app.checkbox[1].check()
    press(app, "Train")
    (run,) = list_runs(project.runs_folder)
    run.job.request_stop(keep=False)
    expected = TrainConfig(optimizer="sgd", momentum=0.9, steps_per_epoch=5, monitor="val_accuracy", ask_mirror=True)
    expected = replace(expected, final="all")
    assert run.config() == replace(expected, learning_rate=0.03, fine_tune_rate=0.003)
    await_that(lambda: not run.job.state().is_active, seconds=60)


@pytest.mark.slow
def test_the_size_of_its_input_can_be_chosen_within_what_the_base_allows(project, open_page, words):
    plan = usual_config(FROM_SCRATCH, BENCHMARK_CNN)
    keep_plan(project, plan)
    app = open_page("train")
    assert "Usually 128, at least 32, at most 600." in words(app)
    field = widget(app, "number_input", SIZE)
    assert (field.value, field.min, field.max) == (128, 32, 600)
    field.set_value(96).run()
    press(app, "Train")
    (run,) = list_runs(project.runs_folder)
    run.job.request_stop(keep=False)
    assert run.config() == replace(plan, image_size=96)
    await_that(lambda: not run.job.state().is_active, seconds=60)


def test_a_kept_plan_has_its_size_and_the_usual_plan_the_base_s_own(project, open_page, words):
    keep_plan(project, replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), image_size=75))
    app = open_page("train")
    assert "It sees photos at 75 x 75 pixels." in words(app)
    assert widget(app, "number_input", SIZE).value == 75
    press(app, "Use the usual plan")
    assert widget(app, "number_input", SIZE).value == 224


@pytest.mark.slow
def test_a_head_that_was_added_to_the_catalogue_can_be_chosen(project, open_page, monkeypatch):
    monkeypatch.setattr(heads, "HEADS", (*heads.HEADS, NARROW))
    app = open_page("train")
    app.radio[0].set_value("narrow").run()
    assert "Narrow: one layer behind four values" in app.radio[0].options
    press(app, "Train")
    (run,) = list_runs(project.runs_folder)
    assert run.config().head == "narrow"
    await_that(lambda: not run.job.state().is_active, seconds=60)


def test_a_setting_that_is_rarely_meant_is_warned_about_before_the_start(project, open_page):
    app = open_page("train")
    app.radio[0].set_value("fc").run()
    assert not app.warning
    app.number_input[0].set_value(8000).run()
    assert "it will know them by heart" in app.warning[0].value


def test_the_usual_plan_can_be_had_back(project, open_page, words):
    keep_plan(project, usual_config("from-scratch"))
    app = open_page("train")
    press(app, "Use the usual plan")
    assert "This is the usual plan." in words(app)
    assert kept_plan(project) is None


def test_a_plan_whose_base_is_gone_says_how_to_get_it_and_cannot_be_started(project, open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    keep_plan(project, TrainConfig(base="vgg16"))
    app = open_page("train")
    assert app.error[0].value.startswith("The weights of VGG16 are not on this computer. Download them (59 MB).")
    assert labels(app) == ["Use the usual plan"]


def test_the_expected_time_comes_from_the_advice_until_there_was_a_run_like_it(project, open_page, words):
    assert "later runs are faster" in words(open_page("train"))
    advice_of(project).write(some_advice(bake_off=[replace(LITE0, photos_per_second=4.0)], measured_on=""))
    app = open_page("train")
    assert "It will take about 15 seconds on this computer." in words(app)
    widget(app, "number_input", SIZE).set_value(448).run()
    assert "It will take about 30 seconds on this computer." in words(app)  # four times as much to look at


def test_the_device_is_said_before_the_start_and_again_in_all_that_tells_of_the_run(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    write_json(run.report_path, {**run.report().to_json(), "device": "GPU: NVIDIA *H200*"})
    said = words(open_page("train"))
    assert f"on this computer. Device that learns: {cores_in_words(usable_cores())}." in said
    assert f"{plain('Device that learned: GPU: NVIDIA *H200*')}." in words(open_page("results"))
    assert list(open_page("runs").dataframe[0].value["device"]) == ["GPU: NVIDIA *H200*"]
    write_json(run.report_path, {**run.report().to_json(), "device": ""})
    assert "Device that learned" not in words(open_page("results"))


def test_small_classes_are_said_to_be_judged_by_cross_validation(project, trained, open_page, words, monkeypatch):
    assert "cross-validation" not in words(open_page("train"))  # 20 photos in each class
    monkeypatch.setenv("ESPALIER_HOME", str(project.folder.parents[1]))
    said = words(open_page("train"))
    assert "cross has only 10 photos: too few to keep some for a test that says much." in said
    assert "every photo is judged once by a model that has not seen it (5-fold cross-validation)" in said
    assert "15 % are kept for one final test" not in said


def test_a_test_folder_that_came_with_small_classes_stays_the_test(project, open_page, words):
    add_given_subsets(project, ["test"])
    with project.database() as db:
        db.execute("update photos set split = 'test' where id % 4 = 0")
    app = open_page("train")
    assert "Your test folder is kept as it is, for one final test." in words(app)
    app.button[0].click().run()
    (run,) = list_runs(project.runs_folder)
    run.job.request_stop(keep=False)
    await_that(lambda: run.job.state() is State.CANCELLED, seconds=60)
    assert run.config().test_given


def test_a_class_that_is_one_picture_many_times_is_not_said_to_be_cross_validated(project, open_page, words):
    with project.database() as db:
        discs = "select id from photos where label = 'disc'"
        db.execute(f"update looks set near = (select min(id) from ({discs})) where photo in ({discs})")
    assert "15 % are kept for one final test" in words(open_page("train"))


@pytest.mark.slow
def test_train_writes_the_config_and_starts_a_worker_that_can_be_discarded(project, open_page):
    app = open_page("train")
    app.number_input[0].set_value(7)
    app.button[0].click().run()
    (run,) = list_runs(project.runs_folder)
    assert run.config().epochs == 7
    assert not run.config().test_given
    photos = run.photos()
    assert {photo.split for photo in photos} == {"train", "validation", "test"}
    assert [photo.group for photo in photos] == [str(group) for group in near_copy_groups(project, project.photos())]
    assert "Cancel and discard" in labels(app)
    press(app, "Cancel and discard")
    await_that(lambda: run.job.state() is State.CANCELLED, seconds=60)
    assert run.report() is None


def test_a_running_run_shows_phase_curves_best_epoch_and_two_ways_to_end_it(project, make_run, open_page, words):
    run = make_run(project)
    with run.job.alive_lock():
        log = run.job.event_log()
        log.write(PHASE, name="fit", words="Learning to tell the classes apart")
        for number, val_loss in ((1, 0.9), (2, 0.4), (3, 0.6)):
            log.write(EPOCH, **an_epoch(number, val_loss))
        log.write(PROGRESS, done=3, total=60, seconds_left=12.0)
        app = open_page("train")
        assert "Best so far: epoch **2**, 75 % of the validation photos right" in words(app)
        text = app.get("progress")[0].proto.text
        assert text == "Learning to tell the classes apart: 3 of at most 60 epochs, about 12 seconds left"
        assert labels(app)[:2] == ["Stop and keep the best so far", "Cancel and discard"]
        assert len(app.get("plotly_chart")) == 2
        app.button[0].click().run()
        assert run.job.stop_requested() == "keep"
        assert "the best so far will be kept" in words(app)


def test_cross_validation_is_counted_in_rounds(project, make_run, open_page):
    run = make_run(project)
    with run.job.alive_lock():
        log = run.job.event_log()
        log.write(PHASE, name="evaluate", words="Judging each photo by a model that has not seen it")
        log.write(PROGRESS, done=2, total=5, seconds_left=3.0)
        text = open_page("train").get("progress")[0].proto.text
        assert text == "Judging each photo by a model that has not seen it: 2 of 5 rounds, about 3 seconds left"


def test_a_second_run_shows_its_place_in_the_queue(project, make_run, open_page, words, workspace):
    first, second = make_run(project, "1 first"), make_run(project, "2 second")
    with first.job.alive_lock(), second.job.alive_lock():
        for number, run in enumerate((first, second)):
            (workspace.home / "queue").mkdir(exist_ok=True)
            (workspace.home / "queue" / f"{number:020d}").write_text(str(run.folder.resolve()))
            run.job.event_log().write("queued")
        first.job.event_log().write(PHASE, name="fit", words="Learning")
        app = open_page("train")
        assert "Waiting for 1 other job to end first; place 2 in the queue." in words(app)
        assert "Queue another run" in labels(app)


def test_a_finished_run_leads_to_its_results(trained, open_page):
    app = open_page("train")
    assert "test photos right" in app.success[0].value
    assert "See the results" in labels(app)
    assert len(app.get("plotly_chart")) == 2
    press(app, "See the results")
    assert app.title[0].value == "Results"


def test_a_failed_run_says_why_and_keeps_the_log_for_a_helper(project, make_run, open_page, words):
    run = make_run(project)
    run.job.event_log().write(FAILED, message="The disk is full: it ran out of space while saving the run.")
    (run.folder / "worker.log").write_text("line of the log")
    app = open_page("train")
    assert app.error[0].value == "The disk is full: it ran out of space while saving the run."
    assert app.code[0].value == "line of the log"
    assert "Train again" in labels(app)


def test_a_run_whose_worker_was_killed_says_so_and_shows_the_tail_of_the_log(project, make_run, open_page):
    run = make_run(project)
    write_json(run.folder / "job.json", {"work": "train", "submitted": time.time() - START_GRACE_S - 1, "pid": 1})
    run.job.event_log().write(PHASE, name="fit", words="Learning")
    (run.folder / "worker.log").write_text("\n".join(f"line {i}" for i in range(50)))
    app = open_page("train")
    assert "The training ended without a word" in app.error[0].value
    assert app.code[0].value.splitlines()[-1] == "line 49"
    assert len(app.code[0].value.splitlines()) == 20


def test_a_discarded_run_says_that_nothing_else_changed(project, make_run, open_page):
    run = make_run(project)
    run.job.event_log().write(CANCELLED, message="Nothing of this run is kept; your photos are untouched.")
    app = open_page("train")
    assert "your photos are untouched" in app.info[0].value


def test_near_copies_are_said_to_stay_on_one_side(project, tmp_path, open_page, words, import_more):
    copies = tmp_path / "copies" / "disc"
    copies.mkdir(parents=True)
    for i in range(6):
        photo = Image.open(tmp_path / "photos" / "disc" / f"disc {i}.png")
        photo.resize((110, 82)).save(copies / f"copy {i}.png")
    import_more(project, tmp_path / "copies")
    near = preview_split(project, 0, Shares()).photos_in_groups
    assert near >= 8  # some of the twelve are too plain to be told
    assert f"{near} photos are near-copies of others or from one burst. They stay on one side" in words(
        open_page("train")
    )


def test_the_benchmark_network_as_a_kept_plan_is_told_and_can_be_trained(project, open_page, words):
    keep_plan(project, usual_config(FROM_SCRATCH, BENCHMARK_CNN))
    app = open_page("train")
    assert not app.exception
    assert not app.error
    assert "A small network of five convolutions learns your 2 classes from nothing" in words(app)
    assert "Train" in [button.label for button in app.button]


def test_cross_validation_is_promised_only_where_a_head_alone_learns(project, open_page, words, monkeypatch):
    from core.models.config import FINE_TUNE, usual_config

    monkeypatch.setenv("ESPALIER_HOME", str(project.folder.parents[1]))
    assert "5-fold cross-validation" in words(open_page("train"))
    keep_plan(project, usual_config(FINE_TUNE))
    said = words(open_page("train"))
    assert "5-fold cross-validation" not in said
    assert "15 % are kept for one final test" in said


@pytest.fixture
def sided(workspace, tmp_path, fill, import_more):
    """Ten photos of each of two classes that only differ in left and right."""
    made = workspace.create("Hands")
    import_more(made, fill(tmp_path / "in", {"hand_left": 10, "hand_right": 10}))
    return made


@pytest.mark.parametrize("strategy", ["feature-extraction", "fine-tune", "from-scratch"])
def test_where_sides_matter_nothing_is_mirrored_and_the_page_and_the_run_say_why(sided, open_page, words, strategy):
    keep_plan(sided, usual_config(strategy))
    app = open_page("train")
    assert r"Not mirrored: mirrored photos of hand\_left would show hand\_right." in words(app)
    assert not app.warning
    press(app, "Train")
    (run,) = list_runs(sided.runs_folder)
    run.job.request_stop(keep=False)
    assert run.config() == replace(usual_config(strategy), augment="none")
    assert run.notes()[0] == "Not mirrored: mirrored photos of hand_left would show hand_right."
    await_that(lambda: not run.job.state().is_active, seconds=60)

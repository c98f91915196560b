import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.models.config import usual_config
from core.models.plan_words import plan_lines
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, OPTIONS, RECOMMENDED, parse
from core.projects import augmentation_answers as augment_answers
from core.projects.plan import keep_plan, kept_plan, next_plan
from pages.components.augmentation import varied_photos as augment_preview
from tests.pages.screen import widget

UPRIGHT = RECOMMENDED[0].augmentation
STRETCHED, BENT = (OPTIONS[name].words.capitalize() for name in ("stretch", "lens"))


def draw_noise(folder, labels, per_class):
    """Class folders with photos that have nothing in common."""
    rng = np.random.default_rng(3)
    for label in labels:
        (folder / label).mkdir(parents=True)
        for n in range(per_class):
            Image.fromarray(rng.integers(0, 256, (60, 90, 3), np.uint8)).save(folder / label / f"{n}.png")
    return folder


@pytest.fixture
def project(workspace, tmp_path, import_more):
    """Three photos of each of two classes."""
    made = workspace.create("Mugs")
    import_more(made, draw_noise(tmp_path / "in", ("cup", "mug"), 3))
    return made


def press(app, label, key_part=""):
    next(each for each in app.button if each.label == label and key_part in (each.key or "")).click().run()
    assert not app.exception


def n_pictures(app):
    return len(app.get("image"))


def asked(app):
    return [each.value for each in app.markdown if each.value.startswith("Is this still")]


def test_without_photos_the_page_shows_the_way_to_them(workspace, open_page, words):
    workspace.create("Empty")
    assert "There are no photos to vary yet." in words(open_page("augmentation"))


def test_it_begins_with_a_set_shows_photos_of_every_class_and_asks_about_each_option(project, open_page, words):
    app = open_page("augmentation")
    assert app.title[0].value == "Vary the photos"
    assert widget(app, "slider", "Turned by up to").value == UPRIGHT.rotation
    assert widget(app, "toggle", "Mirrored").value
    assert "Photographed upright" in words(app)
    assert "looked at 5 times instead of once" in words(app)
    rows, questions = augment_preview.ROWS * (1 + UPRIGHT.views), 1 + 2 * (len(UPRIGHT.strengths()) - 1)
    assert n_pictures(app) == rows + questions
    assert set(asked(app)) == {"Is this still **cup**?", "Is this still **mug**?"}


@pytest.mark.slow
def test_a_slider_and_a_set_change_what_is_shown(project, open_page, words):
    app = open_page("augmentation")
    widget(app, "slider", "Slanted by up to").set_value(20).run()
    assert "**Slanted by up to 20°**" in words(app)
    assert "Set by hand" in words(app)
    widget(app, "slider", "Varied views of each photo").set_value(2).run()
    assert "looked at 3 times instead of once" in words(app)
    app.pills[0].set_value("signs").run()
    assert not widget(app, "toggle", "Mirrored").value
    assert widget(app, "slider", "Slanted by up to").value == RECOMMENDED[2].augmentation.shear
    assert "a mirrored b is a d" in words(app)


@pytest.mark.slow
def test_stretching_and_a_lens_are_asked_about_at_both_ends(project, open_page, words):
    app = open_page("augmentation")
    before = n_pictures(app)
    assert [widget(app, "slider", f"{label} by up to").value for label in (STRETCHED, BENT)] == [0, 0]
    widget(app, "slider", f"{STRETCHED} by up to").set_value(25).run()
    widget(app, "slider", f"{BENT} by up to").set_value(20).run()
    assert n_pictures(app) == before + 4
    assert f"**{STRETCHED} by up to 25\N{NO-BREAK SPACE}%**" in words(app)
    assert f"**{BENT} by up to 20\N{NO-BREAK SPACE}%**" in words(app)
    press(app, "No", "lens")
    assert widget(app, "slider", f"{BENT} by up to").disabled
    press(app, "Use these")
    assert parse(kept_plan(project).augment) == replace(UPRIGHT, stretch=0.25)


@pytest.mark.slow
def test_where_names_tell_tall_from_short_stretching_comes_with_a_warning(workspace, tmp_path, import_more, open_page):
    project = workspace.create("Glasses")
    import_more(project, draw_noise(tmp_path / "in", ("tall", "short", "straight", "bent"), 5))
    app = open_page("augmentation")
    assert len(app.warning) == 0
    widget(app, "slider", f"{STRETCHED} by up to").set_value(10).run()
    widget(app, "slider", f"{BENT} by up to").set_value(10).run()
    told = ["stretched photos of tall can look like short", "bent photos of straight can look like bent"]
    assert [words in warning.value for words, warning in zip(told, app.warning, strict=True)] == [True, True]
    press(app, "Use these")
    assert [words in warning.value for words, warning in zip(told, app.warning[:2], strict=True)] == [True, True]


@pytest.mark.slow
def test_a_no_turns_the_option_off_until_it_is_taken_back(project, open_page, words):
    app = open_page("augmentation")
    widget(app, "slider", "Turned by up to").set_value(90).run()
    press(app, "No", "rotation")
    assert widget(app, "slider", "Turned by up to").value == 0
    assert widget(app, "slider", "Turned by up to").disabled
    (answer,) = augment_answers.answers(project)
    assert (answer.option, answer.strength, answer.still) == ("rotation", 90, False)
    assert answer.photo in {photo.sha256 for photo in project.photos(answer.label)}
    app = open_page("augmentation")  # also for who comes back
    assert f"You said: turned by up to 90°, it is no longer **{answer.label}**." in words(app)
    app.pills[0].set_value("any-way-up").run()
    assert widget(app, "slider", "Turned by up to").value == 0
    press(app, "Take it back")
    assert (widget(app, "slider", "Turned by up to").value, widget(app, "slider", "Turned by up to").disabled) == (
        90,
        False,
    )
    assert augment_answers.rejected(project) == {}


def test_a_yes_is_kept_and_the_next_photo_is_asked_about(project, open_page, words):
    app = open_page("augmentation")
    press(app, "Yes", "mirror")
    (answer,) = augment_answers.answers(project)
    assert answer.still
    assert f"You said yes for {answer.label}." in words(app)
    first = asked(app)[0]
    assert answer.label not in first
    press(app, "Next photo", "mirror")
    assert asked(app)[0] != first
    assert widget(app, "toggle", "Mirrored").value


@pytest.mark.slow
def test_use_these_keeps_them_in_the_plan_beside_what_was_planned(project, open_page, words):
    keep_plan(project, usual_config("fine-tune"))
    app = open_page("augmentation")
    assert "Every pass of the training takes that many times as long." in words(app)
    widget(app, "slider", "Turned by up to").set_value(30).run()
    press(app, "Use these")
    plan = kept_plan(project)
    assert parse(plan.augment) == replace(UPRIGHT, rotation=30)
    assert replace(plan, augment=AUTO_VIEWS) == usual_config("fine-tune")
    assert app.title[0].value == "Train"
    assert widget(open_page("augmentation"), "slider", "Turned by up to").value == 30
    assert any("turned by up to 30°" in line for line in plan_lines(plan, None, os.environ))


def test_with_nothing_on_the_photos_stay_as_they_are(project, open_page, words):
    keep_plan(project, replace(usual_config("feature-extraction"), augment="rotation=15,views=4"))
    app = open_page("augmentation")
    widget(app, "slider", "Turned by up to").set_value(0).run()
    assert "Nothing is on: the training photos are shown as they are." in words(app)
    press(app, "Use these")
    assert kept_plan(project).augment == NO_VIEWS


def test_the_pictures_are_what_the_network_sees_in_the_shape_of_the_photo(project):
    photo = project.photos()[0]
    pixels = augment_preview.pixels_of(project, photo)
    assert (pixels.shape, pixels.dtype) == ((augment_preview.SIDE, augment_preview.SIDE, 3), np.uint8)
    labels = [each.label for each in augment_preview.sample(project)]
    assert labels == ["cup", "mug"] * 3


@pytest.fixture
def sided(workspace, tmp_path, import_more):
    """Five photos of each of two classes that only differ in left and right."""
    made = workspace.create("Signs")
    import_more(made, draw_noise(tmp_path / "in", ("turn left", "turn right"), 5))
    return made


def test_where_sides_matter_no_set_mirrors_and_the_page_says_why(sided, open_page, words):
    app = open_page("augmentation")
    assert not widget(app, "toggle", "Mirrored").value
    assert "Not mirrored: mirrored photos of turn left would show turn right." in words(app)
    app.pills[0].set_value("drawings").run()
    assert not widget(app, "toggle", "Mirrored").value
    press(app, "Use these")
    assert not parse(kept_plan(sided).augment).mirror
    assert "Not mirrored: mirrored photos of turn left would show turn right." in words(app)


def test_the_switch_is_obeyed_with_a_warning_and_the_plan_says_so_in_full(sided, open_page):
    keep_plan(sided, replace(usual_config("fine-tune"), augment="rotation=10,views=2"))
    app = open_page("augmentation")
    widget(app, "slider", "Turned by up to").set_value(0).run()
    widget(app, "toggle", "Mirrored").set_value(True).run()
    warning = (
        "The training photos are also mirrored, as you chose, but mirrored photos of turn left would show turn right"
    )
    assert app.warning[0].value.startswith(warning)
    press(app, "Use these")
    assert kept_plan(sided).augment == next_plan(sided).augment == "mirror=1,views=1"
    assert app.warning[0].value.startswith(warning)  # on Train
    assert widget(open_page("augmentation"), "toggle", "Mirrored").value

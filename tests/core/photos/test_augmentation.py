from dataclasses import fields

import pytest

from core.base.errors import InputError
from core.models.config import TrainConfig
from core.photos.augmentation import (
    AUTO_VIEWS,
    MOST_VIEWS,
    NO_VIEWS,
    OPTIONS,
    RECOMMENDED,
    Augmentation,
    canonical,
    in_words,
    parse,
)

ALL = Augmentation(True, True, 12.5, 0.1, 3, 0.3, 0.15, 0.05, 0.25, 0.2, 1 / 3, 1, 16)


@pytest.mark.parametrize("augmentation", [ALL, Augmentation(), *(each.augmentation for each in RECOMMENDED)])
def test_the_text_of_an_augmentation_is_read_back_to_an_equal_one(augmentation):
    assert parse(augmentation.text()) == augmentation
    assert canonical(augmentation.text()) == augmentation.text()
    assert TrainConfig(augment=augmentation.text()).check().augment == augmentation.text()


def test_what_older_settings_say_is_not_changed_by_newer_options():
    old = (
        "mirror=1,flip=1,rotation=15,shift=0.1,shear=5,zoom=0.2,crop=0.1,brightness=0.1,contrast=0.1,colour=0.1,views=4"
    )
    assert canonical(old) == old
    assert (parse(old).stretch, parse(old).lens) == (0, 0)


def test_options_in_any_order_have_one_text():
    assert (
        canonical(" rotation=15.0 , mirror=1")
        == canonical("mirror=1,rotation=15,views=4,shift=0")
        == ("mirror=1,rotation=15,views=4")
    )
    assert [canonical(augment) for augment in (NO_VIEWS, AUTO_VIEWS)] == [NO_VIEWS, AUTO_VIEWS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sepia=1", r"knows the options mirror, flip, .*, views\. Received: 'sepia=1'"),
        ("rotation=15,", "knows the options .* Received: ''"),
        ("rotation=15,mirror=1,rotation=3", "can say rotation only once"),
        ("rotation=", "rotation must be a number between 0 and 180. Received: rotation=nothing"),
        ("rotation=much", "rotation must be a number between 0 and 180. Received: rotation=much"),
        ("rotation=nan", "Received: rotation=nan"),
        ("shear=inf", "shear must be a number between 0 and 45. Received: shear=inf"),
        ("shift=-0.1", "shift must be a number between 0 and 0.5. Received: shift=-0.1"),
        ("stretch=0.6", "stretch must be a number between 0 and 0.5. Received: stretch=0.6"),
        ("lens=-0.1", "lens must be a number between 0 and 0.5. Received: lens=-0.1"),
        ("brightness=0.91", "brightness must be a number between 0 and 0.9"),
        ("mirror=0.5", "mirror must be a whole number between 0 and 1. Received: mirror=0.5"),
        ("views=0", "views must be a whole number between 1 and 16. Received: views=0"),
        ("views=17,mirror=1", "views must be a whole number between 1 and 16. Received: views=17"),
        ("strong", "augment must be one of none, auto, or options such as .* Received: augment='strong'"),
        ("", "augment must be one of none, auto"),
    ],
)
def test_what_can_not_be_is_refused_with_the_option_the_range_and_what_came(text, why):
    with pytest.raises(InputError, match=why) as refusal:
        TrainConfig(augment=text).check()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", OPTIONS)
def test_both_ends_of_each_range_are_allowed(name):
    assert getattr(parse(f"{name}={OPTIONS[name].most}"), name) == OPTIONS[name].most
    assert parse(f"{name}=0").strengths() == {}


def test_every_option_has_its_words():
    assert [field.name for field in fields(Augmentation)] == [*OPTIONS, "views"]
    assert OPTIONS["rotation"].in_words(15.0) == "turned by up to 15°"
    assert OPTIONS["shift"].in_words(0.07) == "moved aside by up to 7 %"
    assert OPTIONS["flip"].in_words(1.0) == "upside down"
    assert OPTIONS["stretch"].in_words(0.2) == "stretched or squeezed by up to 20 %"
    assert OPTIONS["lens"].in_words(0.125) == "bulging or pinched by up to 12.5 %"


def test_views_that_would_be_the_same_again_are_not_counted():
    counts = {"mirror=1": 1, "mirror=1,flip=1": 3, "views=4": 0, "flip=1,rotation=1": 4, "rotation=1,views=9": 9}
    assert {text: parse(text).distinct_views() for text in counts} == counts
    assert parse(f"mirror=1,flip=1,views={MOST_VIEWS}").distinct_views() == 3


def test_nothing_and_mirroring_alone_are_the_settings_that_were_there_before():
    assert Augmentation().setting() == NO_VIEWS
    assert Augmentation(mirror=True, views=9).setting() == AUTO_VIEWS
    assert Augmentation(flip=True).setting() == "flip=1,views=4"
    assert ALL.without(set(OPTIONS)).setting() == NO_VIEWS


def test_a_setting_in_words():
    assert in_words(NO_VIEWS) == in_words("views=3") == "none, each as it is"
    assert in_words(AUTO_VIEWS) == "also mirrored"
    assert in_words("mirror=1,zoom=0.15") == "4 varied views of each besides: mirrored, nearer or farther by up to 15 %"
    assert in_words("flip=1") == "1 varied view of each besides: upside down"


def test_letters_are_never_mirrored_and_only_what_has_no_upright_is_turned_upside_down():
    sets = {each.key: each.augmentation for each in RECOMMENDED}
    assert not sets["signs"].mirror
    assert [key for key, each in sets.items() if each.flip] == ["any-way-up"]
    assert all(each.why and each.title for each in RECOMMENDED)

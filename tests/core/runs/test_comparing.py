from dataclasses import replace

import numpy as np
import pytest

from core.base.files import write_json
from core.models.config import TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import PictureSettings
from core.runs.comparing import Compared, compare, compared_in_words, different_photos, different_settings
from core.runs.predictions import write_predictions
from core.runs.run import Run
from tests.core.reports import a_report

CLASSES = ["apple", "pear"]


def photo(number, label="apple", split="test"):
    return LabelledPhoto(f"/{number}.jpg", label, split, f"content {number}")


@pytest.fixture
def make(tmp_path):
    """A run by its settings, its photos and what it answered on those it was judged on."""

    def make_run(name, config=TrainConfig(), photos=(), answers=(), others=()):  # noqa: B008  a frozen record
        run = Run.create(tmp_path / name, config, [*photos, *others])
        if answers:
            of = {"apple": [0.9, 0.1], "pear": [0.1, 0.9]}
            probabilities = {"test": np.array([of[answer] for answer in answers], np.float32)}
            parts = {"test": list(photos)}
            if others:
                parts["train"] = list(others)
                probabilities["train"] = np.array([of["pear"]] * len(others), np.float32)
            write_predictions(run.predictions_path, parts, probabilities, CLASSES)
        return run

    return make_run


def test_the_device_differs_where_both_are_known(make):
    runs = [make(name) for name in ("old", "cores", "same", "gpu")]
    devices = ("", "2 processor cores", "2 processor cores", "GPU: NVIDIA H200")
    for run, device in zip(runs, devices, strict=True):
        write_json(run.report_path, a_report(device=device).to_json())
    old, cores, same, gpu = runs
    assert different_settings(cores, gpu) == [("device that learned", "2 processor cores", "GPU: NVIDIA H200")]
    assert different_settings(cores, same) == different_settings(old, gpu) == different_settings(gpu, old) == []
    assert different_settings(make("unfinished"), gpu) == []


def test_only_photos_on_which_one_run_alone_is_right_count(make):
    photos = [photo(number) for number in range(20)]
    first = make("first", photos=photos, answers=["apple"] * 3 + ["pear"] * 12 + ["apple"] * 4 + ["pear"])
    second = make("second", photos=photos, answers=["pear"] * 3 + ["apple"] * 12 + ["apple"] * 4 + ["pear"])
    assert compare(first, second) == Compared(n=20, only_first=3, only_second=12, p=0.03515625)
    assert compare(second, first) == Compared(n=20, only_first=12, only_second=3, p=0.03515625)


def test_photos_that_one_run_was_not_judged_on_or_took_for_another_class_do_not_count(make):
    both, apart, relabelled, learned = photo(0), photo(1), photo(2), photo(3)
    first = make("first", photos=[both, apart, relabelled, learned], answers=["apple"] * 4)
    second = make(
        "second",
        photos=[both, photo(9), replace(relabelled, label="pear")],
        answers=["pear"] * 3,
        others=[replace(learned, split="train")],
    )
    assert compare(first, second) == Compared(n=1, only_first=1, only_second=0, p=1.0)


def test_a_photo_that_lies_there_twice_counts_once(make):
    twice = [photo(0), replace(photo(0), path="/copy.jpg")]
    first = make("first", photos=twice, answers=["apple", "apple"])
    second = make("second", photos=twice, answers=["pear", "pear"])
    assert compare(first, second) == Compared(n=1, only_first=1, only_second=0, p=1.0)


def test_a_run_that_was_cross_validated_is_compared_on_the_test_photos_of_the_other(make):
    first = make("first", photos=[photo(n) for n in range(6)], answers=["apple"] * 6)
    every_photo = [photo(n, split="train") for n in range(30)]  # judged as "test", whatever their part
    second = make("second", photos=every_photo, answers=["pear"] * 30)
    assert compare(first, second) == Compared(n=6, only_first=6, only_second=0, p=0.03125)


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        (
            Compared(60, 3, 12, 0.03515625),
            "On the 60 photos that both were judged on, B is right on 12 where A is wrong, A on 3 where B is wrong: "
            "that is more than chance (p = 0.035). B is better on photos like these.",
        ),
        (
            Compared(1, 1, 0, 1.0),
            "On the 1 photo that both were judged on, A is right on 1 where B is wrong, B on 0 where A is wrong: "
            "the difference could be chance (p = 1.00).",
        ),
        (
            Compared(60, 0, 0, 1.0),
            "On the 60 photos that both were judged on, A and B are right on the same photos and",
        ),
        (Compared(0, 0, 0, 1.0), "No photo was judged in both runs, so they can't be compared"),
        (
            Compared(9999, 200, 90, 1e-10),
            "On the 9,999 photos that both were judged on, A is right on 200 where B is wrong, B on 90 where A is "
            "wrong: that is more than chance (p < 0.001). A is better on photos like these.",
        ),
    ],
)
def test_the_comparison_in_words(compared, words):
    assert compared_in_words("A", "B", compared).startswith(words)


@pytest.mark.parametrize(("p", "better"), [(0.0499, True), (0.05, False), (0.2, False)])
def test_none_is_called_better_while_it_could_be_chance(p, better):
    words = compared_in_words("A", "B", Compared(60, 3, 12, p))
    assert ("is better" in words) is better
    assert ("could be chance" in words) is not better


def test_settings_that_differ_are_said_in_words(make):
    first = make("first")
    assert different_settings(first, make("same")) == []
    second = make("second", replace(usual_config("fine-tune"), base="vgg16", thaw_from="block5", class_weights=True))
    assert different_settings(first, second) == [
        ("it starts from (base model)", "EfficientNet-Lite0", "VGG16"),
        ("what learns (strategy)", "feature-extraction", "fine-tune"),
        ("the block from which on the base model learns", "none", "block5"),
        ("photos of rare classes count more (class weights)", "no", "yes"),
        ("varied photos (augmentation)", "none", "auto"),
    ]
    assert different_settings(first, make("third", TrainConfig(learning_rate=1e-5))) == [
        ("how large its steps are (learning rate)", "0.003", "0.00001")
    ]
    plain = TrainConfig(optimizer="sgd", momentum=0.9, steps_per_epoch=12, monitor="val_accuracy")
    assert different_settings(first, make("fourth", plain)) == [
        ("how it takes its steps (optimizer)", "Adam", "SGD"),
        ("share of each step that goes on in the next (momentum)", "0", "0.9"),
        ("steps in an epoch", "as many as show all photos once", "12"),
        (
            "what the best epoch is chosen by (monitor)",
            "loss on the validation photos",
            "accuracy on the validation photos",
        ),
    ]


def test_in_what_pictures_were_read_otherwise_is_said_too(make, tmp_path):
    settings = PictureSettings((("uint16", 0.0, 4095.0),), page=1)
    second = Run.create(tmp_path / "deep", TrainConfig(), [], settings)
    assert different_settings(make("first"), second) == [
        ("stretch of deep pictures", "none", "uint16: 0 to 4095"),
        ("page of several", "1", "2"),
    ]
    second.pictures_path.unlink()  # as of a run from before there were settings
    assert different_settings(make("another"), second) == [("colour profiles applied", "yes", "no")]


def test_settings_from_before_there_was_one_of_them_count_as_its_usual_value(make):
    old = make("old")
    value = old.config().to_json()
    del value["augment"]
    write_json(old.config_path, value)
    assert different_settings(old, make("new", TrainConfig(augment="auto"))) == [
        ("varied photos (augmentation)", "none", "auto")
    ]


def test_the_size_at_which_photos_are_seen_is_told_in_pixels(make):
    usual = make("usual")
    assert different_settings(usual, make("small", TrainConfig(image_size=96))) == [
        ("size at which it sees photos (input size)", "224 x 224 pixels", "96 x 96 pixels")
    ]
    assert different_settings(usual, make("named", TrainConfig(image_size=224))) == []  # the same by another word


def test_what_happened_to_the_photos_is_said_in_words(make):
    first = make("first", photos=[photo(n) for n in range(10)])
    assert different_photos(first, first) == []
    after = [
        *(photo(n) for n in range(3)),
        photo(3, label="pear"),
        photo(4, split="train"),
        photo(5, split="train"),
        *(photo(n, label="pear") for n in range(20, 23)),
    ]
    assert different_photos(first, make("second", photos=after)) == [
        "3 photos were added: 3 of pear.",
        "4 photos were left out: 4 of apple.",
        "1 photo was moved from apple to pear.",
        "2 photos were given to the train part, from the test part.",
    ]


def test_photos_of_a_run_that_ended_before_it_gave_parts_have_none(make):
    first = make("first", photos=[photo(0)])
    assert different_photos(first, make("second", photos=[photo(0, split="")])) == []

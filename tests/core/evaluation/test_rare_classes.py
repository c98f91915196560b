import numpy as np
import pytest

from core.evaluation.metrics import Metrics, classification_metrics
from core.evaluation.rare_classes import balanced_accuracy, beside_accuracy, is_uneven, right_in_words


def metrics(answered):
    """Of classes by name: how many of how many photos are found; the rest is taken for the next class."""
    truth, answers = [], []
    for number, (right, n) in enumerate(answered.values()):
        truth += [number] * n
        answers += [number] * right + [(number + 1) % len(answered)] * (n - right)
    return classification_metrics(np.array(truth), np.eye(len(answered))[answers], list(answered))


def test_always_saying_sound_is_never_called_99_percent_alone():
    test = metrics({"crack": (0, 6), "sound": (600, 600)})
    assert (test.balanced_accuracy, test.worst_class) == (0.5, "crack")
    assert right_in_words(test, "606 photos") == (
        "600 of 606 photos right (99 %, likely between 98 and 100 %); with each class counted alike 50 % "
        "(balanced accuracy), and of crack 0 of 6 were found."
    )


@pytest.mark.parametrize(
    ("answered", "uneven"),
    [
        ({"a": (30, 30), "b": (28, 30)}, False),
        ({"a": (29, 30), "b": (11, 11)}, False),
        ({"a": (30, 30), "b": (10, 10)}, True),  # all right, but the few say little
        ({"a": (30, 30), "b": (0, 25)}, True),
        ({"a": (40, 40), "b": (12, 20)}, True),
        ({"a": (30, 30)}, False),
    ],
)
def test_uneven_is_by_photos_or_by_what_is_found(answered, uneven):
    test = metrics(answered)
    assert is_uneven(test) == uneven
    assert ("balanced accuracy" in beside_accuracy(test)) == uneven


def test_the_worst_class_of_equals_is_the_one_with_most_photos():
    test = metrics({"a": (0, 1), "b": (0, 3), "c": (9, 9), "d": (0, 0)})
    assert test.worst_class == "b"
    assert test.balanced_accuracy == pytest.approx(1 / 3)
    assert beside_accuracy(test) == (
        "with each class counted alike 33 % (balanced accuracy), and of b 0 of 3 were found; no photo of d was judged"
    )


def test_of_one_photo_it_was_found():
    assert beside_accuracy(metrics({"crack": (0, 1), "sound": (9, 9)})).endswith("and of crack 0 of 1 was found")


def test_of_many_classes_without_photos_a_few_are_named():
    test = metrics({"a": (9, 9), **{f"class {n}": (0, 0) for n in range(2, 9)}})
    assert beside_accuracy(test) == "no photo of class 2, class 3, class 4 and 4 more was judged"


def test_metrics_of_an_older_report_are_told_alike():
    now = metrics({"crack": (0, 6), "sound": (600, 600)})
    old = {key: value for key, value in now.to_json().items() if key not in ("balanced_accuracy", "worst_class")}
    read = Metrics.from_json(old)
    assert read.to_json() == old
    assert balanced_accuracy(read) == 0.5
    assert right_in_words(read, "606 photos") == right_in_words(now, "606 photos")

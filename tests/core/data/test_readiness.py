import pytest

from core.data.readiness import problems, refuse_unready, warnings
from core.records.errors import InputError


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "There are no photos yet"),
        ({"only": 100}, "only one class, only. A classifier needs at least two"),
        ({"a": 4, "b": 50, "c": 0}, "still test honestly: a (4), c (0). Each class needs at least 5"),
    ],
)
def test_what_cannot_be_learned_is_refused_with_what_to_do(counts, words):
    (said,) = problems(counts)
    assert words in said
    with pytest.raises(InputError) as refusal:
        refuse_unready(counts)
    assert str(refusal.value) == said


def test_five_photos_in_two_classes_are_enough_to_begin():
    assert problems({"a": 5, "b": 5}) == []
    refuse_unready({"a": 5, "b": 5})


def test_enough_photos_in_balance_give_no_warning():
    assert warnings({"a": 50, "b": 100}) == []


def test_few_photos_and_classes_out_of_balance_are_warned_about():
    few, unbalanced = warnings({"a": 49, "b": 1000, "c": 60})
    assert few.startswith("Fewer than 50 photos: a (49).")
    assert unbalanced.startswith("b has 1,000 photos, a only 49: the model may favour b.")

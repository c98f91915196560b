import pytest

from core.projects import augmentation_answers as augment_answers
from core.projects.augmentation_answers import ANSWERS, add_answer, rejected, take_back


def test_answers_are_kept_in_order_and_a_no_turns_its_option_off(project):
    assert augment_answers.answers(project) == []
    add_answer(project, "rotation", 15, ("mug", "a" * 64), True)
    add_answer(project, "flip", 1, ("mug", "b" * 64), False)
    add_answer(project, "flip", 1, ("cup", "c" * 64), False)
    first, *others = augment_answers.answers(project)
    assert (first.option, first.strength, first.label, first.photo, first.still) == (
        *("rotation", 15, "mug", "a" * 64),
        True,
    )
    assert first.at <= others[1].at
    assert {name: answer.label for name, answer in rejected(project).items()} == {"flip": "cup"}


def test_what_is_taken_back_counts_no_more_and_the_rest_does(project):
    for still in (True, False):
        add_answer(project, "flip", 1, ("mug", "a" * 64), still)
        add_answer(project, "shear", 9, ("mug", "a" * 64), still)
    take_back(project, "flip")
    assert set(rejected(project)) == {"shear"}
    assert [(each.option, each.still) for each in augment_answers.answers(project)] == [
        ("flip", True),
        ("shear", True),
        ("shear", False),
    ]


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"option": "flip"}]', "[3]", "null"])
def test_what_can_not_be_read_counts_as_no_answers(project, text):
    project.keep_setting(ANSWERS, text)
    assert rejected(project) == {}

import numpy as np

from core.evaluation.learned_from import LearnedFrom, judged_in_words, learned_from, not_compared_in_words
from core.evaluation.metrics import classification_metrics

NAMES = ["apple", "pear"]


def judged(right):
    """Apples and pears in turn, each answered rightly or not."""
    truth = np.arange(len(right)) % 2
    answers = np.where(right, truth, 1 - truth)
    return truth, np.eye(2)[answers]


def test_the_score_without_what_was_learned_from_comes_first():
    right = [True] * 8 + [True, False, False, False]
    equal, near = np.arange(12) < 4, np.arange(12) < 8
    found = learned_from((equal, near), 0, judged(right), NAMES)
    assert (found.equal, found.near_copies, found.n, found.without.n, found.without.n_right) == (4, 4, 8, 4, 1)
    assert found.without.accuracy == 0.25
    test = classification_metrics(*judged(right), NAMES)
    first, second = judged_in_words(test, found, "test photo")
    assert first.startswith(
        "8 of 12 test photos were learned from (4 as the same file, 4 as a near-copy). Without them 1 of 4 right (25 %"
    )
    assert second.startswith("With them 9 of 12 test photos right (75 %, ")
    assert LearnedFrom.from_json(found.to_json()) == found


def test_where_no_other_is_left_it_says_nothing_about_new_photos():
    found = learned_from((np.ones(2, bool), np.zeros(2, bool)), 3, judged([True, True]), NAMES)
    assert (found.equal, found.near_copies, found.without) == (2, 0, None)
    first, _ = judged_in_words(classification_metrics(*judged([True, True]), NAMES), found, "photo")
    assert first.endswith("No other is left, so this says nothing about new photos.")
    assert not_compared_in_words(found).startswith("3 photos that it learned from can't be found any more")


def test_where_nothing_was_learned_from_one_sentence_says_it():
    found = learned_from((np.zeros(2, bool), np.zeros(2, bool)), 0, judged([True, False]), NAMES)
    assert found.without.n == 2
    (only,) = judged_in_words(found.without, found, "test photo")
    assert only.startswith("1 of 2 test photos right (50 %")
    assert not_compared_in_words(found) == ""
    assert "is not known any more" in not_compared_in_words(None)

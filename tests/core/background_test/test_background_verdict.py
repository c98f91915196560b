import pytest

from core.background_test.verdict import BACKGROUND, BOTH, MIDDLE, UNCLEAR, WORDS, SwappedPhoto, judge, numbers_in_words
from core.evaluation.metrics import mcnemar_exact


def rows(n, whole, by_middle, by_edge):
    """Photos of three classes: of the whole ones so many are right; of the joined ones so many go by either side."""
    made = []
    for i in range(n):
        truth, other, third = "abc"[i % 3], "abc"[(i + 1) % 3], "abc"[(i + 2) % 3]
        joined = truth if i < by_middle else other if i < by_middle + by_edge else third
        made.append(SwappedPhoto(f"{i}", truth, truth if i < whole else third, truth, third, joined, other, "0"))
    return made


@pytest.mark.parametrize(
    ("whole", "by_middle", "by_edge", "kind"),
    [
        (95, 93, 5, MIDDLE),
        (95, 5, 93, BACKGROUND),
        (95, 40, 60, BOTH),
        (95, 20, 40, BACKGROUND),  # what is taken for a third class speaks for neither
        (95, 2, 5, BOTH),
        (40, 0, 100, UNCLEAR),  # it knows nothing
    ],
)
def test_the_rule(whole, by_middle, by_edge, kind):
    verdict = judge(rows(100, whole, by_middle, by_edge))
    assert (verdict.whole, verdict.by_middle, verdict.by_edge) == (whole, by_middle, by_edge)
    assert (verdict.middle, verdict.edge) == (100, 0)
    assert verdict.p_value == mcnemar_exact(by_middle, by_edge)
    assert verdict.kind == kind
    assert kind in WORDS


def test_few_photos_prove_nothing():
    assert judge(rows(5, 5, 0, 5)).kind == BOTH
    assert judge(rows(2, 2, 0, 2)).kind == UNCLEAR


def test_the_numbers_are_said_in_words():
    said = numbers_in_words(judge(rows(100, 95, 60, 30)))
    assert said.startswith(
        "The middle of each of 100 photos was put on the edge of a photo of another class: 60 (60 %)"
    )
    assert said.endswith(
        "95 (95 %) are answered right when whole, 100 (100 %) with the edge hidden, and 0 (0 %) with the middle hidden."
    )

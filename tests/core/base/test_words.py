import pytest

from core.base.words import counted, duration, percent


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 photos"), (1, "1 photo"), (2, "2 photos"), (12000, "12,000 photos"), (-1, "-1 photos")]
)
def test_counted_agrees_with_its_number(n, words):
    assert counted(n, "photo") == words


def test_counted_takes_an_irregular_plural():
    assert [counted(n, "class", "classes") for n in (1, 3)] == ["1 class", "3 classes"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 second"),
        (0.2, "1 second"),
        (4.4, "4 seconds"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (170, "3 minutes"),
        (3599, "1 h 0 min"),
        (4800, "1 h 20 min"),
        (7199, "2 h 0 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_duration_is_as_exact_as_a_person_needs(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.954, "95 %"), (0.999, "over 99 %"), (1.0, "100 %")],
)
def test_percent_rounds(share, words):
    assert percent(share) == words


def test_percent_says_100_only_for_all_and_0_only_for_none():
    for n in (1, 3, 60, 199, 201, 999, 100_000):
        assert (percent(1.0), percent(0.0)) == ("100 %", "0 %")
        assert percent((n - 1) / n) != "100 %"
        assert percent(1 / n) != "0 %"

import numpy as np
import pandas as pd
import pytest

from core.evaluation.thresholds import (
    COSTLY,
    Share,
    answered_and_right,
    costly_mistakes,
    costly_pairs,
    keep_costly_pairs,
    remaining,
    threshold_curve,
    threshold_for,
)
from core.projects.project import Project

DEADLY = [("poisonous", "edible")]


def answers(*rows):
    """The table of `read_answers`: truth, answer, sure."""
    table = pd.DataFrame(rows, columns=["truth", "answer", "sure"]).astype({"sure": np.float32})
    names = sorted({*table["truth"], *table["answer"]})
    right = table["truth"] == table["answer"]
    return table.assign(right=right, **{c: pd.Categorical(table[c], names) for c in ("truth", "answer")})


FEW = answers(
    ("poisonous", "edible", 0.9),
    ("poisonous", "edible", 0.6),
    ("poisonous", "edible", 0.55),
    ("poisonous", "poisonous", 0.8),
    ("edible", "poisonous", 0.95),
    ("edible", "edible", 0.7),
)


def test_what_is_answered_and_right_is_counted_by_hand():
    assert answered_and_right(FEW, 0.0) == (Share(6, 6), Share(2, 6))
    assert answered_and_right(FEW, 0.65) == (Share(4, 6), Share(2, 4))
    assert answered_and_right(FEW, 0.99) == (Share(0, 6), Share(0, 0))
    assert Share(0, 0).value == 0.0
    assert Share(0, 0).interval == (0.0, 1.0)
    assert Share(0, 10).interval == pytest.approx((0, 0.2775), abs=1e-4)


def test_the_curve_falls_in_answers_and_says_nothing_where_there_are_none():
    curve = threshold_curve(FEW, np.array([0.0, 0.65, 0.99]))
    assert curve["answered"].tolist() == pytest.approx([1, 4 / 6, 0])
    assert curve["right"].tolist()[:2] == pytest.approx([2 / 6, 0.5])
    assert curve[["right", "low", "high"]].iloc[2].isna().all()
    assert (curve["low"][:2] < curve["right"][:2]).all()


def test_only_the_marked_confusion_is_costly_and_not_the_other_way_round():
    assert costly_mistakes(FEW, DEADLY)["sure"].tolist() == pytest.approx([0.9, 0.6, 0.55])
    assert costly_mistakes(FEW, [("edible", "poisonous")])["sure"].tolist() == pytest.approx([0.95])
    assert costly_mistakes(FEW, [("edible", "edible")]).empty


@pytest.mark.parametrize(("share", "left"), [(0.0, 0), (0.3, 0), (0.34, 1), (0.67, 2), (1.0, 3)])
def test_the_threshold_is_the_lowest_that_leaves_so_few(share, left):
    least = threshold_for(FEW, DEADLY, share)
    assert remaining(FEW, DEADLY, least) == Share(left, 4)
    if least:
        assert remaining(FEW, DEADLY, float(np.nextafter(np.float32(least), np.float32(0)))).n == left + 1


def test_no_costly_mistake_needs_no_threshold():
    assert threshold_for(FEW, [("edible", "deadly")], 0.0) == 0.0
    assert remaining(FEW, [("deadly", "edible")], 0.0) == Share(0, 0)


def test_a_mistake_with_all_sureness_can_only_be_avoided_by_silence():
    sure = answers(("poisonous", "edible", 1.0), ("edible", "edible", 1.0))
    assert threshold_for(sure, DEADLY, 0.0) > 1
    assert answered_and_right(sure, threshold_for(sure, DEADLY, 0.0))[0].n == 0


@pytest.mark.parametrize("seed", range(20))
def test_with_any_answers_the_chosen_share_is_kept_and_a_lower_share_asks_for_more(seed):
    rng = np.random.default_rng(seed)
    names = np.array(["a", "b", "c"])
    rows = zip(names[rng.integers(0, 3, 80)], names[rng.integers(0, 3, 80)], rng.random(80).round(2), strict=True)
    table, pairs = answers(*rows), [("a", "b"), ("c", "b")]
    made = remaining(table, pairs, 0.0).n
    chosen = [threshold_for(table, pairs, share) for share in (1.0, 0.25, 0.1, 0.0)]
    assert chosen == sorted(chosen)
    for share, least in zip((1.0, 0.25, 0.1, 0.0), chosen, strict=True):
        assert remaining(table, pairs, least).n <= share * made


def test_costly_pairs_are_kept_with_the_project_each_once(tmp_path):
    project = Project.create(tmp_path / "p", "Mushrooms")
    assert costly_pairs(project) == []
    keep_costly_pairs(project, [*DEADLY, ("x", "<y>"), *DEADLY])
    assert costly_pairs(project) == [*DEADLY, ("x", "<y>")]
    project.keep_setting(COSTLY, '{"from": "another version"}')
    assert costly_pairs(project) == []

from dataclasses import replace

import pytest

from core.advice.quadrants import QUADRANTS, base_for, photos_in_words, plan_for, quadrant_of, risks
from core.advice.record import AdvisedPlan, Lack
from core.models.catalogue import CATALOGUE
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, USUAL_SIZE
from tests.core.advices import LITE0, LITE1

BALANCED = {"a": 50, "b": 60}


@pytest.mark.parametrize(
    ("per_class", "similarity", "quadrant"),
    [(1000, 0.49, 1), (1000, 0.5, 2), (999, 0.49, 3), (999, 0.5, 4), (5, 1.0, 4), (1e5, 0.0, 1)],
)
def test_the_quadrants_are_numbered_as_in_the_article(per_class, similarity, quadrant):
    assert quadrant_of(per_class, similarity) == quadrant
    assert QUADRANTS[quadrant].large == (per_class >= 1000)
    assert QUADRANTS[quadrant].similar == (similarity >= 0.5)


def test_each_quadrant_has_its_strategy_and_every_base_a_valid_plan():
    wanted = {1: FROM_SCRATCH, 2: FINE_TUNE, 3: FINE_TUNE, 4: FEATURE_EXTRACTION}
    for row in CATALOGUE:
        plans = {number: plan_for(number, BALANCED, row.name).check() for number in QUADRANTS}
        assert {number: plan.strategy for number, plan in plans.items()} == wanted
        names = [block.name for block in row.blocks]
        # different photos: more is thawed than for similar ones, but never all
        assert 0 < names.index(plans[3].thaw_from) <= names.index(plans[2].thaw_from) < len(names)
        assert plans[2].fine_tune_rate * 10 <= plans[2].learning_rate


def test_bases_side_by_side_stay_as_they_are_and_other_quadrants_start_from_one_alone():
    pair = "efficientnet-lite0+efficientnet-lite1"
    for number in QUADRANTS:
        plan = plan_for(number, {"a": 49, "b": 100}, pair).check()
        assert (plan.base, plan.strategy, plan.class_weights) == (pair, FEATURE_EXTRACTION, True)
    costs = {LITE0.base: 0.384, LITE1.base: 0.599}
    alone = [replace(trial, multiply_adds_g=costs[trial.base]) for trial in (LITE1, LITE0)]
    trials = [*alone, replace(LITE1, base=pair, recommended=True)]
    assert [base_for(number, trials) for number in (1, 2, 3, 4)] == [LITE0.base] * 3 + [pair]


def test_few_photos_of_a_class_get_the_head_that_is_solved_at_once():
    assert plan_for(4, {"apple": 49, "pear": 30, "plum": 90}).head == "logistic"
    assert plan_for(4, {"apple": 50, "pear": 30, "plum": 90}).head == "gap"
    assert plan_for(3, {"apple": 20, "pear": 20}).head == "gap"


def test_small_photos_are_seen_at_a_small_size_where_more_than_a_head_learns():
    sizes = {number: plan_for(number, BALANCED, photo_side=64).image_size for number in QUADRANTS}
    assert sizes == {1: 128, 2: 128, 3: 128, 4: USUAL_SIZE}
    assert plan_for(3, BALANCED, photo_side=65).image_size == USUAL_SIZE
    assert plan_for(3, BALANCED).image_size == USUAL_SIZE  # older advice doesn't know
    assert {plan_for(3, BALANCED, row.name, 32).check().image_size for row in CATALOGUE} == {128}


def test_rare_classes_count_more_when_one_is_less_than_half_of_another():
    assert not plan_for(4, {"a": 50, "b": 100}).class_weights
    assert plan_for(4, {"a": 49, "b": 100}).class_weights


def test_the_plan_as_json_holds_what_the_contract_names():
    plan = AdvisedPlan.of(plan_for(3, BALANCED)).to_json()
    assert {"base", "strategy", "thaw_from", "head", "learning_rate", "augment", "epochs"} <= set(plan)
    assert (plan["strategy"], plan["augment"]) == (FINE_TUNE, "auto")


def test_another_quadrant_has_its_risks_and_the_measured_one_none():
    for number in QUADRANTS:
        assert risks(number, number) == []
    assert "learn them by heart" in risks(4, 2)[0]
    assert "some accuracy may be left lying" in risks(1, 3)[0]
    assert "may not see what tells your classes apart" in risks(3, 4)[0]
    assert "forget what helps" in risks(2, 1)[0]
    assert len(risks(4, 1)) == 2


def test_what_more_photos_bring_is_said_class_by_class():
    lack = Lack("mixed", 43, 0.03, helps=True)
    idle = Lack("apple", 90, 0.0, helps=False)
    assert photos_in_words([lack, idle]) == [
        "About 40 more of mixed should help.",
        "More of apple will hardly change anything.",
    ]
    assert photos_in_words([idle]) == [
        "No class stands out as lacking photos: more of the same will hardly change anything."
    ]
    assert photos_in_words([replace(lack, photos=3)]) == ["About 10 more of mixed should help."]
    assert photos_in_words([replace(lack, photos=760)]) == ["About 800 more of mixed should help."]

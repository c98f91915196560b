from dataclasses import replace

import pytest

from core.evaluation.final_model import FinalModel
from core.models.config import CROSS_VALIDATION, TrainConfig
from core.models.heads import HEADS
from core.runs.model_card import model_card
from core.runs.report import Report
from tests.core.reports import a_report

FINAL = FinalModel(["train", "validation"], 90, 120, 0.8, 90, 2.5)


def test_a_report_keeps_it_and_those_of_earlier_versions_have_none():
    report = a_report(final=FINAL)
    assert Report.from_json(report.to_json()) == report
    assert "final" not in a_report().to_json()
    assert (report.temperature, report.final.temperature) == (1.0, 0.8)


@pytest.mark.parametrize("damage", [{"temperature": 0.0}, {"subsets": ["validation"]}, {"subsets": ["train", "pages"]}])
def test_one_that_no_training_can_have_made_is_none(damage):
    with pytest.raises(ValueError, match="Expected NoneType"):
        Report.from_json({**a_report().to_json(), "final": {**FINAL.to_json(), **damage}})


def test_each_place_says_in_one_sentence_whose_the_figures_are():
    report = a_report(final=FINAL)
    assert report.whose_figures == (
        "These figures are those of the model that was tested; the one that you take away was then trained once more "
        "in the same way, with the validation photos as well (90 photos in all)."
    )
    assert report.how_in_words.endswith(report.whose_figures)
    assert report.whose_figures in model_card("Fruit", 0.0, report, TrainConfig()).replace("\\", "")
    assert (a_report().whose_figures, a_report().about_model) == ("", "")
    with_all = replace(report, final=replace(FINAL, subsets=["train", "validation", "test"], photos=100))
    assert "with the validation and test photos as well (100 photos in all)" in with_all.about_model
    assert (report.test_taught, with_all.test_taught) == (False, True)
    folded = replace(with_all, estimate=CROSS_VALIDATION)
    assert folded.how_in_words.endswith("The model itself learned in the same way, from all of them.")
    assert "not calibrated" not in model_card("Fruit", 0.0, folded, TrainConfig())


def test_every_head_that_is_solved_at_once_can_be_solved_once_more():
    assert [head.name for head in HEADS if bool(head.solver) != bool(head.refitter)] == []

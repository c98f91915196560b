"""Reports as they were written by the version before records, and by those before it."""

import json
from pathlib import Path

import pytest

from core.evaluation.calibration import Calibration
from core.evaluation.leaks import NearCopiesAcross
from core.models.config import CROSS_VALIDATION
from core.runs.report import Report, SetAside, photos_in_words, unevaluated_in_words
from tests.core.reports import a_report, metrics_of

OLD = {path.stem: path for path in sorted(Path(__file__).with_name("old_reports").glob("*.json"))}
ADDED = ("estimate", "notes", "calibration", "near_copies_across")  # since the first version


def written(name):
    return json.loads(OLD[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OLD)
def test_what_was_written_before_is_read_and_would_be_written_alike(name):
    before = written(name)
    report = Report.from_json(before)
    assert report.to_json() == before
    assert json.dumps(report.to_json()) == json.dumps(before)  # keys in their order, too
    assert Report.from_json(report.to_json()) == report
    assert report.class_names == before["classes"]
    assert (report.device, report.device_in_words) == ("", "")
    assert [epoch.number for epoch in report.epochs] == list(range(1, len(before["epochs"]) + 1))


def test_each_strategy_keeps_what_only_it_has_to_tell():
    tuned, scratch = (Report.from_json(written(name)) for name in ("fine-tune", "from-scratch"))
    assert (tuned.fine_tuning.thaw_from, tuned.fine_tuning.kept, tuned.from_scratch) == ("stage5", "fine-tune", None)
    assert (scratch.from_scratch.initial, scratch.fine_tuning) == ("random", None)
    assert scratch.temperature == scratch.calibration.temperature > 1
    assert tuned.temperature == 1.0


def test_a_report_of_the_first_version_is_upgraded():
    old = {key: value for key, value in written("feature-extraction").items() if key not in ADDED}
    for epoch in old["epochs"]:
        del epoch["phase"]
    del old["engine_parity"]["same_but_for_ties"]
    report = Report.from_json(old)
    assert (report.estimate, report.notes, report.calibration, report.near_copies_across) == ("test", [], None, None)
    assert {epoch.phase for epoch in report.epochs} == {""}
    assert report.engine_parity.same_but_for_ties == report.engine_parity.same_top1


def test_all_that_may_stand_in_a_report_comes_back():
    report = a_report(
        set_aside=[SetAside("a.jpg", "an empty file")],
        notes=["Stopped early."],
        estimate=CROSS_VALIDATION,
        calibration=Calibration(1.5, 0.2, 0.1, 20),
        near_copies_across=NearCopiesAcross(2, 0, None, None),
        device="GPU: NVIDIA H200",
    )
    assert report.to_json()["device"] == "GPU: NVIDIA H200"
    assert report.device_in_words == "Device that learned: GPU: NVIDIA H200"
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"classes": None},
        {"test": {"n": 3}},
        {"epochs": [{"epoch": "first"}]},
        {"seconds": [1, 2, 3, 4]},
        {"engine_parity": "same"},
        {"device": 2},
    ],
)
def test_a_damaged_report_is_none(change):
    with pytest.raises(ValueError, match=r"."):
        Report.from_json({**written("fine-tune"), **change})
    with pytest.raises(ValueError, match="is a JSON object"):
        Report.from_json([])


def test_what_was_counted_is_told_by_how_the_run_was_evaluated():
    report = a_report(test=metrics_of(["apple", "pear"], right=1, n=1))
    assert report.photos_in_words == "1 test photo"
    assert report.outcome_in_words == "100 % of 1 test photo right"
    assert unevaluated_in_words(report.test).startswith(
        "No photo of pear was judged, so these numbers say nothing about it."
    )
    many = metrics_of(["apple"], n=2048)
    assert photos_in_words(many, CROSS_VALIDATION) == "2,048 photos"
    assert unevaluated_in_words(many) == ""

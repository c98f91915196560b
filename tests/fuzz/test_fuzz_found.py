"""What fuzzing found, each by its name: values that raised something else than an error in words."""

import asyncio

import numpy as np
import pandas as pd
import pytest
from fastapi import HTTPException, Request
from starlette.applications import Starlette

from core.base.errors import RunError
from core.base.events import EventLog
from core.engine.out_of_distribution import OutOfDistributionDetector
from core.engine.tables import refuse_other_columns
from core.evaluation.calibration import Calibration
from core.feedback.folder import feedback_of
from core.projects.project import Project
from core.runs.predictions import read_answers, read_predictions
from core.runs.report import Report
from core.server.photos import photos_of
from core.server.slow_senders import IncomingBytes
from pages.components.pictures import addresses
from tests.core.reports import a_report
from tests.fuzz.test_fuzz_requests import answer, ask

ANSWERS = {"sha256": ["a"], "split": ["test"], "truth": ["apple"], "answer": ["apple"], "p_0": [0.75], "p_1": [0.25]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 10**400),
        ("n", -1),
        ("accuracy", float("nan")),
        ("accuracy", 10**400),
        ("accuracy_interval", [0.5, 1.5]),
        ("confusion", [[1]]),
        ("confusion", [[1, 2], [-1, 0]]),
        ("per_class", {}),
    ],
)
def test_a_report_with_numbers_that_no_photos_gave_is_damaged(name, value):
    told = a_report().to_json()
    assert Report.from_json(told) == a_report()
    with pytest.raises(ValueError):
        Report.from_json({**told, "test": {**told["test"], name: value}})


def test_a_report_of_classes_or_an_estimate_that_are_not_its_own_is_damaged():
    for changes in ({"estimate": "guessed"}, {"classes": ["apple", "plum"]}):
        with pytest.raises(ValueError, match="No run can have reported this"):
            Report.from_json({**a_report().to_json(), **changes})


@pytest.mark.parametrize("temperature", [0, -1, 0.0, float("nan"), float("inf")])
def test_a_temperature_by_which_nothing_can_be_divided_is_damaged(temperature):
    with pytest.raises(ValueError, match="above 0"):
        Calibration.from_json({"temperature": temperature, "ece_before": 0.1, "ece_after": 0.1, "n_validation": 9})


@pytest.mark.parametrize("column", ["truth", "split", "p_1"])
@pytest.mark.parametrize("values", [[[1.5]], [None], [{"x": 1}], None])
def test_answers_whose_columns_hold_something_else_are_damaged(tmp_path, column, values):
    path = tmp_path / "predictions.parquet"
    pd.DataFrame(ANSWERS).to_parquet(path)
    assert read_answers(path, "test", ["apple", "pear"], 1.0)["sure"].tolist() == [0.75]
    table = pd.DataFrame(ANSWERS)
    (table.drop(columns=[column]) if values is None else table.assign(**{column: values})).to_parquet(path)
    with pytest.raises(RunError, match=r"predictions.parquet\) is missing or damaged"):
        read_answers(path, "test", ["apple", "pear"], 1.0)
    if column != "p_1":
        with pytest.raises(RunError):
            read_predictions(path, "test")


def test_a_text_is_no_number_and_a_number_no_text(tmp_path):
    pd.DataFrame({"sha256": ["a"], "x": [1], "label": pd.Categorical(["b"])}).to_parquet(tmp_path / "map.parquet")
    refuse_other_columns(tmp_path / "map.parquet", ["sha256", "label"], ["x"])
    for texts, numbers in ((["x"], []), ([], ["sha256"]), (["none"], [])):
        with pytest.raises((ValueError, KeyError)):
            refuse_other_columns(tmp_path / "map.parquet", texts, numbers)


def test_arrays_without_any_dimension_are_no_detector(tmp_path):
    names = OutOfDistributionDetector.__dataclass_fields__
    np.savez(tmp_path / "novelty.npz", **{**dict.fromkeys(names, np.float64(1)), "claims": np.ones((2, 2))})
    with pytest.raises(RunError, match=r"is damaged\. Train it again"):
        OutOfDistributionDetector.load(tmp_path / "novelty.npz")


@pytest.mark.parametrize("said", [{"sha256": []}, {"sha256": "0" * 64, "probability": 10**400, "bytes": 1e999}])
def test_lines_of_feedback_with_values_of_no_kind_count_for_nothing(tmp_path, said):
    project = Project.create(tmp_path / "fruit", "Fruit")
    feedback = feedback_of(project)
    feedback.folder.mkdir()
    EventLog(feedback.log_path).write("said", **said)
    assert feedback.waiting() == []
    assert feedback.lost_words in (True, False)


@pytest.mark.parametrize("number", ["9" * 5000, str(2**63), "-1", "\u0663"])
def test_a_photo_whose_number_no_list_can_hold_is_not_there(tmp_path, monkeypatch, number):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path))
    app = Starlette(routes=addresses.routes())
    scope = {"type": "http", "method": "GET", "headers": [(b"host", b"localhost")]}
    status, _, words = answer(ask(app, {**scope, "path": f"/lent/token/{number}/small"}, [], stays=True))
    assert (status, words) == (404, b"There is no such photo.")


@pytest.mark.parametrize(("length", "status"), [("localhost", 400), ("9" * 5000, 413), ("9" * 18, 413), ("\xb2", 400)])
def test_a_length_that_is_no_number_or_a_huge_one_is_answered(length, status):
    async def receive():
        return {"type": "http.disconnect"}

    headers = [(b"content-type", b"image/png"), (b"content-length", length.encode("latin-1"))]
    with pytest.raises(HTTPException) as refusal:
        asyncio.run(photos_of(Request({"type": "http", "headers": headers}, receive), IncomingBytes(1000)))
    assert refusal.value.status_code == status

import pytest

from core.base.files import write_json
from core.models.config import CROSS_VALIDATION, FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.runs.choosing.names import RunName, lines_of, short_names
from core.runs.report import FromScratch
from core.runs.run import Run
from tests.core.reports import a_report, metrics_of

NAME = "2026-11-22 14.05.09 3f9a2c1b07"


@pytest.fixture
def made(tmp_path):
    """Makes a run with its report, or without where nothing is told of it."""

    def make(name=NAME, config=None, **told):
        run = Run.create(tmp_path / "runs" / name, config or TrainConfig(), [])
        report = a_report(**{"test": metrics_of(["a", "b"], 94, 100), **told}) if told else None
        if report:
            write_json(run.report_path, report.to_json())
        return run, report

    return make


def test_a_run_is_called_by_what_it_is_and_then_by_when_it_was_made(made):
    name = RunName.of(*made(strategy=FINE_TUNE))
    assert name.short == "Fine-tuned, 94 %"
    assert name.line == "Fine-tuned, 94 % in the test · 2026-11-22 14:05"


def test_the_number_says_how_it_was_found(made):
    name = RunName.of(*made(strategy=FINE_TUNE, estimate=CROSS_VALIDATION))
    assert name.line == "Fine-tuned, 94 % by cross-validation · 2026-11-22 14:05"


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"strategy": "feature-extraction"}, "New head, 94 %"),
        ({"strategy": "feature-extraction", "head": "linear-svm"}, "Support vectors, 94 %"),
        ({"strategy": "feature-extraction", "head": "logistic"}, "Logistic regression, 94 %"),
        ({"strategy": FROM_SCRATCH, "from_scratch": FromScratch("base")}, "Whole network, 94 %"),
        ({"strategy": FROM_SCRATCH, "from_scratch": FromScratch(RANDOM)}, "From scratch, 94 %"),
        ({"strategy": "of a newer version"}, "of a newer version, 94 %"),
    ],
)
def test_each_way_of_learning_has_its_word(made, told, what):
    assert RunName.of(*made(**told)).short == what


def test_what_the_user_calls_it_comes_first(made):
    run, report = made(strategy=FINE_TUNE)
    run.describe("For the market", "")
    name = RunName.of(run, report)
    assert name.short == "For the market"
    assert name.line == "For the market · Fine-tuned, 94 % in the test · 2026-11-22 14:05"


def test_a_run_that_is_not_finished_has_no_number(made):
    assert RunName.of(*made()).line == "New head, not finished · 2026-11-22 14:05"
    run, _ = made("2026-11-22 14.06.00 aaaa")
    run.config_path.write_text("{")
    assert RunName.of(run, None).short == "A run, not finished"


def test_a_folder_of_another_name_stands_for_the_date(made):
    assert RunName.of(*made("my own", strategy=FINE_TUNE)).line == "Fine-tuned, 94 % in the test · my own"


def test_runs_alike_are_told_apart_by_the_date_and_then_by_a_number(made):
    listed = [
        made(strategy=FINE_TUNE),
        made("2026-11-22 14.05.30 bbbb", strategy=FINE_TUNE),
        made("2026-11-23 08.00.00 cccc", strategy=FINE_TUNE),
        made("2026-11-24 08.00.00 dddd", strategy="feature-extraction"),
    ]
    assert list(short_names(listed).values()) == [
        "Fine-tuned, 94 % (2026-11-22 14:05)",
        "Fine-tuned, 94 % (2026-11-22 14:05) 2",
        "Fine-tuned, 94 % (2026-11-23 08:00)",
        "New head, 94 %",
    ]
    assert list(lines_of(listed).values())[:2] == [
        "Fine-tuned, 94 % in the test · 2026-11-22 14:05",
        "Fine-tuned, 94 % in the test · 2026-11-22 14:05 2",
    ]

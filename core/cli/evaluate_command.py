"""`python -m core evaluate`: the report's metrics on other labelled photos."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from core.base.errors import InputError
from core.base.subsets import TEST
from core.cli.command import Command, Result
from core.cli.labelled_photos import add_source, files_of
from core.cli.terminal import report_in_words
from core.evaluation.metrics import classification_metrics
from core.models.config import TEST_PART
from core.photos.decoding import PhotoError
from core.runs.answer_table import Answer
from core.runs.predictor import Prediction, Predictor
from core.runs.report import EvaluationReport, SetAside
from core.runs.run import Run
from core.sources.layouts import LabelledFile


def evaluate(arguments: argparse.Namespace) -> Result:
    """Test a run on other photos; of a folder with its own test subset, on that alone."""
    run = Run(arguments.run)
    predictor = Predictor(run)
    with tempfile.TemporaryDirectory() as scratch:
        files = files_of(arguments.source, Path(scratch) / "photos")
        files = [file for file in files if file.split == TEST] or files
        unknown = sorted({file.label for file in files} - set(predictor.class_names))
        if unknown:
            raise InputError(
                f"This model doesn't know the class {', '.join(unknown)}. It knows {', '.join(predictor.class_names)}: "
                "name the folders like that."
            )
        answers = predictor.predict([file.path for file in files])
    report = _report(files, answers, predictor.class_names)
    return report.to_json(), report_in_words(report, run)


def _report(files: list[LabelledFile], answers: list[Answer], class_names: list[str]) -> EvaluationReport:
    readable = [(file, answer) for file, answer in zip(files, answers, strict=True) if isinstance(answer, Prediction)]
    if not readable:
        raise InputError("None of these photos can be read.")
    truth = np.array([class_names.index(file.label) for file, _ in readable])
    probabilities = np.array([list(answer.probabilities.values()) for _, answer in readable])
    return EvaluationReport(
        class_names=class_names,
        estimate=TEST_PART,
        test=classification_metrics(truth, probabilities, class_names),
        set_aside=[
            SetAside(file.name, str(answer))
            for file, answer in zip(files, answers, strict=True)
            if isinstance(answer, PhotoError)
        ],
    )


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, metavar="RUN")
    add_source(parser)


EVALUATE = Command("evaluate", "test a trained run on other labelled photos", evaluate, _add_arguments)

"""Evaluate a run on photos that were asked about in one go, by the class folders that they lie in."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.base.subsets import TEST
from core.batches.answers import BatchAnswers
from core.evaluation.metrics import Metrics, classification_metrics
from core.photos.decoding import PhotoError
from core.sources.layouts import Incoming, arrange


@dataclass(frozen=True)
class BatchEvaluation:
    """How a run did on labelled photos from outside the project.

    Args:
        class_names: Of the run, in the order of its outputs.
        metrics: Of its answers.
        answers: A row a photo: id (of its row in the batch), truth, answer (class names), right (bool), sure
            (0..1).
        unknown: How many photos lie in folders that are no class of the run, by the folder's name.
        loose: How many lie in no class folder.
        unreadable: How many of those in class folders can't be used.
    """

    class_names: list[str]
    metrics: Metrics
    answers: pd.DataFrame
    unknown: dict[str, int]
    loose: int
    unreadable: int


def evaluate_batch(answers: BatchAnswers) -> BatchEvaluation | None:
    """Evaluate a finished batch on its photos in class folders; of a set with its own test subset, on that alone.

    Folders and classes are compared without regard to upper and lower case.

    Returns:
        None when no photo lies in a folder named like a class of the run, or none of those can be used.
    """
    class_names = answers.class_names()
    truths, unknown, loose = _truths(answers)
    rows, probabilities, unreadable = [], [], 0
    for row in answers.answered():
        truth = truths.get(row.id)
        if truth is None:
            continue
        answer = row.answer
        if isinstance(answer, PhotoError):
            unreadable += 1
            continue
        rows.append((row.id, truth, answer.label, truth == answer.label, answer.probability))
        probabilities.append(np.array(list(answer.probabilities.values()), np.float32))
    if not rows:
        return None
    table = pd.DataFrame(rows, columns=["id", "truth", "answer", "right", "sure"])
    index = np.array([class_names.index(truth) for truth in table["truth"]])
    metrics = classification_metrics(index, np.stack(probabilities), class_names)
    return BatchEvaluation(class_names, metrics, table, dict(sorted(unknown.items())), loose, unreadable)


def is_labelled(answers: BatchAnswers) -> bool:
    """Whether a photo lies in a folder named like a class: `evaluate_batch` without looking at the answers."""
    return bool(_truths(answers)[0])


def _truths(answers: BatchAnswers) -> tuple[dict[int, str], Counter[str], int]:
    """The class of each photo that counts, by its row's number; how many lie in other folders, by folder, and loose."""
    by_name = {name.casefold(): name for name in answers.class_names()}
    found = arrange([Incoming(Path(str(number)), name, why_not="") for number, name in answers.names()])
    files = [file for file in found.files if file.split == TEST] or found.files
    truths = {int(file.path.name): by_name.get(file.label.casefold()) for file in files}
    unknown = Counter(file.label for file in files if file.label.casefold() not in by_name)
    return {number: truth for number, truth in truths.items() if truth}, unknown, len(found.loose)

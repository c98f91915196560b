"""Evaluate a run on photos that were asked about in one go, by the class folders that they lie in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.subsets import TEST
from core.batches.answers import PAGE, BatchAnswers
from core.evaluation.class_matching import MatchedClasses, match_classes
from core.evaluation.learned_from import LearnedFrom, learned_from
from core.evaluation.metrics import Metrics, classification_metrics
from core.photos.decoding import PhotoError, open_photo
from core.photos.near_copies import HASH_BYTES, perceptual_hash
from core.photos.pictures import USUAL
from core.runs.learned import LearnedPhotos
from core.sources.reading import Reading
from core.sources.readings import propose


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
        matched: Which classes the folders mean, with those that are unknown.
        learned: Which of the photos the run had learned from, and the score without them; None where that isn't known.
    """

    class_names: list[str]
    metrics: Metrics
    answers: pd.DataFrame
    unknown: dict[str, int]
    loose: int
    unreadable: int
    matched: MatchedClasses
    learned: LearnedFrom | None


def evaluate_batch(
    answers: BatchAnswers, known: LearnedPhotos | None = None, meant: Mapping[str, str] | None = None
) -> BatchEvaluation | None:
    """Evaluate a finished batch on its photos in class folders; of a set with its own test subset, on that alone.

    Folders and classes are matched by `match_classes`.

    Args:
        answers: Of the run.
        known: What the run learned from, where that is known.
        meant: As of `match_classes`.

    Returns:
        None when no photo lies in a folder named like a class of the run, or none of those can be used.
    """
    class_names = answers.class_names()
    truths, matched, loose = _truths(answers, meant)
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
    judged = (index, np.stack(probabilities))
    metrics = classification_metrics(*judged, class_names)
    learned = _learned_from(answers, known, table["id"].tolist(), judged, class_names) if known else None
    return BatchEvaluation(class_names, metrics, table, matched.unknown, loose, unreadable, matched, learned)


def _learned_from(
    answers: BatchAnswers,
    known: LearnedPhotos,
    ids: list[int],
    judged: tuple[np.ndarray, np.ndarray],
    class_names: list[str],
) -> LearnedFrom:
    seen = answers.seen()
    for start in range(0, len(ids), PAGE):  # what an earlier version answered is known by its small JPEG
        for number, jpeg in answers.thumbnails([i for i in ids[start : start + PAGE] if i not in seen]).items():
            seen[number] = ("", perceptual_hash(open_photo(jpeg, settings=USUAL)))
    found = [seen.get(number, ("", bytes(HASH_BYTES))) for number in ids]

    def look(i: int) -> np.ndarray | None:
        jpeg = answers.thumbnails([ids[i]]).get(ids[i])
        return None if jpeg is None else np.asarray(open_photo(jpeg, settings=USUAL))

    alike = known.compare([content for content, _ in found], [phash for _, phash in found], look)
    return learned_from(alike, known.not_compared, judged, class_names)


def is_labelled(answers: BatchAnswers) -> bool:
    """Whether a photo lies in a folder named like a class: `evaluate_batch` without looking at the answers."""
    return bool(_truths(answers, None)[0])


def _truths(answers: BatchAnswers, meant: Mapping[str, str] | None) -> tuple[dict[int, str], MatchedClasses, int]:
    """The class of each photo that counts, by its row's number; what the folders mean; how many lie in no folder."""
    class_names = answers.class_names()
    names = dict(answers.names())
    readings = propose(names.values(), is_photo=lambda name: True).likely or [Reading("", "")]
    # Of several the one that speaks of the model's classes is meant.
    reading, matched = max(
        ((reading, match_classes(reading.counts, class_names, meant)) for reading in readings),
        key=lambda each: sum(each[0].counts[label] for label in each[1].known),
    )
    in_test = {name: label for name, label in reading.labels.items() if label.split == TEST} or reading.labels
    labels = {number: in_test[name].name for number, name in names.items() if name in in_test}
    truths = {number: matched.known[label] for number, label in labels.items() if label in matched.known}
    return truths, matched, sum(name not in reading.labels for name in names.values())

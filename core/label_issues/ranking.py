"""Which photos seem to be in the wrong class, judged by models that have not seen them.

Confident learning (C. Northcutt, L. Jiang and I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
Labels", JAIR 2021): probabilities from models that learned without the photo; a class's threshold is what its own
photos reach on average; a photo that reaches the threshold of another class counts against its own, and these counts
estimate how many labels are wrong. The ranking is by self-confidence, into which the nearest other photos are mixed.
What was tried, and how many planted labels are found, is in docs/log.md and docs/benchmarks.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from core.base.events import PHASE
from core.checks.readiness import refuse_too_few
from core.engine.features import PhotoFeatures, features_of
from core.engine.out_of_distribution import evened
from core.engine.places import Places
from core.evaluation.folds import grouped_folds
from core.evaluation.probe import unit
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.label_issues.folder import SearchedLabels
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FOLDS
from core.photos.labelled_photo import LabelledPhoto

STRENGTH = 2.0  # LogisticRegression's C; larger ones learn the wrong labels by heart (docs/log.md)
STEPS = 60  # of L-BFGS at most; more change hardly a rank
NEAR = 10  # neighbours that are counted
DIVISIONS = 2  # into folds; the mean of two is steadier than one
NEIGHBOURS_SHARE = 0.1  # of the neighbours in what is believed; the rest is the models'
AT_A_TIME = 1024  # rows of the table of cosines in memory: 200 MB with 50,000 photos
SHOWN = 3  # photos of each of the two classes that the page shows beside a suspect
SEED = 0


@dataclass(frozen=True)
class LabelIssues:
    """What was found, for n photos of k classes.

    Args:
        score: float32 (n,), 0..1: how little speaks for the class it has.
        looks_like: int64 (n,), the class that most speaks for, among those it has not.
        sure: float32 (n,), 0..1, the models' probability of `looks_like`.
        agree: int64 (n,), how many of its `near` nearest photos are of the class `looks_like`.
        near: int64 (n,), how many were counted: NEAR, or as many as there are.
        suspect: bool (n,), the estimated number of wrong labels, those of the highest scores.
        order: int64 (n,), row numbers, the highest score first; of equals the one that came first.
    """

    score: np.ndarray
    looks_like: np.ndarray
    sure: np.ndarray
    agree: np.ndarray
    near: np.ndarray
    suspect: np.ndarray
    order: np.ndarray


def judge_labels(photos: list[LabelledPhoto], places: Places, job: Job) -> tuple[pd.DataFrame, SearchedLabels]:
    """Rank photos by how wrong their class seems.

    Args:
        job: Gets PHASE and PROGRESS; its stop file ends the work.

    Returns:
        The table, a row a photo (equal files of one class are one), the highest score first: sha256, label, looks_like,
        score (float32, 0..1), sure (float32, 0..1: the models' probability of `looks_like`), agree and near (int64: so
        many of so many nearest photos are of that class), suspect (bool), and for suspects the SHA-256 of the nearest
        photos of both classes, near_own and near_other (lists). And what it is about.

    Raises:
        InputError: There are too few photos.
        StopRequested: The user wants it to end.
    """
    log, base = job.event_log(), base_model(BUILT_IN)
    different = {(photo.sha256, photo.label): photo for photo in photos}
    photos = [different[key] for key in sorted(different)]  # so that their order changes nothing
    refuse_too_few(photos)
    log.write(PHASE, name="features", words=f"Looking at the photos through {base.title}")
    known = features_of(base, photos, places, job)
    refuse_too_few(known.photos)
    class_names, class_ids, groups = known.class_names, known.class_ids, known.groups
    log.write(PHASE, name="labels", words="Judging each photo by models that have not seen it")
    issues = find_label_issues(known.rows, class_ids, groups, SEED, Progress(log, job.check_stop, every_s=0))
    judged = can_be_judged(class_ids, np.unique(groups, return_inverse=True)[1])
    unevaluated = [class_names[k] for k in sorted(set(class_ids[~judged].tolist()))]
    return _table(known, issues), SearchedLabels(len(known.photos), int(issues.suspect.sum()), unevaluated)


def _table(known: PhotoFeatures, issues: LabelIssues) -> pd.DataFrame:
    photos, class_names, class_ids = known.photos, known.class_names, known.class_ids
    x, group = centred(known.rows), np.unique(known.groups, return_inverse=True)[1]

    def shown(row: int, wanted: int) -> list[str]:
        if not issues.suspect[row]:
            return []
        return [photos[i].sha256 for i in nearest_of_class(x, class_ids, group, row, wanted, SHOWN)]

    table = pd.DataFrame(
        {
            "sha256": [photo.sha256 for photo in photos],
            "label": [photo.label for photo in photos],
            "looks_like": [class_names[k] for k in issues.looks_like],
            "score": issues.score,
            "sure": issues.sure,
            "agree": issues.agree,
            "near": issues.near,
            "suspect": issues.suspect,
            "near_own": [shown(row, int(k)) for row, k in enumerate(class_ids)],
            "near_other": [shown(row, int(k)) for row, k in enumerate(issues.looks_like)],
        }
    )
    return table.iloc[issues.order].reset_index(drop=True)


def find_label_issues(
    features: np.ndarray, class_ids: np.ndarray, groups: list[str], seed: int, on_step: Callable[[int, int], None]
) -> LabelIssues:
    """Rank photos by how wrong their class seems.

    A class that is one group of near-copies can't be judged, since no model could know it without them: its photos
    have score 0.

    Args:
        features: float32 (n, width).
        class_ids: int (n,), indices 0..k - 1, each occurring, k at least 2.
        groups: Of each photo, equal for near-copies: they neither teach about each other nor count as neighbours.
        seed: Divides the photos.
        on_step: Called after each of DIVISIONS * FOLDS + 1 steps with (done, total); may raise to stop.
    """
    x, names = centred(features), np.unique(groups, return_inverse=True)[1]
    believed = _believed(x, class_ids, groups, seed, on_step)
    votes, near = neighbour_votes(x, class_ids, names)
    on_step(DIVISIONS * FOLDS + 1, DIVISIONS * FOLDS + 1)
    mixed = believed + NEIGHBOURS_SHARE * (votes / np.maximum(near, 1)[:, None] - believed)
    rows, judged = np.arange(len(class_ids)), can_be_judged(class_ids, names)
    score = np.where(judged, 1 - mixed[rows, class_ids], 0).astype(np.float32)
    others = mixed.copy()
    others[rows, class_ids] = -1
    looks_like = others.argmax(1)
    order = np.argsort(-score, kind="stable")
    wrong = judged & (mixed.argmax(1) != class_ids)
    chosen = order[wrong[order]][: estimated_wrong(believed[judged], class_ids[judged])]
    return LabelIssues(
        score=score,
        looks_like=looks_like,
        sure=believed[rows, looks_like],
        agree=votes[rows, looks_like],
        near=near,
        suspect=np.isin(rows, chosen),
        order=order,
    )


def centred(features: np.ndarray) -> np.ndarray:
    """Directions from the middle of all photos, length 1: float32 (n, width). What all have in common tells nothing."""
    x = evened(features)
    return unit(x - x.mean(0))


def _believed(
    x: np.ndarray, class_ids: np.ndarray, groups: list[str], seed: int, on_step: Callable[[int, int], None]
) -> np.ndarray:
    """The mean of `out_of_fold` over DIVISIONS."""
    answers, steps = [], DIVISIONS * FOLDS + 1
    for division in range(DIVISIONS):
        fold, before = grouped_folds(class_ids, groups, seed + division), division * FOLDS
        answers.append(out_of_fold(x, class_ids, fold, lambda done, before=before: on_step(before + done, steps)))
    return np.mean(answers, axis=0)


def out_of_fold(x: np.ndarray, class_ids: np.ndarray, fold: np.ndarray, on_fold: Callable[[int], None]) -> np.ndarray:
    """Probabilities by logistic regressions that have not seen a photo's fold: float32 (n, k).

    Args:
        x: float32 (n, width), of `centred`.
        class_ids: int (n,), indices 0..k - 1.
        fold: int (n,), of `grouped_folds`.
        on_fold: Called with the number of folds done.
    """
    probabilities = np.zeros((len(class_ids), int(class_ids.max()) + 1), np.float32)
    for number in range(FOLDS):
        seen, unseen = fold != number, fold == number
        if unseen.any() and len(np.unique(class_ids[seen])) > 1:
            with threadpool_limits(1, "blas"):  # for so few columns, threads wait for each other longer than they work
                model = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3).fit(x[seen], class_ids[seen])
                probabilities[np.ix_(unseen, model.classes_)] = model.predict_proba(x[unseen])
        on_fold(number + 1)
    return probabilities


def neighbour_votes(x: np.ndarray, class_ids: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes of the NEAR nearest other photos by cosine, near-copies passed over.

    Args:
        x: float32 (n, width), of `centred`.
        class_ids: int (n,), indices 0..k - 1.
        group: int (n,), equal for near-copies.

    Returns:
        Votes, int64 (n, k), and how many photos voted, int64 (n,).
    """
    votes = np.zeros((len(x), int(class_ids.max()) + 1), np.int64)
    for first in range(0, len(x), AT_A_TIME):
        rows = slice(first, first + AT_A_TIME)
        alike = x[rows] @ x.T
        alike[group[rows, None] == group[None]] = -np.inf
        nearest = np.argpartition(-alike, min(NEAR, len(x)) - 1, axis=1)[:, :NEAR]
        counts = np.isfinite(np.take_along_axis(alike, nearest, 1))
        for k in range(votes.shape[1]):
            votes[rows, k] = (counts & (class_ids[nearest] == k)).sum(1)
    return votes, votes.sum(1)


def nearest_of_class(
    x: np.ndarray, class_ids: np.ndarray, group: np.ndarray, row: int, wanted: int, at_most: int
) -> list[int]:
    """Row numbers of the photos of a class most like one photo, none of them a near-copy of it or of each other."""
    there = np.flatnonzero((class_ids == wanted) & (group != group[row]))
    found: dict[int, int] = {}
    for i in there[np.argsort(-(x[there] @ x[row]), kind="stable")].tolist():
        found.setdefault(int(group[i]), i)
        if len(found) == at_most:
            break
    return list(found.values())


def can_be_judged(class_ids: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Whether a photo's class has another picture than it, so that a model can know it all the same: bool (n,)."""
    pairs = np.unique(np.stack([class_ids, group], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=int(class_ids.max()) + 1)[class_ids] > 1


def estimated_wrong(probabilities: np.ndarray, class_ids: np.ndarray) -> int:
    """How many labels are wrong, by the confident joint: what lies off its diagonal.

    Args:
        probabilities: float32 (n, k), from models that have not seen the photo.
        class_ids: int (n,), the labels.
    """
    n_classes = probabilities.shape[1]
    counts = np.bincount(class_ids, minlength=n_classes)
    own = probabilities[np.arange(len(class_ids)), class_ids]
    thresholds = np.bincount(class_ids, own, n_classes) / np.maximum(counts, 1)
    reached = np.where((probabilities >= thresholds) & (counts > 0), probabilities, -1)
    confident = reached.max(1) >= 0
    joint = np.zeros((n_classes, n_classes))
    np.add.at(joint, (class_ids[confident], reached[confident].argmax(1)), 1)
    shares = joint / np.maximum(joint.sum(1, keepdims=True), 1)  # of each class, among those that are confident
    return round(float(((1 - np.diag(shares)) * counts)[joint.sum(1) > 0].sum()))

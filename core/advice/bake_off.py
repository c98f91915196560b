"""What a linear probe reaches on each base model that is here, on the same photos and folds; and on several together.

Two models that err on different photos see more side by side than either alone. Whether they do is asked of photos that
the probe had not seen, each answered by both: McNemar's exact test, with Bonferroni's correction for as many as are
tried (Q. McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", 1947).
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.advice.record import CHANCE, BaseTrial, least_of_level, rate_together
from core.base.errors import WeightsError
from core.base.events import PHASE
from core.checks.readiness import refuse_too_few
from core.engine.engine import FEATURES
from core.engine.features import PhotoFeatures, engine_of, features_of
from core.engine.places import Places
from core.evaluation.folds import grouped_folds
from core.evaluation.metrics import differing, mcnemar_exact, wilson_interval
from core.evaluation.probe import linear_answers, unit
from core.jobs.job import Job
from core.models.catalogue import BESIDE, MOST_BESIDE, BaseModel, base_model
from core.photos.labelled_photo import LabelledPhoto, sample_by_share

FEWEST_PHOTOS, MOST_PHOTOS = 300, 1000  # that every base looks at; light ones at more, for a finer difference shows
MOST_WORK_G = 6000.0  # of all together, in 10^9 multiply-adds: half a minute for the slowest base alone on 2 cores
TIMED_PHOTOS = 40
SEED = 0  # of the folds


@dataclass(frozen=True)
class Tried:
    """A base that was tried, with what it says of the photos and on which of them the probe was right."""

    trial: BaseTrial
    known: PhotoFeatures
    right: np.ndarray


def bake_off(bases: list[BaseModel], photos: list[LabelledPhoto], places: Places, job: Job) -> list[BaseTrial]:
    """Try each base, then the two and the three best side by side; the best first.

    Args:
        bases: Those whose weights are on this computer.
        photos: That may be looked at; of many a part.

    Raises:
        InputError: Too few photos can be read.
        StopRequested: The user wants it to end.
    """
    some, tried = sample_by_share(photos, photos_for(bases)), []
    for number, base in enumerate(bases, 1):
        words = f"Trying {base.title}, base model {number} of {len(bases)} on this computer"
        job.event_log().write(PHASE, name="bake-off", words=words)
        try:
            tried.append(_try_base(base, some, places, job))
        except WeightsError:  # its file is here but is not what it says: the catalogue's state tells
            continue
    if len(tried) > 1:
        job.event_log().write(PHASE, name="bake-off", words="Trying the best of them side by side")
    return ranked(tried, _best_side_by_side(tried, job))


def photos_for(bases: list[BaseModel]) -> int:
    """How many photos every base looks at: fewer where they are heavy."""
    work = sum(base.multiply_adds_g for base in bases)
    return int(min(MOST_PHOTOS, max(FEWEST_PHOTOS, MOST_WORK_G / work)))


def ranked(alone: list[Tried], several: list[Tried]) -> list[BaseTrial]:
    """The best first. Recommended is one alone, unless several side by side are better by more than chance.

    Of those alone that are not surely worse than the best it is the one that computes least. More side by side have to
    be surely better than fewer that are.

    Args:
        several: The cheaper first.
    """
    best = max(alone, key=lambda each: each.trial.accuracy)
    alone, several = ([_compared(each, best) for each in some] for some in (alone, several))
    chosen, least = best, least_of_level([each.trial for each in alone])
    for each in several:
        gained, lost = differing(each.right, chosen.right)
        if gained > lost and len(several) * mcnemar_exact(gained, lost) < CHANCE:
            chosen, least = each, each.trial
    trials = [replace(each.trial, recommended=each.trial is least) for each in [*alone, *several]]
    return sorted(trials, key=lambda trial: -trial.accuracy)


def _best_side_by_side(tried: list[Tried], job: Job) -> list[Tried]:
    order = sorted(tried, key=lambda each: -each.trial.accuracy)
    same = [each for each in order if _is_of_the_same(each, order[0])]
    found = []
    for n in range(2, min(MOST_BESIDE, len(same)) + 1):
        job.check_stop()
        found.append(_try_together(same[:n]))
    return found


def _try_base(base: BaseModel, photos: list[LabelledPhoto], places: Places, job: Job) -> Tried:
    began = time.monotonic()
    known = features_of(base, photos, places, job)
    refuse_too_few(known.photos)
    right = _right(known)
    timed, engine = [Path(photo.path) for photo in known.photos[:TIMED_PHOTOS]], engine_of(base, places)
    before = time.monotonic()
    engine.run(timed, FEATURES)  # decoding included, since photos come as files
    rate = len(timed) / (time.monotonic() - before)
    return Tried(_trial(base, right, round(rate, 1), time.monotonic() - began), known, right)


def _try_together(parts: list[Tried]) -> Tried:
    """Several side by side, on what each said of the photos: what the model with all of them inside would say."""
    began = time.monotonic()
    base = base_model(BESIDE.join(each.trial.base for each in parts))
    in_order = [next(each for each in parts if each.trial.base == part.name) for part in base.parts]
    known = PhotoFeatures(in_order[0].known.photos, np.concatenate([each.known.rows for each in in_order], axis=1))
    right = _right(known)
    rate = rate_together([each.trial.photos_per_second for each in parts])
    seconds = time.monotonic() - began + sum(each.trial.seconds for each in parts)
    return Tried(_trial(base, right, rate, seconds), known, right)


def _compared(tried: Tried, best: Tried) -> Tried:
    """The same with the photos on which it and the best one alone differ, where both were asked about the same."""
    if not _is_of_the_same(tried, best):
        return tried
    gained, lost = differing(tried.right, best.right)
    return replace(tried, trial=replace(tried.trial, gained=gained, lost=lost))


def _is_of_the_same(tried: Tried, best: Tried) -> bool:
    """Whether both were asked about the same photos: a base may give no numbers for one."""
    return tried.known.photos == best.known.photos


def _right(known: PhotoFeatures) -> np.ndarray:
    """On which photos a probe that had not seen them was right: bool (n,)."""
    fold = grouped_folds(known.class_ids, known.groups, SEED)
    return linear_answers(unit(known.rows), known.class_ids, fold) == known.class_ids


def _trial(base: BaseModel, right: np.ndarray, rate: float, seconds: float) -> BaseTrial:
    return BaseTrial(
        base=base.name,
        title=base.title,
        accuracy=float(right.mean()),
        interval=wilson_interval(int(right.sum()), len(right)),
        n=len(right),
        photos_per_second=rate,
        megabytes=round(base.parameters * 4 / 1e6, 1),
        seconds=round(seconds, 2),
        multiply_adds_g=base.multiply_adds_g,
    )

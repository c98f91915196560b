from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.base.errors import StopRequested
from core.base.events import EPOCH, PROGRESS
from core.jobs.job import Job
from core.models.compression import compressed
from core.models.config import TrainConfig
from core.models.heads import LOGISTIC
from core.runs.report import best_epoch, epochs_of
from core.training.fitting import answers_of, solve_in_job
from core.training.rows import LabelledFeatures
from core.training.solving import logistic

WIDTH = 24
CONFIG = TrainConfig(head=LOGISTIC)


def clouds(n, n_classes, seed, spread=1.0):
    """Averages of activations, never below zero, around a place for each class."""
    rng, places = np.random.default_rng(seed), np.random.default_rng(99).normal(0, 0.5, (n_classes, WIDTH))
    class_ids = np.arange(n) % n_classes
    features = np.maximum(places[class_ids] + rng.normal(0.3, spread, (n, WIDTH)), 0)
    return LabelledFeatures(features.astype(np.float32), class_ids.astype(np.int64))


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("n", [16, 200])  # fewer and more than there are features
def test_it_answers_as_the_regression_of_the_same_penalty_does(n_classes, n, job, monkeypatch):
    monkeypatch.setattr(logistic, "PENALTIES", (3.0,))
    monkeypatch.setattr(logistic, "BEYOND_CHANCE", np.inf)
    train, test = clouds(n, n_classes, 0), clouds(200, n_classes, 2)
    head = solve_in_job(CONFIG, train, clouds(40, n_classes, 1), n_classes, job)
    values = compressed(train.features)
    scale = np.sqrt(np.square(values - values.mean(0)).mean())
    twice = 2 if n_classes == 2 else 1  # of two classes scikit-learn holds back the difference of the two, once
    machine = LogisticRegression(C=twice / 3, tol=1e-8, max_iter=1000).fit(values / scale, train.class_ids)
    theirs = machine.predict_proba(compressed(test.features) / scale)
    assert answers_of(head, test) == pytest.approx(theirs, abs=5e-3)


def test_the_final_head_has_the_penalty_that_was_chosen_and_learns_from_more(job):
    train, validation, test = clouds(60, 4, 0), clouds(40, 4, 1), clouds(400, 4, 2)
    chosen = solve_in_job(CONFIG, train, validation, 4, job)
    number = best_epoch(epochs_of(job.events()))
    same = logistic.refit_logistic(CONFIG, number, train, validation, train, 4)
    assert answers_of(same, test) == pytest.approx(answers_of(chosen, test), abs=5e-3)
    everything = LabelledFeatures(
        np.concatenate([train.features, validation.features]), np.concatenate([train.class_ids, validation.class_ids])
    )
    more = logistic.refit_logistic(CONFIG, number, train, validation, everything, 4)
    losses = [-np.log(answers_of(head, test)[np.arange(400), test.class_ids]).mean() for head in (same, more)]
    assert losses[1] < losses[0]
    again = logistic.refit_logistic(CONFIG, number, train, validation, everything, 4)
    assert all(map(np.array_equal, more.get_weights(), again.get_weights()))


def test_each_penalty_is_an_event_and_the_best_by_cross_validation_is_kept(job):
    train, validation = clouds(80, 4, 0), clouds(40, 4, 1)
    head = solve_in_job(CONFIG, train, validation, 4, job)
    tries = epochs_of(job.events())
    assert {each.phase for each in tries} == {"cross-validated"}
    assert [each.number for each in tries] == list(range(1, len(tries) + 1))
    assert [e["done"] for e in job.events() if e["event"] == PROGRESS] == [each.number for each in tries]
    kept = tries[best_epoch(tries) - 1]
    assert kept.loss == min(each.loss for each in tries)
    answers = answers_of(head, validation)
    assert -np.log(answers[np.arange(40), validation.class_ids]).mean() == pytest.approx(kept.val_loss, abs=1e-4)
    assert (answers.argmax(1) == validation.class_ids).mean() == kept.val_accuracy
    most = tries[best_epoch(tries, "val_accuracy") - 1]
    assert most.accuracy == max(each.accuracy for each in tries)


def test_the_same_seed_gives_the_same_bits(job):
    heads = [solve_in_job(CONFIG, clouds(60, 3, 0), clouds(30, 3, 1), 3, job) for _ in range(2)]
    for one, other in zip(*(head.get_weights() for head in heads), strict=True):
        assert np.array_equal(one, other)


def test_copies_on_both_sides_of_a_fold_would_choose_too_weak_a_penalty_so_groups_stay_on_one(job):
    train, validation = clouds(60, 3, 0, 2.0), clouds(60, 3, 1, 2.0)
    five = np.tile(np.arange(60), 5)
    copies = LabelledFeatures(train.features[five], train.class_ids[five])
    chosen = []
    for groups in (five.astype(str), None):
        apart = Job(job.folder / ("grouped" if groups is not None else "not"))
        apart.folder.mkdir()
        solve_in_job(CONFIG, replace(copies, groups=groups), validation, 3, apart)
        tries = epochs_of(apart.events())
        chosen.append(tries[best_epoch(tries) - 1])
    assert chosen[0].number < chosen[1].number
    assert chosen[0].val_loss < chosen[1].val_loss


@pytest.mark.parametrize(("beyond", "used"), [(2.0, [False, True]), (-np.inf, [True, False])])
def test_features_count_compressed_unless_they_are_better_as_they_are_by_more_than_chance(
    beyond, used, job, monkeypatch
):
    monkeypatch.setattr(logistic, "BEYOND_CHANCE", beyond)
    rows, other = clouds(80, 2, 0), clouds(40, 2, 1)
    head = solve_in_job(CONFIG, rows, other, 2, job)
    assert [bool(half.any()) for half in np.split(head.get_weights()[0], 2)] == used
    kept = epochs_of(job.events())[best_epoch(epochs_of(job.events())) - 1]
    assert (answers_of(head, other).argmax(1) == other.class_ids).mean() == kept.val_accuracy


def test_rare_classes_count_as_much_when_weighted(job):
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (200, WIDTH)), rng.normal(0.4, 1, (10, WIDTH))]).astype(np.float32)
    rows = LabelledFeatures(features, np.array([0] * 200 + [1] * 10, np.int64))
    found = [
        (answers_of(solve_in_job(replace(CONFIG, class_weights=weighted), rows, rows, 2, job), rows)
         .argmax(1)[200:] == 1).sum()
        for weighted in (False, True)
    ]  # fmt: skip
    assert found[0] < found[1] >= 8


def test_a_class_without_a_training_photo_is_never_the_answer(job):
    train = clouds(60, 3, 0)
    head = solve_in_job(CONFIG, train.take(np.flatnonzero(train.class_ids != 1)), clouds(30, 3, 1), 3, job)
    assert (answers_of(head, clouds(90, 3, 2)).argmax(1) != 1).all()


def test_discarding_ends_it_and_keeping_keeps_the_first_try(job):
    job.request_stop(keep=True)
    solve_in_job(CONFIG, clouds(60, 3, 0), clouds(30, 3, 1), 3, job)
    assert len([event for event in job.events() if event["event"] == EPOCH]) == 1
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        solve_in_job(CONFIG, clouds(60, 3, 0), clouds(30, 3, 1), 3, job)

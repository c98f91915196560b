from dataclasses import replace

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from core.base.errors import StopRequested
from core.base.events import EPOCH, PROGRESS
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.models.heads import LINEAR_SVM
from core.runs.report import best_epoch, epochs_of
from core.training.fitting import answers_of, solve_in_job
from core.training.rows import LabelledFeatures
from core.training.solving import linear_svm as svm
from core.training.solving.linear_svm import STRENGTHS

WIDTH = 8
CONFIG = TrainConfig(head=LINEAR_SVM)


def clouds(n, n_classes, seed, spread=1.0):
    """Points around a place for each class, the features on very different scales, as a base's are."""
    rng, places = np.random.default_rng(seed), np.random.default_rng(99).normal(0, 1.5, (n_classes, WIDTH))
    class_ids = np.arange(n) % n_classes
    features = (places[class_ids] + rng.normal(0, spread, (n, WIDTH))) * np.logspace(-2, 2, WIDTH)
    return LabelledFeatures(features.astype(np.float32), class_ids.astype(np.int64))


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_it_answers_as_the_machine_of_the_same_strength_does(n_classes, job, monkeypatch):
    monkeypatch.setattr(svm, "STRENGTHS", (0.01,))
    train, test = clouds(90, n_classes, 0), clouds(200, n_classes, 2)
    head = solve_in_job(CONFIG, train, clouds(60, n_classes, 1), n_classes, job)
    middle, scale = train.features.mean(0), train.features.std(0)
    machine = LinearSVC(C=0.01, random_state=0).fit((train.features - middle) / scale, train.class_ids)
    theirs = machine.predict((test.features - middle) / scale)
    ours = answers_of(head, test)
    assert (ours.argmax(1) == theirs).mean() >= 0.995
    assert ours.sum(1) == pytest.approx(np.ones(200), abs=1e-5)


def test_its_probabilities_are_as_sure_as_it_is_right(job):
    head = solve_in_job(CONFIG, clouds(300, 3, 0, 2.0), clouds(300, 3, 1, 2.0), 3, job)
    test = clouds(3000, 3, 2, 2.0)
    answers = answers_of(head, test)
    sure, right = answers.max(1), answers.argmax(1) == test.class_ids
    assert 0.5 < right.mean() < 0.95  # else the next line says little
    assert sure.mean() == pytest.approx(right.mean(), abs=0.05)


def test_every_strength_is_an_event_and_the_one_with_the_lowest_loss_is_kept(job):
    validation = clouds(60, 3, 1, 2.0)
    head = solve_in_job(CONFIG, clouds(60, 3, 0, 2.0), validation, 3, job)
    tries = [event for event in job.events() if event["event"] == EPOCH]
    assert [event["epoch"] for event in tries] == list(range(1, len(STRENGTHS) + 1))
    assert {event["phase"] for event in tries} == {"svm"}
    assert [e["done"] for e in job.events() if e["event"] == PROGRESS] == [event["epoch"] for event in tries]
    kept = -np.log(answers_of(head, validation)[np.arange(60), validation.class_ids]).mean()
    assert kept == pytest.approx(min(event["val_loss"] for event in tries), abs=1e-4)


def test_where_accuracy_is_monitored_the_most_accurate_try_is_kept(job):
    train, validation = clouds(60, 3, 0), clouds(60, 3, 1)
    config = replace(CONFIG, monitor="val_accuracy")
    head = solve_in_job(config, train, validation, 3, job)
    tries = epochs_of(job.events())
    best = tries[best_epoch(tries, "val_accuracy") - 1]
    answers = answers_of(head, validation)
    assert (answers.argmax(1) == validation.class_ids).mean() == max(each.val_accuracy for each in tries)
    assert -np.log(answers[np.arange(60), validation.class_ids]).mean() == pytest.approx(best.val_loss, abs=1e-4)


def test_rare_classes_count_as_much_when_weighted(job):
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (200, WIDTH)), rng.normal(0.5, 1, (10, WIDTH))]).astype(np.float32)
    rows = LabelledFeatures(features, np.array([0] * 200 + [1] * 10, np.int64))
    found = [
        (answers_of(solve_in_job(TrainConfig(head=LINEAR_SVM, class_weights=weighted), rows, rows, 2, job), rows)
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


def test_once_more_from_all_photos_it_has_the_same_margin_and_sureness(job, monkeypatch):
    monkeypatch.setattr(svm, "STRENGTHS", (1e-4, 0.01))
    train, validation, test = clouds(90, 3, 0), clouds(60, 3, 1), clouds(200, 3, 2)
    everything = LabelledFeatures(
        np.concatenate([train.features, validation.features]), np.concatenate([train.class_ids, validation.class_ids])
    )
    tested = svm.fit_svm(replace(CONFIG, monitor="val_accuracy"), train, validation, 3)
    same = svm.refit_svm(CONFIG, 2, train, validation, train, 3)
    more = svm.refit_svm(CONFIG, 2, train, validation, everything, 3)
    middle, scale = everything.features.mean(0), everything.features.std(0)
    machine = LinearSVC(C=0.01, random_state=0).fit((everything.features - middle) / scale, everything.class_ids)
    assert (answers_of(more, test).argmax(1) == machine.predict((test.features - middle) / scale)).mean() >= 0.995
    strongest = [svm.refit_svm(CONFIG, n, train, validation, train, 3) for n in (1, 2)]
    assert any(np.allclose(answers_of(each, test), answers_of(tested, test), atol=1e-5) for each in strongest)
    assert np.allclose(answers_of(same, test), answers_of(strongest[1], test))

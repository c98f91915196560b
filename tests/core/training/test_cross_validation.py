from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import StopRequested
from core.base.events import PROGRESS
from core.jobs.job import Job
from core.models.config import FOLDS, TrainConfig
from core.training import cross_validation
from core.training.cross_validation import out_of_fold
from core.training.fitting import fit_head
from core.training.rows import LabelledFeatures

WIDTH = 32
CONFIG = TrainConfig(epochs=12, learning_rate=0.05, batch_size=16, dropout=0.2)


def clouds(class_ids, seed, apart=2.0):
    """Points around a place of their class's own; with `apart` 0 nothing tells the classes from each other."""
    rng, class_ids = np.random.default_rng(seed), np.asarray(class_ids, np.int64)
    places = rng.normal(0, apart, (class_ids.max() + 1, WIDTH))
    return LabelledFeatures(
        (rng.normal(0, 1, (len(class_ids), WIDTH)) + places[class_ids]).astype(np.float32), class_ids
    )


def alone(rows):
    """A group for each photo."""
    return [f"photo {i}" for i in range(len(rows.class_ids))]


def right(probabilities, rows):
    return (probabilities.argmax(1) == rows.class_ids).mean()


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.fixture
def folds(monkeypatch):
    """What each fold's head learns from and stops by, written down on the way."""
    seen, learn = [], cross_validation.learn

    def watched(head, config, train, validation, callbacks):
        seen.append((train, validation))
        learn(head, config, train, validation, callbacks)

    monkeypatch.setattr(cross_validation, "learn", watched)
    return seen


@pytest.fixture
def given(monkeypatch):
    """What each fold's head is given to learn from and to stop by; it stays as it is, which saves seconds."""
    seen = []
    monkeypatch.setattr(
        cross_validation, "learn", lambda head, config, train, validation, callbacks: seen.append((train, validation))
    )
    return seen


def numbers(rows, chosen):
    """Which of all photos these are."""
    row_of = {features.tobytes(): i for i, features in enumerate(rows.features)}
    return {row_of[features.tobytes()] for features in chosen.features}


@pytest.mark.slow
def test_every_photo_is_judged_and_classes_that_differ_are_told_apart(job):
    rows = clouds([0, 1, 2] * 12, seed=1)
    probabilities = out_of_fold(CONFIG, rows, alone(rows), 3, job)
    assert probabilities.shape == (36, 3)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(1) == pytest.approx(np.ones(36), abs=1e-5)
    assert right(probabilities, rows) >= 0.95


def test_no_head_sees_what_it_judges_nor_a_near_copy_of_it_not_even_to_stop(job, given):
    rows = clouds([0] * 17 + [1] * 9 + [2] * 6, seed=2)
    groups = [f"group {i // 3}" for i in range(32)]  # two of them hold photos of two classes
    out_of_fold(CONFIG, rows, groups, 3, job)
    assert len(given) == FOLDS
    judged = Counter()
    for train, validation in given:
        taught, steering = numbers(rows, train), numbers(rows, validation)
        unseen = set(range(32)) - taught - steering
        assert not {groups[i] for i in unseen} & {groups[i] for i in taught | steering}
        assert not {groups[i] for i in steering} & {groups[i] for i in taught}
        assert set(rows.class_ids[list(taught)]) == {0, 1, 2}
        assert steering
        judged.update(unseen)
    assert judged == Counter(range(32))


@pytest.mark.slow
def test_heads_learn_from_further_views_and_judge_photos_as_they_are(job, folds):
    """The photos say nothing, their second views all: whoever learned from these or was judged on them would shine."""
    blank, telling = clouds(np.arange(30) % 2, seed=3, apart=0), clouds(np.arange(30) % 2, seed=4)
    both = LabelledFeatures(
        np.concatenate([blank.features, telling.features]), np.concatenate([blank.class_ids, telling.class_ids])
    )
    probabilities = out_of_fold(CONFIG, both, alone(blank), 2, job)
    assert probabilities.shape == (30, 2)
    assert 0.2 <= right(probabilities, blank) <= 0.8
    for train, validation in folds:
        taught = numbers(both, train)
        assert {i % 30 for i in taught} == {i for i in taught if i < 30}  # each in both views
        assert len(taught) == 2 * len({i % 30 for i in taught})
        assert max(numbers(both, validation)) < 30


@pytest.mark.slow
def test_near_copies_do_not_lend_each_other_their_class(job):
    """Twins with nothing to learn from but each other: only a head that has seen the twin can be right."""
    single = clouds(np.arange(30) % 2, seed=3, apart=0)
    twins = LabelledFeatures(np.repeat(single.features, 2, 0), np.repeat(single.class_ids, 2))
    together = [f"twins {i // 2}" for i in range(60)]
    assert right(out_of_fold(CONFIG, twins, alone(twins), 2, job), twins) >= 0.75
    assert right(out_of_fold(CONFIG, twins, together, 2, job), twins) <= 0.6


def test_each_fold_has_a_share_of_each_class(job, given):
    rows = clouds([0] * 30 + [1] * 10, seed=4)
    out_of_fold(CONFIG, rows, alone(rows), 2, job)
    for train, validation in given:
        assert Counter(train.class_ids.tolist()) + Counter(validation.class_ids.tolist()) == {0: 24, 1: 8}
        assert Counter(validation.class_ids.tolist()) == {0: 4, 1: 1}  # 15 of 85 % of it


@pytest.mark.slow
def test_a_class_of_two_groups_is_learned_from_one_and_judged_on_the_other(job, folds):
    rows = clouds([0] * 15 + [1] * 5, seed=6)
    groups = [*alone(rows)[:15], "burst", "burst", "burst", "later", "later"]
    probabilities = out_of_fold(CONFIG, rows, groups, 2, job)
    assert all(1 in train.class_ids for train, _ in folds)
    assert (probabilities[15:].argmax(1) == 1).all()


@pytest.mark.slow
def test_where_no_group_is_left_to_stop_by_the_fold_stops_by_what_it_learns_from(job, folds):
    rows = clouds([0] * 6 + [1] * 6, seed=6)
    groups = [f"{i // 3}" for i in range(12)]
    probabilities = out_of_fold(CONFIG, rows, groups, 2, job)
    assert right(probabilities, rows) == 1
    assert any(numbers(rows, train) == numbers(rows, validation) for train, validation in folds)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answers_and_another_seed_others(job):
    rows = clouds([0, 1] * 10, seed=7, apart=0.3)
    first, again, other = (
        out_of_fold(TrainConfig(epochs=4, seed=seed), rows, alone(rows), 2, job) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        replace(CONFIG, optimizer="sgd", momentum=0.9, steps_per_epoch=3, batch_size=4, monitor="val_accuracy"),
        pytest.param(replace(CONFIG, optimizer="rmsprop"), marks=pytest.mark.endurance),
    ],
    ids=lambda config: config.optimizer,
)
def test_each_fold_begins_anew_as_a_head_of_its_own_would(config, job, folds, tmp_path):
    rows = clouds([0, 1] * 10, seed=8, apart=0.3)
    probabilities = out_of_fold(config, rows, alone(rows), 2, job)
    train, validation = folds[-1]
    head = fit_head(config, train, validation, 2, Job(tmp_path))
    unseen = sorted(set(range(20)) - numbers(rows, train) - numbers(rows, validation))
    assert head.predict_on_batch(rows.features[unseen]) == pytest.approx(probabilities[unseen], abs=1e-5)


@pytest.mark.slow
def test_the_events_count_folds_and_leave_the_curves_alone(job):
    rows = clouds([0, 1] * 10, seed=9)
    out_of_fold(CONFIG, rows, alone(rows), 2, job)
    events = job.events()
    assert [(event["done"], event["total"]) for event in events] == [(n, FOLDS) for n in range(1, FOLDS + 1)]
    assert {event["event"] for event in events} == {PROGRESS}
    assert events[-1]["seconds_left"] == 0


@pytest.mark.parametrize("keep", [True, False])
def test_a_stop_ends_it_within_the_fold(job, folds, keep):
    job.request_stop(keep=keep)
    rows = clouds([0, 1] * 10, seed=10)
    with pytest.raises(StopRequested) as stopped:
        out_of_fold(TrainConfig(epochs=1000, patience=1000), rows, alone(rows), 2, job)
    assert stopped.value.keep is keep
    assert len(folds) == 1


def test_photos_that_only_teach_are_in_every_fold_and_never_judged(job, given):
    rows = clouds([0, 1] * 15, seed=11)
    judges = np.arange(30) < 20
    probabilities = out_of_fold(CONFIG, rows, alone(rows), 2, job, judges)
    assert (probabilities.sum(1) > 0).tolist() == judges.tolist()
    assert len(given) == FOLDS
    unseen = Counter()
    for train, validation in given:
        taught, steering = numbers(rows, train), numbers(rows, validation)
        assert set(range(20, 30)) <= taught
        assert not steering & set(range(20, 30))
        unseen.update(set(range(20)) - taught - steering)
    assert unseen == Counter(range(20))


@pytest.mark.slow
def test_a_photo_that_only_teaches_is_kept_from_heads_that_a_near_copy_of_it_judges_or_stops(job, folds):
    """Noise with a twin each: only a head that has learned the twin could name it."""
    single = clouds(np.arange(30) % 2, seed=3, apart=0)
    twins = LabelledFeatures(np.tile(single.features, (2, 1)), np.tile(single.class_ids, 2))
    groups = [f"twins {i % 30}" for i in range(60)]
    judges = np.arange(60) < 30
    probabilities = out_of_fold(CONFIG, twins, groups, 2, job, judges)
    assert right(probabilities[judges], single) <= 0.7
    for train, validation in folds:
        assert not numbers(twins, train) & numbers(twins, validation)  # equal features have one number


def test_few_photos_to_judge_make_few_folds(job, given):
    rows = clouds([0, 1] * 9, seed=12)
    judges = np.arange(18) < 6  # three of each class
    probabilities = out_of_fold(CONFIG, rows, alone(rows), 2, job, judges)
    assert len(given) == 3
    assert (probabilities[:6].sum(1) > 0.99).all()

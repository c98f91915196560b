import math
from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pytest

from core.base.errors import RunError, StopRequested
from core.base.events import EPOCH, PROGRESS
from core.jobs.job import Job
from core.models.config import FINE_TUNE, FROM_SCRATCH, TrainConfig, with_optimizer
from core.runs.report import WORST
from core.training.network_fitting import Schedule, learn_network
from core.training.rows import LabelledFeatures

WIDTH = 6
CONFIG = TrainConfig(batch_size=10)


def network(seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((WIDTH,))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(inputs))


def clouds(n, seed, wrong=False):
    """Points around +1 and -1."""
    rng = np.random.default_rng(seed)
    class_ids = (np.arange(n) % 2).astype(np.int64)
    points = (rng.normal(0, 1, (n, WIDTH)) + (2 * class_ids - 1)[:, None]).astype(np.float32)
    said = 1 - class_ids if wrong else class_ids
    return LabelledFeatures(points, said), points, said


def with_wrong_labels(rows):
    """Every tenth is of the other class."""
    wrong = np.arange(len(rows.class_ids)) % 10 == 0
    return LabelledFeatures(rows.features, np.where(wrong, 1 - rows.class_ids, rows.class_ids))


def cross_entropy(model, points, class_ids):
    answers = model.predict_on_batch(points)
    return -np.log(answers[np.arange(len(class_ids)), class_ids]).mean()


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


def epochs(job):
    return [event for event in job.events() if event["event"] == EPOCH]


@pytest.mark.slow
def test_epochs_report_plain_cross_entropy_and_count_on(job):
    train, validation = clouds(40, 1), clouds(20, 2)
    model = network()
    schedule = Schedule(FINE_TUNE, epochs=6, rate=0.05, patience=6, earlier=3)
    learn_network(model, CONFIG, schedule, train[0], validation[0], job)
    told = epochs(job)
    assert [(event["epoch"], event["phase"]) for event in told] == [(n, FINE_TUNE) for n in range(4, 10)]
    assert cross_entropy(model, *validation[1:]) == pytest.approx(min(e["val_loss"] for e in told), rel=1e-4)
    assert told[-1]["loss"] < told[0]["loss"]
    assert (model.predict_on_batch(validation[1]).argmax(1) == validation[2]).mean() >= 0.9
    assert [e["done"] for e in job.events() if e["event"] == PROGRESS][-1] == 6 * 40


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_steps_in_an_epoch_are_as_many_as_asked_and_the_rate_falls_over_all_of_them(optimizer, job):
    config = replace(with_optimizer(CONFIG, optimizer), steps_per_epoch=3)
    model, validation = network(), clouds(20, 2)[0]
    learn_network(
        model, config, Schedule(FINE_TUNE, epochs=4, rate=0.05, patience=4), clouds(40, 1)[0], validation, job
    )
    assert type(model.optimizer).__name__ == {"rmsprop": "RMSprop", "sgd": "SGD"}[optimizer]
    assert int(model.optimizer.iterations.numpy()) == 12
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.05 * 0.01, rel=0.05)
    assert [e["done"] for e in job.events() if e["event"] == PROGRESS][-1] == 12 * 10
    assert len(epochs(job)) == 4


@pytest.mark.slow
def test_weights_that_no_epoch_betters_come_back_untouched(job):
    """The better it learns, the worse it gets at a validation part whose labels are all wrong."""
    model, validation = network(), clouds(20, 2, wrong=True)
    before = model.get_weights()
    start = float(cross_entropy(model, *validation[1:]))
    schedule = Schedule(FINE_TUNE, epochs=20, rate=0.5, patience=2, start=(start / 2, 0.0))
    learn_network(model, CONFIG, schedule, clouds(40, 1)[0], validation[0], job)
    assert len(epochs(job)) == 13  # eleven until the rate has fallen by half, and its patience
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.slow
def test_what_it_began_with_does_not_end_a_training_that_gets_better(job):
    """Thawed blocks begin worse than the head that they are to beat, and may need long to overtake it."""
    model, validation = network(), clouds(20, 2)
    start = (0.5 * float(cross_entropy(model, *validation[1:])), 0.0)
    schedule = Schedule(FINE_TUNE, epochs=12, rate=0.02, patience=2, start=start)
    learn_network(model, CONFIG, schedule, clouds(40, 1)[0], validation[0], job)
    assert len(epochs(job)) == 12
    assert cross_entropy(model, *validation[1:]) < start[0]


@pytest.mark.slow
@pytest.mark.parametrize("phase", [FINE_TUNE, FROM_SCRATCH])
def test_more_epochs_are_never_worse_than_fewer(phase, tmp_path):
    """Labels of which a tenth is wrong can be learned by heart; what is kept gets better with more time, or stays."""
    train, validation = with_wrong_labels(clouds(80, 1)[0]), clouds(200, 2)
    losses = []
    for asked in (2, 4, 8, 16, 32):
        model = network()
        start = (float(cross_entropy(model, *validation[1:])), 0.0) if phase == FINE_TUNE else WORST
        schedule = Schedule(phase, epochs=asked, rate=0.02, patience=math.ceil(asked / 4), start=start)
        folder = tmp_path / str(asked)
        folder.mkdir()
        learn_network(model, CONFIG, schedule, train, validation[0], Job(folder))
        losses.append(float(cross_entropy(model, *validation[1:])))
    assert all(later <= 1.02 * earlier for earlier, later in pairwise(losses)), losses
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.slow
def test_a_loss_that_is_no_number_at_once_fails_with_the_reason(job):
    broken = LabelledFeatures(np.full((4, WIDTH), np.nan, np.float32), np.zeros(4, np.int64))
    schedule = Schedule(FINE_TUNE, epochs=3, rate=0.1, patience=3)
    with pytest.raises(RunError, match="rate that is too high"):
        learn_network(network(), CONFIG, schedule, broken, clouds(20, 2)[0], job)
    assert epochs(job) == []


@pytest.mark.slow
def test_a_stop_between_batches_keeps_the_best_and_a_discard_raises(job):
    schedule = Schedule(FINE_TUNE, epochs=500, rate=0.01, patience=500)
    job.request_stop(keep=True)
    learn_network(network(), CONFIG, schedule, clouds(40, 1)[0], clouds(20, 2)[0], job)
    assert len(epochs(job)) == 1
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        learn_network(network(), CONFIG, schedule, clouds(40, 1)[0], clouds(20, 2)[0], job)

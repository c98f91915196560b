"""How much of what was learned is kept: as much as the validation photos say."""

import keras
import numpy as np
import pytest

from core.base.errors import StopRequested
from core.jobs.job import Job
from core.models.config import VAL_ACCURACY, TrainConfig
from core.training.callbacks import PLAIN
from core.training.rows import LabelledFeatures
from core.training.strategies.weight_mixing import SHARES, learning_weights, mix, mix_by_validation

BEGUN = [np.array([[-3.0, 0.0], [0.0, -3.0]], np.float32), np.zeros(2, np.float32)]
ROWS = LabelledFeatures(np.array([[1, 0], [0, 1], [1, 0.9]], np.float32), np.array([0, 1, 1]))


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.fixture
def model():
    """From two values to two classes; the third row of ROWS is wrong whenever the weights are alike for both."""
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])
    metrics = ["accuracy", keras.metrics.SparseCategoricalCrossentropy(name=PLAIN)]
    network.compile(loss="sparse_categorical_crossentropy", metrics=metrics, jit_compile=False)
    return network


def log_loss(model):
    right = model.predict(ROWS.features, verbose=0)[np.arange(3), ROWS.class_ids]
    return -np.log(right).mean()


@pytest.mark.parametrize(("learned", "best"), [(3.0, 1.0), (24.0, 0.25), (10.0, 0.5), (-4.0, 0.25)])
def test_the_mean_with_the_lowest_log_loss_is_kept(model, job, learned, best):
    after = [np.array([[learned, 0.0], [0.0, learned]], np.float32), np.zeros(2, np.float32)]
    model.set_weights(after)
    share = mix_by_validation(model, BEGUN, ROWS, TrainConfig(), job)
    kept = [weights.copy() for weights in learning_weights(model)]
    losses = {}
    for each in SHARES:
        mix(model, BEGUN, after, each)
        losses[each] = log_loss(model)
    assert share == best == min(losses, key=losses.get)
    mix(model, BEGUN, after, best)
    assert all(np.array_equal(a, b) for a, b in zip(kept, learning_weights(model), strict=True))


def test_where_accuracy_is_monitored_the_loss_only_decides_among_equals(model, job):
    after = [np.array([[9.0, 0.0], [0.0, 9.0]], np.float32), np.array([0.0, 1.5], np.float32)]
    model.set_weights(after)  # all three right, the third just so; a mean with less of the last weight gets it wrong
    assert mix_by_validation(model, BEGUN, ROWS, TrainConfig(monitor=VAL_ACCURACY), job) == 1.0


def test_without_anything_learned_nothing_changes(model, job):
    model.set_weights(BEGUN)
    assert mix_by_validation(model, BEGUN, ROWS, TrainConfig(), job) == 1.0
    assert all(np.array_equal(a, b) for a, b in zip(BEGUN, learning_weights(model), strict=True))
    assert job.events() == []  # nothing was tried


def test_who_discards_the_run_waits_for_none_of_it(model, job):
    model.set_weights([2 * weights for weights in BEGUN])
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        mix_by_validation(model, BEGUN, ROWS, TrainConfig(), job)

import keras
import numpy as np
import pytest

from core.base.errors import RunError, StopRequested
from core.base.events import EPOCH, PROGRESS
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.models.head_building import build_head, whole_model
from core.runs.report import Epoch, best_epoch, epochs_of
from core.runs.run import NOTE
from core.training.callbacks import EventLogger
from core.training.fitting import (
    LearningError,
    class_weights,
    fit_head,
    fit_head_for,
    learn,
    tell_trouble,
    untrained_head,
)
from core.training.rows import LabelledFeatures

WIDTH = 8


def two_clouds(n, seed):
    """Points around +1 and -1: two classes, a little mixed."""
    rng = np.random.default_rng(seed)
    class_ids = np.arange(n) % 2
    features = rng.normal(0, 1, (n, WIDTH)) + (2 * class_ids - 1)[:, None]
    return LabelledFeatures(features.astype(np.float32), class_ids.astype(np.int64))


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


def epochs(job):
    return [event for event in job.events() if event["event"] == EPOCH]


@pytest.mark.slow
def test_a_head_learns_and_writes_an_event_per_epoch(job):
    config = TrainConfig(epochs=15, learning_rate=0.05, batch_size=16)
    head = fit_head(config, two_clouds(80, 1), two_clouds(40, 2), 2, job)
    test = two_clouds(100, 3)
    assert (head.predict_on_batch(test.features).argmax(1) == test.class_ids).mean() >= 0.95
    events = epochs(job)
    assert [event["epoch"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["loss"] > events[-1]["loss"]
    progress = [event for event in job.events() if event["event"] == PROGRESS]
    assert [event["done"] for event in progress] == [event["epoch"] for event in events]
    assert {event["total"] for event in progress} == {15}


@pytest.mark.slow
def test_the_head_that_comes_back_is_that_of_the_lowest_validation_loss(job):
    validation = two_clouds(30, 5)
    wrong = LabelledFeatures(validation.features, 1 - validation.class_ids)  # the better it learns, the worse this gets
    head = fit_head(TrainConfig(epochs=10, patience=3, learning_rate=0.05), two_clouds(80, 4), wrong, 2, job)
    losses = [event["val_loss"] for event in epochs(job)]
    assert losses.index(min(losses)) == 0
    assert len(losses) == 4
    given = head.predict_on_batch(wrong.features)[np.arange(30), wrong.class_ids]
    assert -np.log(given).mean() == pytest.approx(losses[0], rel=1e-4)


def test_where_accuracy_is_monitored_the_most_accurate_epoch_comes_back(job):
    """Half of the validation photos lie far out and are labelled wrong: the loss only rises, the accuracy doesn't."""
    validation = two_clouds(40, 5)
    far = np.where(np.arange(40) < 12, 9, 1)[:, None].astype(np.float32)
    ids = np.where(np.arange(40) < 12, 1 - validation.class_ids, validation.class_ids)
    odd = LabelledFeatures(validation.features * far, ids)
    config = TrainConfig(epochs=12, patience=4, learning_rate=0.05, dropout=0.0, monitor="val_accuracy")
    head = fit_head(config, two_clouds(80, 4), odd, 2, job)
    told = epochs_of(job.events())
    best = told[best_epoch(told, "val_accuracy") - 1]
    assert best.val_accuracy == max(epoch.val_accuracy for epoch in told)
    assert best.val_loss > min(epoch.val_loss for epoch in told)
    assert len(told) == min(12, best.number + 4)
    assert (head.predict_on_batch(odd.features).argmax(1) == ids).mean() == pytest.approx(best.val_accuracy)


@pytest.mark.slow
def test_a_head_that_may_learn_for_longer_is_never_worse(tmp_path):
    losses, validation = [], two_clouds(60, 5)
    for asked in (2, 8, 32):
        folder = tmp_path / str(asked)
        folder.mkdir()
        config = TrainConfig(epochs=asked, patience=8, learning_rate=0.02)
        head = fit_head(config, two_clouds(40, 4), validation, 2, Job(folder))
        given = head.predict_on_batch(validation.features)[np.arange(60), validation.class_ids]
        losses.append(float(-np.log(given).mean()))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("accuracy", "is_kept"), [(1.0, True), (0.2, False)])
def test_a_head_that_goes_on_is_compared_with_the_earlier_epochs_by_what_is_monitored(accuracy, is_kept, job):
    config = TrainConfig(epochs=1, learning_rate=0.05, monitor="val_accuracy")
    start = untrained_head(config, WIDTH, 2).get_weights()
    job.event_log().write(EPOCH, **Epoch(1, "head", 0.5, 0.8, 0.0 if is_kept else 9.9, accuracy, 0.1).to_json())
    head = fit_head(config, two_clouds(80, 4), two_clouds(30, 5), 2, job, start)
    assert len(epochs(job)) == 2
    assert all(np.array_equal(a, b) for a, b in zip(start, head.get_weights(), strict=True)) == is_kept


@pytest.mark.slow
def test_the_same_seed_gives_the_same_head_and_another_seed_another(job):
    def weights(seed):
        config = TrainConfig(epochs=1, seed=seed)
        return fit_head(config, two_clouds(40, 1), two_clouds(20, 2), 2, job).get_weights()[0]

    assert np.array_equal(weights(1), weights(1))
    assert not np.array_equal(weights(1), weights(2))


def test_keep_ends_the_fit_after_the_batch_it_comes_in(job):
    job.request_stop(keep=True)
    head = fit_head(TrainConfig(epochs=50), two_clouds(400, 1), two_clouds(20, 2), 2, job)
    assert [event["epoch"] for event in epochs(job)] == [1]
    assert head.predict_on_batch(two_clouds(10, 3).features).shape == (10, 2)


def test_discard_ends_the_fit_at_once(job):
    job.request_stop(keep=False)
    with pytest.raises(StopRequested) as stopped:
        fit_head(TrainConfig(epochs=50), two_clouds(40, 1), two_clouds(20, 2), 2, job)
    assert not stopped.value.keep
    assert epochs(job) == []


def test_a_rate_that_leaves_the_numbers_at_once_ends_the_run_with_the_reason(job):
    far = two_clouds(40, 1)
    endless = LabelledFeatures(far.features * np.float32(np.inf), far.class_ids)
    with pytest.raises(RunError, match=r"went wrong at once: .* learning rate that is too high.*lower rate"):
        fit_head(TrainConfig(epochs=5), endless, two_clouds(20, 2), 2, job)
    assert epochs(job) == []


def test_when_the_loss_leaves_the_numbers_later_the_best_weights_before_are_kept_and_the_user_is_told(job):
    head, validation = untrained_head(TrainConfig(learning_rate=0.05), WIDTH, 2), two_clouds(30, 5)

    class Breaks(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                self.model.optimizer.learning_rate = float("nan")

    callbacks = [EventLogger(job.event_log()), Breaks()]
    kept = learn(head, TrainConfig(epochs=50), two_clouds(80, 4), validation, callbacks)
    tell_trouble(kept, job)
    assert [event["epoch"] for event in epochs(job)] == [1, 2, 3]
    given = head.predict_on_batch(validation.features)[np.arange(30), validation.class_ids]
    assert -np.log(given).mean() == pytest.approx(min(e["val_loss"] for e in epochs(job)), rel=1e-4)
    (note,) = [event["words"] for event in job.events() if event["event"] == NOTE]
    assert "best weights before that are kept" in note


def test_weighted_classes_count_alike_however_many_photos_they_have():
    config = TrainConfig(class_weights=True)
    weights = class_weights(config, np.array([0, 0, 0, 1, 2, 2]), 3)
    assert weights == pytest.approx({0: 6 / 9, 1: 2.0, 2: 1.0})
    assert class_weights(TrainConfig(), np.array([0, 1]), 2) is None


@pytest.mark.slow
def test_weighting_makes_a_head_answer_a_rare_class_more_often(job):
    rng = np.random.default_rng(0)
    features = rng.normal(0, 1, (210, WIDTH)).astype(np.float32)  # nothing tells the classes apart
    rows = LabelledFeatures(features, np.array([0] * 200 + [1] * 10, np.int64))

    def mean_of_rare(weighted):
        config = TrainConfig(epochs=5, learning_rate=0.05, class_weights=weighted)
        return fit_head(config, rows, rows, 2, job).predict_on_batch(features)[:, 1].mean()

    assert mean_of_rare(False) < 0.2 < mean_of_rare(True)


@pytest.mark.parametrize(
    ("head", "parameters"), [("gap", WIDTH * 3 + 3), ("fc", WIDTH * 16 + 16 + 16 * 3 + 3)], ids=["gap", "fc"]
)
def test_each_head_has_the_layers_its_name_says(head, parameters):
    model = build_head(TrainConfig(head=head, units=16), WIDTH, 3)
    assert model.count_params() == parameters
    answers = model.predict_on_batch(np.random.default_rng(0).normal(size=(4, WIDTH)).astype(np.float32))
    assert answers.shape == (4, 3)
    assert answers.sum(1) == pytest.approx(np.ones(4), abs=1e-5)


def test_the_whole_model_pools_the_base_and_asks_the_head():
    inputs = keras.Input((6, 6, 3))
    base = keras.Model(inputs, keras.layers.Conv2D(WIDTH, 1)(inputs))
    head = build_head(TrainConfig(), WIDTH, 2)
    pixels = np.random.default_rng(0).uniform(0, 255, (5, 6, 6, 3)).astype(np.float32)
    expected = head.predict_on_batch(base.predict_on_batch(pixels).mean((1, 2)))
    assert whole_model(base, head).predict_on_batch(pixels) == pytest.approx(expected, abs=1e-5)


def test_with_nothing_held_out_it_learns_for_all_epochs_and_keeps_the_last_weights(job):
    config = TrainConfig(epochs=3, steps_per_epoch=4, batch_size=8, learning_rate=0.05, dropout=0.0)
    rows = two_clouds(30, 1)
    first, second = (fit_head_for(config, rows, 2, job) for _ in range(2))
    assert first.optimizer.iterations.numpy() == 12
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))
    assert epochs(job) == []
    assert [event["done"] for event in job.events() if event["event"] == PROGRESS][-1] == 3
    endless = LabelledFeatures(np.full((30, WIDTH), np.inf, np.float32), rows.class_ids)
    with pytest.raises(LearningError, match="no longer a number"):
        fit_head_for(config, endless, 2, job)
    job.request_stop(keep=True)
    with pytest.raises(StopRequested):
        fit_head_for(config, rows, 2, job)

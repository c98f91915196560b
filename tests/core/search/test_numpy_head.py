from dataclasses import replace

import keras
import numpy as np
import pytest

from core.models.config import TrainConfig
from core.models.heads import FC, GAP
from core.search.numpy_head import Adam, first_weights, fit_quickly, gradients, probabilities
from core.training.fitting import learn, untrained_head
from core.training.rows import LabelledFeatures

WIDTH, CLASSES = 12, 3


def clouds(n, seed, apart=1.0):
    rng = np.random.default_rng(seed)
    class_ids = np.arange(n) % CLASSES
    places = np.random.default_rng(0).normal(0, apart, (CLASSES, WIDTH))
    return LabelledFeatures((rng.normal(0, 1, (n, WIDTH)) + places[class_ids]).astype(np.float32), class_ids)


def never(epoch, loss):
    return False


@pytest.mark.parametrize("head", [GAP, FC])
@pytest.mark.parametrize("class_weights", [False, True])
def test_its_steps_are_those_of_keras(head, class_weights):
    """The same first weights, no dropout, all photos in one batch: then no random number is left."""
    config = TrainConfig(
        head=head, units=7, dropout=0.0, weight_decay=0.3, learning_rate=0.02, epochs=6, batch_size=64, patience=99
    )
    config = replace(config, class_weights=class_weights)
    train = clouds(40, 1).take(np.r_[0:40, 0:20:3])  # one class has more photos
    weights = first_weights(config, WIDTH, CLASSES, np.random.default_rng(5))
    theirs = untrained_head(config, WIDTH, CLASSES)
    theirs.set_weights(weights)
    learn(theirs, config, train, train, [])

    counts = np.bincount(train.class_ids)
    of_photo = (len(train.class_ids) / (CLASSES * counts))[train.class_ids] if class_weights else 1.0
    of_photo = np.broadcast_to(of_photo, len(train.class_ids)).astype(np.float32)
    adam, rng = Adam(weights, config), np.random.default_rng(0)
    for _ in range(config.epochs):
        adam.step(weights, gradients(weights, train.features, train.class_ids, of_photo, 0.0, rng))
    for own, other in zip(weights, theirs.get_weights(), strict=True):
        assert own == pytest.approx(other, abs=2e-5)
    assert probabilities(weights, train.features) == pytest.approx(np.asarray(theirs(train.features)), abs=1e-4)


def test_layers_have_the_shapes_that_a_keras_head_has():
    for config in (TrainConfig(), TrainConfig(head=FC, units=5)):
        own = first_weights(config, WIDTH, CLASSES, np.random.default_rng(0))
        keras.backend.clear_session()
        assert [each.shape for each in own] == [w.shape for w in untrained_head(config, WIDTH, CLASSES).get_weights()]


def test_dropout_hides_that_share_and_keeps_the_mean():
    weights = [np.zeros((WIDTH, CLASSES), np.float32), np.zeros(CLASSES, np.float32)]
    ones, class_ids = np.ones((4000, WIDTH), np.float32), np.zeros(4000, np.int64)
    found = gradients(weights, ones, class_ids, np.ones(4000, np.float32), 0.4, np.random.default_rng(1))
    assert found[0][:, 0] == pytest.approx(np.full(WIDTH, -2 / 3), abs=0.03)


def test_it_learns_keeps_the_best_weights_and_stops_when_nothing_gets_better():
    config, seen = TrainConfig(learning_rate=0.05, patience=3, epochs=60, dropout=0.2), []
    train, validation = clouds(60, 2), clouds(60, 3)
    weights = fit_quickly(config, train, validation, CLASSES, lambda epoch, loss: seen.append(loss))
    assert (probabilities(weights, validation.features).argmax(1) == validation.class_ids).mean() > 0.8
    given = probabilities(weights, validation.features)[np.arange(60), validation.class_ids]
    assert -np.log(given).mean() == pytest.approx(min(seen), rel=1e-5)
    assert len(seen) < 60
    assert seen.index(min(seen)) >= len(seen) - 4


def test_the_same_seed_gives_the_same_head_and_another_seed_another():
    train = clouds(30, 4)
    one, same, other = (
        fit_quickly(TrainConfig(seed=seed, epochs=3), train, train, CLASSES, never)[0] for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_rate_that_is_too_high_leaves_weights_that_are_numbers():
    train = clouds(30, 5)
    huge = LabelledFeatures(train.features * 1e30, train.class_ids)
    weights = fit_quickly(TrainConfig(learning_rate=1.0, head=FC), huge, huge, CLASSES, never)
    assert all(np.isfinite(each).all() for each in weights)


def test_it_ends_when_the_watcher_calls_it_hopeless():
    seen = []
    fit_quickly(
        TrainConfig(), clouds(30, 6), clouds(30, 7), CLASSES, lambda epoch, loss: seen.append(epoch) or epoch == 2
    )
    assert seen == [0, 1, 2]

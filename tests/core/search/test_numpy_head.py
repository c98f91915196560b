from dataclasses import replace

import keras
import numpy as np
import pytest

from core.models.config import TrainConfig
from core.models.heads import FC, GAP
from core.search.numpy_head import first_weights, fit_quickly, gradients, probabilities
from core.search.numpy_optimizers import optimizer_for
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


@pytest.mark.slow
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
    adam, rng = optimizer_for(weights, config), np.random.default_rng(0)
    for _ in range(config.epochs):
        adam.step(weights, gradients(weights, train.features, train.class_ids, of_photo, 0.0, rng))
    for own, other in zip(weights, theirs.get_weights(), strict=True):
        assert own == pytest.approx(other, abs=2e-5)
    assert probabilities(weights, train.features) == pytest.approx(np.asarray(theirs(train.features)), abs=1e-4)


OF_KERAS = [
    ({"optimizer": "adam"}, lambda rate, decay: keras.optimizers.Adam(rate, weight_decay=decay)),
    ({"optimizer": "rmsprop"}, lambda rate, decay: keras.optimizers.RMSprop(rate, weight_decay=decay)),
    ({"optimizer": "sgd"}, lambda rate, decay: keras.optimizers.SGD(rate, weight_decay=decay)),
    (
        {"optimizer": "sgd", "momentum": 0.9},
        lambda rate, decay: keras.optimizers.SGD(rate, momentum=0.9, weight_decay=decay),
    ),
]


@pytest.mark.parametrize(("chosen", "theirs"), OF_KERAS, ids=["adam", "rmsprop", "sgd", "momentum"])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_each_optimizer_takes_the_steps_of_keras(chosen, theirs, decay):
    rng = np.random.default_rng(3)
    weights = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((5, 3), (3,))]
    variables = [keras.Variable(each) for each in weights]
    other = theirs(0.02, decay or None)
    own = optimizer_for(weights, TrainConfig(learning_rate=0.02, weight_decay=decay, **chosen).check())
    for size in (1.0, 1e-3, 1e-6, 10.0, 0.0):  # small ones show where epsilon stands
        found = [rng.normal(0, size, each.shape).astype(np.float32) for each in weights]
        own.step(weights, found)
        other.apply(found, variables)
        for each, variable in zip(weights, variables, strict=True):
            assert each == pytest.approx(variable.numpy(), abs=1e-6, rel=1e-5)


def test_an_epoch_of_so_many_steps_goes_on_where_the_last_one_ended():
    """Two epochs of 3 steps are one of 6, whatever photos there are."""
    train, steps = clouds(40, 1), TrainConfig(batch_size=16, patience=9, dropout=0.0)
    one = fit_quickly(replace(steps, epochs=1, steps_per_epoch=6), train, train, CLASSES, never)
    two = fit_quickly(replace(steps, epochs=2, steps_per_epoch=3), train, train, CLASSES, never)
    usual = fit_quickly(replace(steps, epochs=2), train, train, CLASSES, never)  # 40 photos are 3 steps
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(one, usual, strict=True))


def test_the_best_epoch_is_that_of_what_the_plan_monitors():
    train, validation = clouds(30, 2), clouds(60, 3, apart=0.6)
    config, losses = TrainConfig(learning_rate=0.1, patience=30, epochs=30, dropout=0.0), []
    for monitor in ("val_loss", "val_accuracy"):
        weights = fit_quickly(
            replace(config, monitor=monitor), train, validation, CLASSES, lambda *each: losses.append(each[1])
        )
        answers = probabilities(weights, validation.features)
        right = (answers.argmax(1) == validation.class_ids).mean()
        loss = -np.log(answers[np.arange(60), validation.class_ids]).mean()
        if monitor == "val_loss":
            assert loss == pytest.approx(min(losses), rel=1e-5)
            by_loss = right
    assert right >= by_loss
    assert loss > min(losses) + 1e-4  # another epoch


@pytest.mark.slow
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

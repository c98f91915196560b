import numpy as np
import pytest
import tensorflow as tf

from core.models.config import TrainConfig
from core.training.rows import LabelledFeatures
from core.training.steps import Steps, batches_of, stream_of

ROWS = LabelledFeatures(np.arange(10, dtype=np.float32)[:, None], np.zeros(10, np.int64))


def shown(config, n_batches):
    """The photos of each of so many batches, by their number."""
    return [features.numpy()[:, 0].astype(int).tolist() for features, _ in batches_of(ROWS, config).take(n_batches)]


def test_a_stream_shows_all_photos_before_one_comes_again_and_then_in_another_order():
    batches = shown(TrainConfig(batch_size=4, steps_per_epoch=2), 6)
    assert [len(batch) for batch in batches] == [4, 4, 2, 4, 4, 2]
    first, second = (np.concatenate(three).tolist() for three in (batches[:3], batches[3:]))
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_without_steps_an_epoch_shows_every_photo_once():
    assert sorted(np.concatenate(shown(TrainConfig(batch_size=4), 99))) == list(range(10))


def test_steps_are_counted_in_photos():
    usual, few, many = (Steps.of(TrainConfig(batch_size=4, steps_per_epoch=n), ROWS) for n in (0, 2, 7))
    assert [steps.in_epoch for steps in (usual, few, many)] == [3, 2, 7]
    assert [usual.shown_after(n) for n in range(8)] == [0, 4, 8, 10, 14, 18, 20, 24]
    assert Steps(photos=3, batch_size=64).shown_after(5) == 15


@pytest.mark.parametrize("first_step", [0, 1, 3, 7])
def test_a_stream_gone_on_with_shows_what_it_would_have_shown(first_step):
    """Whatever was drawn before in this process, and from whichever step on."""

    def photos(first, n):
        stream = stream_of(ROWS, TrainConfig(batch_size=4, seed=5), first).take(n)
        return [features.numpy()[:, 0].astype(int).tolist() for features, _ in stream]

    whole = photos(0, 12)
    assert [len(batch) for batch in whole[:3]] == [4, 4, 2]
    rounds = [np.concatenate(whole[n : n + 3]).tolist() for n in (0, 3, 6, 9)]
    assert all(sorted(each) == list(range(10)) for each in rounds)
    assert len({tuple(each) for each in rounds}) == 4
    tf.random.set_seed(first_step)
    assert photos(first_step, 5) == whole[first_step : first_step + 5]

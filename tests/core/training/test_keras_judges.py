"""Keras is the judge: a script in plain Keras, with the same seed and batches, has the same losses as our head."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.base.events import EPOCH
from core.jobs.job import Job
from core.models.config import ADAM, RMSPROP, SGD, TrainConfig
from core.training.fitting import fit_head
from core.training.rows import LabelledFeatures

WIDTH, N, CLASSES, BATCH, EPOCHS, SEED, RATE = 12, 45, 3, 8, 3, 7, 0.02
OPTIMIZERS = {
    ADAM: lambda: keras.optimizers.Adam(learning_rate=RATE),
    RMSPROP: lambda: keras.optimizers.RMSprop(learning_rate=RATE, weight_decay=0.01),
    SGD: lambda: keras.optimizers.SGD(learning_rate=RATE, momentum=0.9),
}
CONFIGS = {
    ADAM: {},
    RMSPROP: {"weight_decay": 0.01},
    SGD: {"momentum": 0.9},
}


@pytest.fixture
def cloud():
    """Features that tell the classes apart a little, float32 (N, WIDTH), and class ids, int64 (N,)."""
    rng = np.random.default_rng(3)
    class_ids = np.arange(N) % CLASSES
    middles = rng.normal(0, 0.7, (CLASSES, WIDTH))
    return (rng.normal(0, 1, (N, WIDTH)) + middles[class_ids]).astype(np.float32), class_ids.astype(np.int64)


def losses_in_plain_keras(optimizer, features, class_ids, steps):
    """The training loss of each epoch: a softmax behind dropout, as any script would have it."""
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [
            keras.Input((WIDTH,)),
            keras.layers.Dropout(0.5, seed=SEED),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    data = tf.data.Dataset.from_tensor_slices((features, class_ids)).shuffle(N, seed=SEED).batch(BATCH)
    shown, per_epoch = (data.repeat(), steps) if steps else (data, None)
    told = model.fit(shown, epochs=EPOCHS, steps_per_epoch=per_epoch, shuffle=False, verbose=0)
    return told.history["loss"]


@pytest.mark.parametrize(
    ("optimizer", "steps"),
    [(ADAM, 0), *(pytest.param(name, 0, marks=pytest.mark.slow) for name in (RMSPROP, SGD)), (ADAM, 4)],
    ids=["adam", "rmsprop", "sgd", "adam, four steps an epoch"],
)
def test_a_head_learns_as_in_plain_keras(optimizer, steps, cloud, tmp_path):
    config = TrainConfig(
        epochs=EPOCHS,
        learning_rate=RATE,
        batch_size=BATCH,
        seed=SEED,
        optimizer=optimizer,
        steps_per_epoch=steps,
        **CONFIGS[optimizer],
    ).check()
    rows, job = LabelledFeatures(*cloud), Job(tmp_path)
    fit_head(config, rows, rows, CLASSES, job)
    ours = [event["loss"] for event in job.events() if event["event"] == EPOCH]
    theirs = losses_in_plain_keras(OPTIMIZERS[optimizer](), *cloud, steps)
    assert ours == pytest.approx(theirs, abs=1e-4)
    assert ours[2] < ours[0]

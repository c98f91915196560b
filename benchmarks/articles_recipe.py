"""The articles' recipe in today's Keras, as plain as in a tutorial: what Espalier's training is measured against.

A pretrained base, frozen inside the model, with augmentation layers before it and a new softmax after it. So every
epoch decodes every photo again and runs the whole base on it. The base and its weights are Espalier's own.

Run it on a folder that holds train/ and test/, each with one folder per class:

    python -m benchmarks.articles_recipe FOLDER --epochs 5

The last line it prints is JSON: accuracy, n (test photos), epoch_seconds.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
from keras import layers

from core.models.building import build_base

IMAGE_SIZE = 224
BATCH_SIZE = 32
SEED = 0


class EpochTimer(keras.callbacks.Callback):
    """Seconds of each epoch, validation included, in `seconds`."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.seconds.append(round(time.monotonic() - self._began, 2))


def photos(folder: Path, **options: Any) -> Any:
    """A `tf.data.Dataset` of float32 (batch, 224, 224, 3), RGB 0..255, and one-hot labels; shuffled unless told."""
    return keras.utils.image_dataset_from_directory(
        folder, label_mode="categorical", image_size=(IMAGE_SIZE, IMAGE_SIZE), batch_size=BATCH_SIZE, **options
    )


def build_model(n_classes: int) -> keras.Model:
    """The compiled model, from RGB 0..255, float32 (n, 224, 224, 3), to probabilities, float32 (n, n_classes)."""
    base = build_base("efficientnet-lite0")
    base.trainable = False
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3))
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.1)(x)
    x = layers.RandomZoom(0.1)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    outputs = layers.Dense(n_classes, activation="softmax")(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main() -> None:
    """Train, test, print."""
    parser = argparse.ArgumentParser(description="The articles' recipe in Keras.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds train/ and test/")
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()

    keras.utils.set_random_seed(SEED)
    train = photos(arguments.folder / "train", seed=SEED)
    test = photos(arguments.folder / "test", shuffle=False)  # the articles validate on it after each epoch
    model, timer = build_model(len(train.class_names)), EpochTimer()
    history = model.fit(train, validation_data=test, epochs=arguments.epochs, callbacks=[timer], verbose=2)
    accuracy = history.history["val_accuracy"][-1]
    print(json.dumps({"accuracy": accuracy, "n": len(test.file_paths), "epoch_seconds": timer.seconds}))


if __name__ == "__main__":
    main()

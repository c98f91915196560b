"""Train this classifier again in plain Keras: a new head learns on a base model that stays as it is.

`python recipe.py FOLDER`: photos.py finds the photos there and reads settings.json. base.keras is the base model.
"""

import sys
from pathlib import Path

import keras
from keras import callbacks, layers, optimizers

from photos import BATCH, HERE, N, S, Photos, evaluate, find
from steps import Endless

keras.utils.set_random_seed(S["seed"])
split = find(Path(*sys.argv[1:2]))
train, validation, test = Photos(split["train"], S["views"]), Photos(split["validation"]), Photos(split["test"])
fit = {"class_weight": dict(enumerate(S["class_weights"])) or None, "verbose": 2}

# What the frozen base says of each photo is computed once; a head learns from that.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = (layers.Flatten() if S["whole_map"] else layers.GlobalAveragePooling2D())(base.output)
extractor, varied = keras.Model(base.input, pooled), base.input
for name, options in S["vary"]:  # only training photos
    varied = getattr(layers, name)(**options)(varied, training=True)
x = keras.Model(base.input, extractor(varied)).predict(train)
known = extractor.predict(validation), validation.classes
hidden = [layers.Dense(S["units"], "relu"), layers.Dropout(S["dropout"])] if S["units"] else []
outputs = [layers.Dropout(S["features_dropout"]), *hidden, layers.Dense(N, "softmax")]
head = keras.Sequential([keras.Input(pooled.shape[1:]), *outputs])
kind, momentum = S["optimizer"]
optimizer = getattr(optimizers, kind)(S["learning_rate"], weight_decay=S["weight_decay"], **momentum)
learner = keras.Sequential([head])  # so that the optimizer's memory isn't saved with it
learner.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
stop = callbacks.EarlyStopping(S["monitor"], patience=S["patience"], restore_best_weights=True)
course = {"x": x, "y": train.classes, "batch_size": BATCH}
if S["steps_per_epoch"]:  # an epoch goes on where the last one ended
    batches = [(x[i : i + BATCH], train.classes[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    course = {"x": Endless(batches), "steps_per_epoch": S["steps_per_epoch"], "shuffle": False}
learner.fit(**course, epochs=S["epochs"], validation_data=known, callbacks=[stop], **fit)
whole = keras.Model(base.input, head(pooled))

if S["ask_mirror"]:  # it answers by the mean over a photo and its mirror image
    pixels = keras.Input(whole.input_shape[1:])
    whole = keras.Model(pixels, layers.average([whole(pixels), whole(pixels[:, :, ::-1])]))
evaluate(whole, test)
whole.save(HERE / "my_model.keras")

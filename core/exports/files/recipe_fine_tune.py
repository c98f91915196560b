"""Train this classifier again in plain Keras: first a new head on a base model, then the base's last layers with it.

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

# A head learns from what the frozen base says of each photo, which is computed once.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = (layers.Flatten() if S["whole_map"] else layers.GlobalAveragePooling2D())(base.output)
hidden = [layers.Dense(S["units"], "relu"), layers.Dropout(S["dropout"])] if S["units"] else []
outputs = [layers.Dropout(S["features_dropout"]), *hidden, layers.Dense(N, "softmax")]
head = keras.Sequential([keras.Input(pooled.shape[1:]), *outputs])
kind, momentum = S["optimizer"]
optimizer = getattr(optimizers, kind)(S["learning_rate"], weight_decay=S["weight_decay"], **momentum)
learner = keras.Sequential([head])  # so that the optimizer's memory isn't saved with it
learner.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
extractor, seen = keras.Model(base.input, pooled), Photos(split["train"])
x, known = extractor.predict(seen), (extractor.predict(validation), validation.classes)
stop = callbacks.EarlyStopping(S["monitor"], patience=S["patience"], restore_best_weights=True)
course = {"x": x, "y": seen.classes, "batch_size": BATCH}
if S["steps_per_epoch"]:  # an epoch goes on where the last one ended
    batches = [(x[i : i + BATCH], seen.classes[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    course = {"x": Endless(batches), "steps_per_epoch": S["steps_per_epoch"], "shuffle": False}
learner.fit(**course, epochs=S["epochs"], validation_data=known, callbacks=[stop], **fit)

# Then the base's last layers learn with it, all but BatchNorm, which keeps the statistics of a million photos.
whole = keras.Model(base.input, head(pooled))
for layer in base.layers:
    layer.trainable = layer.name in S["thawed"]
model = keras.Sequential([*(getattr(layers, name)(**options) for name, options in S["vary"]), whole])
course = {"x": train}
if S["steps_per_epoch"]:
    course = {"x": Endless(train), "steps_per_epoch": S["steps_per_epoch"], "shuffle": False}
top, steps = S["fine_tune_rate"], (S["steps_per_epoch"] or len(train)) * S["fine_tune_epochs"] + 1
up = -(-steps // 10)  # the first steps are the wildest, and would tear at trained weights
rate = optimizers.schedules.CosineDecay(top / 100, steps - up, alpha=0.01, warmup_target=top, warmup_steps=up)
loss = keras.losses.CategoricalCrossentropy(label_smoothing=S["label_smoothing"])
optimizer = getattr(optimizers, kind)(rate, **momentum)
model.compile(optimizer, loss, metrics=["accuracy", "categorical_crossentropy"], jit_compile=False)
before, weights = model.evaluate(validation, return_dict=True), model.get_weights()
begun = [variable.numpy() for variable in whole.trainable_variables]
late = {"start_from_epoch": S["patient_until"], "restore_best_weights": True}  # once the rate has fallen by half
stop = callbacks.EarlyStopping(S["monitor_then"], patience=S["patience_then"], **late)
model.fit(**course, epochs=S["fine_tune_epochs"], validation_data=validation, callbacks=[stop], **fit)
if not stop.monitor_op(stop.best, before[S["monitor_then"].removeprefix("val_")]):  # then the head alone was better
    model.set_weights(weights)

# A mean of the weights before and after may tell new photos apart better (WiSE-FT, 2022).
learning, losses = whole.trainable_variables, []
pairs = list(zip(begun, [variable.numpy() for variable in learning], strict=True))
means = [[old + share * (new - old) for old, new in pairs] for share in S["learned_shares"]]
for mean in means:
    for variable, value in zip(learning, mean, strict=True):
        variable.assign(value)
    losses.append(model.evaluate(validation, verbose=0, return_dict=True)["categorical_crossentropy"])
for variable, value in zip(learning, means[losses.index(min(losses))], strict=True):
    variable.assign(value)

if S["ask_mirror"]:  # it answers by the mean over a photo and its mirror image
    pixels = keras.Input(whole.input_shape[1:])
    whole = keras.Model(pixels, layers.average([whole(pixels), whole(pixels[:, :, ::-1])]))
evaluate(whole, test)
whole.save(HERE / "my_model.keras")

"""Train this classifier again in plain Keras: a whole network learns, every layer of it.

`python recipe.py FOLDER`: photos.py finds the photos there and reads settings.json. base.keras is the network as it
began.
"""

import sys
from pathlib import Path

import keras
from keras import callbacks, layers, optimizers

from photos import HERE, N, S, Photos, evaluate, find
from steps import Endless

keras.utils.set_random_seed(S["seed"])
split = find(Path(*sys.argv[1:2]))
train, validation, test = Photos(split["train"], S["views"]), Photos(split["validation"]), Photos(split["test"])
fit = {"class_weight": dict(enumerate(S["class_weights"])) or None, "verbose": 2}

# A softmax on the network's last feature map; all layers learn at once. BatchNorm keeps the statistics of a million
# photos, if the network comes from there.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
for layer in base.layers:
    layer.trainable = S["initial"] == "random" or not isinstance(layer, layers.BatchNormalization)
pooled = (layers.Flatten() if S["whole_map"] else layers.GlobalAveragePooling2D())(base.output)
hidden = [layers.Dense(S["units"], "relu"), layers.Dropout(S["dropout"])] if S["units"] else []
outputs = [layers.Dropout(S["features_dropout"]), *hidden, layers.Dense(N, "softmax")]
whole = keras.Model(base.input, keras.Sequential([keras.Input(pooled.shape[1:]), *outputs])(pooled))
model = keras.Sequential([*(getattr(layers, name)(**options) for name, options in S["vary"]), whole])
course = {"x": train}
if S["steps_per_epoch"]:  # an epoch goes on where the last one ended
    course = {"x": Endless(train), "steps_per_epoch": S["steps_per_epoch"], "shuffle": False}
top, steps = S["learning_rate"], (S["steps_per_epoch"] or len(train)) * S["epochs"] + 1
up = -(-steps // 10)  # the first steps are the wildest, and would tear at trained weights
rate = optimizers.schedules.CosineDecay(top / 100, steps - up, alpha=0.01, warmup_target=top, warmup_steps=up)
loss = keras.losses.CategoricalCrossentropy(label_smoothing=S["label_smoothing"])
kind, momentum = S["optimizer"]
optimizer = getattr(optimizers, kind)(rate, **momentum)
model.compile(optimizer, loss, metrics=["accuracy", "categorical_crossentropy"], jit_compile=False)
late = {"start_from_epoch": S["patient_until"], "restore_best_weights": True}  # once the rate has fallen by half
stop = callbacks.EarlyStopping(S["monitor_then"], patience=S["patience_then"], **late)
model.fit(**course, epochs=S["epochs"], validation_data=validation, callbacks=[stop], **fit)

if S["ask_mirror"]:  # it answers by the mean over a photo and its mirror image
    pixels = keras.Input(whole.input_shape[1:])
    whole = keras.Model(pixels, layers.average([whole(pixels), whole(pixels[:, :, ::-1])]))
evaluate(whole, test)
whole.save(HERE / "my_model.keras")

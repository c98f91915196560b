"""Train this classifier again in plain Keras: a linear support vector machine on a base model.

`python recipe.py FOLDER`: photos.py finds the photos there and reads settings.json. base.keras is the base model.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from sklearn.svm import LinearSVC

from photos import HERE, N, S, Photos, evaluate, find

keras.utils.set_random_seed(S["seed"])
split = find(Path(*sys.argv[1:2]))
train, validation, test = Photos(split["train"], S["views"]), Photos(split["validation"]), Photos(split["test"])

# What the frozen base says of each photo is computed once; the machine learns from that.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = layers.GlobalAveragePooling2D()(base.output)
extractor, varied = keras.Model(base.input, pooled), base.input
for name, options in S["vary"]:  # only training photos
    varied = getattr(layers, name)(**options)(varied, training=True)
x = keras.Model(base.input, extractor(varied)).predict(train)
known = extractor.predict(validation), validation.classes
middle, scale, best = x.mean(0), x.std(0) + 1e-6, (np.inf, np.inf)
for strength in S["strengths"]:  # of the margin
    machine = LinearSVC(C=strength, class_weight=S["weighted"], random_state=S["seed"], max_iter=S["iterations"])
    machine.fit((x - middle) / scale, train.classes.argmax(1))
    sides = [-1, 1] if N == 2 else [1]  # one machine tells two classes apart: what is for one is against the other
    kernel = np.concatenate([side * machine.coef_ for side in sides]).T / scale[:, None]
    bias = np.concatenate([side * machine.intercept_ for side in sides]) - middle @ kernel
    for sharp in S["sharpnesses"]:  # makes it as sure as it is right, and changes no answer
        scores = sharp * (known[0] @ kernel + bias)
        loss = np.mean(keras.losses.categorical_crossentropy(known[1], scores, from_logits=True))
        wrong = np.mean(scores.argmax(1) != known[1].argmax(1)) if S["monitor"] == "val_accuracy" else 0
        if (wrong, loss) < best:
            best, layer = (wrong, loss), [sharp * kernel, sharp * bias]
head = keras.Sequential([keras.Input(pooled.shape[1:]), layers.Dense(N, "softmax")])  # it is all linear, so one layer
head.set_weights(layer)
whole = keras.Model(base.input, head(pooled))

if S["ask_mirror"]:  # it answers by the mean over a photo and its mirror image
    pixels = keras.Input(whole.input_shape[1:])
    whole = keras.Model(pixels, layers.average([whole(pixels), whole(pixels[:, :, ::-1])]))
evaluate(whole, test)
whole.save(HERE / "my_model.keras")

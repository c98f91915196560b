"""Train this classifier again in plain Keras: a logistic regression on a base model, its penalty cross-validated.

`python recipe.py FOLDER`: photos.py finds the photos there and reads settings.json. base.keras is the base model.
In the app near-copies stay on one side of a fold, too; here the views of a photo do.
"""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from photos import HERE, N, S, Photos, evaluate, find

keras.utils.set_random_seed(S["seed"])
split = find(Path(*sys.argv[1:2]))
train, validation, test = Photos(split["train"], S["views"]), Photos(split["validation"]), Photos(split["test"])

# What the frozen base says of each photo is computed once; the regression learns from that.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = layers.GlobalAveragePooling2D()(base.output)
extractor, varied = keras.Model(base.input, pooled), base.input
for name, options in S["vary"]:  # only training photos
    varied = getattr(layers, name)(**options)(varied, training=True)
x = keras.Model(base.input, extractor(varied)).predict(train)
y, photo = train.classes.argmax(1), [str(row[0]) for row in train.rows]
added, at_zero = S["below_root"]
ways = {"compressed": np.sign(x) * (np.sqrt(np.abs(x) + added) - at_zero), "as they are": x}
folds = min(S["folds"], np.bincount(y).max())
parts = list(StratifiedGroupKFold(folds, shuffle=True, random_state=S["seed"]).split(x, y, photo))


def fit(way: str, penalty: float, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The layer's weights from some of the rows, (width, N), and what is added, (N,)."""
    middle = ways[way].mean(0)
    scale = np.square(ways[way] - middle).mean() ** 0.5
    regression = LogisticRegression(C=(2 if N == 2 else 1) / penalty, class_weight=S["weighted"], max_iter=1000)
    regression.fit((ways[way][rows] - middle) / scale, y[rows])
    sides, kernel = [-0.5, 0.5] if N == 2 else [1], np.zeros((x.shape[1], N))  # of two classes it has one difference
    bias = np.full(N, -20.0)  # of a class that none of the rows has
    kernel[:, regression.classes_] = np.concatenate([side * regression.coef_ for side in sides]).T / scale
    bias[regression.classes_] = np.concatenate([side * regression.intercept_ for side in sides])
    return kernel, bias - middle @ kernel


def judge(way: str, penalty: float) -> np.ndarray:
    """How wrong each row is answered by what has not seen its photo: by the loss, or 0 and 1 and a little of it."""
    scores = np.zeros((len(x), N))
    for seen, unseen in parts:
        kernel, bias = fit(way, penalty, seen)
        scores[unseen] = ways[way][unseen] @ kernel + bias
    losses = np.array(keras.losses.categorical_crossentropy(train.classes, scores, from_logits=True))
    return (scores.argmax(1) != y) + 1e-6 * losses if S["monitor"] == "val_accuracy" else losses


gain = judge("compressed", S["compared_at"]) - judge("as they are", S["compared_at"])
chance = gain.std() / len(set(photo)) ** 0.5
way = "as they are" if gain.mean() > S["beyond_chance"] * chance else "compressed"
penalty = min(S["penalties"], key=lambda each: judge(way, each).mean())
print(f"Features {way}, penalty {penalty:g}")
used = pooled
if way == "compressed":
    used = ops.sign(pooled) * (ops.sqrt(ops.abs(pooled) + added) - at_zero)
answers = layers.Dense(N, "softmax", name="probabilities")
whole = keras.Model(base.input, answers(used))
answers.set_weights(fit(way, penalty, np.arange(len(x))))

evaluate(whole, test)
whole.save(HERE / "my_model.keras")

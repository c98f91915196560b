"""Train this classifier again in plain Keras: a new head learns on a base model that stays as it is.

`python recipe.py FOLDER` knows the photos by their content: split.csv says which class each has, and whether it is
learned from, steers or tests, as in the app. base.keras is the base model; settings.json holds the numbers.
"""

import hashlib
import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import callbacks, layers, optimizers
from PIL import Image, ImageOps

HERE, FOLDER = Path(__file__).resolve().parent, Path(*sys.argv[1:2])
S = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))
N, BATCH, SIZE = len(S["classes"]), S["batch_size"], S["image_size"]
if S["heic"]:  # telephones' photos, which Pillow can't read by itself
    __import__("pi_heif").register_heif_opener()


def read(path: Path) -> np.ndarray:
    """The whole photo, upright, squeezed to the base's square: uint8 (SIZE, SIZE, 3), RGB 0..255."""
    with Image.open(path) as image:
        image.draft("RGB", (SIZE, SIZE))  # of a JPEG several times larger, decode no more than is needed
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey
        image = Image.fromarray((np.asarray(image, np.float32) * (255 / 65535)).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))


class Photos(keras.utils.PyDataset):
    """Batches of a part's photos, decoded as needed: float32 (n, SIZE, SIZE, 3) and one-hot classes (n, N)."""

    def __init__(self, part: str, views: list[list[int]]) -> None:
        super().__init__(workers=4)
        self.rows = [(files[sha], int(label), *view) for view in views for sha, label, p in split if p == part]
        np.random.shuffle(self.rows)
        self.classes = np.eye(N)[[row[1] for row in self.rows]]

    def __len__(self) -> int:
        return -(-len(self.rows) // BATCH)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = slice(BATCH * number, BATCH * (number + 1))
        pixels = [read(path)[::down, ::right] for path, _, down, right in self.rows[chosen]]  # -1: back to front
        return np.array(pixels, "float32"), self.classes[chosen]


keras.utils.set_random_seed(S["seed"])
files = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted(FOLDER.rglob("*")) if p.is_file()}
listed = np.loadtxt(HERE / "split.csv", str, delimiter=",", skiprows=1, ndmin=2).tolist()
split = [row for row in listed if row[0] in files]
print(f"{len(split)} of {len(listed)} photos found; other files left out: {len(files) - len({r[0] for r in split})}.")
if len({tuple(row[1:]) for row in split}) < len({tuple(row[1:]) for row in listed}):
    sys.exit("Too few of some class. Name the folder of photos that the app learned from: python recipe.py FOLDER")
train, validation, test = Photos("train", S["views"]), Photos("validation", [[1, 1]]), Photos("test", [[1, 1]])
fit = {"class_weight": dict(enumerate(S["class_weights"])) or None, "verbose": 2}

# What the frozen base says of each photo is computed once; a head learns from that.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = (layers.Flatten() if S["whole_map"] else layers.GlobalAveragePooling2D())(base.output)
extractor, shown = keras.Model(base.input, pooled), base.input
for name, options in S["vary"]:  # only training photos are varied
    shown = getattr(layers, name)(**options)(shown, training=True)
x = keras.Model(base.input, extractor(shown)).predict(train)
known = extractor.predict(validation), validation.classes
hidden = [layers.Dense(S["units"], "relu"), layers.Dropout(S["dropout"])] if S["units"] else []
outputs = [layers.Dropout(S["features_dropout"]), *hidden, layers.Dense(N, "softmax")]
head = keras.Sequential([keras.Input(pooled.shape[1:]), *outputs])
adam = optimizers.Adam(S["learning_rate"], weight_decay=S["weight_decay"])
learner = keras.Sequential([head])  # so that Adam's memory isn't saved with it
learner.compile(adam, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
stop = callbacks.EarlyStopping(patience=S["patience"], restore_best_weights=True)
learner.fit(x, train.classes, batch_size=BATCH, epochs=S["epochs"], validation_data=known, callbacks=[stop], **fit)
whole = keras.Model(base.input, head(pooled))

answers = head.predict(extractor.predict(test)).argmax(1)
right, n = int((answers == test.classes.argmax(1)).sum()), len(answers)
middle, side = right + 1.9208, 1.96 * (right * (n - right) / n + 0.9604) ** 0.5  # the interval by E. B. Wilson, 1927
low, high = (100 * (middle + way) / (n + 3.8416) for way in (-side, side))
print(f"{right} of {n} right ({100 * right / n:.0f} %), likely between {low:.0f} and {high:.0f} %", S["said"], sep="\n")
whole.save(HERE / "my_model.keras")

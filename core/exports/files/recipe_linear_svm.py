"""Train this classifier again in plain Keras: a linear support vector machine on a base model.

`python recipe.py FOLDER` knows the photos by their content: split.csv says which class each has, and whether it is
learned from, steers or tests, as in the app. base.keras is the base model; settings.json holds the numbers.
"""

import hashlib
import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image, ImageOps
from sklearn.svm import LinearSVC

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

# What the frozen base says of each photo is computed once; the machine learns from that.
base = keras.saving.load_model(HERE / "base.keras", compile=False)  # its first layers scale the pixels
pooled = layers.GlobalAveragePooling2D()(base.output)
extractor, shown = keras.Model(base.input, pooled), base.input
for name, options in S["vary"]:  # only training photos are varied
    shown = getattr(layers, name)(**options)(shown, training=True)
x = keras.Model(base.input, extractor(shown)).predict(train)
known = extractor.predict(validation), validation.classes
middle, scale, best = x.mean(0), x.std(0) + 1e-6, np.inf
for strength in S["strengths"]:  # of the margin
    machine = LinearSVC(C=strength, class_weight=S["weighted"], random_state=S["seed"], max_iter=S["iterations"])
    machine.fit((x - middle) / scale, train.classes.argmax(1))
    sides = [-1, 1] if N == 2 else [1]  # one machine tells two classes apart: what is for one is against the other
    kernel = np.concatenate([side * machine.coef_ for side in sides]).T / scale[:, None]
    bias = np.concatenate([side * machine.intercept_ for side in sides]) - middle @ kernel
    for sharp in S["sharpnesses"]:  # makes it as sure as it is right, and changes no answer
        scores = sharp * (known[0] @ kernel + bias)
        loss = np.mean(keras.losses.categorical_crossentropy(known[1], scores, from_logits=True))
        if loss < best:
            best, layer = loss, [sharp * kernel, sharp * bias]
head = keras.Sequential([keras.Input(pooled.shape[1:]), layers.Dense(N, "softmax")])  # it is all linear, so one layer
head.set_weights(layer)
whole = keras.Model(base.input, head(pooled))

answers = head.predict(extractor.predict(test)).argmax(1)
right, n = int((answers == test.classes.argmax(1)).sum()), len(answers)
middle, side = right + 1.9208, 1.96 * (right * (n - right) / n + 0.9604) ** 0.5  # the interval by E. B. Wilson, 1927
low, high = (100 * (middle + way) / (n + 3.8416) for way in (-side, side))
print(f"{right} of {n} right ({100 * right / n:.0f} %), likely between {low:.0f} and {high:.0f} %", S["said"], sep="\n")
whole.save(HERE / "my_model.keras")

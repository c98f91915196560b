"""What recipe.py begins and ends with: its settings, the photos by their content, and how many it gets right.

split.csv says which class each photo has, and whether it is learned from, steers or tests, as in the app. settings.json
holds the numbers.
"""

import hashlib
import json
import sys
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from pictures import PictureSettings
from readers.decoder import picture

HERE = Path(__file__).resolve().parent
S = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))
N, BATCH, SIZE = len(S["classes"]), S["batch_size"], S["image_size"]
PICTURES = PictureSettings.from_json(json.loads((HERE / "pictures.json").read_text(encoding="utf-8")))


def find(folder: Path) -> dict[str, list[tuple[Path, int]]]:
    """The photos of split.csv in a folder: by subset ("train", "validation", "test") each with its class's number."""
    files = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    listed = np.loadtxt(HERE / "split.csv", str, delimiter=",", skiprows=1, ndmin=2).tolist()
    split = [row for row in listed if row[0] in files]
    left = len(files) - len({row[0] for row in split})
    print(f"{len(split)} of {len(listed)} photos found; other files left out: {left}.")
    if len({tuple(row[1:]) for row in split}) < len({tuple(row[1:]) for row in listed}):
        sys.exit("Too few of some class. Name the folder of photos that the app learned from: python recipe.py FOLDER")
    subsets = ("train", "validation", "test")
    return {subset: [(files[sha], int(number)) for sha, number, s in split if s == subset] for subset in subsets}


def read(path: Path) -> np.ndarray:
    """The whole photo, upright, squeezed to the base's square: uint8 (SIZE, SIZE, 3), RGB 0..255."""
    image, _ = picture(path.read_bytes(), PICTURES, SIZE)  # of a large JPEG no more is decoded than is needed
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def bent(pixels: np.ndarray, bend: float) -> np.ndarray:
    """A photo as through a lens, uint8 (SIZE, SIZE, 3): r' = r (1 + |bend| r^2) by D. C. Brown, r is 1 in a corner.

    Above 0 that leads from the photo to what is seen (pincushion), below 0 back (barrel).
    """
    if not bend:
        return pixels
    away = np.stack(np.indices((SIZE, SIZE)), -1) - (SIZE - 1) / 2
    r = np.maximum(np.linalg.norm(away, axis=-1, keepdims=True) / (SIZE / 2**0.5), 1e-9)
    root = 2 / (3 * abs(bend)) ** 0.5
    factor = 1 - bend * r**2 if bend < 0 else root * np.sinh(np.arcsinh(3 * r / root) / 3) / r
    edge = SIZE // 4 + 2  # its mirror image comes in from outside, by half of the way to a corner at most
    around, at = (
        np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), "symmetric"),
        away * factor + (SIZE - 1) / 2 + edge,
    )
    (row, column), (down, right) = np.moveaxis(at.astype(int), -1, 0), np.moveaxis(at % 1, -1, 0)[..., None]
    above = around[row, column] * (1 - right) + around[row, column + 1] * right
    below = around[row + 1, column] * (1 - right) + around[row + 1, column + 1] * right
    return (above * (1 - down) + below * down + 0.5).astype("uint8")


class Photos(keras.utils.PyDataset):
    """Batches of photos, decoded as needed: float32 (n, SIZE, SIZE, 3) and one-hot classes (n, N).

    Args:
        photos: Files, with the numbers of their classes.
        views: Steps through a photo's rows and columns, in each of which it comes once: [1, -1] is its mirror image.
            Each is bent by chance where settings.json says how much. None for the photo as it is.
    """

    def __init__(self, photos: list[tuple[Path, int]], views: list[list[int]] | None = None) -> None:
        super().__init__(workers=4)
        self.rows = [(*photo, *view) for view in views or [[1, 1]] for photo in photos]
        np.random.shuffle(self.rows)
        self.classes = np.eye(N)[[row[1] for row in self.rows]]
        self.bends = np.random.uniform(-1, 1, len(self.rows)) * (S["lens"] if views else 0)

    def __len__(self) -> int:
        return -(-len(self.rows) // BATCH)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = slice(BATCH * number, BATCH * (number + 1))
        rows = zip(self.rows[chosen], self.bends[chosen], strict=True)
        pixels = [bent(read(path)[::down, ::right], bend) for (path, _, down, right), bend in rows]
        return np.array(pixels, "float32"), self.classes[chosen]


def evaluate(model: keras.Model, test: Photos) -> None:
    """Say how many test photos the model gets right, and what the app came to."""
    right, n = int((model.predict(test).argmax(1) == test.classes.argmax(1)).sum()), len(test.rows)
    middle, side = right + 1.9208, 1.96 * (right * (n - right) / n + 0.9604) ** 0.5  # by E. B. Wilson, 1927
    low, high = (100 * (middle + way) / (n + 3.8416) for way in (-side, side))
    share = f"{100 * right / n:.0f} %"
    print(f"{right} of {n} right ({share}), likely between {low:.0f} and {high:.0f} %", S["in_the_app"], sep="\n")

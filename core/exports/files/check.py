"""Check that this model answers here as it did in the app that made it, or ask it about photos.

    python check.py              asks about samples/ and compares with expected.json; exit status 1 if it differs
    python check.py PHOTO...     says what it sees on these photos

It takes the whole picture, upright, squeezed to a square (bilinear): RGB 0..255, float32. Files are read as the app
reads them, by readers/ with the settings in pictures.json. What else is done to the pixels is inside the model.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from pictures import PictureSettings
from readers.decoder import picture
from runtime import Model

HERE = Path(__file__).resolve().parent
PICTURES = PictureSettings.from_json(json.loads((HERE / "pictures.json").read_text(encoding="utf-8")))
BATCH = 20


def load(path: Path, size: int) -> np.ndarray:
    """A photo as the model takes it: float32 (size, size, 3), RGB 0..255; PictureError where it can't be used."""
    image, _ = picture(path.read_bytes(), PICTURES, size)  # of a large JPEG no more is decoded than is needed
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR), np.float32)


def answers(model: Model, paths: list[Path], size: int) -> np.ndarray:
    """Probabilities, float32 (photos, classes), in the order of labels.json."""
    batches = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    return np.concatenate([model(np.stack([load(path, size) for path in batch])) for batch in batches])


def say(model: Model, path: Path, size: int, labels: list[str]) -> str:
    """The answer for one photo in words."""
    try:
        row = answers(model, [path], size)[0]
    except (OSError, ValueError) as error:  # there is no such file, or it is no photo
        return f"can't be opened as a photo ({error})"
    return f"{labels[row.argmax()]}, {100 * row.max():.0f} %"


def compare(given: np.ndarray, expected: dict) -> bool:
    """Say how far the answers, float32 (photos, classes), are from the expected ones; whether that is near enough."""
    wanted = np.array([photo["probabilities"] for photo in expected["photos"]])
    difference = float(np.abs(given - wanted).max())
    same = given.argmax(1) == wanted.argmax(1)
    passed = difference <= expected["tolerance"]
    print(f"Same answer on {same.sum()} of {len(same)} photos, largest difference {difference:.4f}.")
    print("It answers as it should." if passed else f"It differs by more than {expected['tolerance']}.")
    return passed


def main() -> int:
    """Ask about photos, or compare."""
    parser = argparse.ArgumentParser(description="Ask the model about photos; without any, check it on samples/.")
    parser.add_argument("photos", type=Path, nargs="*")
    parser.add_argument("--expected", type=Path, default=HERE / "expected.json", help="what to compare with")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="write all probabilities as JSON instead")
    arguments = parser.parse_args()
    expected = json.loads(arguments.expected.read_text(encoding="utf-8"))
    labels = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
    model, size = Model(), expected["image_size"]
    if arguments.photos:
        for path in arguments.photos:
            print(f"{path}: {say(model, path, size, labels)}")
        return 0
    given = answers(model, [arguments.expected.parent / photo["file"] for photo in expected["photos"]], size)
    if arguments.answers:
        arguments.answers.write_text(json.dumps(given.tolist()), encoding="utf-8")
        return 0
    return 0 if compare(given, expected) else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # a class can have a name that this terminal can't show
    sys.exit(main())

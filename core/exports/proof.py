"""What an exported model is asked about, and how: by its own script, in a process that knows nothing of us."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.errors import InputError, RunError
from core.base.files import write_json
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.models.config import TEST_PART
from core.photos.labelled_photo import LabelledPhoto, even_sample, readable
from core.photos.pictures import PictureSettings
from core.runs.photo_places import folder_of

AT_MOST = 300  # photos to compare on: a few seconds on any runtime
EXAMPLES = 150  # photos to set 8 bits by; TensorFlow's guide asks for 100 to 500
DRAWN = 60  # pictures, where the photos are gone
WAIT_S = 0.2  # between two looks at the process that checks


@dataclass(frozen=True)
class CheckPhotos:
    """Photos as the model takes them.

    Args:
        pixels: uint8 (n, size, size, 3), RGB 0..255.
        truth: int (n,), class indices; -1 of those that don't judge the run.
        drawn: Whether these are drawn pictures, as the photos are gone.
    """

    pixels: np.ndarray
    truth: np.ndarray
    drawn: bool = False


def check_photos(
    photos: list[LabelledPhoto],
    class_names: list[str],
    estimate: str,
    size: int,
    check: Callable[[], None],
    settings: PictureSettings,
) -> CheckPhotos:
    """Photos to compare on: first those that the model did not learn from, evenly over the classes.

    Those that can't be read any more are passed over. `estimate` is the report's, "test" or "cross-validation", `size`
    in pixels a side, `settings` the run's. `check` is called now and then, and may raise to stop.
    """
    known = [photo for photo in photos if photo.label in class_names]
    chosen: list[LabelledPhoto] = []
    for subsets in ({TEST}, {VALIDATION, ""}, {TRAIN}):
        chosen += _evenly([photo for photo in known if photo.split in subsets], AT_MOST - len(chosen))
    read = readable(chosen, size, check, settings)
    if not read:
        return CheckPhotos(drawn_pictures(size), np.full(DRAWN, -1), drawn=True)
    judges = {TEST} if estimate == TEST_PART else {TEST, VALIDATION, ""}
    truth = [class_names.index(photo.label) if photo.split in judges else -1 for photo, _ in read]
    return CheckPhotos(np.stack([pixels for _, pixels in read]), np.array(truth))


def example_photos(
    photos: list[LabelledPhoto], size: int, check: Callable[[], None], settings: PictureSettings
) -> np.ndarray:
    """Training photos of all classes: uint8 (n, size, size, 3).

    Raises:
        InputError: None can be read any more.
    """
    chosen = _evenly([photo for photo in photos if photo.split == TRAIN], EXAMPLES)
    read = readable(chosen, size, check, settings)
    if not read:
        where = f" They were in {folder_of(photos)}." if photos else ""
        raise InputError(
            "To round a model to 8 bits it must see some of the photos that it learned from, and none of them can be "
            f"found any more.{where} Bring them back, or take float16."
        )
    return np.stack([pixels for _, pixels in read])


def _evenly(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most so many, of all classes alike; always the same, and in no order of names."""
    return even_sample(sorted(photos, key=lambda photo: photo.sha256), at_most)


def drawn_pictures(size: int) -> np.ndarray:
    """Soft blobs of colour, always the same: uint8 (DRAWN, size, size, 3)."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (DRAWN, 5, 5, 3), np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(each).resize((size, size), Image.Resampling.BICUBIC)) for each in coarse]
    )


@dataclass(frozen=True)
class Expected:
    """What an exported model is compared with: what the app answers about these photos.

    The answers are float (n, classes), in the order of the class names, which is that of the outputs.
    """

    photos: CheckPhotos
    class_names: list[str]
    answers: np.ndarray

    def write(self, folder: Path, at_most: int | None = None, tolerance: float = 0.0) -> int:
        """Write the pictures, all or the first so many, and what `check.py` compares with; how many they are.

        The folder need not exist. In its `expected.json` a probability may differ by the tolerance.
        """
        (folder / "samples").mkdir(parents=True)
        photos = []
        for pixels, truth, answer in zip(self.photos.pixels[:at_most], self.photos.truth, self.answers, strict=False):
            file = f"samples/{len(photos) + 1:03d}.png"
            Image.fromarray(pixels).save(folder / file, compress_level=1)
            label = self.class_names[truth] if truth >= 0 else None
            told = {"answer": self.class_names[int(answer.argmax())], "probabilities": answer.round(6).tolist()}
            photos.append({"file": file, "class": label, **told})
        size = self.photos.pixels.shape[1]
        expected = {"schema": 1, "image_size": size, "tolerance": tolerance, "photos": photos}
        write_json(folder / "expected.json", expected)
        return len(photos)


def ask_exported(archive: Path, expected: Expected, scratch: Path, check: Callable[[], None]) -> np.ndarray:
    """An exported model's answers, float (n, classes), by its own script in a fresh process, unpacked as by its users.

    `check` is called now and then, and may raise to stop.

    Raises:
        RunError: The script fails.
    """
    unpacked, proof = scratch / "unpacked", scratch / "proof"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(unpacked)  # names that we wrote ourselves
    expected.write(proof)
    answers, output = proof / "answers.json", proof / "output.txt"
    command = [sys.executable, "check.py", "--expected", str(proof / "expected.json"), "--answers", str(answers)]
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=unpacked, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            while True:
                try:
                    failed = process.wait(WAIT_S)
                    break
                except subprocess.TimeoutExpired:
                    check()
        finally:
            process.kill()
            process.wait()
    if failed or not answers.exists():
        print(output.read_text(encoding="utf-8", errors="replace"), file=sys.stderr)  # noqa: T201, into worker.log
        raise RunError(
            "The exported model could not be run in a process of its own, so it was not kept. Another format may do."
        )
    return np.array(json.loads(answers.read_text(encoding="utf-8")))

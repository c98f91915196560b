"""Does an exported model answer as the app does? Its own script asks it, in a process that knows nothing of us."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.errors import RunError
from core.base.files import write_json
from core.exports.check_photos import CheckPhotos

WAIT_S = 0.2  # between two looks at the process that checks


@dataclass(frozen=True)
class Expected:
    """What an exported model is compared with.

    Args:
        photos: What it is asked about.
        class_names: In the order of its outputs.
        answers: Of the app: float (n, classes).
    """

    photos: CheckPhotos
    class_names: list[str]
    answers: np.ndarray

    def write(self, folder: Path, at_most: int | None = None, tolerance: float = 0.0) -> int:
        """Write pictures as the model takes them, and `expected.json`: what `check.py` compares with.

        Args:
            folder: Where to; it need not exist.
            at_most: The first so many; None for all.
            tolerance: By which a probability may differ.

        Returns:
            How many.
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


def ask_exported(unpacked: Path, proof: Path, check: Callable[[], None]) -> np.ndarray:
    """What an exported model answers by its own script in a fresh process.

    Args:
        unpacked: All that is in its zip.
        proof: What `Expected.write` wrote.
        check: Called now and then; may raise to stop.

    Returns:
        float (n, classes).

    Raises:
        RunError: The script fails.
    """
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

"""Ask a model from elsewhere, which sees photos otherwise than ours: cropped to their middle, not squeezed."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from core.base.threads import in_threads
from core.engine.engine import PROBABILITIES, Engine
from core.photos.decoding import PhotoError, open_photo
from core.projects.project import Photo, Project
from core.teachable_machine.folder import ExternalModelFolder

OnProgress = Callable[[int, int, float], None]


def cropped(source: Path | bytes, size: int) -> np.ndarray:
    """The middle of a photo as Teachable Machine's snippet takes it: uint8 (size, size, 3), RGB 0..255.

    Raises:
        PhotoError: As `open_photo`.
    """
    return np.asarray(ImageOps.fit(open_photo(source), (size, size), Image.Resampling.LANCZOS))


def ask(external: ExternalModelFolder, project: Project, photos: list[Photo], on_progress: OnProgress) -> pd.DataFrame:
    """What the model answers, as `ExternalModelFolder.add_answers` keeps it; photos that can't be read are left out.

    Args:
        external: A model that was read.
        project: Whose photos.
        photos: Which.
        on_progress: Called after each with (done, total, seconds so far); may raise to stop.

    Raises:
        RunError: The model is missing or damaged.
    """
    class_names, engine = (
        external.class_names(),
        Engine(external.engine_path, "f32"),
    )  # as those would see it who use it elsewhere
    rows, began = [], time.monotonic()
    for done, (photo, answer) in enumerate(zip(photos, _answers(engine, project, photos), strict=True), 1):
        if not isinstance(answer, PhotoError):
            best = int(answer.argmax())
            rows.append((photo.sha256, class_names[best], float(answer[best])))
        on_progress(done, len(photos), time.monotonic() - began)
    return pd.DataFrame(rows, columns=["sha256", "answer", "sure"])


def _answers(engine: Engine, project: Project, photos: Iterable[Photo]) -> Iterator[np.ndarray | PhotoError]:
    def answer(photo: Photo) -> np.ndarray | PhotoError:
        try:
            outputs = engine.answer(cropped(project.path(photo), engine.image_size))
        except PhotoError as error:
            return error
        return outputs[PROBABILITIES]

    return in_threads(answer, photos, engine.threads)

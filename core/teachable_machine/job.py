"""The job that compares a model from elsewhere with a run.

It sees photos otherwise than ours: cropped to their middle, not squeezed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from core.base import checksums, disk
from core.base.events import FINISHED, PHASE
from core.base.threads import in_threads
from core.engine.engine import PROBABILITIES, Engine
from core.jobs.progress import Progress
from core.photos.decoding import KnownFile, PhotoError, Source, open_photo
from core.photos.pictures import USUAL, PictureSettings
from core.projects.photo_files import ready_to_read
from core.projects.picture_settings import pictures_now
from core.projects.project import Photo, Project, open_project
from core.runs.run import Run
from core.teachable_machine.comparison import unanswered
from core.teachable_machine.folder import ExternalModelFolder


def compare(home: Path, this: ExternalModelFolder) -> None:
    """Read the model, when it is new, and ask it about the photos that the run was tested on."""
    project = ready_to_read(open_project(this.folder.parents[1]), this.job)
    run_name, archive = this.request()
    try:
        if archive is not None:
            from core.teachable_machine.reading import read_teachable_machine  # brings Keras, needed only here

            this.job.event_log().write(PHASE, name="start", words="Reading the model")
            read_teachable_machine(archive, this)
    finally:
        disk.remove(this.upload)
    this.job.event_log().write(PHASE, name="foreign", words="Asking it about the test photos")
    progress = Progress(this.job.event_log(), this.job.check_stop)
    photos = unanswered(this, project, Run(project.runs_folder / run_name))
    this.add_answers(ask(this, project, photos, progress))
    this.job.event_log().write(FINISHED)


def cropped(source: Source, size: int, settings: PictureSettings = USUAL) -> np.ndarray:
    """The middle of a photo as Teachable Machine's snippet takes it: uint8 (size, size, 3), RGB 0..255.

    Raises:
        PhotoError: As `open_photo`.
    """
    return np.asarray(ImageOps.fit(open_photo(source, settings=settings), (size, size), Image.Resampling.LANCZOS))


def ask(external: ExternalModelFolder, project: Project, photos: list[Photo], on_progress: Progress) -> pd.DataFrame:
    """What the model answers, as `ExternalModelFolder.add_answers` keeps it; photos that can't be read are left out.

    The model has been read before. `on_progress` may raise to stop.

    Raises:
        RunError: The model is missing, damaged or no longer the one that was read.
    """
    class_names = external.class_names()
    checksums.refuse_changed(external.engine_path, f"The model {external.title}", "Bring it in again.")
    engine = Engine(external.engine_path, "f32", USUAL, checked=True)  # as those would see it who use it elsewhere
    engine.refuse_other_classes(class_names)
    rows = []
    for done, (photo, answer) in enumerate(zip(photos, _answers(engine, project, photos), strict=True), 1):
        if not isinstance(answer, PhotoError):
            best = int(answer.argmax())
            rows.append((photo.sha256, class_names[best], float(answer[best])))
        on_progress(done, len(photos))
    return pd.DataFrame(rows, columns=["sha256", "answer", "sure"])


def _answers(engine: Engine, project: Project, photos: Iterable[Photo]) -> Iterator[np.ndarray | PhotoError]:
    pictures = pictures_now(project)

    def answer(photo: Photo) -> np.ndarray | PhotoError:
        try:
            outputs = engine.answer(cropped(KnownFile(project.path(photo), photo.sha256), engine.image_size, pictures))
        except PhotoError as error:
            return error
        return outputs[PROBABILITIES]

    return in_threads(answer, photos, engine.threads)

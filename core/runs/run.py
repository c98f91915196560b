"""A run is a folder, and this is its one keeper: only here are the names of its files spelled.

`config.json` is written once, first; `photos.csv` beside it, and again when every photo has its subset; `events.jsonl`
only grows; `report.json` comes last and means complete. `about.json` holds what the user calls it, `number.json` its
place among runs, `photos/` copies of photos gone else, `sources.json` whence, `checkpoint.npz` what it takes to go on.
"""

import csv
import io
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import astuple, fields, replace
from pathlib import Path

from core.base import checksums, disk
from core.base.errors import InputError, RunError
from core.base.events import NOTE, Event, notes_of
from core.base.files import disk_errors_in_words, move_into, read_json
from core.base.records import keep, kept, object_of, texts_of
from core.jobs.job import Job
from core.jobs.numbers import keep_number, next_number, number_of
from core.models.config import TrainConfig
from core.photos.kept_settings import as_kept, to_keep
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import BEFORE, USUAL, PictureSettings
from core.runs.report import Epoch, Report, epochs_of

MAX_TITLE, MAX_REMARK = 60, 500  # characters: a few words, a few sentences
KEPT = "photos"  # the folder of its own copies
RUNS = "runs"  # the folder of a project, or of the workspace, in which runs lie
PHOTO = re.compile(r"(?:^|[/\\])photos[/\\]([^/\\]+)[/\\]([^/\\]+)$")  # as a project keeps them, on any system


class Run:
    """One training run on disk, in a folder which need not exist yet; `on_event` as for `Job`."""

    def __init__(self, folder: Path, on_event: Callable[[Event], None] | None = None) -> None:
        self.folder = folder
        self.job = Job(folder, on_event)
        self.config_path = folder / "config.json"
        self.pictures_path = folder / "pictures.json"
        self.photos_path = folder / "photos.csv"
        self.report_path = folder / "report.json"
        self.labels_path = folder / "labels.json"
        self.predictions_path = folder / "predictions.parquet"
        self.about_path = folder / "about.json"
        self.keras_path = folder / "model.keras"
        self.engine_path = folder / "model.xml"
        self.tested_keras_path = folder / "tested.keras"
        self.tested_engine_path = folder / "tested.xml"
        self.detector_path = folder / "novelty.npz"
        self.hashes_path = folder / "hashes.npz"
        self.start_path = folder / "start.keras"
        self.checkpoint_path = folder / "checkpoint.npz"
        self.sources_path = folder / "sources.json"
        self.kept_folder = Path(os.path.abspath(folder)) / KEPT
        self.tensorboard_path = folder / "tensorboard"

    @property
    def name(self) -> str:
        """The folder's name, unique within its project."""
        return self.folder.name

    @property
    def number(self) -> int:
        """Greater than that of each run that its project had when it was made; 0 of a run of an earlier version."""
        return number_of(self.folder)

    @property
    def title(self) -> str:
        """What the user calls it; until then when it was made, such as "2026-11-22 14.05.09"."""
        return self.own_title or self.name[:19]

    @property
    def own_title(self) -> str:
        """What the user calls it, or ""."""
        return self._about()["title"]

    @property
    def remark(self) -> str:
        """What the user noted about it, or ""."""
        return self._about()["remark"]

    def _about(self) -> dict[str, str]:
        about = kept(self.about_path, object_of) or {}  # without it, or damaged, the run has its first name
        return {name: text if isinstance(text := about.get(name), str) else "" for name in ("title", "remark")}

    def describe(self, title: str, remark: str) -> None:
        """Give it a title and a note of the user's; its folder keeps its name, so that work isn't disturbed.

        The title "" is the one that it had at first.

        Raises:
            InputError: One is too long, or another run beside it has the title.
        """
        title, remark = " ".join(title.split()), remark.strip()
        if len(title) > MAX_TITLE or len(remark) > MAX_REMARK:
            raise InputError(
                f"A run's name takes up to {MAX_TITLE} characters and its note up to {MAX_REMARK}. "
                f"Received: {len(title)} and {len(remark)}."
            )
        if title.lower() in {run.title.lower() for run in list_runs(self.folder.parent) if run.name != self.name}:
            raise InputError(f"There is already a run called {title}. Choose another name.")
        with disk_errors_in_words("noting the run's name"):
            self.keep_about("" if title == self.name[:19] else title, remark)

    @property
    def lost_name(self) -> bool:
        """Whether title and note were given and can't be read any more."""
        return self.about_path.exists() and kept(self.about_path, object_of) is None

    def keep_about(self, title: str, remark: str) -> None:
        """Write title and note as they are; `describe` is for what a user typed. What can't be read is kept beside."""
        if self.lost_name:
            move_into(self.folder / "damaged", self.about_path)
        keep(self.about_path, {"title": title, "remark": remark})

    @classmethod
    def create(
        cls, folder: Path, config: TrainConfig, photos: list[LabelledPhoto], pictures: PictureSettings = USUAL
    ) -> "Run":
        """Make the folder with all that the training needs to know; `pictures` is how the photos are read.

        Raises:
            RunError: The folder already holds something.
            StorageError: The disk is full or can't be written.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise RunError(f"The folder {folder.name} is not empty. Choose a new one for this run.")
        run = cls(folder)
        with disk_errors_in_words("preparing the run"):
            run.write_photos(photos)
            keep(run.pictures_path, to_keep(pictures))
            if folder.parent.name == RUNS:  # elsewhere it was put by name, and is in no list
                keep_number(folder, next_number(folder.parent.parent))
            keep(run.config_path, config.to_json())
        return run

    def config(self) -> TrainConfig:
        """The settings it was made with.

        Raises:
            RunError: There is no run here, or its settings are damaged.
            InputError: Another version of the app wrote them.
        """
        try:
            return TrainConfig.from_json(read_json(self.config_path))
        except (FileNotFoundError, ValueError) as error:
            raise RunError(
                f"{self.folder.name} holds no training run (its settings are missing or damaged)."
            ) from error

    def pictures(self) -> PictureSettings:
        """How its photos are read, and every later one that it is asked about; those of an older run have no profiles.

        Raises:
            RunError: They are damaged: guessed, its answers would be silently wrong.
        """
        try:
            return as_kept(read_json(self.pictures_path))
        except FileNotFoundError:
            return BEFORE
        except ValueError as error:
            raise RunError(f"The picture settings of {self.folder.name} (pictures.json) are damaged.") from error

    def write_photos(self, photos: list[LabelledPhoto]) -> None:
        """Write the list of photos whole; those of its own folder are found there wherever that is moved."""
        text, own = io.StringIO(), str(self.kept_folder) + os.sep
        writer = csv.writer(text)
        writer.writerow(field.name for field in fields(LabelledPhoto))
        for photo in photos:
            if photo.path.startswith(own):
                photo = replace(photo, path=f"{KEPT}/{Path(photo.path.removeprefix(own)).as_posix()}")
            writer.writerow(astuple(photo))
        with checksums.sealed(self.photos_path) as beside:
            disk.write(beside, text.getvalue().encode("utf-8", "surrogateescape"))

    def photos(self) -> list[LabelledPhoto]:
        """The photos it works with, in the order they were given.

        Those of a project are looked for in the project that the run lies in now: the run may be of a copy, and what is
        listed then leads into the original.

        Raises:
            RunError: Their list is missing or damaged: of a part of it, what is told of the run would be wrong.
        """
        try:
            if checksums.changed(self.photos_path):
                raise ValueError("It has changed.")
            with self.photos_path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                rows = csv.DictReader(file)
                if "path" not in (rows.fieldnames or ()):
                    raise ValueError("It has no columns.")
                photos = [LabelledPhoto.listed(row) for row in rows]
        except (OSError, ValueError, TypeError, csv.Error) as error:
            raise RunError(
                f"The list of photos of {self.title} (photos.csv) is missing or damaged. Train it again."
            ) from error
        project = None if self.sources_path.exists() else self.project_folder()
        return [replace(photo, path=self._place_now(photo.path, project)) for photo in photos]

    def _place_now(self, path: str, project: Path | None) -> str:
        if path.startswith(f"{KEPT}/"):
            return str(self.kept_folder.parent / path)
        found = PHOTO.search(path) if project else None
        return os.path.join(project, "photos", *found.groups()) if found else path

    def project_folder(self) -> Path | None:
        """The project that the run lies in, also in its trash; None of a run that lies elsewhere."""
        around = list(self.kept_folder.parents)[1:4]
        return next((folder for folder in around if (folder / "project.db").is_file()), None)

    def report(self) -> Report | None:
        """The report of a complete run; None without one, or where it is damaged."""
        return kept(self.report_path, Report.from_json)

    def finished_report(self) -> Report:
        """The report of a run that must be complete.

        Raises:
            RunError: It isn't, or its report is damaged.
        """
        if not self.report_path.exists():
            raise RunError(f"{self.title} is not finished. Train it to the end first.")
        report = self.report()
        if report is None:
            raise RunError(damaged_report(self))
        return report

    def temperature(self) -> float:
        """What its model's scores are divided by, so that it is as sure as it is right; 1.0 changes nothing."""
        report = self.report()
        return 1.0 if report is None else report.final.temperature if report.final else report.temperature

    def tested_paths(self) -> tuple[Path, Path]:
        """The model that its report and predictions are about, in Keras and on the engine, where it has a report."""
        report = self.report()
        has_own = report is not None and report.final is not None
        return (self.tested_keras_path, self.tested_engine_path) if has_own else (self.keras_path, self.engine_path)

    def seal_model(self, engine_path: Path | None = None) -> None:
        """Write down what its model is, or the tested one: all by which it answers, which is on disk."""
        path = engine_path or self.engine_path
        checksums.seal(path, path.with_suffix(".bin"), self.labels_path, self.pictures_path)

    def class_names(self) -> list[str]:
        """The class names in the order of the model's outputs.

        Raises:
            RunError: The run is not complete, or the names are damaged or not those of its model.
        """
        if not (self.labels_path.exists() and (self.engine_path.exists() or self.report_path.exists())):
            raise RunError(f"{self.folder.name} has no finished model yet. Train it to the end first.")
        return self._names(self.report())

    def earlier_class_names(self) -> list[str]:
        """Those of the run that it goes on from, in the order of the outputs; none where it begins anew."""
        return self._names() if self.config().start_from and self.labels_path.exists() else []

    def _names(self, report: Report | None = None) -> list[str]:
        names = kept(self.labels_path, texts_of)
        if not names or len(set(names)) < len(names) or (report and names != report.class_names):
            raise RunError(f"The class names of {self.title} (labels.json) are damaged. Train it again.")
        return names

    def epochs(self) -> list[Epoch]:
        """Its epochs so far, oldest first."""
        return epochs_of(self.job.events())

    def note(self, words: str) -> None:
        """Tell the user something, now and in the report."""
        self.job.event_log().write(NOTE, words=words)

    def notes(self) -> list[str]:
        """What the user was told so far, before it was submitted and in all its attempts, each once, oldest first."""
        return notes_of(self.job.events())


def damaged_report(run: Run) -> str:
    """What to tell of a run that was finished and has a report that can't be read."""
    return f"The report of {run.title} (report.json) is damaged. Train it again."


def new_run_name() -> str:
    """A name that tells the time, such as "2026-11-22 14.05.09 3f9a2c1b07"; valid on every file system.

    The order of runs is that of their numbers. Of a thousand made in a second, two are alike once in two million times.
    """
    return time.strftime("%Y-%m-%d %H.%M.%S ", time.localtime(time.time())) + secrets.token_hex(5)


def list_runs(folder: Path) -> list[Run]:
    """The runs below a folder, newest first; those of earlier versions, without a number, are last, by their names."""
    if not folder.is_dir():
        return []
    made = (run for run in map(Run, folder.iterdir()) if run.config_path.exists())
    return sorted(made, key=lambda run: (run.number, run.name), reverse=True)

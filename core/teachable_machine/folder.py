"""A model from elsewhere, compared with a run on the run's own test photos: its folder."""

from pathlib import Path

import pandas as pd

from core.base import disk
from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.errors import RunError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.records import keep, kept, object_of, texts_of
from core.engine.tables import UNREADABLE, refuse_other_columns
from core.jobs.folder import JobFolder
from core.projects.project import Project
from core.runs.run import Run


class ExternalModelFolder(JobFolder):
    """Where a project keeps a model from elsewhere and its answers: a folder below its `foreign`."""

    PREPARING = "preparing the comparison"
    SAVING = "keeping the answers"
    RESULT = "answers.parquet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.engine_path = folder / "model.xml"
        self.labels_path = folder / "labels.json"
        self.export_path = folder / "keras_model.h5"
        self.upload = folder / "upload.zip"
        self._about = folder / "about.json"

    @property
    def title(self) -> str:
        """What the file was called that it came in."""
        title = (kept(self._about, object_of) or {}).get("title")
        return title if isinstance(title, str) else self.folder.name  # a half-made or changed folder

    def name(self, title: str) -> None:
        """Keep what the file was called."""
        with disk_errors_in_words(self.PREPARING):
            keep(self._about, {"title": title})

    def write_request(self, run: Run, archive: Path | None) -> None:
        """Write down what to do: ask about a finished run's photos, of a new model after reading its archive."""
        self.keep_request({"run": run.name, "archive": str(archive) if archive else ""})

    def request(self) -> tuple[str, Path | None]:
        """The run's name, and the export; "" and None when they stayed on the computer that the project came from."""
        request = kept(self.request_path, object_of) or {}
        run, archive = (each if isinstance(each := request.get(name), str) else "" for name in ("run", "archive"))
        return run, self.own(archive) if archive else None

    def class_names(self) -> list[str]:
        """The model's class names, in the order of its outputs.

        Raises:
            RunError: It has not been read.
        """
        names = kept(self.labels_path, texts_of)
        if not names:
            raise RunError("This model has not been read yet, or is damaged. Bring it in again.")
        return names

    def add_answers(self, answers: pd.DataFrame) -> None:
        """Keep what it answered with what it answered before: columns sha256, answer (its own class), sure (0..1)."""
        kept = pd.concat([self.answers(), answers]).drop_duplicates("sha256", keep="last") if len(answers) else answers
        if len(kept):
            with disk_errors_in_words(self.SAVING), appearing_whole(self.result_path) as beside:
                kept.to_parquet(beside, index=False, **PAGES_SEALED)

    def answers(self) -> pd.DataFrame:
        """What `add_answers` kept; empty when there is nothing that can be read."""
        try:
            refuse_other_columns(self.result_path, ["sha256", "answer"], ["sure"])
            return pd.read_parquet(self.result_path, columns=["sha256", "answer", "sure"], **PAGES_CHECKED)
        except UNREADABLE:
            return pd.DataFrame({"sha256": [], "answer": [], "sure": []}).astype({"sha256": str, "answer": str})

    def remove(self) -> None:
        """Forget the model; its export can be brought in again."""
        disk.remove_folder(self.folder)


def new_external_model(project: Project, title: str) -> ExternalModelFolder:
    """A place for a model that is brought in."""
    model = ExternalModelFolder.below(project.folder / "foreign")
    model.name(title)
    return model


def external_models(project: Project) -> list[ExternalModelFolder]:
    """The models from elsewhere, newest first."""
    folders = sorted((project.folder / "foreign").glob("[0-9]*"), reverse=True)
    return [ExternalModelFolder(folder) for folder in folders]

"""What came in a zip and is not left where it lay: models, which Keras or OpenVINO would open by their names."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base import checksums, disk
from core.packing.pack import PHOTO_FOLDERS
from core.runs.run import Run

# As runs and models from elsewhere call them, wherever they lie; what lies in a folder of photos is a photo.
ENGINE = "model.xml"
TESTED = ("tested.keras", "tested.xml", "tested.bin")
MODELS = ("model.keras", "start.keras", ENGINE, "model.bin", *TESTED, "keras_model.h5")
NAMES = {*MODELS, *(f"{name}{checksums.SUFFIX}" for name in MODELS)}
FEEDBACK_PHOTOS = ("feedback", "photos")


@dataclass(frozen=True)
class Strangers:
    """The files that were taken out of a project, under the names that they had in it.

    Args:
        project: Where they lay.
        folder: Where they lie now.
        on_model: Called with how many models are built anew, and of how many; may raise to stop.
        damaged: By the folder that an engine's model lay in, what had changed since they were saved of it and of the
            files that belong to it.
    """

    project: Path
    folder: Path
    on_model: Callable[[int, int], None]
    damaged: dict[Path, list[str]] = field(default_factory=dict)

    def take_out(self) -> None:
        """Take them out of the project."""
        self.folder.mkdir()
        found = [path for path in sorted(self.project.rglob("*")) if self._is_one(path)]
        self.damaged.update({path.parent: checksums.changed(path) for path in found if path.name == ENGINE})
        for path in found:
            self.of(path).parent.mkdir(parents=True, exist_ok=True)
            disk.move(path, self.of(path))

    def _is_one(self, path: Path) -> bool:
        return path.name.casefold() in NAMES and path.is_file() and not is_among_photos(path, self.project)

    def has_model_of(self, run: Run) -> bool:
        """Whether a run is finished, and so had a model, or is to go on from one that came along."""
        return run.report_path.exists() or self.of(run.start_path).exists()

    def of(self, path: Path) -> Path:
        """Where what lay here in the project is now, if it was there."""
        return self.folder / path.relative_to(self.project)


def is_among_photos(path: Path, project: Path) -> bool:
    """Whether a file of a project lies in one of the folders of photos, whatever it is called."""
    around = path.relative_to(project).parts[:-1]  # never elsewhere: a run may be called "photos"
    return around[:1] in {(folder,) for folder in PHOTO_FOLDERS} or around[:2] == FEEDBACK_PHOTOS

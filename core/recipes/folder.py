"""A tutorial that is followed, on disk: what was asked for, what came of it, and the map where one was drawn."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.errors import InputError
from core.base.events import PHASE, QUEUED
from core.base.files import appearing_whole, disk_errors_in_words
from core.jobs.folder import JobFolder
from core.projects.project import Project
from core.recipes.checking import check_request, check_result
from core.recipes.record import TutorialRequest, TutorialResult

STEP = "tutorial"  # the phase that begins with each step, before those of what the step does


class TutorialFolder(JobFolder[TutorialResult]):
    """Where a project, or the command line, keeps one tutorial that is followed. Its runs lie beside other runs."""

    PREPARING = "preparing the tutorial"
    SAVING = "saving what came of the tutorial"
    RESULT = "tutorial.json"
    RECORD = TutorialResult

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.map_path = folder / "map.parquet"
        self.picture_path = folder / "map.svg"

    def ask(self, request: TutorialRequest) -> None:
        """Write down what shall be done."""
        self.prepare()
        self.keep_request(request.to_json())

    def request(self) -> TutorialRequest:
        """What shall be done.

        Raises:
            InputError: That is missing, damaged, of another version of the app, or asks for what no tutorial does.
        """
        try:
            return check_request(TutorialRequest.from_json(self.kept_request()))
        except ValueError as error:
            raise InputError(f"What this tutorial shall do ({self.request_path.name}) can't be read.") from error

    def step_words(self) -> str:
        """The step that it is at, such as "Step 2 of 3: A shallow net on them"; "" before the first."""
        for event in reversed(self.job.events()):
            if event["event"] == QUEUED:  # what lies above is an earlier attempt
                break
            if event["event"] == PHASE and event["name"] == STEP:
                return event["words"]
        return ""

    def read(self) -> TutorialResult | None:
        """What came of it so far; None when there is nothing that can be read, or that no tutorial could have made."""
        result = super().read()
        try:
            return None if result is None else check_result(result)
        except ValueError:
            return None

    def write_map(self, places: pd.DataFrame) -> None:
        """Keep the map: what `core.photo_map.layout.draw_map` answers, with the column label."""
        with disk_errors_in_words(self.SAVING), appearing_whole(self.map_path) as beside:
            places.to_parquet(beside, index=False, **PAGES_SEALED)

    def read_map(self) -> pd.DataFrame | None:
        """The map that was drawn; None without one that can be read, which may be a stranger's."""
        try:
            places = pd.read_parquet(self.map_path, columns=["x", "y", "label"], **PAGES_CHECKED)
            points = places[["x", "y"]].to_numpy(np.float64)
        except (OSError, ValueError, TypeError):  # pyarrow's own errors of damaged files and missing columns are such
            return None
        drawn = len(places) and np.isfinite(points).all() and all(isinstance(name, str) for name in places["label"])
        return places if drawn else None


def tutorials_of(project: Project) -> list[TutorialFolder]:
    """All that were followed in a project, the newest first."""
    folders = sorted((project.folder / "tutorials").glob("*"), reverse=True)
    return [TutorialFolder(folder) for folder in folders if folder.is_dir()]


def new_tutorial(project: Project) -> TutorialFolder:
    """The folder of another one, made now."""
    return TutorialFolder.below(project.folder / "tutorials")

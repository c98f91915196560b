"""The map of a project's photos on disk: two numbers a photo, by content, so that it outlives every change of class."""

import pandas as pd

from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.errors import RunError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.subsets import TEST
from core.engine.tables import UNREADABLE, refuse_other_columns
from core.jobs.folder import JobFolder
from core.projects.project import Project
from core.runs.predictions import read_answers
from core.runs.run import Run


class PhotoMapFolder(JobFolder):
    """Where a project keeps its map: its `map`."""

    PREPARING = "starting to draw the map"
    SAVING = "keeping the map"
    RESULT = "map.parquet"

    def write(self, places: pd.DataFrame) -> None:
        """Keep a map, whole: the answer of `core.photo_map.layout.draw_map`."""
        with disk_errors_in_words(self.SAVING), appearing_whole(self.result_path) as beside:
            places.to_parquet(beside, index=False, **PAGES_SEALED)

    def read(self) -> pd.DataFrame | None:
        """The last map, None when none can be read; one of an earlier version lacks tight_x and tight_y."""
        try:
            refuse_other_columns(self.result_path, ["sha256"], ["x", "y"])
            places = pd.read_parquet(self.result_path, **PAGES_CHECKED)
            if "tight_x" in places:
                refuse_other_columns(self.result_path, [], ["tight_x", "tight_y"])
            return places
        except UNREADABLE:
            return None


def map_of(project: Project) -> PhotoMapFolder:
    """The project's map."""
    return PhotoMapFolder(project.folder / "map")


def current_photos(project: Project) -> pd.DataFrame:
    """The photos that take part, as the database knows them now: id, sha256, label, name and split, by id."""
    query = "select id, sha256, label, name, split from photos where set_aside = '' order by id"
    with project.database() as db:
        rows = db.execute(query).fetchall()  # pandas' own query would hide a damaged database behind its own error
    return pd.DataFrame(rows, columns=["id", "sha256", "label", "name", "split"])


def judged_by(run: Run) -> pd.DataFrame:
    """What a finished run answered on its test photos, in whatever part they are now.

    Returns:
        Columns sha256, answer (str), right (bool) and sure (float32, 0..1), a row a content.

    Raises:
        RunError: Its table is missing or damaged.
    """
    report = run.report()
    if report is None:
        raise RunError(f"{run.title} has no result yet.")
    table = read_answers(run.predictions_path, TEST, report.class_names, report.temperature)
    table = table.assign(answer=table["answer"].astype(str))
    return table[["sha256", "answer", "right", "sure"]].drop_duplicates("sha256")


def with_verdicts(photos: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """The photos with what a run answered: columns answer, right and sure too, empty where it was not judged."""
    return photos.merge(judged, on="sha256", how="left")

"""All that a worker can do, a row for each kind of job: adding one is adding a row, its folder and its handler.

The folder and the handler live in rooms above this one, so they are named and not imported. Only the worker looks a
handler up: what it imports may take seconds and hundreds of megabytes.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class JobKind:
    """What is true of every job of a kind.

    Args:
        name: As `job.json` keeps it, so it can't change.
        folder: Full name of the class that keeps such a job's folder, made with the folder's path.
        handler: Full name of the function that does the job, called by the worker with the workspace's folder (Path)
            and an instance of that class. It writes FINISHED when all is saved.
        places: Where the folders of such jobs lie: a pattern below the project, or below the workspace.
        in_project: Whether they lie in the project. In the workspace, "{project}" in the pattern stands for its id.
        waits: Whether it takes a place in the queue and waits for its turn, as heavy work does.
        travels: Whether its folder goes into a project's zip.
        blocks_trash: Whether its project can't be moved to the trash meanwhile.
        blocks_edits: What is going on with the photos, as a sentence without its full stop, where it knows them by
            their place and none may move meanwhile; "" when they may.
        blocks_run: What is going on with the run that it works with, to follow the run's title; "" when it needs none.
        loads: The phase that the worker announces before it imports the handler, where that takes seconds: name, words.
        afterwards: Full name of the function that the worker calls once the job has ended, however, with the
            workspace's folder; what goes wrong in it is no matter of the job's. "" for none.
    """

    name: str
    folder: str
    handler: str
    places: str
    in_project: bool = True
    waits: bool = False
    travels: bool = False
    blocks_trash: bool = True
    blocks_edits: str = ""
    blocks_run: str = ""
    loads: tuple[str, str] | None = None
    afterwards: str = ""

    def folder_class(self) -> Any:
        """The class that `folder` names."""
        return _named(self.folder)

    def handler_function(self) -> Any:
        """The function that `handler` names; for the worker only."""
        return _named(self.handler)

    def clear_up(self, home: Path) -> None:
        """Call the function that `afterwards` names, if one does; for the worker only."""
        if self.afterwards:
            _named(self.afterwards)(home)


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


KEEP_CACHES_BOUNDED = "core.upkeep.sweeping.after_work"

TRAIN = JobKind(
    name="train",
    folder="core.runs.run.Run",
    handler="core.training.job.train",
    places="runs/*",
    waits=True,
    travels=True,
    blocks_edits="A training is reading these photos",
    blocks_run="is still going on",
    afterwards=KEEP_CACHES_BOUNDED,
)
IMPORT = JobKind(
    name="import",
    folder="core.projects.imports.ImportFolder",
    handler="core.feedback.job.bring_in",  # since photos from feedback come in too, and are then let go of
    places="imports/*",
    blocks_edits="Photos are being brought in",
)
ADVISE = JobKind(
    name="advise",
    folder="core.advice.folder.AdviceFolder",
    handler="core.advice.job.measure",
    places="advice",
    travels=True,
    blocks_edits="These photos are being measured for the advice",
    afterwards=KEEP_CACHES_BOUNDED,
)
DOWNLOAD = JobKind(
    name="download",
    folder="core.jobs.folder.JobFolder",
    handler="core.models.download_job.download",
    places="downloads/*",
    in_project=False,
    blocks_trash=False,
)
SEARCH = JobKind(
    name="search",
    folder="core.search.folder.SearchFolder",
    handler="core.search.job.search_settings",
    places="search",
    waits=True,
    travels=True,
    blocks_edits="A search for better settings is reading these photos",
    loads=("start", "Getting ready"),
    afterwards=KEEP_CACHES_BOUNDED,
)
BACKGROUND_TEST = JobKind(
    name="plate-test",
    folder="core.background_test.folder.BackgroundTestFolder",
    handler="core.background_test.job.swap_backgrounds",
    places="runs/*/plate-test",
    travels=True,
    blocks_edits="The plate test is reading these photos",
    blocks_run="is still being asked about photos",
)
EXPORT = JobKind(
    name="export",
    folder="core.exports.folder.ExportFolder",
    handler="core.exports.job.export_run",
    places="runs/*/exports/*",
    waits=True,
    blocks_edits="An export is reading these photos",
    blocks_run="is being exported",
    loads=("export", "Getting ready"),
)
LABELS = JobKind(
    name="labels",
    folder="core.label_issues.folder.LabelIssuesFolder",
    handler="core.label_issues.job.find_wrong_labels",
    places="labels",
    travels=True,
    blocks_edits="A search for wrong labels is reading these photos",
)
MAP = JobKind(
    name="map",
    folder="core.photo_map.folder.PhotoMapFolder",
    handler="core.photo_map.job.draw",
    places="map",
    travels=True,
    blocks_edits="The map of these photos is being drawn",
)
EXTERNAL_MODEL = JobKind(
    name="foreign",
    folder="core.teachable_machine.folder.ExternalModelFolder",
    handler="core.teachable_machine.job.compare",
    places="foreign/*",
    travels=True,
    blocks_edits="A model from elsewhere is being asked about these photos",
    blocks_run="is being compared with a model from elsewhere",
)
PACK = JobKind(
    name="pack",
    folder="core.packing.folder.TransferFolder",
    handler="core.packing.job.pack_project",
    places="going/pack {project}",
    in_project=False,  # photos may move meanwhile: it looks where they are now
)
OPEN = JobKind(
    name="open",
    folder="core.packing.folder.TransferFolder",
    handler="core.packing.job.open_packed",
    places="going/open *",
    in_project=False,
    blocks_trash=False,  # its project is not there yet
)
PREDICT = JobKind(
    name="predict",
    folder="core.batches.folder.BatchFolder",
    handler="core.batches.job.answer",
    places="batches/*",  # the photos are none of the project's
    blocks_run="is still being asked about photos",
)
SORT = JobKind(
    name="sort",
    folder="core.batches.folder.SortedZipFolder",
    handler="core.batches.job.sort",
    places="batches/*/sorted",
)
TUTORIAL = JobKind(
    name="tutorial",
    folder="core.recipes.folder.TutorialFolder",
    handler="core.recipes.job.follow_tutorial",
    places="tutorials/*",
    waits=True,
    travels=True,
    blocks_edits="A tutorial is training on these photos",
    blocks_run="belongs to a tutorial that still goes on",
    afterwards=KEEP_CACHES_BOUNDED,
)

KINDS = {each.name: each for each in tuple(vars().values()) if isinstance(each, JobKind)}  # all of the above

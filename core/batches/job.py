"""The jobs that answer a batch of photos, and that sort them into class folders by their answers."""

from pathlib import Path

from core.batches.answering import answer_batch, sort_batch
from core.batches.folder import BatchFolder, SortedZipFolder
from core.projects.project import open_project
from core.runs.run import Run


def answer(home: Path, batch: BatchFolder) -> None:
    """Answer the photos of a batch with one of its project's runs."""
    project = open_project(batch.folder.parents[1])
    answer_batch(batch, Run(project.runs_folder / batch.request().run))


def sort(home: Path, this: SortedZipFolder) -> None:
    """Make the zip of a batch's photos, sorted by their answers."""
    sort_batch(BatchFolder(this.folder.parent))

"""Projects on their way: one folder per job below the workspace's `going`, for a zip that is made or opened."""

import shutil
import time
from pathlib import Path

from core.base.events import FINISHED
from core.base.files import disk_errors_in_words, read_json, write_json
from core.base.names import safe_name
from core.jobs.job import Job
from core.packing.pack import SCRATCH
from core.projects.project import Project
from core.projects.workspace import Workspace

PACK, OPEN = "pack", "open"  # names of the work


class TransferFolder:
    """One job that takes a project along, or opens one.

    Args:
        folder: Its folder below `going`; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self.upload = folder / "upload.zip"
        self._request = folder / "request.json"

    def ask(self, about: str, title: str) -> None:
        """Write down what the worker shall do.

        Args:
            about: The id of the project to take along, or the path of the zip to open.
            title: What people call it.

        Raises:
            StorageError: The disk is full or can't be written.
        """
        with disk_errors_in_words("preparing the zip"):
            self.clear()
            write_json(self._request, {"about": about, "title": title})

    def asked(self) -> tuple[str, str]:
        """What `ask` wrote."""
        request = read_json(self._request)
        return request["about"], request["title"]

    @property
    def archive(self) -> Path:
        """The zip that is made."""
        return self.folder / f"{safe_name(self.asked()[1])}.zip"

    def outcome(self) -> str:
        """The id of the project that was opened, or the name of the zip that was made; "" until it is finished."""
        events = self.job.events()
        return events[-1]["outcome"] if events and events[-1]["event"] == FINISHED else ""

    def clear(self) -> None:
        """Remove what was made before and what a killed worker left; an upload stays."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name.startswith(SCRATCH):
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".zip" and path != self.upload:
                path.unlink()

    def remove(self) -> None:
        """Forget a job that has ended, with its zip."""
        shutil.rmtree(self.folder, ignore_errors=True)


def packing_of(workspace: Workspace, project: Project) -> TransferFolder:
    """Where a project's zip is made."""
    return TransferFolder(workspace.packing_folder(project))


def new_opening(workspace: Workspace) -> TransferFolder:
    """A new place to open a zip; what earlier ones left is removed."""
    for going in openings(workspace):
        if not going.job.state().is_active:
            going.remove()
    with disk_errors_in_words("preparing to open the zip"):
        going = TransferFolder(workspace.transfers_folder / f"{OPEN} {time.time_ns():020d}")
        going.folder.mkdir(parents=True)
    return going


def openings(workspace: Workspace) -> list[TransferFolder]:
    """The jobs that open a zip, newest first."""
    return [TransferFolder(folder) for folder in sorted(workspace.transfers_folder.glob(f"{OPEN} *"), reverse=True)]

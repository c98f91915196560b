"""Projects on their way: one folder per job below the workspace's `going`, for a zip that is made or opened."""

from pathlib import Path

from core.base import disk
from core.base.checksums import SUFFIX
from core.base.events import FINISHED
from core.base.files import disk_errors_in_words
from core.base.names import safe_name
from core.base.records import kept, object_of
from core.jobs.folder import JobFolder
from core.jobs.kinds import OPEN, PACK
from core.packing.pack import SCRATCH
from core.projects.project import Project
from core.projects.workspace import Workspace


class TransferFolder(JobFolder):
    """One job that takes a project along, or opens one: a folder below `going`."""

    PREPARING = "preparing the zip"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.upload = folder / "upload.zip"

    def write_request(self, about: str, title: str) -> None:
        """Write down what the worker shall do.

        Args:
            about: The id of the project to take along, or the path of the zip to open.
            title: What people call it.
        """
        with disk_errors_in_words(self.PREPARING):
            self.clear()
        self.keep_request({"about": about, "title": title})

    def request(self) -> tuple[str, str]:
        """What `write_request` wrote; InputError where that can't be read."""
        about, title = self.asked_for(about=str, title=str)
        return about, title

    @property
    def archive(self) -> Path:
        """The zip that is made; the folder's name says it where the request is damaged."""
        title = (kept(self.request_path, object_of) or {}).get("title")
        return self.folder / f"{safe_name(title if isinstance(title, str) else self.folder.name)}.zip"

    def outcome(self) -> str:
        """The id of the project that was opened, or the name of the zip that was made; "" until it is finished."""
        events = self.job.events()
        return str(events[-1].get("outcome", "")) if events and events[-1]["event"] == FINISHED else ""

    def clear(self) -> None:
        """Remove what was made before and what a killed worker left; an upload stays."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name.startswith(SCRATCH):
                disk.remove_folder(path)
            elif path != self.upload and path.name.endswith((".zip", f".zip{SUFFIX}")):
                disk.remove(path)

    def remove(self) -> None:
        """Forget a job that has ended, with its zip."""
        disk.remove_folder(self.folder)


def packing_of(workspace: Workspace, project: Project) -> TransferFolder:
    """Where a project's zip is made."""
    return TransferFolder(workspace.transfers_folder / f"{PACK.name} {project.id}")


def new_opening(workspace: Workspace) -> TransferFolder:
    """A new place to open a zip; what earlier ones left is removed."""
    for transfer in openings(workspace):
        if not transfer.job.state().is_active:
            transfer.remove()
    return TransferFolder.below(workspace.transfers_folder, f"{OPEN.name} ")


def openings(workspace: Workspace) -> list[TransferFolder]:
    """The jobs that open a zip, newest first."""
    folders = sorted(workspace.transfers_folder.glob(f"{OPEN.name} *"), reverse=True)
    return [TransferFolder(folder) for folder in folders]

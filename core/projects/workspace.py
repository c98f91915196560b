"""All projects of one person: a folder of project folders, with a trash from which everything can come back."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.base import disk
from core.base.errors import DamagedError, EspalierError, InputError
from core.base.files import disk_errors_in_words
from core.base.names import free_name, free_title, safe_name
from core.engine.places import Places
from core.jobs.active import active_jobs
from core.jobs.numbers import alone, next_number, numbered_name
from core.projects.database.backup import DAY, back_up_daily
from core.projects.database.repair import repair
from core.projects.picture_settings import pictures_now
from core.projects.project import PATIENCE_S, Project, is_project, open_project

MAX_TITLE = 60
MOST_LOOK_S = 0.5  # for which the list of projects waits for one that another program holds


@dataclass(frozen=True)
class TroubledProject:
    """A project that can't be opened now.

    Args:
        project: Its folder; of its list of photos nothing can be read.
        words: What is wrong.
        can_be_repaired: Whether its list is damaged or gone, so that `Workspace.repair` makes one.
    """

    project: Project
    words: str
    can_be_repaired: bool


class Workspace:
    """The folder that ESPALIER_HOME names, made when the first project is.

    Args:
        home: That folder.
        patience_s: How long to wait for another program that holds a project's list of photos.
    """

    def __init__(self, home: Path, patience_s: float = PATIENCE_S) -> None:
        self.home = home
        self._patience_s = patience_s
        self._projects = home / "projects"
        self._trash = home / "trash"
        self.cache_folder = home / "cache"
        self.engine_folder = home / "engine"
        self.runs_folder = home / "runs"
        self.transfers_folder = home / "going"  # jobs that take projects along, or open them

    def projects(self) -> list[Project]:
        """All projects that can be opened, the one changed last first; see `troubled` for the others."""
        return self.projects_and_troubled()[0]

    def troubled(self) -> list[TroubledProject]:
        """The projects that can't be opened now, each with what is wrong: one must not keep the others away."""
        return self.projects_and_troubled()[1]

    def projects_and_troubled(self) -> tuple[list[Project], list[TroubledProject]]:
        """As `projects` and `troubled`, by one look at each."""
        found: list[Project] = []
        bad: list[TroubledProject] = []
        for folder in sorted(_project_folders(self._projects), key=_changed, reverse=True):
            project, trouble = self._project(folder), _trouble_with(folder, min(self._patience_s, MOST_LOOK_S))
            if trouble is None:
                found.append(project)
            else:
                bad.append(TroubledProject(project, str(trouble), isinstance(trouble, DamagedError)))
        return found, bad

    def _project(self, folder: Path) -> Project:
        return Project(folder, self._patience_s)

    def open(self, project_id: str) -> Project:
        """The project with that id; the first time of a day its list of photos is backed up.

        Raises:
            InputError: There is none in this workspace, or a newer version of the app wrote it.
            DamagedError: Its list of photos is damaged or gone.
            StorageError: It can't be read now.
        """
        if project_id != safe_name(project_id):  # an id may come from an address bar
            raise InputError("There is no such project.")
        project = open_project(self._projects / project_id, self._patience_s)
        back_up_daily(project.folder, project.database, time.strftime(DAY))
        return project

    def repair(self, project: Project) -> str:
        """Put a list of photos in place of one that is damaged or gone; see `core.projects.database.repair`."""
        return repair(project)

    def create(self, title: str) -> Project:
        """A new empty project.

        Raises:
            InputError: The title is empty, too long or in use.
            StorageError: The disk is full or can't be written.
        """
        self._checked_title(title)  # before anything is made
        with disk_errors_in_words("making the project"), alone(self.home / "counter.lock"):
            title = self._checked_title(title)  # another window may have been first
            return Project.create(self.free_place(title), title)

    def rename(self, project: Project, title: str) -> None:
        """Give a project another title; its folder keeps its name, so that running work isn't disturbed."""
        if title.strip() != project.title:
            project.keep_setting("title", self._checked_title(title, but=project.id))

    def _checked_title(self, title: str, but: str = "") -> str:
        title = title.strip()
        if not title or len(title) > MAX_TITLE:
            raise InputError(f"A project's name needs 1 to {MAX_TITLE} characters.")
        if title.lower() in {project.title.lower() for project in self.projects() if project.id != but}:
            raise InputError(f"There is already a project called {title}. Choose another name.")
        return title

    def move_to_trash(self, project: Project) -> None:
        """Take a project out of the list; `restore` brings it back as it was.

        Raises:
            InputError: Work is going on in it.
        """
        if any(active_jobs(project.folder, self.home, lambda kind: kind.blocks_trash)):
            raise InputError(f"{project.title} is still being worked on. Wait for it or stop it first.")
        with disk_errors_in_words("moving the project"):
            disk.make_folder(self._trash)
            number = numbered_name(next_number(self.home))  # the last removed is shown first
            disk.replace(project.folder, self._trash / f"{number} {project.id}")

    def places_of(self, project: Project) -> Places:
        """Where a project's runs find and keep what they share, with its pictures read as it says now."""
        return Places(cache=project.cache_folder, engine=self.engine_folder, pictures=pictures_now(project))

    def trash(self) -> list[Project]:
        """The projects in the trash, the last removed first."""
        return [self._project(folder) for folder in sorted(_project_folders(self._trash), reverse=True)]

    def restore(self, project: Project) -> Project:
        """Bring a project back from the trash; its title gets a number when another took it meanwhile."""
        return self.take_in(project, self.free_place(project.id.split(" ", 1)[1]))

    def free_place(self, name: str) -> Path:
        """A folder that a project of such a name could have: there is none like it yet."""
        return self._projects / free_name(safe_name(name), _names_in(self._projects))

    def take_in(self, project: Project, place: Path) -> Project:
        """Move a whole project that nobody works on from elsewhere on this disk to a `free_place`.

        Its title gets a number when another has it.

        Raises:
            StorageError: The disk is full or can't be written; it is where it was.
        """
        titles = {other.title.lower() for other in self.projects()}
        with suppress(InputError):  # one that is damaged, or of a newer app, comes back as it was
            project.keep_setting("title", free_title(project.title, titles))  # before others see it
        with disk_errors_in_words("moving the project"):
            disk.make_folder(self._projects)
            disk.replace(project.folder, place)
        return self._project(place)


def _names_in(folder: Path) -> set[str]:
    """What lies in a folder, in lower case: the remains of a half-made project take a name too."""
    return {child.name.lower() for child in folder.iterdir()} if folder.is_dir() else set()


def _project_folders(folder: Path) -> list[Path]:
    try:
        return [child for child in folder.iterdir() if child.is_dir() and is_project(child)]
    except FileNotFoundError:
        return []


def _changed(folder: Path) -> tuple[bool, float]:
    """When a project was changed; what is said to be in the future is from before the clock was set back."""
    try:
        changed = (folder / "project.db").stat().st_mtime
    except OSError:
        changed = 0.0
    return changed <= time.time() + 1, changed


def _trouble_with(folder: Path, patience_s: float) -> EspalierError | None:
    """Why a project can't be opened now; None where it can."""
    try:
        Project(folder, patience_s).check()
    except EspalierError as error:
        return error
    return None

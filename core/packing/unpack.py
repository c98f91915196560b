"""Open a project from a zip of `pack.py`, which may come from a stranger.

Names are checked before anything is written, sizes while it is, the database in `rows.py`; runs get the places
of their photos anew, by content. Models are taken out before anything could open them, and built anew of their numbers
(`rebuilding.py`); tables are written anew too (`tables.py`). JSON is read by the one reader of records, arrays without
pickles and by what the file holds (`core.engine.arrays`). A project appears whole or not at all.
"""

import json
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from core.base import disk
from core.base.errors import EspalierError, InputError, RunError, StorageError
from core.base.files import disk_errors_in_words
from core.jobs.active import active_jobs
from core.packing.looking_over import look_over
from core.packing.pack import ABOUT, CHUNK, DATABASE, FORMAT, MAX_FILES, PHOTO_FOLDERS, SCRATCH, OnProgress, belongs
from core.packing.rows import SHA256, carry_over
from core.packing.strangers import Strangers
from core.packing.tables import rewrite_tables
from core.projects.database.schema import SCHEMA_VERSION
from core.projects.picture_settings import drop_unusable
from core.projects.project import Project, open_project
from core.projects.workspace import MAX_TITLE, Workspace
from core.runs.photo_places import with_places_below
from core.runs.run import Run, list_runs
from core.runs.trash import trashed_runs
from core.sources.archive_files.limits import FREE_SPACE_KEPT, MAX_RATIO, refuse_overlaps
from core.teachable_machine.folder import external_models

MAX_ABOUT_BYTES = 1_000_000
NOT_A_PROJECT = (
    "{} is not a project that was taken along with Espalier, or it is damaged. Nothing was opened. "
    "For a zip of photos, make a new project and choose the zip there."
)
NOT_LIKE_OURS = "{} holds what no project of Espalier holds ({}), so nothing was opened."
NEWER = "This project was made by a newer version of Espalier. Update the app to open it."


def unpack(
    archive: Path,
    workspace: Workspace,
    staging: Path,
    on_progress: OnProgress | None = None,
    on_look: OnProgress | None = None,
    on_model: OnProgress = lambda done, total: None,
    note: Callable[[str], None] = lambda words: None,
) -> Project:
    """Open a project from a zip as a new one of this workspace; its title has a number when another has it already.

    Args:
        archive: The zip.
        workspace: Where to.
        staging: A folder on the workspace's disk to unpack into; nothing is left in it.
        on_progress: As for `pack`.
        on_look: The same, as its photos are looked at after that.
        on_model: Called with how many models are built anew, and of how many; may raise to stop. It takes seconds each.
            At first with (0, 0), while Keras is loaded.
        note: Called with a sentence for each thing that did not come along.

    Raises:
        InputError: It is no such zip, damaged, holds what could do harm, or a newer app wrote it. Nothing is left.
        StorageError: There isn't room for it.
    """
    try:
        with (
            zipfile.ZipFile(archive) as opened,
            disk_errors_in_words("opening the project"),
            tempfile.TemporaryDirectory(prefix=SCRATCH, dir=staging, ignore_cleanup_errors=True) as folder,
        ):
            refuse_overlaps(opened, archive.stat().st_size, archive.name)
            about = _read_about(opened, archive.name)
            entries = _checked_entries(opened, about, archive.name, staging)
            staged = Path(folder) / "project"
            _extract(opened, entries, staged, on_progress or (lambda done, total: None))
            theirs = Strangers(staged, staged.with_name("strangers"), on_model)
            return _open_staged(staged, workspace, archive.stem, theirs, note, on_look)
    except (EspalierError, MemoryError):
        raise
    except OSError as error:
        if error.filename == str(archive):
            raise InputError(f"{archive.name} can't be opened. Check that it is still there and readable.") from error
        raise
    except Exception as error:  # BadZipFile, zlib.error, struct.error ... by where the damage is
        raise InputError(NOT_A_PROJECT.format(archive.name)) from error


def _read_about(opened: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        entry = opened.getinfo(ABOUT)
        about = json.loads(opened.read(entry)) if entry.file_size <= MAX_ABOUT_BYTES else None
    except (KeyError, ValueError):
        about = None
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise InputError(NOT_A_PROJECT.format(name))
    if about["format"] > FORMAT or not isinstance(about.get("schema"), int) or about["schema"] > SCHEMA_VERSION:
        raise InputError(NEWER)
    return about


def _checked_entries(opened: zipfile.ZipFile, about: dict[str, Any], name: str, folder: Path) -> list[zipfile.ZipInfo]:
    """The files to write, when all of them may be."""
    entries = [entry for entry in opened.infolist() if entry.filename != ABOUT]
    if len(entries) > MAX_FILES:
        raise InputError(f"{name} holds {len(entries):,} files, more than any project ({MAX_FILES:,}).")
    seen: set[str] = set()
    for entry in entries:
        _refuse_unlike_ours(entry, name)
        alike = unicodedata.normalize("NFC", entry.filename).casefold()
        if alike in seen:
            raise InputError(NOT_LIKE_OURS.format(name, f"two files called {entry.filename!r}"))
        seen.add(alike)
    needed = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if needed > 10_000_000 and needed > MAX_RATIO * max(1, packed):
        raise InputError(NOT_LIKE_OURS.format(name, "files that unpack to far more than its own size"))
    if DATABASE not in seen or (len(entries), needed) != (about.get("files"), about.get("bytes")):
        raise InputError(NOT_A_PROJECT.format(name))
    if needed + FREE_SPACE_KEPT > shutil.disk_usage(folder).free:
        raise StorageError(
            f"The project takes {needed / 1e9:.1f} GB, and this disk has less than that to spare. Free some space."
        )
    return entries


def _refuse_unlike_ours(entry: zipfile.ZipInfo, name: str) -> None:
    """Folders, links, locked files, strange compression, and names that `pack` would not have written."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    # `orig_filename`: Python cuts a name at a zero byte and turns backslashes on Windows, so two names could meet
    if entry.orig_filename != entry.filename or not belongs(entry.filename):
        raise InputError(NOT_LIKE_OURS.format(name, f"a file called {entry.orig_filename!r}"))
    if kind not in (0, stat.S_IFREG):
        raise InputError(NOT_LIKE_OURS.format(name, f"{entry.filename!r} is a link"))
    if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(NOT_LIKE_OURS.format(name, f"{entry.filename!r} is locked or compressed in another way"))


def _extract(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, on_progress: OnProgress) -> None:
    total, done = sum(entry.file_size for entry in entries), 0

    def counted_pieces(source: IO[bytes]) -> Iterator[bytes]:
        nonlocal done
        while chunk := source.read(CHUNK):  # at most the declared size; at the end the sum is checked
            yield chunk
            done += len(chunk)
            on_progress(done, total)

    for entry in entries:
        target = folder / entry.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source:
            disk.write_pieces(target, counted_pieces(source))
    if done != total:
        raise EOFError


def _open_staged(
    staged: Path,
    workspace: Workspace,
    name: str,
    theirs: Strangers,
    note: Callable[[str], None],
    on_look: OnProgress | None,
) -> Project:
    """Check and mend what was unpacked, then take it into the list; `name` is its title when it has none."""
    theirs.take_out()
    their_list = staged.with_name("theirs.db")
    disk.move(staged / DATABASE, their_list)
    carry_over(their_list, staged / DATABASE)
    for part in PHOTO_FOLDERS:
        (staged / part).mkdir(exist_ok=True)
    project = open_project(staged)
    drop_unusable(project)
    look_over(project, on_look)
    place = workspace.free_place(project.setting("title") or name)
    runs = [*list_runs(project.runs_folder), *trashed_runs(project)]
    for run in runs:
        _refuse_damaged_settings(run)
        _find_photos_again(project, run, place)
    if any(run.job.state().is_active for run in runs) or list(active_jobs(staged)):
        raise InputError("Work in this zip is said to be going on, which can't be. Nothing was opened.")
    rewrite_tables(staged, note)
    if external_models(project) or any(map(theirs.has_model_of, runs)):
        theirs.on_model(0, 0)
        from core.packing.rebuilding import rebuild_models  # brings Keras, needed only here

        rebuild_models(project, runs, theirs, note)
    project.keep_setting("title", project.setting("title")[:MAX_TITLE].strip() or name[:MAX_TITLE])
    disk.sync_tree(staged)
    return workspace.take_in(project, place)


def _refuse_damaged_settings(run: Run) -> None:
    """Pages read them wherever a run is listed."""
    try:
        run.config().check()
    except EspalierError as error:
        raise InputError(
            f"The settings of the run {run.name} are damaged, or a newer version of Espalier wrote them. Nothing was "
            "opened."
        ) from error


def _find_photos_again(project: Project, run: Run, place: Path) -> None:
    """Write a run's list of photos anew: its places were those of another computer.

    A photo that the project no longer holds keeps its row, with a place at which there is nothing.
    """
    if not run.photos_path.exists():
        return
    try:
        photos = run.photos()
        if not all(SHA256.fullmatch(photo.sha256) for photo in photos):
            raise ValueError
    except (ValueError, RunError) as error:
        raise InputError(f"The list of photos of the run {run.name} is damaged. Nothing was opened.") from error
    run.write_photos(with_places_below(project, photos, place))

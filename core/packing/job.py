"""The jobs that pack a project into a zip, and that open one from a zip."""

from contextlib import suppress
from pathlib import Path

from core.base import checksums, disk
from core.base.events import FINISHED, NOTE, PHASE
from core.jobs.kinds import OPEN, PACK
from core.jobs.progress import Progress, megabytes
from core.packing.folder import TransferFolder
from core.packing.pack import OnProgress, pack
from core.packing.unpack import unpack
from core.projects.photo_files import ready_to_read
from core.projects.workspace import Workspace


def pack_project(home: Path, transfer: TransferFolder) -> None:
    """Write a project into a zip in the job's folder."""
    transfer.clear()
    project = ready_to_read(Workspace(home).open(transfer.request()[0]), transfer.job)
    transfer.job.event_log().write(PHASE, name=PACK.name, words="Packing")
    left = pack(project, transfer.archive, _progress(transfer)).left
    checksums.seal(transfer.archive)
    transfer.job.event_log().write(FINISHED, outcome=transfer.archive.name, left=left)


def open_packed(home: Path, transfer: TransferFolder) -> None:
    """Open a project from a zip; one that was uploaded for it is removed, however this ends."""
    transfer.clear()
    transfer.job.event_log().write(PHASE, name=OPEN.name, words="Opening")
    try:
        project = unpack(
            transfer.own(transfer.request()[0]),
            Workspace(home),
            transfer.folder,
            _progress(transfer),
            _look(transfer),
            _on_model(transfer),
            lambda words: transfer.job.event_log().write(NOTE, words=words),
        )
        transfer.job.event_log().write(FINISHED, outcome=project.id)
    finally:
        with suppress(OSError):  # else the next opening removes it
            disk.remove(transfer.upload)


def _on_model(transfer: TransferFolder) -> OnProgress:
    log, progress = transfer.job.event_log(), Progress(transfer.job.event_log(), transfer.job.check_stop)

    def on_model(done: int, total: int) -> None:
        if not total:
            log.write(PHASE, name="load", words="Loading Keras, which builds the models anew")
            return
        if not done:
            log.write(PHASE, name="models", words="Building the models anew")
        progress(done, total)

    return on_model


def _progress(transfer: TransferFolder) -> Progress:
    return Progress(transfer.job.event_log(), transfer.job.check_stop, shown=megabytes)


def _look(transfer: TransferFolder) -> OnProgress:
    """Progress of a phase of its own, which begins with its first step."""
    begun: list[Progress] = []

    def on_look(done: int, total: int) -> None:
        if not begun:
            transfer.job.event_log().write(PHASE, name="looking", words="Looking at its photos")
            begun.append(_progress(transfer))
        begun[0](done, total)

    return on_look

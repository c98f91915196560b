"""The ways to bring photos into a project. Each writes what came to disk at once and starts an import."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from core.jobs import kinds
from core.projects.imports import FOLDER, UPLOAD, ZIP, ImportFolder, ImportRequest, waiting_import
from core.projects.project import Project
from pages.components.photos import reading_choice
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading
from pages.components.shared.uploads import choose_path, fresh, receive, refuse_too_many
from pages.components.webcam import burst

WEBCAM = ":material/photo_camera: Webcam"


def show(key: str, project: Project, is_first: bool, working: bool) -> None:
    """The fold with the ways in, open for the first photos; while an import is `working` only the webcam waits for it.

    Fold, tab, class and camera stay as they are after each picture of the webcam.
    """
    fold = f"{key}_fold"
    st.session_state.setdefault(fold, is_first and not working)
    if st.session_state.pop(f"{key}_came", False):
        st.session_state[fold] = False
    with st.expander("Add photos", icon=":material/add_photo_alternate:", key=fold, on_change="rerun"):
        _show_ways(key, project, working)


def _show_ways(key: str, project: Project, working: bool) -> None:
    """Tabs for a folder, a zip, a folder on this computer, files of one class, and the webcam."""
    ways = st.tabs(list(WAYS), key=f"{key}_ways", on_change="rerun")
    for way, show_way in zip(ways, WAYS.values(), strict=True):
        with way:
            if working and show_way is not _show_webcam:
                st.caption("Photos are being brought in. More can follow once that is done.")
            else:
                show_way(key, project)


def _show_folder(key: str, project: Project) -> None:
    st.caption(
        "Choose a folder that holds one folder per class, such as apple, banana and orange. Other layouts are read "
        "too: train and test folders, a table of labels, classes in the names of files."
    )
    # No uploader names kinds of files: the browser would leave others out, and nobody would be told.
    if uploads := st.file_uploader("Folder of class folders", None, "directory", key=fresh(f"{key}_folder")):
        _receive(project, uploads, key, "folder")


def _show_archive(key: str, project: Project) -> None:
    st.caption(
        "A zip of such a folder, or a tar, packed or not. Folders called train, validation and test keep their "
        "split. Of RAR and 7z, unpack the archive and drop the folder."
    )
    if upload := st.file_uploader("Zip or tar of class folders", key=fresh(f"{key}_zip")):
        _receive_zip(project, upload, key)


def _show_files(key: str, project: Project) -> None:
    label = _label(f"{key}_files", project)
    uploads = st.file_uploader("Photos of this class", None, True, key=fresh(f"{key}_files"), disabled=not label)
    if uploads and label:
        _receive(project, uploads, key, "files", label)


def _show_webcam(key: str, project: Project) -> None:
    label = _label(f"{key}_webcam", project)
    if label and st.session_state[f"{key}_ways"] == WEBCAM:  # the camera is on only while its tab is open
        burst.show(f"{key}_webcam", project, label)
    else:
        st.caption("Hold the button, and ten pictures a second go to the class; a short press takes one.")


def show_question(key: str, project: Project) -> bool:
    """Show how the newest import that waits for an answer is read; whether there is one."""
    this = waiting_import(project)
    question = this.question() if this else None
    if question is None:
        return False
    with heading.errors_in_words():
        reading_choice.show(key, this, question)
    return True


def _label(key: str, project: Project) -> str:
    """The class that photos shall go to: one there is, or a new name."""
    placeholder = "Choose a class, or type a new name"
    label = photo_grid.choose_class("Class", list(project.class_counts()), f"{key}_label", placeholder)
    return (label or "").strip()


def _show_path(key: str, project: Project) -> None:
    path = choose_path(
        f"{key}_path",
        "Path of a folder of class folders, or of a zip or tar",
        "Import",
        "folder or zip",
        placeholder="/home/me/fruit",
        about="For many photos: they are copied into the project, the folder itself is only read.",
    )
    if path:
        with heading.errors_in_words():
            request = ImportRequest(FOLDER if path.is_dir() else ZIP, str(path.resolve()), asks=True)
            _start(key, ImportFolder.create(project), request)


def _receive(project: Project, uploads: Sequence[UploadedFile], key: str, way: str, label: str = "") -> None:
    with heading.errors_in_words():
        refuse_too_many(uploads)
        this = ImportFolder.create(project)
        names = receive(f"{key}_{way}", uploads, this.incoming)
        _start(key, this, ImportRequest(UPLOAD, "", label, names, asks=not label))


def _receive_zip(project: Project, upload: UploadedFile, key: str) -> None:
    with heading.errors_in_words():
        this = ImportFolder.create(project)
        names = receive(f"{key}_zip", [upload], this.incoming)
        (stored,) = names
        _start(key, this, ImportRequest(ZIP, str(this.incoming / stored), names=names, asks=True))


def _start(key: str, this: ImportFolder, request: ImportRequest) -> None:
    this.write_request(request)
    st.session_state[f"{key}_came"] = True
    current.start(kinds.IMPORT, this)


WAYS: dict[str, Callable[[str, Project], None]] = {
    ":material/folder: Folder": _show_folder,
    ":material/folder_zip: Zip": _show_archive,
    ":material/hard_drive: On this computer": _show_path,
    ":material/add_photo_alternate: One class": _show_files,
    WEBCAM: _show_webcam,
}

"""The ways to bring photos into a project. Each writes what came to disk at once and starts an import."""

from collections.abc import Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from core.jobs import kinds
from core.projects.imports import FOLDER, UPLOAD, ZIP, ImportFolder, ImportRequest, waiting_import
from core.projects.project import Project
from pages.components.photos import reading_choice
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading
from pages.components.shared.uploads import choose_path, fresh, receive, refuse_too_many


def show(key: str, project: Project) -> None:
    """Tabs for a folder, a zip, a folder on this computer, files of one class, and the webcam."""
    folder, archive, path, files, webcam = st.tabs(
        [
            ":material/folder: Folder",
            ":material/folder_zip: Zip",
            ":material/hard_drive: On this computer",
            ":material/add_photo_alternate: One class",
            ":material/photo_camera: Webcam",
        ]
    )
    with folder:
        st.caption(
            "Choose a folder that holds one folder per class, such as apple, banana and orange. Other layouts are read "
            "too: train and test folders, a table of labels, classes in the names of files."
        )
        # No uploader names kinds of files: the browser would leave others out, and nobody would be told.
        if uploads := st.file_uploader("Folder of class folders", None, "directory", key=fresh(f"{key}_folder")):
            _receive(project, uploads, key=f"{key}_folder")
    with archive:
        st.caption(
            "A zip of such a folder, or a tar, packed or not. Folders called train, validation and test keep their "
            "split. Of RAR and 7z, unpack the archive and drop the folder."
        )
        if upload := st.file_uploader("Zip or tar of class folders", key=fresh(f"{key}_zip")):
            _receive_zip(project, upload, key=f"{key}_zip")
    with path:
        _show_path(key, project)
    with files:
        label = _label(f"{key}_files", project)
        uploads = st.file_uploader("Photos of this class", None, True, key=fresh(f"{key}_files"), disabled=not label)
        if uploads and label:
            _receive(project, uploads, key=f"{key}_files", label=label)
    with webcam:
        label = _label(f"{key}_webcam", project)
        if label and st.toggle("Use the webcam", key=f"{key}_webcam_on"):
            shot = st.camera_input(f"A photo of {label}", key=fresh(f"{key}_webcam"))
            if shot and st.button(f"Add it to {label}", type="primary", key=f"{key}_webcam_add"):
                _receive(project, [shot], key=f"{key}_webcam", label=label)


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
            _start(ImportFolder.create(project), request)


def _receive(project: Project, uploads: Sequence[UploadedFile], key: str, label: str = "") -> None:
    with heading.errors_in_words():
        refuse_too_many(uploads)
        this = ImportFolder.create(project)
        _start(this, ImportRequest(UPLOAD, "", label, receive(key, uploads, this.incoming), asks=not label))


def _receive_zip(project: Project, upload: UploadedFile, key: str) -> None:
    with heading.errors_in_words():
        this = ImportFolder.create(project)
        names = receive(key, [upload], this.incoming)
        (stored,) = names
        _start(this, ImportRequest(ZIP, str(this.incoming / stored), names=names, asks=True))


def _start(this: ImportFolder, request: ImportRequest) -> None:
    this.write_request(request)
    current.start(kinds.IMPORT, this)

"""A box for each class: its name, its newest photos, and the ways to add some; and one for a folder of all classes."""

from collections.abc import Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from core.base.errors import InputError
from core.base.names import free_title
from core.base.words import counted
from core.jobs import kinds
from core.jobs.job import State
from core.projects import edits
from core.projects.imports import UPLOAD, ImportFolder, ImportRequest, imports
from core.projects.project import Project
from pages.components.photos import bringing_in
from pages.components.pictures.grid import choose_page, show_small
from pages.components.shared import current, heading
from pages.components.shared.markdown import plain
from pages.components.shared.uploads import fresh, receive, refuse_too_many
from pages.components.webcam import burst

FILES, FOLDER, WEBCAM = ":material/upload: Files", ":material/folder: Folder", ":material/photo_camera: Webcam"
NEWEST, PICTURE = 5, 56  # photos of a box, and their width in pixels
FEWEST = 2  # boxes: fewer tell nothing apart
PER_PAGE = 12  # boxes, where there are many classes
MOST_BOXES = 1000

Box = dict[str, str]  # "id", which stays, and "name"


def show(key: str, project: Project, working: bool) -> None:
    """All boxes; while an import is `working`, names stay as they are."""
    counts = project.class_counts()
    with st.container():  # also where it is empty, so that what follows keeps its place
        if not counts:
            _show_all_at_once(key, project)
    boxes = _boxes(key, list(counts))
    for box in boxes[choose_page(key, len(boxes), PER_PAGE)]:
        with st.container(border=True, gap="xsmall", key=f"{key}_box_{box['id']}"):
            _show_box(f"{key}_{box['id']}", project, box, boxes, counts.get(box["name"], 0), working)
    st.button("Add a class", icon=":material/add:", key=f"{key}_add", on_click=_add, args=(key,))


def uses_webcam(key: str) -> bool:
    """Whether the webcam is open in one of the boxes."""
    return any(st.session_state.get(f"{key}_{box['id']}_way") == WEBCAM for box in st.session_state.get(key, []))


def _boxes(key: str, labels: list[str]) -> list[Box]:
    """The boxes of this tab: those of all classes with photos, where they were, and those that are still empty."""
    boxes: list[Box] = st.session_state.setdefault(key, [])
    known = {box["name"] for box in boxes}
    empty = [box for box in boxes if box["name"] not in labels and not st.session_state.get(f"{key}_{box['id']}_named")]
    for label in labels:
        if label in known:
            continue
        if empty:  # a folder came: its classes take the place of boxes that nobody has touched
            empty.pop(0)["name"] = label
        else:
            boxes.append(_new(boxes, label))
    while len(boxes) < FEWEST:
        boxes.append(_new(boxes))
    return boxes


def _new(boxes: list[Box], name: str = "") -> Box:
    number = max([int(box["id"]) for box in boxes], default=0) + 1
    names = {box["name"].lower() for box in boxes}
    return {"id": str(number), "name": name or free_title(f"Class {len(boxes) + 1}", names)}


def _add(key: str) -> None:
    boxes = st.session_state[key]
    if len(boxes) < MOST_BOXES:
        boxes.append(_new(boxes))


def _show_box(key: str, project: Project, box: Box, boxes: list[Box], n: int, working: bool) -> None:
    name, count = st.columns([3, 1], vertical_alignment="center")
    text = f"{fresh(f'{key}_text')} {box['name']}"  # another for each name: what was typed before can't come back
    name.text_input(
        f"Name of class {box['id']}",
        box["name"],
        key=text,
        label_visibility="collapsed",
        disabled=working and n > 0,
        on_change=heading.in_words(_rename),
        args=(key, text, project, box, boxes),
    )
    count.caption(counted(n, "photo"))
    with st.container(horizontal=True, gap="xsmall"):  # also where it is empty
        _show_newest(project, box["name"], n)
    ways = [FILES, FOLDER, WEBCAM]
    way = st.segmented_control(
        f"How photos of {plain(box['name'])} come",
        ways,
        default=FILES,
        required=True,
        key=f"{key}_way",
        label_visibility="collapsed",
    )
    if way == WEBCAM:
        burst.show(f"{key}_webcam", project, box["name"])
        return
    how = "directory" if way == FOLDER else True
    words = f"{'A folder' if way == FOLDER else 'Photos'} of {plain(box['name'])}"
    uploads = st.file_uploader(words, None, how, key=fresh(f"{key}_{way}"), label_visibility="collapsed")
    if uploads:
        with heading.errors_in_words():
            _bring_in(project, uploads, f"{key}_{way}", box["name"])


def _show_newest(project: Project, label: str, n: int) -> None:
    for photo in project.photos(label, offset=max(0, n - NEWEST)) if n else ():
        show_small(project.thumbnail(photo), PICTURE, is_square=True)


def _rename(key: str, text: str, project: Project, box: Box, boxes: list[Box]) -> None:
    """Give a class the name that was typed; one that can't be given is put back, and the reason is said."""
    typed = st.session_state[text]
    st.session_state[f"{key}_text"] = st.session_state.get(f"{key}_text", 0) + 1
    new = edits.checked_label(typed)
    if new == box["name"]:
        return
    if new in {other["name"] for other in boxes}:
        raise InputError(f"There is a class called {new} already. Put its photos into that box.")
    if box["name"] in project.class_counts():
        edits.rename_class(project, box["name"], new)
    box["name"] = new
    st.session_state[f"{key}_named"] = True


def _bring_in(project: Project, uploads: Sequence[UploadedFile], key: str, label: str) -> None:
    """Write uploads to the disk and add them to a class, after what is being brought in already."""
    refuse_too_many(uploads)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(UPLOAD, "", label, receive(key, uploads, this.incoming)))
    burst.add_own(this.folder.name)
    burst.start_waiting(project)
    st.rerun()


def _show_all_at_once(key: str, project: Project) -> None:
    """A folder that holds a folder for each class fills all boxes."""
    uploads = st.file_uploader(
        "All at once: a folder with one folder per class", None, "directory", key=fresh(f"{key}_all")
    )
    if uploads:
        with heading.errors_in_words():
            refuse_too_many(uploads)
            this = ImportFolder.create(project)
            this.write_request(ImportRequest(UPLOAD, names=receive(f"{key}_all", uploads, this.incoming)))
            current.start(kinds.IMPORT, this)


def show_question(key: str, project: Project) -> bool:
    """Ask how a folder is read that can be read in several ways; whether that is open."""
    newest = next(iter(imports(project)), None)
    if newest is not None and newest.job.state() is State.FAILED and _is_whole_folder(newest):
        newest.write_request(ImportRequest(UPLOAD, names=newest.request().names, asks=True))
        current.start(kinds.IMPORT, newest)
    return bringing_in.show_question(key, project)


def _is_whole_folder(this: ImportFolder) -> bool:
    """Whether it is an upload that was to be read as is likely, and has not been asked about."""
    request = this.kept_request()
    return isinstance(request, dict) and request.get("kind") == UPLOAD and not (request.get("label") or request["asks"])

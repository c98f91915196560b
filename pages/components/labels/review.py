"""Photos whose class may be wrong, one at a time: what it is, what it looks like, and what shall become of it."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from PIL import ImageOps

from core.base.words import counted
from core.label_issues.folder import KEEP, UNSURE, LabelIssuesFolder, as_now, equal_photos, queue_of, why_in_words
from core.photos.decoding import PhotoError
from core.photos.inspection import screen_picture
from core.projects import edits
from core.projects.picture_settings import pictures_of
from core.projects.project import Project
from pages.components.labels import left
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.apart import decoders
from pages.components.shared import heading
from pages.components.shared.markdown import plain

WIDEST, HIGHEST = 640, 460  # pixels of the picture, small ones enlarged: buttons fit a screen with it
NEIGHBOUR = 100  # pixels


def show(key: str, project: Project, labels: LabelIssuesFolder) -> bool:
    """Show the next photo with what can be done, and how far one has come; whether none is left undecided."""
    if labels.lost_words:
        st.warning(
            "What you said of these photos before (decisions.json) is damaged, so they are asked about again. The file "
            "is kept.",
            icon=":material/warning:",
        )
    suspects = as_now(project, _suspects(str(labels.result_path), labels.result_path.stat().st_mtime))
    queue = queue_of(project, suspects, labels.decisions())
    st.progress(queue.looked / queue.n, text=f"{queue.looked:,} of {queue.n:,} looked at")
    if queue.next is not None:
        if queue.looked == queue.n:
            st.info(f"All looked at. You were not sure about {counted(queue.unsure, 'photo')}; here they are again.")
        with heading.errors_in_words():
            _show_photo(key, project, labels, next(suspects.iloc[queue.next : queue.next + 1].itertuples()))
    _show_last(key, project, labels)
    if queue.left:
        st.subheader(f"{counted(len(queue.left), 'photo')} left, to decide on many at once", anchor=False)
        left.show(f"{key}_left", project, labels, suspects)
    return queue.next is None


@st.cache_data(max_entries=4, show_spinner=False)
def _suspects(path: str, changed: float) -> pd.DataFrame:
    return LabelIssuesFolder(Path(path).parent).suspects()


def _show_photo(key: str, project: Project, labels: LabelIssuesFolder, row: Any) -> None:
    photo = equal_photos(project, row.sha256, row.label)[0]
    picture, beside = st.columns([5, 4], gap="medium")
    with picture:
        try:
            size = WIDEST, HIGHEST
            image = decoders().call(screen_picture, project.path(photo), size, pictures_of(project))
            st.image(ImageOps.contain(image, size), alt=f"{row.label}, looks like {row.looks_like}")
        except PhotoError:
            where = plain(str(project.path(photo).parent))
            st.markdown(f":material/broken_image: The file is no longer there. It was in {where}.")
        st.caption(plain(photo.name))
    with beside:
        st.markdown(f"#### It is in {plain(row.label)}. Is it {plain(row.looks_like)}?")
        st.markdown(plain(f"{why_in_words(row)}."))
        _show_buttons(key, project, labels, row, photo.name)
        for label, contents in ((row.label, row.near_own), (row.looks_like, row.near_other)):
            if len(contents):
                st.markdown(f"**{plain(label)}** that are most like it")
                photo_grid.show_strip([(project.thumbnail_of(content), "") for content in contents], width=NEIGHBOUR)


def _show_buttons(key: str, project: Project, labels: LabelIssuesFolder, row: Any, name: str) -> None:
    """What can be done; a key does what its button does."""
    these = [photo.id for photo in equal_photos(project, row.sha256, row.label)]
    with st.container(horizontal=True, gap="small"):
        if st.button(
            f"Move to {plain(row.looks_like)}",
            type="primary",
            icon=":material/drive_file_move:",
            shortcut="M",
            key=f"{key}_move",
        ):
            edits.move(project, these, row.looks_like)
            st.rerun()
        if st.button(f"Keep in {plain(row.label)}", icon=":material/check:", shortcut="K", key=f"{key}_keep"):
            labels.decide(row.sha256, row.label, KEEP, name)
            st.rerun()
        if st.button("Set aside", icon=":material/inventory_2:", shortcut="A", key=f"{key}_aside"):
            edits.set_aside(project, these, left.WHY_ASIDE)
            st.rerun()
        if st.button(
            "Not sure", icon=":material/help:", shortcut="N", key=f"{key}_unsure", help="It comes again at the end."
        ):
            labels.decide(row.sha256, row.label, UNSURE, name)
            st.rerun()
    others = [label for label in project.class_counts() if label not in (row.label, row.looks_like)]
    # A box of its own for each photo: the next one begins with none chosen.
    placeholder = "Move to another class, or a new one"
    target = photo_grid.choose_class("It is something else", others, f"{key}_other_{row.sha256}", placeholder)
    if target:
        edits.move(project, these, target)
        st.rerun()


def _show_last(key: str, project: Project, labels: LabelIssuesFolder) -> None:
    """What was done last, whether a photo changed by it or not, and the way back."""
    said, edit = labels.decisions(), edits.last_edit(project)
    if not said or (edit is not None and said[-1].is_before(edit)):
        photo_grid.show_last_change(f"{key}_last", project)
        return
    did = left.in_words(labels.last_said())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Last decision: {plain(did)}.", width="content")
        if st.button("Undo", icon=":material/undo:", key=f"{key}_take_back"):
            with heading.errors_in_words():
                labels.take_back()
                st.rerun()

"""Photos whose files are damaged: how many, of which classes, and how that is put right."""

import time

import streamlit as st

from core.base.words import counted
from core.projects import edits
from core.projects.photo_files import damage_in_words, damaged_photos
from core.projects.project import Photo, Project
from pages.components.pictures.grid import ASIDE
from pages.components.shared import remembered
from pages.components.shared.markdown import plain

WHY = "its file is missing, empty or changed"  # of a photo that was set aside for it
AGAIN_S = 30  # seconds after which a page that is run again looks at all files anew; jobs that read them always do


def show(key: str, project: Project) -> bool:
    """Say it, with a button that sets them aside; nothing where every file is whole. Whether there was something."""
    damaged = remembered.of_photos(_found, project, int(time.monotonic() / AGAIN_S))
    if not damaged:
        return False
    with st.container(key=f"{key}_damaged"):
        st.warning(plain(damage_in_words(damaged)), icon=":material/broken_image:")
        if st.button(f"Set aside {counted(len(damaged), 'photo')}", icon=ASIDE, key=f"{key}_damaged_aside"):
            edits.set_aside(project, [photo.id for photo in damaged], WHY)
            st.rerun()
    return True


def _found(project: Project, when: int) -> list[Photo]:
    """The damaged photos as of then."""
    return damaged_photos(project)

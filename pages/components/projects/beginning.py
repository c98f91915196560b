"""The ways to begin a project, and for who has none yet three pictures of what will happen."""

from pathlib import Path

import streamlit as st

from core.base.names import free_title
from core.jobs import kinds
from core.projects.imports import DEMO, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.workspace import MAX_TITLE
from pages.components.shared import current, heading

DEMO_TITLE = "Garden visitors (demo)"
UNNAMED = "My photos"  # what a project is called until it gets a name
PICTURES = Path(__file__).with_name("pictures")
WHAT_HAPPENS = (  # the picture's file, its words for who can't see it, a title, and a sentence
    ("bring.svg", "Photos go into two boxes, one for each class", "1  Bring photos", "Some of each thing, in boxes."),
    ("learn.svg", "A small tree grows from the photos", "2  It learns", "On this computer, in a minute or so."),
    ("try.svg", "A new photo and three bars, one much longer", "3  Try it", "Show it a new photo: how sure is it?"),
)


def show_start() -> None:
    """What will happen, in three pictures, and the ways to begin: for who has no project yet."""
    st.html(Path(__file__).with_name("start.css"))
    with st.container(key="what_happens"):
        for column, (file, alt, title, words) in zip(st.columns(3), WHAT_HAPPENS, strict=True):
            with column.container(border=True, height="stretch"):
                st.image(str(PICTURES / file), width="stretch", alt=alt)
                st.markdown(f"**{title}**  \n{words}")
    show_ways()


def show_ways() -> None:
    """A name, which can wait, and a button for each way to begin."""
    with st.form("new_project", border=False):
        title = st.text_input(
            "What will it tell apart?", max_chars=MAX_TITLE, placeholder="Fruit from our orchard (or name it later)"
        )
        with st.container(horizontal=True):
            quick = st.form_submit_button("Quick start", type="primary", icon=":material/bolt:")
            own = st.form_submit_button("New project with your own folder", icon=":material/folder:")
            demo = st.form_submit_button("Demo project", icon=":material/draw:")
    st.caption(
        "*Quick start*: webcam, files or folders, on one screen. *Your own folder*: a folder per class, step by step. "
        "*Demo*: bees, butterflies, ladybirds and snails, **drawn by this program, not photographed**."
    )
    with heading.errors_in_words():
        if quick or own:
            go_to(new_project(title), "quick_start" if quick else "photos")
        if demo:
            go_to(demo_project(), "photos")


def go_to(project: Project, page: str) -> None:
    """Make a project the current one and go to a page of it, by the name of its file."""
    current.choose(project)
    st.switch_page(f"pages/{page}.py")


def new_project(title: str) -> Project:
    """An empty project of this title; without one it gets a name that can be changed later."""
    workspace = current.workspace()
    if title.strip():
        return workspace.create(title)
    return workspace.create(free_title(UNNAMED, {project.title.lower() for project in workspace.projects()}))


def demo_project() -> Project:
    """The demo, drawn now if there is none yet."""
    workspace = current.workspace()
    for project in workspace.projects():
        if project.title == DEMO_TITLE:
            return project
    project = workspace.create(DEMO_TITLE)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(DEMO))
    current.jobs().submit(kinds.IMPORT, this.folder)
    return project

"""Projects: begin a new one, look at the demo, come back to an old one."""

from functools import partial

import streamlit as st

from core.base.errors import DamagedError, EspalierError
from core.base.words import counted
from core.jobs import kinds
from core.projects.imports import DEMO, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.workspace import MAX_TITLE, TroubledProject
from core.runs.run import list_runs
from pages.components.projects import packing as project_to_go
from pages.components.projects import room, troubled
from pages.components.shared import buttons, current, heading
from pages.components.shared.markdown import plain

DEMO_TITLE = "Garden visitors (demo)"


def begin(project: Project) -> None:
    """Make a project the current one and go to its photos."""
    current.choose(project)
    st.switch_page("pages/photos.py")


def show_new() -> None:
    """The two ways to begin."""
    left, right = st.columns(2, gap="large")
    with left.container(border=True), st.form("new_project", border=False):
        st.subheader("A project of your own")
        title = st.text_input("What will it tell apart?", max_chars=MAX_TITLE, placeholder="Fruit from our orchard")
        if st.form_submit_button("Create project", type="primary"):
            with heading.errors_in_words():
                begin(current.workspace().create(title))
    with right.container(border=True):
        st.subheader("Just looking")
        st.markdown(
            "A demo of four garden visitors: bees, butterflies, ladybirds and snails. "
            "The 240 pictures are **drawn by this program, not photographed**."
        )
        if st.button("Open the demo", icon=":material/draw:"):
            with heading.errors_in_words():
                begin(demo_project())


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


def show_project(project: Project) -> None:
    """One project as a card, or as a line with what is wrong where its list of photos can't be read."""
    try:
        troubled.check(project)
        counts = project.class_counts()
    except EspalierError as error:
        troubled.show(TroubledProject(project, str(error), isinstance(error, DamagedError)))
        return
    show_card(project, counts)


def show_card(project: Project, counts: dict[str, int]) -> None:
    """A project that can be opened, with the photos that its classes have."""
    reports = [report for run in list_runs(project.runs_folder) if (report := run.report())]
    with st.container(border=True):
        words, buttons = st.columns([3, 2], vertical_alignment="center")
        words.markdown(f"**{plain(project.title)}**")
        about = f"{counted(sum(counts.values()), 'photo')} in {counted(len(counts), 'class', 'classes')}"
        if reports:
            about += f" · last run {reports[0].outcome_in_words}"
        words.caption(about)
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open_{project.id}"):
                begin(project)
            with st.popover("More", icon=":material/more_horiz:"):
                show_more(project)
        with heading.errors_in_words():
            troubled.show_repaired(project)
        project_to_go.show_pack(current.workspace(), project)


def show_more(project: Project) -> None:
    """Rename a project, take it along, or move it to the trash."""
    title = st.text_input("Name", project.title, max_chars=MAX_TITLE, key=f"title_{project.id}")
    workspace = current.workspace()
    buttons.show_action("Rename", lambda: workspace.rename(project, title), key=f"rename_{project.id}")
    buttons.show_action(
        "Take it along",
        lambda: project_to_go.ask_for_zip(workspace, project),
        key=f"pack_{project.id}",
        icon=":material/luggage:",
        help="All of it, runs included, in one zip: for another computer, or to keep",
    )
    to_trash, icon = partial(workspace.move_to_trash, project), ":material/delete:"
    buttons.show_action("Move to trash", to_trash, key=f"trash_{project.id}", icon=icon)


heading.show("Espalier", "Teach this computer to tell your pictures apart: photos in, a tested classifier out.")
with heading.errors_in_words():
    show_new()
    projects, bad = current.workspace().projects_and_troubled()
    if projects or bad:
        st.subheader("Your projects")
    for each in projects:
        show_project(each)
    for each in bad:
        troubled.show(each)
    project_to_go.show_open("open_zip", current.workspace())
    buttons.show_trash(
        {project.id: project for project in current.workspace().trash()},
        "Nothing here is deleted. A project comes back just as it was.",
        lambda project: current.choose(current.workspace().restore(project)),
    )
    room.show("room", current.workspace().home)

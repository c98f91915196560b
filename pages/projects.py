"""Projects: begin a new one, look at the demo, come back to an old one where one left it off."""

import streamlit as st

from pages.components.projects import beginning, cards, packing, room, troubled
from pages.components.shared import buttons, current, heading

heading.show("Espalier", "Teach this computer to tell your pictures apart: photos in, a tested classifier out.")
with heading.errors_in_words():
    workspace = current.workspace()
    projects, bad = workspace.projects_and_troubled()
    if projects or bad:
        with st.container(border=True):
            st.subheader("A new project")
            beginning.show_ways()
        st.subheader("Your projects")
    else:
        beginning.show_start()
    for each in projects:
        cards.show(each)
    for each in bad:
        troubled.show(each)
    packing.show_open("open_zip", workspace)
    buttons.show_trash(
        {project.id: project for project in workspace.trash()},
        "Nothing here is deleted. A project comes back just as it was.",
        lambda project: current.choose(workspace.restore(project)),
    )
    room.show("room", workspace.home)

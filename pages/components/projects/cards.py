"""A project as a card: four of its photos, what it holds, its best model, and where the user left it off."""

import io
from functools import partial
from pathlib import Path

import streamlit as st
from PIL import Image, ImageOps

from core.base.errors import DamagedError, EspalierError
from core.base.files import holds_something
from core.base.words import counted
from core.projects.project import Project
from core.projects.workspace import MAX_TITLE, TroubledProject
from core.runs.choosing.in_use import model_in_use
from core.runs.choosing.names import RunName
from pages.components.projects import packing, troubled
from pages.components.projects.beginning import go_to
from pages.components.shared import buttons, current, heading, left_off
from pages.components.shared.markdown import plain
from pages.components.shared.steps import OF_A_PROJECT

PHOTOS = 4  # of a card
SIDE, GAP = 160, 6  # pixels of each of them, and between two
LOOKED_AT = 12  # photos among which those four are looked for: a small picture may be missing


def show(project: Project) -> None:
    """One project as a card, or as a line with what is wrong where its list of photos can't be read."""
    try:
        troubled.check(project)
        counts = project.class_counts()
        pictures = _pictures(project, list(counts))
    except EspalierError as error:
        troubled.show(TroubledProject(project, str(error), isinstance(error, DamagedError)))
        return
    with st.container(border=True, key=f"card_{project.id}"):
        photos, words, way = st.columns([3, 4, 3], vertical_alignment="center")
        with photos:
            _show_pictures(project, pictures)
        with words.container(gap="xxsmall"):
            _show_words(project, counts)
        with way.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Open", key=f"open_{project.id}"):
                go_to(project, left_off.page_of(project))
            with st.popover("More", icon=":material/more_horiz:"):
                _show_more(project)
        with heading.errors_in_words():
            troubled.show_repaired(project)
        packing.show_pack(current.workspace(), project)


def _show_words(project: Project, counts: dict[str, int]) -> None:
    st.markdown(f"**{plain(project.title)}**")
    lines = [f"{counted(len(counts), 'class', 'classes')} · {counted(sum(counts.values()), 'photo')}"]
    if used := model_in_use(project):
        name = RunName.of(used.run, used.report)
        lines.append(f"Model in use: {plain(name.title or name.kind)} · {plain(used.report.outcome_in_words)}")
    lines.append(f"You were at *{OF_A_PROJECT[left_off.page_of(project)]}*")
    st.caption("  \n".join(lines))


def _pictures(project: Project, labels: list[str]) -> list[Path]:
    """Small pictures of up to four photos, of as many classes as there are."""
    of_class = [project.photos(label, limit=LOOKED_AT) for label in labels[:PHOTOS]]
    in_turn = [photos[i] for i in range(LOOKED_AT) for photos in of_class if i < len(photos)]
    found = (project.thumbnail(photo) for photo in in_turn)
    return [path for path, _ in zip(filter(holds_something, found), range(PHOTOS), strict=False)]


def _show_pictures(project: Project, pictures: list[Path]) -> None:
    if not pictures:
        st.markdown(":material/image: no photos yet")
        return
    st.image(_strip([str(path) for path in pictures]), width="stretch", alt=f"Photos of {project.title}")


@st.cache_data(max_entries=200, show_spinner=False)
def _strip(paths: list[str]) -> bytes:
    """A PNG of square pictures side by side on nothing; a thumbnail is named by its content and stays as it is."""
    strip = Image.new("RGBA", (PHOTOS * SIDE + (PHOTOS - 1) * GAP, SIDE))
    for place, path in enumerate(paths):
        try:
            with Image.open(path) as picture:
                square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE))
        except (OSError, ValueError):  # a damaged small picture leaves its place empty
            continue
        strip.paste(square, (place * (SIDE + GAP), 0))
    encoded = io.BytesIO()
    strip.save(encoded, "PNG")
    return encoded.getvalue()


def _show_more(project: Project) -> None:
    """Rename a project, take it along, or move it to the trash."""
    title = st.text_input("Name", project.title, max_chars=MAX_TITLE, key=f"title_{project.id}")
    workspace = current.workspace()
    buttons.show_action("Rename", lambda: workspace.rename(project, title), key=f"rename_{project.id}")
    buttons.show_action(
        "Take it along",
        lambda: packing.ask_for_zip(workspace, project),
        key=f"pack_{project.id}",
        icon=":material/luggage:",
        help="All of it, runs included, in one zip: for another computer, or to keep",
    )
    to_trash, icon = partial(workspace.move_to_trash, project), ":material/delete:"
    buttons.show_action("Move to trash", to_trash, key=f"trash_{project.id}", icon=icon)

"""Try it: ask the trained model about new photos."""

import streamlit as st

from core.projects.project import Project
from core.runs.run import Run
from pages.components.asking import large_answer
from pages.components.asking.answered import AnsweredPhoto, answers, load
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading, run_picker
from pages.components.shared.markdown import plain
from pages.components.try_it import answer_gallery, batches, downloads, other_programs, unsure_share, ways_in

LARGE = 3  # photos that are shown large, one below the other
PER_PAGE = 24


def show_page_photos(key: str, run: Run, photos: list[AnsweredPhoto], threshold: float) -> None:
    """The few photos of this page: large, or as a gallery."""
    if len(photos) <= LARGE:
        for photo in photos:
            large_answer.show_answer(key, run, photo, threshold)
    else:
        page = photo_grid.choose_page(key, len(photos), PER_PAGE)
        answer_gallery.show(key, run, photos[(page - 1) * PER_PAGE : page * PER_PAGE], threshold)
    downloads.show_few(f"{key}_down", run.class_names(), photos, threshold)


def show_all(project: Project) -> None:
    """Everything below the heading."""
    run = run_picker.show("try_run", project)
    model, threshold, key = load(run), unsure_share.threshold(), f"try_{project.id}"
    knows_strange = run.detector_path.exists()
    shown, many_first = ways_in.show(key, project, run, threshold)
    tells = many_first and batches.show(key, project, threshold)
    photos = answers(run, shown)
    if photos:
        show_page_photos(f"{key}_{run.name}", run, photos, threshold)
    elif not many_first:
        otherwise = "it says when it is not sure" if knows_strange else "it will choose one of them"
        st.caption(plain(f"It knows {', '.join(model.class_names)}. Whatever else it is shown, {otherwise}."))
    if not many_first:
        tells = batches.show(key, project, threshold)
    unsure_share.show(tells or knows_strange)
    other_programs.show(run)


heading.show("Try it", "Show it photos that it has never seen. They stay on this computer.")
project = current.project_or_stop()
with heading.errors_in_words():
    show_all(project)

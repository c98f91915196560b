"""Try it: ask the trained model about new photos."""

import streamlit as st

from core.projects.project import Project
from core.runs.run import Run
from pages.components.asking import large_answer as try_detail
from pages.components.asking.answered import answers, load
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading, run_picker
from pages.components.shared.markdown import plain
from pages.components.try_it import answer_gallery as try_gallery
from pages.components.try_it import batches as try_batches
from pages.components.try_it import downloads as try_downloads
from pages.components.try_it import other_programs
from pages.components.try_it import unsure_share as try_sureness
from pages.components.try_it import ways_in as try_inputs

LARGE = 3  # photos that are shown large, one below the other
PER_PAGE = 24


def show_page_photos(key: str, run: Run, photos: list, threshold: float) -> None:
    """The few photos of this page: large, or as a gallery."""
    if len(photos) <= LARGE:
        for photo in photos:
            try_detail.show_answer(key, run, photo, threshold)
    else:
        page = photo_grid.choose_page(key, len(photos), PER_PAGE)
        try_gallery.show(key, run, photos[(page - 1) * PER_PAGE : page * PER_PAGE], threshold)
    try_downloads.show_few(f"{key}_down", run.labels(), photos, threshold)


def show_all(project: Project) -> None:
    """Everything below the heading."""
    run = run_picker.show("try_run", project)
    model, threshold, key = load(run), try_sureness.threshold(), f"try_{project.id}"
    knows_strange = run.detector_path.exists()
    asked, many_first = try_inputs.show(key, project, run, threshold)
    tells = many_first and try_batches.show(key, project, threshold)
    photos = answers(run, asked)
    if photos:
        show_page_photos(f"{key}_{run.name}", run, photos, threshold)
    elif not many_first:
        otherwise = "it says when it is not sure" if knows_strange else "it will choose one of them"
        st.caption(plain(f"It knows {', '.join(model.labels)}. Whatever else it is shown, {otherwise}."))
    if not many_first:
        tells = try_batches.show(key, project, threshold)
    try_sureness.show(tells or knows_strange)
    other_programs.show(run)


heading.show("Try it", "Show it photos that it has never seen. They stay on this computer.")
project = current.project_or_stop()
with heading.errors_in_words():
    show_all(project)

"""The photos behind a number, most wrong first: look at each, and put right what is wrong with the photo itself."""

from typing import Any

import pandas as pd
import streamlit as st

from core.base.files import holds_something
from core.base.subsets import TRAIN
from core.base.words import counted, percent
from core.engine.nearest_photos import features_of_base, nearest
from core.photos.decoding import PhotoError, open_photo
from core.projects import edits
from core.projects.project import Photo, Project
from core.runs.photo_places import photos_evaluated, what_became_of
from core.runs.predictions import most_wrong_first, probabilities_of
from core.runs.report import Report
from core.runs.run import Run
from pages.components.pictures import grid as photo_grid
from pages.components.pictures import large
from pages.components.results import confusion_matrix
from pages.components.shared import charts, heading
from pages.components.shared.markdown import plain

PER_PAGE = 12
WIDEST, HIGHEST = 900, 640  # pixels of the picture: with the rest of the window it fits a screen
NEAREST = 5


def show(key: str, project: Project, run: Run, report: Report, answers: pd.DataFrame) -> None:
    """The confusion matrix, and the photos behind whatever is chosen in it."""
    edits.repair(project)
    st.subheader("Where it errs")
    truth, answer = confusion_matrix.show(key, report.class_names, report.test.confusion)
    rows = most_wrong_first(answers, truth, answer)
    if truth is None and answer is None and rows.empty:
        st.markdown("It made **no mistake** on these photos.")
        return
    st.markdown(f"#### {_chosen_in_words(truth, answer, len(rows))}")
    if not rows.empty:
        show_gallery(f"{key}_{truth}_{answer}", project, run, report, rows)


def _chosen_in_words(truth: str | None, answer: str | None, n: int) -> str:
    photos = counted(n, "photo")
    if truth is None and answer is None:
        return f"The {photos} it got wrong, the surest mistakes first"
    if answer is None:
        return f"{photos} of {plain(truth or '')}, mistakes first"
    if truth is None:
        return f"{photos} called {plain(answer)}, mistakes first"
    return f"{photos} of {plain(truth)} called {plain(answer)}"


def show_gallery(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame) -> None:
    """One page of `most_wrong_first`, each photo with its truth, its answer and how sure that was."""
    page = photo_grid.choose_page(key, len(rows), PER_PAGE)
    shown = rows.iloc[page]
    photos = photos_evaluated(project, zip(shown["sha256"], shown["truth"], strict=True))
    photo_grid.show_last_change(key, project)
    with heading.errors_in_words():
        _show_actions(key, project, [photo.id for photo in photos if photo and photo.width])
    with st.container(horizontal=True, gap="small", key=f"{key}_photos"):
        for position, (row, photo) in enumerate(zip(shown.itertuples(), photos, strict=True), page.start):
            with st.container(width=photo_grid.CELL, gap="xxsmall"):
                _show_photo(f"{key}_{position}", key, project, row, photo)
                if st.button("Look closer", key=f"{key}_open_{position}", icon=":material/zoom_in:", type="tertiary"):
                    show_large(key, project, run, report, rows, position)


def _show_photo(box: str, key: str, project: Project, row: Any, photo: Photo | None) -> None:
    """A photo with its words; `box` is the key of its check box, `key` that of the selection."""
    thumbnail = project.thumbnail_of(row.sha256)
    if holds_something(thumbnail):
        st.image(str(thumbnail), width=photo_grid.CELL, alt=f"{row.truth}, called {row.answer}")
    else:
        st.markdown(":material/broken_image: no picture")
    st.markdown(in_words(row))
    if photo is None:
        st.caption("no longer in the project")
        return
    if since := what_became_of(photo, row.truth):
        st.caption(plain(since))
    photo_grid.show_box(key, box, photo, "Select")


def in_words(row: Any) -> str:
    """What a photo is and what it was called, as Markdown; `row` is one of `read_answers`."""
    called = "rightly called so" if row.right else f"taken for **{plain(row.answer)}**"
    return f"**{plain(row.truth)}**, {called}, {percent(row.sure)} sure".replace(" %", "\N{NO-BREAK SPACE}%")


def _show_actions(key: str, project: Project, on_page: list[int]) -> None:
    """What can be done with the selected photos; a wrong class is the commonest reason for a sure mistake."""
    chosen = photo_grid.selected(key)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Select page", key=f"{key}_page_all", on_click=photo_grid.select, args=(key, on_page))
        if not chosen:
            return
        st.button("Clear", key=f"{key}_none", on_click=photo_grid.clear, args=(key,))
        photo_grid.show_fixes(key, project, chosen, f"{len(chosen):,} selected", list(project.class_counts()))


def show_large(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame, position: int) -> None:
    """Open one of `most_wrong_first`, at a position from 0, over the page, with a way to those before and after it."""
    st.session_state[f"{key}_at"] = position
    st.dialog("One photo", width="large")(_show_window)(key, project, run, report, rows)


def _show_window(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame) -> None:
    at = st.session_state[f"{key}_at"]
    row = next(rows.iloc[at : at + 1].itertuples())
    large.show_way(key, at, len(rows))
    picture, answer = st.columns([3, 2], gap="medium")
    with picture:
        _show_picture(key, project, run, row)
    with answer:
        st.markdown(f"It is **{plain(row.truth)}**, and was called **{plain(row.answer)}**, {percent(row.sure)} sure.")
        probabilities = probabilities_of(run.predictions_path, row.sha256, report.class_names, report.temperature)
        charts.show_probabilities(f"{key}_probabilities_{at}", probabilities)
    _show_nearest(project, run, report, row)


def _show_picture(key: str, project: Project, run: Run, row: Any) -> None:
    """The photo itself, or beside it what the model looked at; that choice stays from photo to photo."""
    (photo,) = photos_evaluated(project, [(row.sha256, row.truth)])
    source = project.path(photo) if photo else project.thumbnail_of(row.sha256)
    try:
        image = open_photo(source, WIDEST, run.pictures())
    except PhotoError:
        where = f" It was in {plain(str(source.parent))}." if photo else ""
        st.markdown(f":material/broken_image: The file is no longer there.{where}")
        return
    image.thumbnail((WIDEST, HIGHEST))
    if st.toggle("What it looked at", key=f"{key}_looked"):
        large.show_heat_map(f"{key}_speaks_{row.sha256[:12]}", run, source, image, row.answer)
    else:
        st.image(image, alt=f"{row.truth}, called {row.answer}")
    if photo:
        st.caption(plain(photo.name))


def _show_nearest(project: Project, run: Run, report: Report, row: Any) -> None:
    """The training photos that the frozen base finds most like this one: often they explain the mistake."""
    learned = {photo.sha256: photo.label for photo in run.photos() if photo.split == TRAIN}
    cache = features_of_base(project.cache_folder, report.base, run.pictures(), run.config().image_size)
    found = nearest(cache, row.sha256, list(learned), NEAREST) if cache else []
    if not found:
        st.caption(
            "The training photos most like it can't be shown: for this run, no features of this photo were kept."
        )
        return
    st.markdown("**The training photos most like it**, as its base model sees them (cosine of the features)")
    photo_grid.show_strip(
        [(project.thumbnail_of(content), f"{plain(learned[content])}, {cosine:.2f}") for content, cosine in found]
    )

"""The photos behind a number, most wrong first: look at each, and put right what is wrong with the photo itself."""

from typing import Any

import pandas as pd
import streamlit as st

from core.base.words import counted, percent
from core.projects import edits
from core.projects.project import Photo, Project
from core.runs.photo_places import photos_evaluated, what_became_of
from core.runs.predictions import most_wrong_first
from core.runs.report import Report
from core.runs.run import Run
from pages.components.pictures import fixes as photo_fixes
from pages.components.pictures import grid as photo_grid
from pages.components.results import confusion_matrix, large_photo
from pages.components.shared import heading, last_change
from pages.components.shared.markdown import plain

PER_PAGE = 12


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
    """What the gallery shows."""
    photos = counted(n, "photo")
    if truth is None and answer is None:
        return f"The {photos} it got wrong, the surest mistakes first"
    if answer is None:
        return f"{photos} of {plain(truth or '')}, mistakes first"
    if truth is None:
        return f"{photos} called {plain(answer)}, mistakes first"
    return f"{photos} of {plain(truth)} called {plain(answer)}"


def show_gallery(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame) -> None:
    """One page of photos, each with its truth, its answer and how sure that was.

    Args:
        key: Of the page and the selection; another choice of photos has another.
        project: Whose photos.
        run: The run that judged them.
        report: Its report.
        rows: Of `most_wrong_first`.
    """
    page = photo_grid.choose_page(key, len(rows), PER_PAGE)
    first = (page - 1) * PER_PAGE
    shown = rows.iloc[first : first + PER_PAGE]
    photos = photos_evaluated(project, zip(shown["sha256"], shown["truth"], strict=True))
    if last_change.show(key, project):
        st.rerun()
    with heading.errors_in_words():
        _show_actions(key, project, [photo.id for photo in photos if photo and photo.width])
    with st.container(horizontal=True, gap="small", key=f"{key}_photos"):
        for position, (row, photo) in enumerate(zip(shown.itertuples(), photos, strict=True), first):
            with st.container(width=photo_grid.CELL, gap="xxsmall"):
                _show_photo(f"{key}_{position}", key, project, row, photo)
                if st.button("Look closer", key=f"{key}_open_{position}", icon=":material/zoom_in:", type="tertiary"):
                    large_photo.show(key, project, run, report, rows, position)


def _show_photo(box: str, key: str, project: Project, row: Any, photo: Photo | None) -> None:
    """A photo with its words; `box` is the key of its check box, `key` that of the selection."""
    thumbnail = project.thumbnail_of(row.sha256)
    if thumbnail.exists():
        st.image(str(thumbnail), width=photo_grid.CELL, alt=f"{row.truth}, called {row.answer}")
    else:
        st.markdown(":material/broken_image: no picture")
    st.markdown(in_words(row))
    if photo is None:
        st.caption("no longer in the project")
        return
    if since := what_became_of(photo, row.truth):
        st.caption(plain(since))
    st.session_state[box] = photo.id in photo_grid.selected(key)
    st.checkbox("Select", key=box, on_change=_toggle, args=(key, photo.id))


def in_words(row: Any) -> str:
    """What a photo is and what it was called, as Markdown; `row` is one of `read_answers`."""
    called = "rightly called so" if row.right else f"taken for **{plain(row.answer)}**"
    return f"**{plain(row.truth)}**, {called}, {percent(row.sure)} sure".replace(" %", "\N{NO-BREAK SPACE}%")


def _toggle(key: str, photo_id: int) -> None:
    st.session_state[f"{key}_selected"] = sorted({*photo_grid.selected(key)} ^ {photo_id})


def _show_actions(key: str, project: Project, on_page: list[int]) -> None:
    """What can be done with the selected photos; a wrong class is the commonest reason for a sure mistake."""
    chosen = photo_grid.selected(key)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Select page", key=f"{key}_page_all", on_click=photo_grid.select, args=(key, on_page))
        if not chosen:
            return
        st.button("Clear", key=f"{key}_none", on_click=photo_grid.clear, args=(key,))
        photo_fixes.show(key, project, chosen, f"{len(chosen):,} selected", list(project.class_counts()))

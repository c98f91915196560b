"""The photos behind a number, most wrong first: look at each, and put right what is wrong with the photo itself."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.base.subsets import TRAIN
from core.base.words import counted, percent
from core.engine.nearest_photos import features_of_base, nearest
from core.photos.decoding import PhotoError
from core.photos.inspection import screen_picture
from core.projects import edits
from core.projects.project import Photo, Project
from core.runs.photo_places import photos_evaluated
from core.runs.predictions import most_wrong_first, probabilities_of
from core.runs.report import Report
from core.runs.run import Run
from pages.components.pictures import gallery, large, listings
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.actions import USUAL, staying, window
from pages.components.pictures.apart import decoders
from pages.components.pictures.listings import Listed, Listing
from pages.components.results import confusion_matrix, photos_gone
from pages.components.shared import charts
from pages.components.shared.markdown import plain

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
    """The photos of `most_wrong_first` in the gallery, each with its truth, its answer and how sure that was."""
    photos = photos_evaluated(project, zip(rows["sha256"], rows["truth"], strict=True))
    places: dict[int, int] = {}  # by the photo's id, its place in `rows`
    for at, photo in enumerate(photos):
        if photo:
            places.setdefault(photo.id, at)

    def look_closer(photo_id: int) -> None:
        if photo_id in places:
            show_large(key, project, run, report, rows, places[photo_id])

    gone = [at for at, photo in enumerate(photos) if photo is None]
    if places:
        actions = (window("closer", "Look closer", look_closer, keys=("i",)), *staying(*USUAL))
        look = gallery.Look(title="Photos behind the number")
        gallery.show(key, project, _listing(project, rows, places), actions, look)
    if equal := len(photos) - len(gone) - len(places):
        st.caption(f"{counted(equal, 'photo')} more, each the same file as one of these.")
    if gone:
        _show_gone(key, project, run, report, rows, gone)


def _listing(project: Project, rows: pd.DataFrame, places: dict[int, int]) -> Listing:
    """Lists the photos as they are now, with what was said of them."""
    these = listings.of_ids(project, list(places))

    def listed(limit: int, offset: int) -> Listed:
        shown = these(limit, offset)
        said = {photo.id: _said(_row(rows, places[photo.id]), photo) for photo in shown.photos}
        return replace(shown, said=said)

    return listed


def _row(rows: pd.DataFrame, at: int) -> Any:
    return next(rows.iloc[at : at + 1].itertuples())


def _said(row: Any, photo: Photo) -> str:
    """What a photo is, what it was called, and what became of it since."""
    return in_text(row) + (f", now in {photo.label}" if photo.label not in ("", row.truth) else "")


def in_text(row: Any) -> str:
    """What a photo is and what it was called; `row` is one of `read_answers`."""
    called = "rightly called so" if row.right else f"taken for {row.answer}"
    return f"{row.truth}, {called}, {percent(row.sure)} sure"


def _show_gone(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame, gone: list[int]) -> None:
    """Those at these places of `rows`, of which the project has no more than a small picture."""

    def look_closer(at: int) -> None:
        if at in gone:
            show_large(key, project, run, report, rows, at)

    st.markdown(f"##### {counted(len(gone), 'photo')} no longer in the project")
    closer = window("closer", "Look closer", look_closer, keys=("i",))
    these = rows.reset_index(drop=True).iloc[gone]
    photos_gone.show(f"{key}_gone", project, run, these, in_text, closer)


def show_large(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame, position: int) -> None:
    """Open one of `most_wrong_first`, at a position from 0, over the page, with a way to those before and after it."""
    st.session_state[f"{key}_at"] = position
    st.dialog("One photo", width="large")(_show_window)(key, project, run, report, rows)


def _show_window(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame) -> None:
    at = st.session_state[f"{key}_at"]
    row = _row(rows, at)
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
        image = decoders().call(screen_picture, source, (WIDEST, HIGHEST), run.pictures())
    except PhotoError:
        where = f" It was in {plain(str(source.parent))}." if photo else ""
        st.markdown(f":material/broken_image: The file is no longer there.{where}")
        return
    if st.toggle("What it looked at", key=f"{key}_looked"):
        large.show_heat_map(f"{key}_speaks_{row.sha256[:12]}", run, source, image, row.answer, tested=True)
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

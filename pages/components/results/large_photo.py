"""One photo, large: what it was called and how sure, and the training photos most like it."""

from typing import Any

import pandas as pd
import streamlit as st

from core.base.subsets import TRAIN
from core.base.words import percent
from core.engine.nearest_photos import features_of_base, nearest
from core.photos.decoding import PhotoError, open_photo
from core.projects.project import Project
from core.runs.photo_places import photos_evaluated
from core.runs.predictions import probabilities_of
from core.runs.report import Report
from core.runs.run import Run
from pages.components.pictures import heat_map
from pages.components.pictures import strip as photo_strip
from pages.components.pictures.previous_next import show_way
from pages.components.shared import charts
from pages.components.shared.markdown import plain

WIDEST, HIGHEST = 900, 640  # pixels of the picture: with the rest of the window it fits a screen
NEAREST = 5


def show(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame, position: int) -> None:
    """Open the photo over the page, with a way to the one before and the one after.

    Args:
        key: Of the position, which moves while the window is open.
        project: Whose photos.
        run: The run that judged them.
        report: Its report.
        rows: Of `most_wrong_first`, all that one can go through.
        position: In `rows`, from 0.
    """
    st.session_state[f"{key}_at"] = position
    st.dialog("One photo", width="large")(_show)(key, project, run, report, rows)


def _show(key: str, project: Project, run: Run, report: Report, rows: pd.DataFrame) -> None:
    at = st.session_state[f"{key}_at"]
    row = next(rows.iloc[at : at + 1].itertuples())
    show_way(key, at, len(rows))
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
        image = open_photo(source, draft_size=WIDEST)
    except PhotoError:
        st.markdown(":material/broken_image: The file is no longer there.")
        return
    image.thumbnail((WIDEST, HIGHEST))
    if st.toggle("What it looked at", key=f"{key}_looked"):
        heat_map.show(f"{key}_speaks_{row.sha256[:12]}", run, source, image, row.answer)
    else:
        st.image(image, alt=f"{row.truth}, called {row.answer}")
    if photo:
        st.caption(plain(photo.name))


def _show_nearest(project: Project, run: Run, report: Report, row: Any) -> None:
    """The training photos that the frozen base finds most like this one: often they explain the mistake."""
    learned = {photo.sha256: photo.label for photo in run.photos() if photo.split == TRAIN}
    cache = features_of_base(project.cache_folder, report.base)
    found = nearest(cache, row.sha256, list(learned), NEAREST) if cache else []
    if not found:
        st.caption(
            "The training photos most like it can't be shown: for this run, no features of this photo were kept."
        )
        return
    st.markdown("**The training photos most like it**, as its base model sees them (cosine of the features)")
    photo_strip.show(
        [(project.thumbnail_of(content), f"{plain(learned[content])}, {cosine:.2f}") for content, cosine in found]
    )

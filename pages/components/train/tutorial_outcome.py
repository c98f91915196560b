"""What came of a tutorial: the table of its runs, what the tests say, the map, and what to do next."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.models.catalogue import base_model
from core.projects.project import Project
from core.recipes.catalogue import ASK, TUTORIALS
from core.recipes.folder import TutorialFolder
from core.recipes.record import TutorialResult
from core.recipes.words import map_in_words, pairs_in_words, table_rows
from pages.components.photo_map.chart import traces_by_class
from pages.components.shared import charts
from pages.components.shared.markdown import plain


def show(key: str, project: Project, this: TutorialFolder, result: TutorialResult, is_done: bool) -> None:
    """All that came of it so far."""
    if is_done:
        titles = {tutorial.name: tutorial.title for tutorial in TUTORIALS}
        title = titles.get(result.tutorial, plain(result.tutorial))  # one of a newer version has its name alone
        st.success(f"Followed to its end: {title}.", icon=":material/check_circle:")
    if result.decision:
        base = base_model(result.decision.base).title
        st.markdown(plain(f"{result.decision.title} ({base}). {' '.join(result.decision.reasons)}"))
    if result.map:
        st.markdown(plain(map_in_words(result)))
        if (places := this.read_map()) is not None:
            _show_map(f"{key}_map", project, places)
    if result.runs:
        st.dataframe(pd.DataFrame(table_rows(result)), hide_index=True, key=f"{key}_table")
    if pairs := pairs_in_words(result):
        st.markdown("\n".join(plain(words) if words.endswith(":") else f"- {plain(words)}" for words in pairs))
    if is_done:
        _show_ways_on(result.tutorial)


def _show_map(key: str, project: Project, places: pd.DataFrame) -> None:
    names = sorted({*project.class_counts(), *places["label"]})  # a class may have been renamed since
    figure = go.Figure()
    for name, part, marker in traces_by_class(places, names):
        figure.add_scattergl(x=part["x"], y=part["y"], name=name, mode="markers", marker=marker, hoverinfo="name")
    hidden = {"visible": False}
    charts.show(key, figure, "Photos that look alike to the base model lie together", xaxis=hidden, yaxis=hidden)


def _show_ways_on(name: str) -> None:
    asks = any(step.does == ASK for tutorial in TUTORIALS if tutorial.name == name for step in tutorial.steps)
    with st.container(horizontal=True):
        if asks:
            label = "Ask it about a photo from elsewhere"
            st.page_link("pages/try_it.py", label=label, icon=":material/photo_camera:")
        st.page_link("pages/runs.py", label="Compare its runs", icon=":material/balance:")

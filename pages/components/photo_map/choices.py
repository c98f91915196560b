"""How the map is laid out, and what its colours say."""

import pandas as pd
import streamlit as st

from core.photo_map.folder import judged_by, with_verdicts
from core.projects.project import Project
from core.runs.run import list_runs
from pages.components.photo_map.chart import BY_CLASS, BY_PART, BY_RIGHT, BY_SURE

LAYOUTS = ("Spread (t-SNE)", "Tight groups (like UMAP)")


def choose_layout(key: str, photos: pd.DataFrame) -> pd.DataFrame:
    """The photos with x and y of the layout that is asked for."""
    if "tight_x" not in photos:  # a map of an earlier version
        return photos
    how = st.segmented_control("Layout", LAYOUTS, default=LAYOUTS[0], required=True, key=f"{key}_layout")
    if how == LAYOUTS[0]:
        return photos
    return photos.assign(x=photos["tight_x"], y=photos["tight_y"])


def choose_colours(key: str, project: Project, photos: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """What the colours say, and the photos with what the chosen run answered, where that is asked for."""
    runs = {run.name: run for run in list_runs(project.runs_folder) if run.report_path.exists()}
    kinds = [BY_CLASS, BY_PART, *([BY_RIGHT, BY_SURE] if runs else [])]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control("Colours", kinds, default=BY_CLASS, required=True, key=f"{key}_by")
        if by not in (BY_RIGHT, BY_SURE):
            return by, photos
        titles = {name: run.title for name, run in runs.items()}
        name = st.selectbox("Run", list(runs), format_func=titles.get, key=f"{key}_run")
    return by, with_verdicts(photos, judged_by(runs[name]))

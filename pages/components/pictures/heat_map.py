"""What a model looked at in a photo, beside the photo, for its answer or for any other class."""

from pathlib import Path

import streamlit as st
from PIL import Image

from core.engine.heat_overlay import laid_over
from core.runs.grad_cam import HeatMapper
from core.runs.run import Run
from pages.components.shared import heading
from pages.components.shared.markdown import plain


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def _mapper(folder: str, changed: float) -> HeatMapper:
    return HeatMapper(Run(Path(folder)))


def show(key: str, run: Run, source: Path | bytes, picture: Image.Image, answer: str) -> None:
    """The photo, and the same with the heat map over it. Where the model is damaged, the reason stands in their place.

    Args:
        key: Of the list of classes.
        run: A complete run.
        source: The photo, as the model is to see it.
        picture: The same, as it is shown.
        answer: The class that is shown first.
    """
    with heading.errors_in_words():
        classes = [answer, *(name for name in run.class_names() if name != answer)]
        chosen = st.selectbox("What speaks for", classes, key=key, width=240)
        changed = run.engine_path.stat().st_mtime if run.engine_path.exists() else 0.0
        heat = _mapper(str(run.folder), changed).maps(source, [chosen])[chosen]
        photo, looked_at = st.columns(2, gap="small")
        photo.image(picture, alt="The photo")
        looked_at.image(laid_over(heat, picture), alt=f"Where the photo speaks for {chosen}")
        st.caption(_meaning(chosen, is_empty=not heat.any()))


def _meaning(chosen: str, is_empty: bool) -> str:
    """How to read the map."""
    if is_empty:
        return f"Nothing in this photo speaks for **{plain(chosen)}**, so the map is dark everywhere."
    return (
        f"The lighter a place, the more it speaks for **{plain(chosen)}**, compared with the rest of this photo; where "
        "it is dark, nothing does (Grad-CAM). The map is coarse: a few fields in each direction."
    )

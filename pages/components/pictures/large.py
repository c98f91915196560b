"""Beside one large photo: what a model looked at in it, and the way to the photo before or after it."""

from pathlib import Path

import streamlit as st
from PIL import Image

from core.engine.heat_overlay import laid_over
from core.runs.grad_cam import HeatMapper
from core.runs.run import Run
from pages.components.pictures.apart import decoders
from pages.components.shared import heading
from pages.components.shared.markdown import plain


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def _mapper(folder: str, changed: float, tested: bool) -> HeatMapper:
    return HeatMapper(Run(Path(folder)), decoders=decoders(), tested=tested)


def show_heat_map(
    key: str, run: Run, source: Path | bytes, picture: Image.Image, answer: str, tested: bool = False
) -> None:
    """The picture of the photo (`source`), and the same with the heat map over it, first for the class `answer`.

    Where the model is damaged, the reason stands in their place.

    Args:
        tested: As of `HeatMapper`: whether the answer is the tested model's.
    """
    with heading.errors_in_words():
        labels = [answer, *(name for name in run.class_names() if name != answer)]
        chosen = st.selectbox("What speaks for", labels, key=key, width=240)
        changed = run.engine_path.stat().st_mtime if run.engine_path.exists() else 0.0
        heat = _mapper(str(run.folder), changed, tested).maps(source, [chosen])[chosen]
        photo, looked_at = st.columns(2, gap="small")
        photo.image(picture, alt="The photo")
        looked_at.image(laid_over(heat, picture), alt=f"Where the photo speaks for {chosen}")
        st.caption(_meaning(chosen, is_empty=not heat.any()))


def _meaning(chosen: str, is_empty: bool) -> str:
    if is_empty:
        return f"Nothing in this photo speaks for **{plain(chosen)}**, so the map is dark everywhere."
    return (
        f"The lighter a place, the more it speaks for **{plain(chosen)}**, compared with the rest of this photo; where "
        "it is dark, nothing does (Grad-CAM). The map is coarse: a few fields in each direction."
    )


def show_way(key: str, at: int, n: int) -> None:
    """Buttons that go round and keep the position in the session, as `{key}_at`.

    One that is disabled at the end would take the keyboard's place in the window with it.
    """
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        ways = {"Previous": ("arrow_back", "left", at - 1), "Next": ("arrow_forward", "right", at + 1)}
        for label, (icon, side, to) in ways.items():
            st.button(
                label,
                key=f"{key}_{label}",
                icon=f":material/{icon}:",
                icon_position=side,
                on_click=_go,
                args=(key, to % n),
                disabled=n == 1,
            )
            if label == "Previous":
                st.caption(f"{at + 1:,} of {n:,}", width="content")


def _go(key: str, to: int) -> None:
    st.session_state[f"{key}_at"] = to

"""From one photo to the one before or after it, in a window over the page."""

import streamlit as st


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

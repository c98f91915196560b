"""Room on this disk: what takes some that can be had back, each kind with its button."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from core.base.words import storage
from core.upkeep.room import BATCHES, CACHES, EXPORTS, LEFTOVERS, TRASH, Usage, empty, free_room, usage
from pages.components.shared import buttons
from pages.components.shared.markdown import plain


@dataclass(frozen=True)
class Row:
    """A kind as it is shown; `asks` is what is asked before it goes, "" where nothing is lost."""

    title: str
    words: str
    button: str
    asks: str = ""


ROWS = {
    TRASH: Row(
        "Trash",
        "Projects, runs and answers that you moved there.",
        "Empty the trash",
        "What is in the trash, of all projects, is gone for good then.",
    ),
    CACHES: Row(
        "Caches",
        "What base models said of your photos. The next training computes it again, and takes longer for it.",
        "Clear the caches",
    ),
    LEFTOVERS: Row(
        "Leftovers",
        "Half-written files, turned or cropped photos that nobody got, and uploads that were never brought in, of work "
        "that ended early.",
        "Clear the leftovers",
        "Photos that you uploaded and never brought into a project are among them, where there are any.",
    ),
    BATCHES: Row(
        "Answers to many photos",
        "Lists that are done, with the copies of photos that came for them.",
        "Remove the answers",
        "These lists, of all projects, are gone for good then. You can ask about the photos again.",
    ),
    EXPORTS: Row(
        "Zips to take away",
        "Exported models and packed projects.",
        "Remove the zips",
        "Copy those first that you still need: of a project that is no longer here, its zip may be all that is left.",
    ),
}


def show(key: str, home: Path) -> None:
    """What can be had back in a workspace, and after a button how much that was.

    It is counted while it is open, and no longer: of many photos that takes a tenth of a second.
    """
    said = st.session_state.pop(_said(key), {})  # words by kind
    with st.expander("Room on this disk", icon=":material/hard_drive:", key=f"{key}_open", on_change="rerun") as box:
        if not box.open:
            return
        found = {name: taken for name, taken in usage(home).items() if taken.items}
        st.caption(f"{_free(home)}Your projects, with their photos and runs, are not touched by this.")
        if not found:
            st.caption("There is nothing to clear away.")
        for name in ROWS:
            if name in found:
                _show_row(key, home, name, found[name])
            if name in said:  # beside its button, which on a telephone is far from the top
                st.success(plain(said[name]), icon=":material/check_circle:")


def _free(home: Path) -> str:
    free, total = free_room(home)
    return f"{storage(free)} of {storage(total)} are free. " if total else ""


def _show_row(key: str, home: Path, name: str, taken: Usage) -> None:
    row = ROWS[name]
    words, button = st.columns([3, 2], vertical_alignment="center")
    words.markdown(f"**{row.title}** · {'' if taken.is_whole else 'over '}{storage(taken.bytes)}")
    words.caption(row.words)
    clear = partial(_empty, key, home, name)
    with button.container(horizontal=True, horizontal_alignment="right"):
        if not row.asks:
            buttons.show_action(row.button, clear, key=f"{key}_{name}")
            return
        with st.popover(row.button):
            st.markdown(row.asks)
            buttons.show_action("Remove for good", clear, key=f"{key}_{name}", icon=":material/delete_forever:")


def _empty(key: str, home: Path, name: str) -> None:
    st.session_state[_said(key)] = {name: empty(home, name).words}


def _said(key: str) -> str:
    return f"{key}_said"

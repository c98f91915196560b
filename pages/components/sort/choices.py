"""What of the photos is shown, a class or what is set aside; which are selected, and what can be done with them."""

import streamlit as st

from core.base.subsets import TEST
from core.base.words import counted
from core.projects import edits
from core.projects.project import NO_CLASS, Photo, Project
from pages.components.pictures import grid as photo_grid
from pages.components.shared import heading
from pages.components.shared.markdown import plain

ASIDE = ""  # the view of what is set aside; no class has this name


def choose_view(key: str, labels: list[str], n_aside: int) -> str:
    """A class, or what is set aside."""
    # Words without a number: the browser knows an option by its words, so they must not change with the photos.
    words = {label: label for label in labels}
    if n_aside:
        words[ASIDE] = "— set aside —"
    views = list(words)
    if st.session_state.get(f"{key}_view") not in views:  # its last photo went elsewhere
        st.session_state[f"{key}_view"] = views[0]
    return st.selectbox(
        "Show", views, key=f"{key}_view", format_func=words.get, on_change=photo_grid.clear, args=(key,), width=320
    )


def show_rename(key: str, project: Project, label: str, labels: list[str]) -> None:
    """Another name for the class; another class's name makes the two one."""
    with st.popover("Rename or merge", icon=":material/edit:"):
        others, placeholder = [other for other in labels if other != label], "A new name, or a class to merge with"
        new = photo_grid.choose_class(f"{plain(label)} becomes", others, f"{key}_rename_{label}", placeholder)
        merges = new in labels
        if merges:
            st.caption("The two classes become one. You can undo this.")
        if st.button("Merge" if merges else "Rename", disabled=not new, key=f"{key}_rename"):
            with heading.errors_in_words():
                edits.rename_class(project, label, new)
                st.session_state[f"{key}_wanted"] = edits.checked_label(new)
                photo_grid.finish(key)


def show_selected(key: str, project: Project, n: int, photos: list[Photo]) -> None:
    """How many there are and how many are selected, and more or none at a time."""
    chosen = photo_grid.selected(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{counted(n, 'photo')}, **{len(chosen):,} selected**", width="content")
        ids = [photo.id for photo in photos if photo.width]
        st.button("Select page", key=f"{key}_all", on_click=photo_grid.select, args=(key, ids))
        st.button("Clear", key=f"{key}_none", on_click=photo_grid.clear, args=(key,), disabled=not chosen)
        if len(chosen) == 1:  # a mark on each photo would cost the browser a quarter of its time
            st.caption(photo_grid.about(project.photos_with_ids(chosen)[0]), width="content")


def show_actions(key: str, project: Project, view: str, labels: list[str]) -> None:
    """What can be done with the selected photos."""
    chosen = photo_grid.selected(key)
    idle = not chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if view == ASIDE:
            words = f"Restore {len(chosen):,} selected" if chosen else "Restore"
            if st.button(words, type="primary", icon=":material/restore_page:", disabled=idle, key=f"{key}_back"):
                edits.restore(project, chosen)
                photo_grid.finish(key)
            if project.photos_where("set_aside = ?", NO_CLASS, limit=1):
                _show_giving_class(key, project, chosen, labels)
            return
        others = [label for label in labels if label != view]
        words = f"{len(chosen):,} selected" if chosen else "selected"
        photo_grid.show_fixes(key, project, chosen, words, others)
        if st.button("Hold out for the test", icon=":material/lock_clock:", disabled=idle, key=f"{key}_hold"):
            edits.hold_out(project, chosen, TEST)
            photo_grid.finish(key)


def _show_giving_class(key: str, project: Project, photo_ids: list[int], labels: list[str]) -> None:
    """A class for photos that came without one; the others among them stay as they are."""
    label = photo_grid.choose_class(
        "Put photos without a class into", labels, f"{key}_class", "A class, or a new name", width=240
    )
    if st.button("Put into class", disabled=not (photo_ids and label), key=f"{key}_give"):
        without = [photo.id for photo in project.photos_with_ids(photo_ids) if photo.set_aside == NO_CLASS]
        edits.move(project, without, label)
        photo_grid.finish(key)

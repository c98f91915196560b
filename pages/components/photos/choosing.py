"""Which photos are shown: all, one class, or what takes no part, and of those the ones with a name."""

import streamlit as st

from core.projects.project import NO_CLASS, Project
from pages.components.pictures import listings
from pages.components.pictures.listings import Listing

ALL, ASIDE, WITHOUT = "", "\0aside", "\0without"  # no class has such a name: `edits.checked_label`
WORDS = {ALL: "All photos", ASIDE: "— set aside —", WITHOUT: "— without a class —"}
ASIDE_NOW = "set_aside not in ('', ?)"


def choose_view(key: str, project: Project) -> str:
    """A class, or ALL, ASIDE or WITHOUT where there are such photos."""
    without = bool(project.photos_where("set_aside = ?", NO_CLASS, limit=1))
    aside = bool(project.photos_where(ASIDE_NOW, NO_CLASS, limit=1))
    views = [ALL, *project.class_counts(), *([WITHOUT] if without else []), *([ASIDE] if aside else [])]
    wanted = st.session_state.pop(f"{key}_wanted", st.session_state.get(f"{key}_view"))
    st.session_state[f"{key}_view"] = wanted if wanted in views else ALL  # its last photo may have gone elsewhere
    # Words without a number: the browser knows an option by its words, so they must not change with the photos.
    look = {"label_visibility": "collapsed", "width": 180}
    return st.selectbox("Show", views, key=f"{key}_view", format_func=_words_of, **look)


def _words_of(view: str) -> str:
    return WORDS.get(view, view)


def choose_name(key: str) -> str:
    """A part of a file's name, "" for any."""
    look = {"placeholder": "Find by name", "label_visibility": "collapsed", "width": 150}
    return st.text_input("Find by name", key=f"{key}_named", **look).strip()


def listing_of(project: Project, view: str, name: str = "") -> Listing:
    """Lists the photos of a view that have this in their name."""
    conditions = {
        ALL: ("set_aside = ''", []),
        ASIDE: (ASIDE_NOW, [NO_CLASS]),
        WITHOUT: ("set_aside = ?", [NO_CLASS]),
    }
    condition, values = conditions.get(view, ("set_aside = '' and label = ?", [view]))
    if name:
        condition += " and name like ? escape '\\'"
        values = [*values, "%" + name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"]
    return listings.where(project, condition, *values)


def title_of(view: str) -> str:
    """What a screen reader calls the grid."""
    titles = {ALL: "All photos", ASIDE: "Photos set aside", WITHOUT: "Photos without a class"}
    return titles.get(view, f"Photos of {view}")

"""Which photos are shown and in which order: all, one class, or what takes no part; by name, part, date, finding, and
how sure the model was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

import streamlit as st

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import percent
from core.checks import findings
from core.projects.listing import ADDED, CLASS, CONFIDENCE, NAME, TAKEN, Wanted, page_of
from core.projects.project import NO_CLASS, Project
from core.runs.choosing.in_use import model_in_use
from core.runs.photo_places import confidences
from pages.components.pictures.listings import Listed, Listing
from pages.components.shared import remembered

ALL, ASIDE, WITHOUT = "", "\0aside", "\0without"  # no class has such a name: `edits.checked_label`
WORDS = {ALL: "All photos", ASIDE: "— set aside —", WITHOUT: "— without a class —"}
ASIDE_NOW = "set_aside not in ('', ?)"
ORDERS = {
    "As they came": (ADDED, False),
    "Newest first": (ADDED, True),
    "Taken, first to last": (TAKEN, False),
    "Taken, last to first": (TAKEN, True),
    "By name": (NAME, False),
    "By class": (CLASS, False),
}
ORDERS_OF_A_MODEL = {"Least sure first": (CONFIDENCE, False), "Surest first": (CONFIDENCE, True)}
PARTS = {"Training": TRAIN, "Validation": VALIDATION, "Test": TEST, "None yet": ""}
DATES = {"brought in": ADDED, "taken": TAKEN}
BESIDE = {"label_visibility": "collapsed"}


@dataclass(frozen=True)
class Choice:
    """Which photos to show.

    Args:
        view: A class, or ALL, ASIDE or WITHOUT.
        wanted: As the list of photos is asked.
        words: Of all that was chosen, so that another choice has others.
    """

    view: str
    wanted: Wanted
    words: str

    @property
    def title(self) -> str:
        """What a screen reader calls the grid."""
        titles = {ALL: "All photos", ASIDE: "Photos set aside", WITHOUT: "Photos without a class"}
        return titles.get(self.view, f"Photos of {self.view}")

    @property
    def is_narrowed(self) -> bool:
        """Whether some of the view's photos are left out."""
        return self.wanted != replace(of_view(self.view), order=self.wanted.order, descending=self.wanted.descending)


def choose(key: str, project: Project) -> Choice:
    """Controls in one row; what is chosen by them."""
    view = _choose_view(key, project)
    name = st.text_input("Find by name", key=f"{key}_named", placeholder="Find by name", width=140, **BESIDE).strip()
    model = model_in_use(project)
    orders = ORDERS | (ORDERS_OF_A_MODEL if model else {})
    _keep_within(f"{key}_order", orders)  # the only run may have been removed
    chosen = st.selectbox("Order", list(orders), key=f"{key}_order", width=180, **BESIDE)
    order, descending = orders[chosen]
    wanted = replace(of_view(view), name=name, order=order, descending=descending)
    with st.popover("Filter", icon=":material/filter_list:"):
        filters = _choose_filters(key, model is not None)
    wanted = _narrowed(project, replace(wanted, **filters.of_list), filters)
    if model and (order == CONFIDENCE or wanted.below is not None):
        wanted = replace(wanted, confidences=confidences(project, model.run))
    return Choice(view, wanted, f"{view} {name} {chosen} {filters}")


def of_view(view: str) -> Wanted:
    """What a view shows, where nothing else is asked for."""
    if view == WITHOUT:
        return Wanted(label="", set_aside=True)
    return Wanted(label=view if view not in WORDS else None, set_aside=view == ASIDE)


def listing_of(project: Project, wanted: Wanted) -> Listing:
    """Lists the photos that are wanted; how sure the model was of each stands with it, if that was asked for."""

    def listed(limit: int, offset: int) -> Listed:
        page = page_of(project, wanted, limit, offset)
        return Listed(page.photos, page.count, _sure(wanted.confidences, [photo.id for photo in page.photos]))

    return listed


def _sure(sure: Mapping[int, float] | None, photo_ids: list[int]) -> dict[int, str]:
    return {each: f"{percent(sure[each])} sure" for each in photo_ids if each in sure} if sure else {}


def _choose_view(key: str, project: Project) -> str:
    """A class, or ALL, ASIDE or WITHOUT where there are such photos."""
    views = remembered.of_photos(_views, project)
    if wanted := st.session_state.pop(f"{key}_wanted", None):  # the name that was just given
        st.session_state[f"{key}_view"] = wanted
    _keep_within(f"{key}_view", views)  # its last photo may have gone elsewhere
    # Words without a number: the browser knows an option by its words, so they must not change with the photos.
    return st.selectbox("Show", views, key=f"{key}_view", format_func=_words_of, width=180, **BESIDE)


def _views(project: Project) -> list[str]:
    """What can be chosen; where nothing is set aside all photos are read to know it."""
    without = bool(project.photos_where("set_aside = ?", NO_CLASS, limit=1))
    aside = bool(project.photos_where(ASIDE_NOW, NO_CLASS, limit=1))
    return [ALL, *project.class_counts(), *([WITHOUT] if without else []), *([ASIDE] if aside else [])]


def _keep_within(key: str, options: Iterable[str]) -> None:
    """The first option, where what is chosen is none any more.

    Where nothing is known it stays so: after the server was started anew, the tab says what it showed.
    """
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key] = next(iter(options))


def _words_of(view: str) -> str:
    return WORDS.get(view, view)


@dataclass(frozen=True)
class Filters:
    """What is left out: of `Wanted` the fields, and the kind of finding that photos must have."""

    split: str | None
    date: str
    since: float | None
    before: float | None
    below: float | None
    finding: str | None

    @property
    def of_list(self) -> dict[str, str | float | None]:
        """The fields of `Wanted`."""
        return {name: getattr(self, name) for name in ("split", "date", "since", "before", "below")}


def _choose_filters(key: str, has_run: bool) -> Filters:
    part = st.segmented_control("Part", list(PARTS), key=f"{key}_part")
    which = st.segmented_control("Date", list(DATES), default="brought in", required=True, key=f"{key}_date")
    days = st.date_input("From and to", (), key=f"{key}_days", min_value=date(1970, 1, 2), format="YYYY-MM-DD")
    zone = None if DATES[which] == ADDED else UTC  # a camera's clock knows no zone
    since = _second(days[0], zone) if days else None
    before = _second(days[1] + timedelta(days=1), zone) if len(days) > 1 else None
    kinds = {kind: findings.KINDS[kind].many for kind in findings.KINDS}
    finding = st.selectbox("Finding", list(kinds), None, format_func=kinds.get, key=f"{key}_finding", placeholder="Any")
    below = None
    if has_run and st.checkbox("Only where the model was less sure than", key=f"{key}_unsure"):
        below = st.slider("Less sure than", 5, 100, 80, 5, "%d %%", key=f"{key}_below", **BESIDE) / 100
    return Filters(PARTS[part] if part else None, DATES[which], since, before, below, finding)


def _second(day: date, zone: tzinfo | None) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _narrowed(project: Project, wanted: Wanted, filters: Filters) -> Wanted:
    """Only those with the finding, and of what is set aside only what had a class."""
    if filters.finding:
        found = remembered.of_photos(findings.find_in_project, project).get(filters.finding, [])
        return replace(wanted, ids=sorted({photo for each in found for photo in each.photos}))
    if wanted.set_aside and wanted.label is None and project.photos_where("set_aside = ?", NO_CLASS, limit=1):
        return replace(wanted, ids=[photo.id for photo in project.photos_where(ASIDE_NOW, NO_CLASS)])
    return wanted

"""The one gallery: photos in a grid, one at a time in a viewer, and all that can be done with them.

What a key or the mouse does happens in the browser (`browser/`); Python is asked only for another page of photos and
for what changes them. docs/gallery.md has the contract: keys, selection, and what a page hands in.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import streamlit as st

from core.base.colours import class_colours
from core.base.words import storage
from core.photos.labelled_photo import FEEDBACK
from core.projects.project import Project
from pages.components.pictures import addresses
from pages.components.pictures.actions import USUAL, Action
from pages.components.pictures.listings import Listed, Listing
from pages.components.pictures.requests import MOST_PHOTOS, Request, carry_out, requests_of
from pages.components.pictures.sources import InProject, Source
from pages.components.shared import heading

PER_PAGE = (50, 100, 200)
USUAL_PER_PAGE = 100
PAGE, ALL = "page", "all"  # the requests for another page of photos, and for those of all pages to select
MOST_SAID = 50  # answers that are kept for a tab that hasn't heard them yet
CARRIED = "gallery_carried"  # in the session, what was said just before the page is drawn anew
LOADER = """export default async (component) => {
    const { show } = await import(new URL(`${component.data.scripts}/gallery.js`, location.origin));
    show(component);
};"""


@dataclass(frozen=True)
class Look:
    """How a gallery looks.

    Args:
        title: What a screen reader calls the grid, such as "Photos of apple".
        empty: What is said where there are no photos.
        rail: Whether the classes stand beside it, to be dragged onto.
        with_class: Whether each photo says its class, if it has one.
        redraws: Whether a change draws the whole page anew, because more of it tells of these photos.
    """

    title: str = "Photos"
    empty: str = "There are no photos here."
    rail: bool = True
    with_class: bool = False
    redraws: bool = False


@dataclass(frozen=True)
class Cell:
    """What the browser knows of a photo; of `size`, `date`, `said` and `more` the words that it shows."""

    id: int
    name: str
    label: str
    aside: str
    part: str
    version: str
    size: str
    date: str
    fed: bool
    made: bool
    width: int
    height: int
    said: str
    more: str
    group: str


@dataclass(frozen=True)
class ClassOfRail:
    """A class beside the grid."""

    name: str
    n: int
    colour: str


def show(
    key: str,
    project: Project,
    listing: Listing,
    actions: tuple[Action, ...] = USUAL,
    look: Look | None = None,
    source: Source | None = None,
) -> None:
    """Show photos; what is done with them draws this gallery anew, and the page only where `look` says so.

    Args:
        key: Unique on the page, and another one for other photos: with it page and selection begin anew.
        project: Whose photos, and whose classes in any case.
        listing: Gives the photos of a page; asked again after each change.
        actions: What can be done with them. Undo is always there.
        look: How it looks; the usual way if None.
        source: Where the photos of the listing are, and what undo takes back; the project if None.
    """
    st.session_state.pop(_changed(key), None)
    _show(key, project, listing, actions, look or Look(), source or InProject(project))


@st.fragment
@heading.in_words
def _show(
    key: str, project: Project, listing: Listing, actions: tuple[Action, ...], look: Look, source: Source
) -> None:
    counts = project.class_counts()
    listed = _listed(key, listing)
    per_page, page = _place(key)
    last, again = (source.history.last(project), source.history.again(project)) if source.history else (None, None)
    data = {
        "scripts": addresses.scripts_address(),
        "pictures": source.address,
        "run": secrets.token_hex(8),  # so that no two answers are equal: the browser passes over those
        "session": st.session_state.setdefault(f"{key}_session", secrets.token_hex(8)),
        "done": st.session_state.get(f"{key}_done", {}),
        "carried": st.session_state.pop(CARRIED, None),
        "undoes": source.history is not None,
        "last": asdict(last) if last else None,
        "again": asdict(again) if again else None,
        "photos": [asdict(cell) for cell in _cells(source, listed)],
        "all": _known(source, listing) if st.session_state.pop(f"{key}_all", False) else None,
        "n": listed.n,
        "most": MOST_PHOTOS,
        "page": page,
        "per_page": per_page,
        "per_page_choices": list(PER_PAGE),
        "classes": [asdict(each) for each in _classes(counts)],
        "actions": [action.shown() for action in actions],
        "look": asdict(look),
    }
    answer = partial(_answer, key, project, actions, source)
    _component()(key=_name(key), data=data, on_asked_change=answer)
    _show_window(key, actions)
    if look.redraws and st.session_state.get(_changed(key)):
        st.rerun()
    if st.session_state.setdefault(f"{key}_classes", list(counts)) != list(counts):
        st.session_state[f"{key}_classes"] = list(counts)
        st.session_state[CARRIED] = next(iter(data["done"].get("said", [])[-1:]), None)
        st.rerun()  # a class appeared or went: the rest of the page names it


def _listed(key: str, listing: Listing) -> Listed:
    """The photos of the page that is chosen, or of the last where its own went elsewhere."""
    per_page, page = _place(key)
    listed = listing(per_page, (page - 1) * per_page)
    if listed.photos or page == 1:
        return listed
    page = max(1, -(-listed.n // per_page))
    _keep_place(key, per_page, page)
    return listing(per_page, (page - 1) * per_page)


def _show_window(key: str, actions: tuple[Action, ...]) -> None:
    """The window that was asked for, once."""
    name, photo = st.session_state.pop(f"{key}_window", ("", 0))
    for action in actions:
        if action.opens and action.name == name:
            action.opens(photo)


def _changed(key: str) -> str:
    """Where the session keeps, until the page is drawn, that photos changed."""
    return f"{key}_changed"


def _name(key: str) -> str:
    """The component's own key: any text, as of a class, is one, also such as Streamlit divides keys by."""
    return f"gallery {hashlib.sha256(key.encode()).hexdigest()[:16]}"


@cache
def _component() -> Callable[..., Any]:
    css = "\n".join(path.read_text(encoding="utf-8") for path in sorted(addresses.SCRIPTS.glob("*.css")))
    return st.components.v2.component("espalier_gallery", css=css, js=LOADER)


def _cells(source: Source, listed: Listed) -> list[Cell]:
    taken = source.taken([photo.id for photo in listed.photos])
    return [
        Cell(
            id=photo.id,
            name=photo.name,
            label=photo.label,
            aside=photo.set_aside,
            part=photo.split,
            version=source.version_of(photo),
            size=f"{photo.width:,} × {photo.height:,} pixels, {storage(photo.bytes)}" if photo.width else "",
            date=_date(taken[photo.id]) if photo.id in taken else "",
            fed=photo.origin == FEEDBACK,
            made=bool(photo.made),
            width=photo.width,
            height=photo.height,
            said=listed.said.get(photo.id, ""),
            more=listed.more.get(photo.id, ""),
            group=listed.groups.get(photo.id, ""),
        )
        for photo in listed.photos
    ]


def _known(source: Source, listing: Listing) -> list[list[Any]]:
    """What it takes to do something with the photos of all pages."""
    return [
        [photo.id, photo.label, photo.set_aside, source.version_of(photo), bool(photo.made), photo.width]
        for photo in listing(MOST_PHOTOS, 0).photos
    ]


def _date(seconds: float) -> str:
    try:
        taken = datetime.fromtimestamp(seconds, UTC)
        return f"{taken.day} {taken:%B %Y, %H:%M}"
    except (ValueError, OverflowError, OSError):  # a camera may have written anything
        return ""


def _classes(counts: dict[str, int]) -> list[ClassOfRail]:
    colours = class_colours(list(counts))
    return [ClassOfRail(name, n, colours[name]) for name, n in counts.items()]


def _place(key: str) -> tuple[int, int]:
    """How many photos a page has, and which page is shown."""
    return tuple(st.session_state.get(f"{key}_place", (USUAL_PER_PAGE, 1)))


def _keep_place(key: str, per_page: int, page: int) -> None:
    st.session_state[f"{key}_place"] = (per_page if per_page in PER_PAGE else USUAL_PER_PAGE, max(1, page))


def _answer(key: str, project: Project, actions: tuple[Action, ...], source: Source) -> None:
    """Do what the browser asks for before the gallery is drawn anew: each request once, in the order of its number."""
    asked = st.session_state[_name(key)].get("asked")
    if not isinstance(asked, dict):
        return
    done = st.session_state.get(f"{key}_done", {})
    client = str(asked.get("client", ""))
    last, said = (done["n"], done["said"]) if done.get("client") == client else (0, [])
    windows = {action.name for action in actions if action.opens}
    for request in requests_of(asked.get("requests")):
        if request.number <= last:
            continue
        last = request.number
        if request.name == PAGE:
            _turn(key, request)
            continue
        if request.name == ALL:
            st.session_state[f"{key}_all"] = True
            continue
        if request.name in windows:
            st.session_state[f"{key}_window"] = (request.name, next(iter(request.seen), 0))
            continue
        with _one_at_a_time(str(project.folder)):
            outcome = carry_out(project, actions, request, source)
        said = [*said, asdict(outcome)][-MOST_SAID:]  # one that was done may be asked for again before it was heard
        st.session_state[_changed(key)] = True
    st.session_state[f"{key}_done"] = {"client": client, "n": last, "said": said}


def _turn(key: str, request: Request) -> None:
    """Another page, or another number of photos on each: "3 of 100" as its value."""
    page, per_page = (*request.value.split(" of "), "")[:2]
    if page.isascii() and page.isdecimal() and per_page.isascii() and per_page.isdecimal():
        _keep_place(key, int(per_page[:4]), int(page[:7]))


@st.cache_resource(show_spinner=False)
def _one_at_a_time(folder: str) -> threading.Lock:
    """Held while one tab looks whether photos are as they were seen and changes them, so that no other does between."""
    return threading.Lock()

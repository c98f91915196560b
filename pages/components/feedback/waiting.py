"""The photos that wait on the Feedback page, in the gallery: what they show is said here, and undone and redone."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from functools import partial

import streamlit as st

from core.base.errors import EspalierError, InputError
from core.base.words import counted, percent
from core.feedback.entry import FeedbackEntry
from core.feedback.folder import FeedbackFolder, feedback_of
from core.feedback.queue import CONFIRMED, COPY, CORRECTED, UNDECIDED, Ranked, queue
from core.photos.decoding import KnownFile
from core.photos.inspection import THUMBNAIL_SIDE, screen_jpeg
from core.projects.changes.log import Edit
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project
from pages.components.feedback.saying import Sayings
from pages.components.pictures import gallery
from pages.components.pictures.actions import AN_OLD_CLASS, MOVE, Action
from pages.components.pictures.addresses import pictures_version
from pages.components.pictures.lent import Lent, Pictures, lent_photo
from pages.components.pictures.listings import Listed
from pages.components.shared import remembered

GROUPS = {  # by the kind of `Ranked`, and whether it helps
    (CORRECTED, True): "It was wrong: these teach it most",
    (UNDECIDED, False): "Say what these show, and they can teach",
    (CONFIRMED, True): "It was right, but these are new to it, or it was not sure: they help a little",
    (CONFIRMED, False): "It was right, and sure already: these would add little",
    (COPY, False): "Nearly the same as another photo: these add nothing",
}


def rows_of(project: Project, feedback: FeedbackFolder) -> list[Ranked]:
    """The photos that wait, those that would help most first."""
    log = feedback.log_path.stat() if feedback.log_path.exists() else None
    return remembered.of_photos(_rows, project, (log.st_mtime_ns, log.st_size) if log else None)


def _rows(project: Project, log: tuple[int, int] | None) -> list[Ranked]:
    return queue(project, feedback_of(project).waiting())


def show(key: str, project: Project, feedback: FeedbackFolder) -> None:
    """Show them; the page is drawn anew with each change. Nothing where none waits and nothing can be undone."""
    sayings = Sayings(f"{key}_sayings", feedback)
    if sayings.is_new:  # nobody here can take back any more what was taken back before
        with suppress(EspalierError):
            feedback.tidy()
    rows = rows_of(project, feedback)
    if not rows and not sayings.can_undo:
        return
    st.subheader(f"{counted(len(rows), 'photo')}, those that would help most first" if rows else "No photo waits")
    source = WaitingPhotos(st.session_state.setdefault(f"{key}_token", secrets.token_hex(16)), project, feedback)
    source.history = sayings.history
    look = gallery.Look("Photos that wait", empty="No photo waits any more.", with_class=True, redraws=True)
    gallery.show(key, project, source.listed, _actions(source, sayings), look, source)


class WaitingPhotos(Lent):
    """They are lent to the gallery, in the class that the user said."""

    def __init__(self, token: str, project: Project, feedback: FeedbackFolder) -> None:
        super().__init__(token)
        self._project = project
        self._feedback = feedback

    def entries(self, photo_ids: Collection[int]) -> list[FeedbackEntry]:
        """What was said of these, of those that wait."""
        wanted = set(photo_ids)
        return [entry for entry in self._feedback.waiting() if _number(entry) in wanted]

    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """As `Lent` has it."""
        return [_as_photo(entry) for entry in self.entries(photo_ids)]

    def taken(self, photo_ids: Collection[int]) -> dict[int, float]:
        """As `Source` has it."""
        return {_number(each): each.taken for each in self.entries(photo_ids) if each.taken is not None}

    def version_of(self, photo: Photo) -> str:
        """As `Source` has it: how pictures are read may change while they wait."""
        return f"{photo.sha256[:16]}-{pictures_version(self._project)}"

    def pictures(self, photo_id: int) -> Pictures | None:
        """As `Lent` has it."""
        for entry in self.entries([photo_id]):
            small, large = partial(self._jpeg, entry, THUMBNAIL_SIDE), partial(self._jpeg, entry)
            return Pictures(self.version_of(_as_photo(entry)), small, large)
        return None

    def _jpeg(self, entry: FeedbackEntry, side: int) -> bytes:
        original = KnownFile(self._feedback.original(entry), entry.sha256)
        return screen_jpeg(original, side, pictures_of(self._project))

    def listed(self, limit: int, offset: int) -> Listed:
        """As a `Listing`: the queue as it is now."""
        rows = rows_of(self._project, self._feedback)
        shown = {_number(row.entry): row for row in rows[offset : offset + limit]}
        return Listed(
            [_as_photo(row.entry) for row in shown.values()],
            len(rows),
            said={photo: _said(row.entry) for photo, row in shown.items()},
            groups={photo: _group(row) for photo, row in shown.items()},
            more={photo: row.why for photo, row in shown.items()},
        )


def _number(entry: FeedbackEntry) -> int:
    """Of its content, as large as JavaScript keeps as it is."""
    return int(entry.sha256[:13], 16)


def _as_photo(entry: FeedbackEntry) -> Photo:
    return lent_photo(_number(entry), entry.name, entry.sha256, entry.label, size=entry.bytes, added=entry.time)


def _said(entry: FeedbackEntry) -> str:
    return f"called {entry.answer}, {percent(entry.probability)} sure".replace(" %", "\N{NO-BREAK SPACE}%")


def _group(row: Ranked) -> str:
    return GROUPS.get((row.kind, row.helps), "")


def _actions(source: WaitingPhotos, sayings: Sayings) -> tuple[Action, ...]:
    """What can be said of them; the next one has the keyboard afterwards, so that `1 2 1` says it of three."""

    def right(project: Project, ids: list[int], value: str) -> Edit:
        entries = source.entries(ids)
        gone = {entry.answer for entry in entries} - set(project.class_counts())
        if gone:
            raise InputError(f"There is no class called {min(gone)} any more. Say what these photos show.")
        verb = "answer is" if len(ids) == 1 else "answers are"
        return sayings.say(f"Said that {len(ids):,} {verb} right", {each.sha256: each.answer for each in entries})

    def other(project: Project, ids: list[int], value: str) -> Edit:
        verb = "shows" if len(ids) == 1 else "show"
        what = f"Said that {counted(len(ids), 'photo')} {verb} {value}"
        return sayings.say(what, {each.sha256: value for each in source.entries(ids)})

    def take_back(project: Project, ids: list[int], value: str) -> Edit:
        what = f"Took back what you said of {counted(len(ids), 'photo')}"
        return sayings.say(what, {each.sha256: None for each in source.entries(ids)})

    return (
        Action("right", "It was right", right, keys=("y",)),
        replace(MOVE, words="Another class", do=other, asks=AN_OLD_CLASS),
        Action("back", "Take back", take_back, keys=("b", "x", "delete")),
    )

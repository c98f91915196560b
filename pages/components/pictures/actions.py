"""What can be done with photos in the gallery: as a page offers it, and as it is carried out, once and only if the
photos are still what the person saw.

A request of the browser has a number and says of each photo in which class it was seen. So a request that comes twice,
as after a lost connection, is done once; and what another window changed meanwhile is told and not undone unseen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.base.errors import EspalierError, InputError
from core.base.files import disk_errors_in_words
from core.base.subsets import TEST
from core.base.words import counted
from core.projects import edits
from core.projects.changes import versions
from core.projects.changes.log import Edit, last_undone
from core.projects.project import NO_CLASS, Photo, Project
from pages.components.pictures.history import OF_PROJECT, History

UNDO, REDO = "undo", "redo"
TAKING_PART, ASIDE, CHANGED, PICTURE = "taking part", "set aside", "changed", "picture"
A_CLASS, A_BOX = "class", "box"  # what an action asks for besides photos
MOST_PHOTOS = 20_000  # in one request; a page has 200, and a selection goes over pages


@dataclass(frozen=True)
class Action:
    """One thing to do with photos.

    Args:
        name: Unique in a gallery.
        words: On its button, such as "Set aside".
        do: Carries it out on the photos with these ids, given what it asks for ("" if nothing).
        is_done: Whether a photo is already as it would be afterwards, so that it needn't be asked twice.
        keys: The keys that do it, as `KeyboardEvent.key` in lower case.
        asks: A_CLASS, A_BOX (a rectangle, in the viewer alone), or "" for nothing.
        on: The photos that it is for: TAKING_PART, ASIDE, CHANGED (a new version of their original), PICTURE (those
            that can be read), "" for all.
        leaves: Whether photos leave the page by it, so that the next one is gone to.
        of_content: Whether it changes what is in the photo, so that it must be the content that was seen.
        sign: One character in place of the words, where there is little room.
        opens: Where it changes nothing and shows a window about one photo, given its id: what draws that window.
    """

    name: str
    words: str
    do: Callable[[Project, list[int], str], Edit]
    is_done: Callable[[Photo, str], bool] = field(default=lambda photo, value: False)
    keys: tuple[str, ...] = ()
    asks: str = ""
    on: str = ""
    leaves: bool = True
    of_content: bool = False
    sign: str = ""
    opens: Callable[[int], None] | None = None

    def shown(self) -> dict[str, str | bool | list[str]]:
        """What the browser knows of it."""
        fields = ("name", "words", "asks", "on", "leaves", "sign")
        shown = {name: getattr(self, name) for name in fields}
        return {**shown, "keys": list(self.keys), "opens": self.opens is not None}

    def takes(self, photo: Photo) -> bool:
        """Whether it is for such photos."""
        fitting = {
            TAKING_PART: not photo.set_aside,
            ASIDE: bool(photo.set_aside),
            CHANGED: bool(photo.made),
            PICTURE: bool(photo.width),
        }
        return fitting.get(self.on, True)


MOVE = Action(
    "move",
    "Put into a class",
    edits.move,
    lambda photo, value: photo.label == value and photo.set_aside != NO_CLASS,
    keys=("m",),
    asks=A_CLASS,
)
SET_ASIDE = Action(
    "aside",
    "Set aside",
    lambda project, ids, value: edits.set_aside(project, ids),
    lambda photo, value: bool(photo.set_aside),
    keys=("x", "delete"),
    on=TAKING_PART,
)
RESTORE = Action(
    "restore",
    "Restore",
    lambda project, ids, value: edits.restore(project, ids),
    lambda photo, value: not photo.set_aside,
    keys=("b",),
    on=ASIDE,
)
HOLD_OUT = Action(
    "hold",
    "Hold out for the test",
    lambda project, ids, value: edits.hold_out(project, ids, TEST),
    lambda photo, value: photo.split == TEST,
    keys=("h",),
    on=TAKING_PART,
    leaves=False,
)
TURN_LEFT = Action(
    "left",
    "Turn left",
    lambda project, ids, value: versions.rotate(project, ids, -1),
    keys=("l",),
    on=PICTURE,
    leaves=False,
    of_content=True,
    sign="↺",
)
TURN_RIGHT = Action(
    "right",
    "Turn right",
    lambda project, ids, value: versions.rotate(project, ids, 1),
    keys=("r",),
    on=PICTURE,
    leaves=False,
    of_content=True,
    sign="↻",
)
CROP = Action(
    "crop",
    "Crop",
    lambda project, ids, value: versions.crop(project, ids[0], value.split(",")),
    keys=("c",),
    asks=A_BOX,
    on=PICTURE,
    leaves=False,
    of_content=True,
)
ORIGINAL = Action(
    "original",
    "Back to the original",
    lambda project, ids, value: versions.restore_original(project, ids),
    lambda photo, value: not photo.made,
    keys=("o",),
    on=CHANGED,
    leaves=False,
)
USUAL = (MOVE, SET_ASIDE, RESTORE, TURN_LEFT, TURN_RIGHT, CROP, ORIGINAL)


def window(name: str, words: str, opens: Callable[[int], None], keys: tuple[str, ...]) -> Action:
    """An action that shows a window about one photo."""
    return Action(name, words, _change_nothing, keys=keys, leaves=False, opens=opens)


def _change_nothing(project: Project, photo_ids: list[int], value: str) -> Edit:
    raise InputError("This changes nothing.")


def staying(*actions: Action) -> tuple[Action, ...]:
    """The same, where photos stay on the page whatever is done with them."""
    return tuple(replace(action, leaves=False) for action in actions)


@dataclass(frozen=True)
class Request:
    """What the browser asks for.

    Args:
        number: Of this tab's requests, in their order.
        name: Of an action, or UNDO or REDO.
        seen: The photos, and of each the class, the reason for being set aside and the beginning of the SHA-256 with
            which it was seen.
        value: What the action asks for.
        edit: Of UNDO and REDO, the change that they were about when they were asked for; 0 if none was known.
    """

    number: int
    name: str
    seen: dict[int, tuple[str, str, str]]
    value: str
    edit: int


@dataclass(frozen=True)
class Said:
    """What came of a request, in words, and whether it was done."""

    number: int
    words: str
    is_done: bool


def requests_of(value: Any) -> list[Request]:
    """The requests in what a browser sent, in their order; what is no request, as a foreign page may send, is none."""
    found = []
    for each in value if isinstance(value, list) else []:
        try:
            seen = {
                int(photo): (str(label), str(aside), str(content))
                for photo, label, aside, content in each.get("photos", ())
            }
            request = Request(
                int(each["n"]), str(each["do"]), seen, str(each.get("value", "")), int(each.get("edit") or 0)
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        if len(seen) <= MOST_PHOTOS:
            found.append(request)
    return sorted(found, key=lambda request: request.number)


def carry_out(project: Project, actions: tuple[Action, ...], request: Request, history: History = OF_PROJECT) -> Said:
    """Do what is asked for, or say in words why not; nothing is raised that is written for a person."""
    try:
        with disk_errors_in_words("doing this"):
            if request.name == UNDO:
                words = _undo(project, history, request.edit)
            elif request.name == REDO:
                words = _redo(project, request.edit)
            else:
                words = _act(project, _action_of(actions, request.name), request)
    except EspalierError as error:
        return Said(request.number, str(error), is_done=False)
    return Said(request.number, words, is_done=True)


def _action_of(actions: tuple[Action, ...], name: str) -> Action:
    for action in actions:
        if action.name == name:
            return action
    raise InputError("This page can't do that with photos.")


def _act(project: Project, action: Action, request: Request) -> str:
    photos = project.photos_with_ids(request.seen)
    done, elsewhere, wanted = [], [], []
    for photo in photos:
        if action.is_done(photo, request.value):
            done.append(photo)
        elif _is_as_seen(photo, request.seen[photo.id], action.of_content):
            wanted.append(photo)
        else:
            elsewhere.append(photo)
    fitting = [photo for photo in wanted if action.takes(photo)]
    if fitting:
        words = f"{action.do(project, [photo.id for photo in fitting], request.value).what}."
        return " ".join(filter(None, (words, _elsewhere_in_words(elsewhere))))
    if elsewhere:
        raise InputError(f"Nothing was changed. {_elsewhere_in_words(elsewhere)}")
    if wanted or not photos:
        raise InputError("This can't be done with these photos.")
    return f"{counted(len(done), 'photo')} {'is' if len(done) == 1 else 'are'} like that already."


def _is_as_seen(photo: Photo, seen: tuple[str, str, str], of_content: bool) -> bool:
    label, aside, content = seen
    return (photo.label, photo.set_aside) == (label, aside) and (
        not of_content or photo.sha256.startswith(content or "none")
    )


def _elsewhere_in_words(photos: list[Photo]) -> str:
    if not photos:
        return ""
    first = photos[0]
    now = f"set aside ({first.set_aside})" if first.set_aside else f"in {first.label}"
    if len(photos) == 1:
        return f"Another window changed {first.name} meanwhile. It stays as it is, {now}."
    many = counted(len(photos), "photo")
    return f"Another window changed {many} meanwhile. They stay as they are, such as {first.name}, {now}."


def _undo(project: Project, history: History, edit: int) -> str:
    last = history.last(project)
    if edit and (last is None or last.id < edit):
        return "That is undone already."
    if edit and last.id > edit:
        raise InputError(f"Another window changed something since: {last.what}. Undo once more to take that back.")
    return f"Undone: {history.undo(project).what}."


def _redo(project: Project, edit: int) -> str:
    again, last = last_undone(project), edits.last_edit(project)
    if edit and last is not None and last.id == edit:
        return "That is done again already."
    if edit and (again is None or again.id != edit):
        raise InputError("Another window changed something since, so this can't be done again.")
    return f"Done again: {edits.redo(project).what}."

"""What the browser asks for is carried out, once and only if the photos are still what the person saw.

A request of the browser has a number and says of each photo in which class it was seen. So a request that comes twice,
as after a lost connection, is done once; and what another window changed meanwhile is told and not undone unseen.
"""

from dataclasses import dataclass
from typing import Any

from core.base.errors import EspalierError, InputError
from core.base.files import disk_errors_in_words
from core.base.words import counted
from core.projects.project import Photo, Project
from pages.components.pictures.actions import Action
from pages.components.pictures.history import History
from pages.components.pictures.sources import InProject, Source

UNDO, REDO = "undo", "redo"
MOST_PHOTOS = 20_000  # in one request; a page has 200, and a selection goes over pages


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
    """What came of a request, in words, whether it was done, and whether it made a change that Undo takes back."""

    number: int
    words: str
    is_done: bool
    is_change: bool = False


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


def carry_out(project: Project, actions: tuple[Action, ...], request: Request, source: Source | None = None) -> Said:
    """Do what is asked for with the project's photos or those of `source`, or say in words why not.

    Nothing is raised that is written for a person.
    """
    source = source or InProject(project)
    try:
        with disk_errors_in_words("doing this"):
            before = _last_change(project, source)
            words = _done(project, actions, request, source)
            is_change = _last_change(project, source) > before
    except EspalierError as error:
        return Said(request.number, str(error), is_done=False)
    return Said(request.number, words, is_done=True, is_change=is_change)


def _last_change(project: Project, source: Source) -> int:
    """The number of what Undo would take back; 0 where it is nothing."""
    last = source.history.last(project) if source.history else None
    return last.id if last else 0


def _done(project: Project, actions: tuple[Action, ...], request: Request, source: Source) -> str:
    if request.name not in (UNDO, REDO):
        return _act(project, _action_of(actions, request.name), request, source)
    if source.history is None:
        raise InputError("This page can't undo anything.")
    take = _undo if request.name == UNDO else _redo
    return take(project, source.history, request.edit)


def _action_of(actions: tuple[Action, ...], name: str) -> Action:
    for action in actions:
        if action.name == name:
            return action
    raise InputError("This page can't do that with photos.")


def _act(project: Project, action: Action, request: Request, source: Source) -> str:
    photos = source.with_ids(request.seen)
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


def _redo(project: Project, history: History, edit: int) -> str:
    again, last = history.again(project), history.last(project)
    if edit and last is not None and last.id == edit:
        return "That is done again already."
    if edit and (again is None or again.id != edit):
        raise InputError("Another window changed something since, so this can't be done again.")
    return f"Done again: {history.redo(project).what}."

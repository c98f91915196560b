"""What can be done with photos in the gallery, as a page offers it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.base.errors import InputError
from core.base.subsets import TEST
from core.projects import edits
from core.projects.changes import versions
from core.projects.changes.log import Edit
from core.projects.project import NO_CLASS, Photo, Project

TAKING_PART, ASIDE, CHANGED, PICTURE, SAID = "taking part", "set aside", "changed", "picture", "said"
A_CLASS, AN_OLD_CLASS, A_BOX = "class", "old class", "box"  # what an action asks for besides photos


@dataclass(frozen=True)
class Action:
    """One thing to do with photos.

    Args:
        name: Unique in a gallery.
        words: On its button, such as "Set aside".
        do: Carries it out on the photos with these ids, given what it asks for ("" if nothing).
        is_done: Whether a photo is already as it would be afterwards, so that it needn't be asked twice.
        keys: The keys that do it, as `KeyboardEvent.key` in lower case.
        asks: A_CLASS, also a new one, AN_OLD_CLASS, A_BOX (a rectangle, in the viewer alone), or "" for nothing.
        on: The photos that it is for: TAKING_PART, ASIDE, CHANGED (a new version of their original), PICTURE (those
            that can be read), SAID (in a class or set aside), "" for all.
        leaves: Whether photos leave the page by it, so that the next one is gone to.
        of_content: Whether it changes what is in the photo, so that it must be the content that was seen.
        sign: One character or short word in place of the words, where there is little room.
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
            SAID: bool(photo.label or photo.set_aside),
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
    sign="Original",
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

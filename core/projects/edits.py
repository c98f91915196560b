"""Class work with undo: set photos aside, bring them back, move them, rename or merge classes, hold photos out, and
keep what a finding was about.

Nothing is ever deleted. Every change is one row of the `edits` table, and `undo` takes the last one back: rows and
files are then as before, byte for byte. `redo` does again what was undone, until another change is made. Every change
raises InputError when there is nothing to change or the project is being worked on, and StorageError when a file can't
be moved; then nothing was changed.

The originals move with the change, so that `photos/<class>/` stays a plain class folder and `set-aside/<class>/` holds
what was set aside. How files and rows stay together is in `changes/moves.py`, the log in `changes/log.py`.
"""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath

from core.base.errors import InputError
from core.base.names import free_name, safe_name
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import counted
from core.photos.labelled_photo import FEEDBACK
from core.projects.alike import COPIES, DIFFERENT, answer_of, with_answer
from core.projects.changes.log import Edit, do, do_again, last_edit, last_undone, take_back
from core.projects.changes.moves import MOVING, Change, FreePlaces, alone, name_on_disk
from core.projects.project import NO_CLASS, Photo, Project
from core.projects.project_split import near_copy_groups

BY_HAND = "you set it aside"
MAX_LABEL = 100  # characters; a folder name holds 160 bytes
HELD_OUT = {
    TEST: "Held out {} for the test",
    VALIDATION: "Held out {} for validation",
    TRAIN: "Gave {} to the training",
}


def set_aside(project: Project, photo_ids: Iterable[int], why: str = BY_HAND) -> Edit:
    """Let photos take no part any more; those that are set aside already keep their reason."""
    with alone(project):
        photos = [photo for photo in project.photos_with_ids(photo_ids) if not photo.set_aside]
        return _edit(project, photos, "set_aside", why, f"Set aside {_photos_in_words(photos)}")


def restore(project: Project, photo_ids: Iterable[int]) -> Edit:
    """Let photos that were set aside take part again, in the class they had.

    Raises:
        InputError: A file among them can't be used as a photo.
    """
    with alone(project):
        photos = [photo for photo in project.photos_with_ids(photo_ids) if photo.set_aside]
        _refuse_unusable(photos)
        return _edit(project, photos, "set_aside", "", f"Restored {_photos_in_words(photos)}")


def move(project: Project, photo_ids: Iterable[int], label: str) -> Edit:
    """Put photos into another class, which begins to exist if it doesn't; they stay in their subset.

    Those that had no class take part from now on.

    Raises:
        InputError: The name can't be one.
    """
    label = checked_label(label)
    with alone(project):
        photos = [photo for photo in project.photos_with_ids(photo_ids) if photo.label != label]
        return _edit(project, photos, "label", label, f"Moved {_photos_in_words(photos)} to {label}")


def rename_class(project: Project, old: str, new: str) -> Edit:
    """Give a class another name. When another class has that name, the two become one.

    What was set aside goes with its class. Subsets and cached features, kept by content, stay.

    Raises:
        InputError: There is no such class, or the new name can't be one.
    """
    new = checked_label(new)
    if new == old:
        raise InputError(f"The class is called {old} already.")
    with alone(project):
        photos = project.photos_where("label = ?", old) if old else []  # "" is no class
        if not photos:
            raise InputError(f"There is no class called {old}. It may have been renamed in another window.")
        verb = f"Merged {old} into {new}" if new in project.class_folders() else f"Renamed {old} to {new}"
        return _edit(project, photos, "label", new, f"{verb} ({_photos_in_words(photos)})", emptied=old)


def merge_classes(project: Project, labels: Iterable[str], into: str) -> Edit:
    """Put all photos of some classes, also what was set aside, into another class, as one change."""
    others = [label for label in labels if label != into]
    with alone(project):
        photos = project.photos_where("label in (select value from json_each(?))", json.dumps(others))
        what = f"Merged {' and '.join(others)} into {into} ({_photos_in_words(photos)})"
        return _edit(project, photos, "label", into, what)


def keep(project: Project, photo_ids: Iterable[int], kind: str) -> Edit:
    """Let findings of one kind, such as "blurred", be silent on these photos."""
    with alone(project):
        photos = [photo for photo in project.photos_with_ids(photo_ids) if kind not in photo.kept.split()]
        changes = [[photo.id, "kept", photo.kept, f"{photo.kept} {kind}".strip()] for photo in photos]
        return do(project, changes, f"Decided to keep {_photos_in_words(photos)}")


def say_alike(project: Project, photo_ids: Iterable[int], answer: str) -> Edit:
    """Keep what photos are that look alike: `alike.COPIES` or DIFFERENT; "" = not said, so that it is asked again."""
    with alone(project):
        photos = [photo for photo in project.photos_with_ids(photo_ids) if answer_of(photo.kept) != answer]
        changes = [[photo.id, "kept", photo.kept, with_answer(photo.kept, answer)] for photo in photos]
        n = len(photos)
        what = {
            COPIES: f"Said that {counted(n, 'photo')} are copies or bursts",
            DIFFERENT: f"Said that {counted(n, 'photo')} only look alike",
        }
        return do(project, changes, what.get(answer, f"Asked again about {counted(n, 'photo')} that look alike"))


def hold_out(project: Project, photo_ids: Iterable[int], subset: str) -> Edit:
    """Choose by hand what photos are for. Their near-copies go along: no picture may be in two subsets.

    Photos from feedback stay in the training: a model was asked about them before, and was often wrong. So they are
    no fair sample, and numbers measured on them would say nothing.

    Args:
        project: Whose photos.
        photo_ids: Which.
        subset: "test", "validation" or "train".

    Raises:
        InputError: Some are from feedback and would have to judge.
    """
    with alone(project):
        chosen = project.photos_with_ids(photo_ids)
        if subset != TRAIN:
            _refuse_feedback(chosen)
        photos = [photo for photo in _with_near_copies(project, chosen) if photo.split != subset]
        photos = [photo for photo in photos if subset == TRAIN or photo.origin != FEEDBACK]
        n_along = len(photos) - len({photo.id for photo in photos} & {photo.id for photo in chosen})
        along = f", {counted(n_along, 'near-copy', 'near-copies')} among them" if n_along else ""
        return _edit(project, photos, "split", subset, HELD_OUT[subset].format(_photos_in_words(photos)) + along)


def undo(project: Project) -> Edit:
    """Take back the last change that stands, and return it; called again, the one before it.

    A file whose old name was taken meanwhile, by an import, comes back with a number after its name.
    """
    with alone(project):
        edit = last_edit(project)
        if edit is None:
            raise InputError("There is no change to undo.")
        take_back(project, edit)
    return edit


def redo(project: Project) -> Edit:
    """Do again what was undone last, and return it; called again, what was undone before that.

    Once another change is made, in this window or another, there is nothing to redo any more.
    """
    with alone(project):
        edit = last_undone(project)
        if edit is None:
            raise InputError("There is no change to redo.")
        do_again(project, edit)
    return edit


def repair(project: Project) -> Project:
    """Put back the files of a change that was cut short. Every change does so first; so should what reads files."""
    if project.setting(MOVING):
        with alone(project):
            pass
    return project


def checked_label(label: str) -> str:
    """A class name as it is kept: valid text in one line. Its folder's name may differ; see `safe_name`.

    Raises:
        InputError: It is empty or too long.
    """
    label = " ".join(label.encode("utf-8", "replace").decode("utf-8").split())
    label = "".join(character for character in label if character.isprintable())
    if not label or len(label) > MAX_LABEL:
        raise InputError(f"A class's name needs 1 to {MAX_LABEL} characters.")
    return label


def _edit(project: Project, photos: list[Photo], column: str, value: str, what: str, emptied: str = "") -> Edit:
    """Set one column of photos that differ in it, move their files where they then belong, and log it as `what`.

    The class that is `emptied`, losing its last photo by this, leaves its folder's name free.
    """
    changes: list[Change] = [[photo.id, column, getattr(photo, column), value] for photo in photos]
    if column == "label":
        changes += [[photo.id, "set_aside", NO_CLASS, ""] for photo in photos if photo.set_aside == NO_CLASS]
    if column != "split":
        changes += _moves(project, photos, column, value, emptied)
    return do(project, changes, what)


def _moves(project: Project, photos: list[Photo], column: str, value: str, emptied: str) -> list[Change]:
    """The changes of the column `file` that follow from another class or from being set aside."""
    folders = project.class_folders()
    if column == "label" and value not in folders:
        taken = {folder.lower() for label, folder in folders.items() if label != emptied}
        folders[value] = free_name(safe_name(value), taken)
    places = FreePlaces(project)
    changes = []
    for photo in photos:
        label, aside = (value, photo.set_aside.replace(NO_CLASS, "")) if column == "label" else (photo.label, value)
        folder = f"{'set-aside' if aside else 'photos'}/{folders[label]}"
        # Some disks take "Apple" and "apple" for one folder: a class of which only that changes keeps its folder.
        if folder.lower() != str(PurePosixPath(photo.file).parent).lower():
            name = name_on_disk(photo)
            changes.append([photo.id, "file", photo.file, places.take(f"{folder}/{name}")])
    return changes


def _refuse_unusable(photos: list[Photo]) -> None:
    if without := [photo for photo in photos if photo.set_aside == NO_CLASS]:
        raise InputError(f"{counted(len(without), 'photo')} of these had no class yet. Move them into one instead.")
    unusable = [photo for photo in photos if not photo.width]
    if len(unusable) == 1:
        raise InputError(f"{unusable[0].name} can't take part: {unusable[0].set_aside}. It stays set aside.")
    if unusable:
        raise InputError(
            f"{counted(len(unusable), 'file')} of these can't take part, such as {unusable[0].name}: "
            f"{unusable[0].set_aside}. They stay set aside; leave them out to restore the others."
        )


def _refuse_feedback(photos: list[Photo]) -> None:
    fed = [photo for photo in photos if photo.origin == FEEDBACK]
    if fed:
        which = f"{fed[0].name} is" if len(fed) == 1 else f"{counted(len(fed), 'photo')} of these are"
        raise InputError(
            f"{which} from feedback and can only teach: a model was asked about such photos before, so a test on them "
            "would not be fair. Select other photos to hold out."
        )


def _with_near_copies(project: Project, photos: list[Photo]) -> list[Photo]:
    """These photos and all of their groups, also equal files whose appearance is not known."""
    every = project.photos_where("true")
    groups = near_copy_groups(project, every)
    chosen, contents = {photo.id for photo in photos}, {photo.sha256 for photo in photos}
    along = {group for photo, group in zip(every, groups, strict=True) if photo.id in chosen}
    return [p for p, group in zip(every, groups, strict=True) if group in along or p.sha256 in contents]


def _photos_in_words(photos: list[Photo]) -> str:
    return counted(len(photos), "photo")

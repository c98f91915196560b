"""Classes and split in a tree of folders: which folders are classes, which are parts of a split, which hold others."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.base.subsets import TRAIN
from core.sources.reading import CLEAR, LIKELY, Label, Reading, Unlabelled
from core.sources.split_folders import UNLABELLED, class_and_split, is_container, is_numbered, split_of
from core.sources.tree import Folder, clean

ALIKE = 0.9  # share of photos that lie in a second copy of a set under the same names
SHARED = 0.8  # share of inner folders that several outer ones have alike


@dataclass
class _Found:
    reading: Reading
    deeper: bool  # how to read folders in folders of which either level may be the class
    asked: list[int] = field(default_factory=list)  # at which depths that was so
    odd: list[int] = field(default_factory=list)  # where what is called like a split may be a class after all

    def label(self, folder: Folder, name: str, split: str, depth: int) -> None:
        """Give a class to all photos below a folder."""
        name = clean(name)
        label = Label(name, "" if split == UNLABELLED else split, depth)
        for photo in folder.names():
            if name:
                self.reading.labels[photo] = label
            else:
                self.reading.loose.append(photo)

    def without_class(self, folder: Folder, split: str) -> None:
        """All photos below a folder are for asking about."""
        place = Unlabelled("/".join(folder.path) or "what was brought", "" if split == UNLABELLED else split)
        self.reading.unlabelled.update(dict.fromkeys(folder.names(), place))


def folder_readings(root: Folder) -> list[Reading]:
    """One reading of the folders, or two where either of two levels may be the classes; likeliest first."""
    first = _read_all(root, deeper=False)
    # Where nothing else is a class, a folder called like a part of a split is none either.
    if not first.asked and not (first.odd and first.reading.labels):
        return [first.reading]
    second = _read_all(root, deeper=True)
    first.reading.sure = second.reading.sure = LIKELY
    if first.asked:
        first.reading.layout = f"folders:{min(first.asked) + 1}"
        second.reading.layout = f"folders:{min(first.asked) + 2}"
    else:
        second.reading.layout = f"folders:{min(first.odd) + 1}"
    return [first.reading, second.reading]


def _read_all(root: Folder, deeper: bool) -> _Found:
    found = _Found(Reading("folders", "by folders", sure=CLEAR), deeper)
    _read(root, "", found)
    splits = any(label.split for label in found.reading.labels.values()) or found.reading.unlabelled
    found.reading.layout = "splits" if splits else "folders"
    return found


def _read(folder: Folder, split: str, found: _Found) -> None:
    """Find classes below a folder that is none itself."""
    folder = _through_outer_folders(folder, found)
    folder = _without_copies(folder, found)
    inner = {f.name: split_of(f.name, folder.folders) for f in folder.folders.values()}
    holders = [f for f in folder.folders.values() if inner[f.name] or _only_holds(f)]
    if folder.direct and not (folder.folders and not split):
        found.without_class(replace(folder, folders={}), split)
    else:
        found.reading.loose += folder.direct
    if holders:
        _read_holders(folder, holders, inner, split, found)
    else:
        _read_classes(folder, split, found)


def _through_outer_folders(folder: Folder, found: _Found) -> Folder:
    """The innermost folder that lies around everything and is no class; photos beside it are strays."""
    while len(folder.folders) == 1 and not folder.direct:
        (inner,) = folder.folders.values()
        if inner.is_class_like and not (inner.is_flat and _says_nothing(inner, folder)):
            break
        folder = inner
    return folder


def _says_nothing(inner: Folder, outer: Folder) -> bool:
    """Whether a lone folder of photos is called like a container, a part of a split, or as what it lies in."""
    return bool(is_container(inner.name) or split_of(inner.name) or inner.name == outer.name)


def _only_holds(folder: Folder) -> bool:
    return is_container(folder.name) and len(folder.folders) > 0 and not folder.is_class_like


def _without_copies(folder: Folder, found: _Found) -> Folder:
    """The folder without an inner one that holds the same names as the rest of it."""
    for inner in folder.folders.values():
        rest = {name: f for name, f in folder.folders.items() if f is not inner}
        if not inner.folders or not set(inner.folders) <= set(rest) or not _may_be_copy(inner, folder):
            continue
        others = _relative(replace(folder, folders=rest))
        theirs = _relative(inner)
        if len(theirs & others) >= ALIKE * len(theirs):
            found.reading.copies += inner.names()
            return replace(folder, folders=rest, count=folder.count - inner.count)
    return folder


def _may_be_copy(inner: Folder, outer: Folder) -> bool:
    """Whether its name tells nothing: the same numbers in "test" or "old" are other photos."""
    if split_of(inner.name, outer.folders):
        return False
    return inner.name == outer.name or is_container(inner.name) or all(split_of(name) for name in inner.folders)


def _relative(folder: Folder) -> set[str]:
    start = len("/".join(folder.path)) + bool(folder.path)
    return {name[start:] for name in folder.names()}


def _read_holders(folder: Folder, holders: list[Folder], splits: dict[str, str], split: str, found: _Found) -> None:
    """Parts of a split and containers, and whatever lies beside them."""
    others = [f for f in folder.folders.values() if f not in holders]
    if _are_classes_and_splits(folder, found):
        return
    if _may_be_classes(holders, others):
        found.odd.append(len(folder.path))
        if found.deeper:
            _label_all([*others, *holders], split, found)
            return
    before = len(found.reading.labels)
    with_classes = [f for f in holders if not f.is_flat]
    names = {clean(name) for f in with_classes for name in _first_classes(f)}
    for holder in holders:
        part = splits[holder.name] or split
        flat = holder.is_class_like or (len(holder.folders) == 1 and _holds_no_class(holder, names))
        (found.without_class if flat else lambda f, s: _read(f, s, found))(holder, part)
    labelled = len(found.reading.labels) > before
    taught = any(splits[f.name] in ("", TRAIN) for f in with_classes)
    for other in others:
        is_class = clean(other.name) in names
        if not is_class and names & {clean(name) for name in other.folders}:  # a part in words that we don't know
            _read(other, split, found)
        elif is_class or not (labelled and taught):
            found.label(other, other.name, split, len(other.path) - 1)
        else:
            found.without_class(other, split)


def _first_classes(holder: Folder) -> list[str]:
    inner = _through_outer_folders(holder, _Found(Reading("", ""), False))
    return [name for name in inner.folders if not split_of(name) and not is_container(name)]


def _holds_no_class(holder: Folder, names: set[str]) -> bool:
    """Whether the only folder in a part of a split is called like no class of the other parts."""
    inner = _through_outer_folders(holder, _Found(Reading("", ""), False))
    if len(inner.folders) > 1:
        return False
    if not inner.folders:
        return True
    (name,) = inner.folders
    return inner.folders[name].is_flat and _says_nothing(inner.folders[name], inner) and clean(name) not in names


def _are_classes_and_splits(folder: Folder, found: _Found) -> bool:
    """Folders such as cat_train, cat_test, dog_train and dog_test: read them, if all are called so."""
    said = {f.name: class_and_split(f.name) for f in folder.folders.values()}
    classes = Counter(name.casefold() for name, split in said.values() if split)
    if len(classes) < 2 or classes.total() != len(said) or any(not f.is_class_like for f in folder.folders.values()):
        return False
    if any(is_container(name) for name, _ in said.values()):
        return False
    for inner in folder.folders.values():
        name, split = said[inner.name]
        found.label(inner, name, split, len(inner.path) - 1)
    return True


def _read_classes(folder: Folder, split: str, found: _Found) -> None:
    """Folders of which each is a class, unless those in them are."""
    tops = list(folder.folders.values())
    if all(top.is_flat and is_container(top.name) for top in tops):
        for top in tops:
            found.without_class(top, split)
        return
    if _are_classes_and_splits(folder, found):
        return
    choice = _which_level(tops)
    if choice == "ask":
        found.asked.append(len(folder.path))
    if choice == "inner" or (choice == "ask" and found.deeper):
        for top in tops:
            _read(top, split, found)
        return
    _label_all(tops, split, found)


def _may_be_classes(holders: list[Folder], others: list[Folder]) -> bool:
    """Whether the one folder called like a split may be a class: "train" beside "bus", "valid" beside "invalid"."""
    if len(holders) > 1 or not holders[0].is_flat or not others or not all(f.is_flat for f in others):
        return False
    return len(others) == 1 or split_of(holders[0].name) == TRAIN


def _label_all(tops: list[Folder], split: str, found: _Found) -> None:
    for top in tops:
        _label_class(top, split, found)


def _label_class(top: Folder, split: str, found: _Found) -> None:
    """One class; of a class folder that holds parts of a split, each part."""
    parts = {f.name: split_of(f.name) for f in top.folders.values()}
    depth = len(top.path) - 1
    if not top.direct and parts and all(parts.values()):
        for part in top.folders.values():
            found.label(part, top.name, parts[part.name], depth)
    else:
        found.label(top, top.name, split, depth)


def _which_level(tops: list[Folder]) -> str:
    """Whether the "outer" folders are the classes, the "inner" ones, or that has to be asked ("ask")."""
    tops = [_past_containers(top) for top in tops]
    if len(tops) < 2 or any(top.direct or len(top.folders) < 2 for top in tops):
        return "outer"
    if any(all(split_of(name) for name in top.folders) for top in tops):
        return "outer"
    inner = Counter(clean(name) for top in tops for name in top.folders)
    shared = sum(n for n in inner.values() if n > 1) >= SHARED * inner.total()
    if shared and all(is_numbered(top.name) for top in tops) and not all(map(is_numbered, inner)):
        return "inner"
    if all(map(is_numbered, inner)) and not (shared and all(is_numbered(top.name) for top in tops)):
        return "outer"
    if not shared and _mostly(inner, lambda name: any(character.isdigit() for character in name)):
        return "outer"  # such as films of one person, or dates
    return "ask"


def _past_containers(top: Folder) -> Folder:
    while not top.direct and len(top.folders) == 1 and is_container(next(iter(top.folders))):
        (inner,) = top.folders.values()
        top = replace(inner, path=(*inner.path[:-1], top.name))
    return top


def _mostly(names: Counter[str], holds: Callable[[str], bool]) -> bool:
    return sum(map(holds, names)) >= ALIKE * len(names)

"""The tree of folders that the names of photos make."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 32  # folders in folders that are looked at; what is deeper belongs to the last
Parts = tuple[str, ...]


@dataclass(eq=False)  # compared as the one it is: there may be 100,000 photos in it
class Folder:
    """A folder with photos somewhere below it; `direct` are the names of those that lie in itself."""

    path: Parts = ()
    folders: dict[str, "Folder"] = field(default_factory=dict)
    direct: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1] if self.path else ""

    @property
    def is_flat(self) -> bool:
        """Whether no folder with photos lies in it."""
        return not self.folders

    @property
    def is_class_like(self) -> bool:
        """Whether its own photos count: half of all or more, or those beside fewer than two inner folders."""
        return bool(self.direct) and (len(self.folders) < 2 or 2 * len(self.direct) >= self.count)

    def names(self) -> Iterator[str]:
        """All photos below it."""
        yield from self.direct
        for folder in self.folders.values():
            yield from folder.names()


def clean(name: str) -> str:
    """A class name: normalised, since macOS writes the same umlaut as other characters than Windows does.

    It is valid text in one line, "" where nothing of it can be seen.
    """
    if not name.isprintable():
        kinds = [(character, unicodedata.category(character)) for character in name]
        if all(kind[0] in "CZ" for _, kind in kinds):
            return ""
        name = "".join({"Cc": " ", "Cs": "\N{REPLACEMENT CHARACTER}"}.get(kind, each) for each, kind in kinds)
    return unicodedata.normalize("NFC", name.strip())


def tree_of(photos: dict[str, Parts]) -> Folder:
    """The folders of photos, given each one's name and its parts."""
    root = Folder()
    for name, parts in photos.items():
        here = root
        here.count += 1
        for part in parts[:-1][:MAX_DEPTH]:
            inner = here.folders.get(part)
            if inner is None:
                inner = here.folders[part] = Folder((*here.path, part))
            here = inner
            here.count += 1
        here.direct.append(name)
    return root

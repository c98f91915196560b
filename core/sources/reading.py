"""One way to read what someone brought: which photo is of which class and subset, and what has no class."""

from collections import Counter
from dataclasses import dataclass, field

from core.base.names import in_order
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import counted

CLEAR, LIKELY, UNLIKELY = 0.95, 0.6, 0.2  # how sure a reading is; two that are at least LIKELY are a question
SHOWN = 6  # class names in one line
NO_CLASS = {
    TRAIN: ", so nothing can be learned from them",
    VALIDATION: ", so they can't say when to stop",
    TEST: ", so they can't test",
}


@dataclass(frozen=True)
class Label:
    """What is said of one photo.

    Args:
        name: The class.
        split: Its subset, "" = not said.
        depth: How many folders lie around the class folder; -1 when no folder gives the class.
    """

    name: str
    split: str = ""
    depth: int = -1


@dataclass(frozen=True)
class Unlabelled:
    """Where a photo without a class lies: its folder in words, and the subset that it would belong to, or ""."""

    folder: str
    split: str = ""


@dataclass
class Reading:
    """A proposal.

    Args:
        layout: The value of `--layout` that asks for it.
        by: What gives the classes, in words: "by folders".
        labels: By the photo's name.
        unlabelled: Photos that are for asking about or labelling, by name.
        loose: Names of photos that lie outside of all that was understood.
        copies: Names of photos of a set that holds itself twice.
        sure: How likely it is meant, 0..1.
    """

    layout: str
    by: str
    labels: dict[str, Label] = field(default_factory=dict)
    unlabelled: dict[str, Unlabelled] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    sure: float = CLEAR

    @property
    def counts(self) -> dict[str, int]:
        """Photos per class, in the order of names and numbers."""
        found = Counter(label.name for label in self.labels.values())
        return {name: found[name] for name in in_order(found)}

    @property
    def split_counts(self) -> dict[str, int]:
        """Labelled photos per subset that was given."""
        found = Counter(label.split for label in self.labels.values())
        return {split: found[split] for split in (TRAIN, VALIDATION, TEST) if found[split]}

    @property
    def no_class_words(self) -> list[str]:
        """What lacks a class, folder by folder: "12 photos in test have no class, so they can't test"."""
        found = Counter(self.unlabelled.values())
        return [
            f"{counted(n, 'photo')} in {place.folder} {'has' if n == 1 else 'have'} no class"
            + NO_CLASS.get(place.split, "").replace("they", "it" if n == 1 else "they")
            for place, n in sorted(found.items(), key=lambda item: item[0].folder)
        ]

    @property
    def words(self) -> str:
        """The reading in one line."""
        counts = self.counts
        listed = [f"{_one_line(name)} ({n:,})" for name, n in list(counts.items())[:SHOWN]]
        if len(counts) > SHOWN:
            listed.append(f"and {len(counts) - SHOWN:,} more")
        parts = [f"{counted(len(counts), 'class', 'classes')} {self.by}: {', '.join(listed)}"]
        if self.split_counts:
            given = [f"{n:,} to {_PURPOSE[split]}" for split, n in self.split_counts.items()]
            parts.append(f"split as brought: {', '.join(given)}")
        parts += self.no_class_words
        if self.loose:
            parts.append(f"{counted(len(self.loose), 'photo')} outside of them left out")
        if self.copies:
            parts.append(f"the set holds itself twice: {counted(len(self.copies), 'copy', 'copies')} left out")
        return _one_line("; ".join(parts))


_PURPOSE = {TRAIN: "learn from", VALIDATION: "say when to stop", TEST: "test"}


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)

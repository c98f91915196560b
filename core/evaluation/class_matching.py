"""Which class of a model a folder means, by its name and never by its place in a list."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from core.base.names import in_order
from core.base.words import counted

ALIKE = 0.8  # of `get_close_matches`: from here on a name may be a slip of the other, such as a plural
NAMED = 12  # names in a sentence


@dataclass(frozen=True)
class MatchedClasses:
    """What the names of folders mean to a model.

    Args:
        known: The model's class by the folder's name, of those it knows.
        unknown: How many photos lie in each folder that is none of its classes.
        perhaps: Of these, the class that may be meant, by the folder's name.
    """

    known: dict[str, str]
    unknown: dict[str, int]
    perhaps: dict[str, str]

    @property
    def written_otherwise(self) -> dict[str, str]:
        """Of those it knows, the ones that are not written as the model's class."""
        return {label: name for label, name in self.known.items() if label != name}


def match_classes(
    counts: Mapping[str, int], class_names: list[str], meant: Mapping[str, str] | None = None
) -> MatchedClasses:
    """Match folders to a model's classes: as written, else but for capitals, spaces and how accents are stored.

    A name that fits several classes so is unknown; so is a plural, which may be a class of its own.

    Args:
        counts: Photos by the folder's name.
        class_names: Of the model.
        meant: The class that the user says a folder means, by the folder's name, before any other rule.
    """
    meant = meant or {}
    alike: dict[str, list[str]] = defaultdict(list)
    for name in class_names:
        alike[bare_name(name)].append(name)
    known = {}
    for label in in_order(counts):
        said = meant.get(label, label)
        found = [said] if said in class_names else alike.get(bare_name(label), [])
        if len(found) == 1:
            known[label] = found[0]
    unknown = {label: counts[label] for label in in_order(counts) if label not in known}
    return MatchedClasses(known, unknown, {label: near for label in unknown if (near := _near(label, alike))})


def bare_name(name: str) -> str:
    """A name without what people write now so and now so: capitals, and spaces around or within it."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def _near(label: str, alike: Mapping[str, list[str]]) -> str:
    """The class that a name may be a slip of, "" for none; numbers close to each other are no slip."""
    bare = bare_name(label)
    if bare in alike:
        return alike[bare][0]
    letters = [name for name in alike if any(letter.isalpha() for letter in name)]
    near = get_close_matches(bare, letters, 1, ALIKE)
    return alike[near[0]][0] if near else ""


def unknown_in_words(matched: MatchedClasses) -> str:
    """What was left out for its class, with the class that may be meant; "" when nothing was."""
    if not matched.unknown:
        return ""
    names = ", ".join(f"{name} ({n:,})" for name, n in list(matched.unknown.items())[:NAMED])
    more = f" and {counted(len(matched.unknown) - NAMED, 'other')}" if len(matched.unknown) > NAMED else ""
    hints = [f"If {label} means {name}, name the folder so." for label, name in list(matched.perhaps.items())[:NAMED]]
    return " ".join([f"Left out, since it does not know these classes: {names}{more}.", *hints])


def written_otherwise_in_words(matched: MatchedClasses) -> str:
    """Which folders were taken for classes that are written otherwise; "" for none."""
    pairs = [f"“{label}” as “{name}”" for label, name in matched.written_otherwise.items()]
    if not pairs:
        return ""
    more = f" and {counted(len(pairs) - NAMED, 'other')}" if len(pairs) > NAMED else ""
    return f"Written otherwise, and taken by name: {', '.join(pairs[:NAMED])}{more}."

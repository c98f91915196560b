"""One thing that the doctor has looked at, told so that it can be sent to a stranger."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.base.records import JsonObject, Record

AWAY = "could not be looked at"


@dataclass(frozen=True)
class Finding(Record):
    """What was found, without the name of any photo, project, class or person.

    Args:
        name: What was looked at: "memory", "disk" ...
        ok: Whether all is well; else the words say what to do.
        words: One or two sentences.
        values: The same as numbers and names of our own.
    """

    name: str
    ok: bool
    words: str
    values: JsonObject = field(default_factory=dict)


def looked(name: str, look: Callable[[], Finding]) -> Finding:
    """What is found; where looking itself fails, that. The rest is looked at all the same."""
    try:
        return look()
    except Exception as error:  # of its message nothing is said, since that may name a file
        return Finding(name, False, f"This {AWAY} ({type(error).__name__}).", {"error": type(error).__name__})

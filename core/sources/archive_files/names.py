"""Names of archives that don't say how they are written: the code page is guessed from all names together."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.sources.archive_files.code_pages import CodePage, code_pages

UTF_8 = "UTF-8"
ASCII_BITS = 4.7  # a letter or digit
MIXED_BITS = 5.0  # for letters of two scripts side by side, and a capital after a small letter
MOST_SHOWN = 5
MOST_PARTS = 3000  # different names that are weighed: more change no guess
NUMBERS = re.compile(rb"[0-9]+")


@dataclass(frozen=True)
class Reading:
    """How names are read: the codec, and what people call it ("" for names that are plain ASCII)."""

    codec: str = "ascii"
    words: str = ""

    def note(self, archive: str, names: Iterable[str]) -> str:
        """A sentence for the user with the names as they were read; "" where there was nothing to guess."""
        odd = sorted({part for name in names for part in name.split("/")[:-1] or [name] if not part.isascii()})
        if not self.words or not odd:
            return ""
        shown = ", ".join(odd[:MOST_SHOWN]) + (" ..." if odd[MOST_SHOWN:] else ".")
        return f"{archive} doesn't say how its names are written; they were read as {self.words}: {shown}"


def guessed(names: Iterable[bytes]) -> Reading:
    """The reading of names of which nothing is known, chosen for all of them together.

    UTF-8 where all are valid in it, which text in another page hardly is by chance; else the page in which they are
    likeliest. Two names never become one.
    """
    names = list({name for name in names if not name.isascii()})
    if not names:
        return Reading()
    if _tells_apart(names, "utf-8"):
        return Reading("utf-8", UTF_8)
    weighed = b"\n".join(_parts(names))
    pages = [page for page in code_pages() if _tells_apart(names, page.codec)]
    likeliest = min(pages, key=lambda page: _bits(weighed, page))
    return Reading(likeliest.codec, likeliest.words)


def _parts(names: list[bytes]) -> list[bytes]:
    """The different folder and file names, numbers taken out of them. A slash is no second byte in any page."""
    parts = {NUMBERS.sub(b"", part) for name in names for part in name.split(b"/") if not part.isascii()}
    return sorted(parts)[:MOST_PARTS]


def _tells_apart(names: list[bytes], codec: str) -> bool:
    """Whether different names are different texts in a codec, and all of them are text in it."""
    try:
        return len(set(b"\n".join(names).decode(codec).split("\n"))) == len(names)
    except UnicodeDecodeError:
        return False


def _bits(raw: bytes, page: CodePage) -> float:
    text, total = raw.decode(page.codec), page.prior
    for two_before, before, char in zip("\n\n" + text, "\n" + text, text, strict=False):
        total += ASCII_BITS if char.isascii() else page.bits(char)
        total += MIXED_BITS if _clash(two_before, before, char) else 0.0
    return total


@lru_cache(4096)
def _clash(two_before: str, before: str, char: str) -> bool:
    """Whether a character hardly stands after two others: of another script, or a capital inside a small word."""
    if not (before.isalpha() and char.isalpha()):
        return False
    capital_inside = char.islower() and before.isupper() and two_before.isalpha()
    return capital_inside or (before.islower() and char.isupper()) or _script(before) != _script(char)


def _script(char: str) -> str:
    name = unicodedata.name(char, "?").split(" ")[0].split("-")[0]
    return "JAPANESE" if name in ("HIRAGANA", "KATAKANA", "CJK") else name

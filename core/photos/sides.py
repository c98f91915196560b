"""Do left and right, above and below, or a shape tell the classes apart? Then a mirrored photo shows another class.

Names say so where one class is called as another but for the side, and photos where those of one class are mirror
images of those of another (`core.photos.mirrored_classes`). One name alone says nothing: no whale is a left whale.
"""

import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice, product

from core.base.names import in_order
from core.base.words import counted
from core.photos import side_words
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, Augmentation, parse
from core.photos.side_words import WordPairs

ClassPairs = Sequence[tuple[str, str]]
UPSIDE_DOWN = 135.0  # degrees: turned by more, above is nearer to below, and left to right
LONG = 4  # letters: so long a word is found within a longer one too, as in "turnleft"
SPACES = re.compile(r"[\s_-]+")
MOST_COMPARED = 20_000  # pairs of names for a pair of words: thousands of classes take no longer than a second
ALPHABET = 8  # single letters among the names: with as many, L and R are letters and not sides
# With so many of these among the names, they are what the photos show, and these two nearly each other's mirror image.
GLYPHS = (
    (frozenset(string.digits), 10, ("2", "5")),
    (frozenset(string.ascii_uppercase), 20, ("S", "Z")),
    (frozenset(string.ascii_lowercase), 20, ("s", "z")),
)
ABOUT_LETTERS = {"letter", "lower", "lowercase", "small", "buchstabe", "lettre", "letra", "lettera"}
LITTLE_WORDS = {"to", "the", "a", "an", "of", "on", "in", "at", "nach", "der", "die", "das", "la", "el", "de"}
WORDS = re.compile(r"[^\W\d_]+|\d+")
INNER_CAPITAL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
# What is said in several words, made one; in names that are in small letters already.
IN_ONE_WORD = (
    (re.compile(r"\b(?:counter|anti|contra)\s+(?=clockwise|horaire|horario|orario)"), "anti"),
    (re.compile(r"\b(?:ent)?gegen (?:den |dem )?uhrzeigersinn\b"), "anticlockwise"),
    (re.compile(r"\b(?:im |mit dem )?uhrzeigersinn\b"), "clockwise"),
    (re.compile(r"\bup ?side ?down\b"), "upsidedown"),
    (re.compile(r"\b(north|south) (?=(?:east|west)\b)"), r"\1"),
)


def sides_matter(class_names: Iterable[str], mirrored: ClassPairs = ()) -> str:
    """Why photos of these classes must not be mirrored, as the end of a sentence; "" where nothing says so.

    Args:
        class_names: All of them.
        mirrored: Classes whose photos are mirror images of each other's, from `mirrored_classes`.
    """
    if named := side_pairs(class_names):
        return _would_show("mirrored photos of {}", named)
    if mirrored:
        first, second = mirrored[0]
        return f"photos of {first} look like mirrored photos of {second}{_more(mirrored)}"
    return ""


def heights_matter(class_names: Iterable[str]) -> str:
    """Why they must not be turned upside down, as `sides_matter`."""
    names = in_order(class_names)
    pairs = [
        *_by_words(names, side_words.ABOVE_AND_BELOW, _is_same),
        *_by_signs(names, side_words.ABOVE_AND_BELOW_SIGNS),
        *_by_letters(names, side_words.UPSIDE_DOWN_LETTERS),
    ]
    return _would_show("photos of {} upside down", _each_once(pairs)) if pairs else ""


def side_pairs(class_names: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of classes whose names say that they differ in left and right; those that differ in more only alone."""
    names = in_order(class_names)
    long = [pair for pair in side_words.LEFT_AND_RIGHT if len(min(pair, key=len)) >= LONG]
    pairs = [
        *_by_words(names, (*side_words.LEFT_AND_RIGHT, *side_words.LEFT_AND_RIGHT_ALONE), _is_same),
        *_by_signs(names, (*side_words.LEFT_AND_RIGHT_SIGNS, *long)),
        *_by_letters(names, side_words.MIRRORED_LETTERS),
        *_by_alphabet(names),
    ]
    return _each_once(pairs or _by_words(names, side_words.LEFT_AND_RIGHT, _is_alike))


def usual_views(augment: str, sides: str) -> str:
    """The setting "auto" where sides matter, for the reason `sides`: never mirrored. Any other stays as it is."""
    return NO_VIEWS if sides and augment == AUTO_VIEWS else augment


def chosen_views(augment: str, sides: str) -> str:
    """What someone chose though sides matter: "auto" is spelled out, so that it isn't taken for the usual setting."""
    return Augmentation(mirror=True, views=1).text() if sides and augment == AUTO_VIEWS else augment


def changes_sides(augment: str) -> bool:
    """Whether a setting changes left and right over: by mirroring, or upside down, where a left hand is a right one."""
    return augment == AUTO_VIEWS or (augment != NO_VIEWS and (parse(augment).mirror or turns_over(augment)))


def turns_over(augment: str) -> bool:
    """Whether a setting changes above and below over."""
    if augment in (NO_VIEWS, AUTO_VIEWS):
        return False
    varied = parse(augment)
    return varied.flip or varied.rotation > UPSIDE_DOWN


def sides_in_words(augment: str, sides: str) -> str:
    """What is done where sides matter, in a sentence: that nothing is mirrored, and why; "" where they don't."""
    return f"Not mirrored: {sides}." if sides and not changes_sides(augment) else ""


def not_asked_in_words(ask_mirror: bool, sides: str) -> str:
    """That mirror images are not asked about though `ask_mirror` was set, and why; "" where they may be."""
    return f"It is not asked about mirror images: {sides}." if ask_mirror and sides else ""


def view_warnings(augment: str, sides: str, heights: str) -> list[str]:
    """Sentences on views that show a photo of one class as one of another.

    Args:
        augment: As in `TrainConfig`.
        sides: From `sides_matter`.
        heights: From `heights_matter`.
    """
    found = []
    if sides and changes_sides(augment):
        done = "mirrored" if not turns_over(augment) else "mirrored or turned upside down"
        found.append(f"The training photos are also {done}, as you chose, but {sides}: the model may mix them up.")
    if heights and turns_over(augment):
        found.append(f"The training photos are also turned upside down, but {heights}: the model may mix them up.")
    return found


def notes_on_views(augment: str, sides: str, heights: str) -> list[str]:
    """All that a run has to say of its views, a sentence each; arguments as of `view_warnings`."""
    return [*filter(None, [sides_in_words(augment, sides)]), *view_warnings(augment, sides, heights)]


def notes_of_run(augment: str, sides: str, class_names: Collection[str]) -> list[str]:
    """The same with what class names say of heights and shapes: what every new run notes.

    Args:
        augment: As in `TrainConfig`.
        sides: As of `sides_matter`.
        class_names: All of them.
    """
    return [
        *notes_on_views(augment, sides, heights_matter(class_names)),
        *shape_warnings(augment, class_names),
    ]


def shape_warnings(augment: str, class_names: Iterable[str]) -> list[str]:
    """Sentences on photos that are stretched or bent where names tell tall from short, or straight from curved.

    Args:
        augment: As in `TrainConfig`.
        class_names: All of them.
    """
    if augment in (NO_VIEWS, AUTO_VIEWS):
        return []
    varied, names, found = parse(augment), in_order(class_names), []
    for strength, done, changed, pairs in (
        (varied.stretch, "stretched or squeezed", "stretched", _told_by_stretching),
        (varied.lens, "bent as by a lens", "bent", _told_by_bending),
    ):
        if strength and (told := _each_once(pairs(names))):
            first, second = told[0]
            why = f"{changed} photos of {first} can look like {second}{_more(told)}"
            found.append(f"The training photos are also {done}, but {why}: the model may mix them up.")
    return found


def _told_by_stretching(names: list[str]) -> list[tuple[str, str]]:
    return [
        *_by_words(names, side_words.STRETCHED, _is_same),
        *_by_signs(names, side_words.STRETCHED_SIGNS),
        *_by_letters(names, side_words.STRETCHED_LETTERS),
    ]


def _told_by_bending(names: list[str]) -> list[tuple[str, str]]:
    return [*_by_words(names, side_words.BENT, _is_same), *_by_signs(names, side_words.BENT_SIGNS)]


def _would_show(changed: str, pairs: ClassPairs) -> str:
    first, second = pairs[0]
    return f"{changed.format(first)} would show {second}{_more(pairs)}"


def _more(pairs: ClassPairs) -> str:
    return f" (and {counted(len(pairs) - 1, 'more pair')})" if len(pairs) > 1 else ""


def _each_once(pairs: ClassPairs) -> list[tuple[str, str]]:
    """The pairs but those of which both names have come before: "turn left" and "left" need one pair each."""
    kept, known = [], set()
    for pair in pairs:
        if not known.issuperset(pair):
            kept.append(pair)
            known.update(pair)
    return kept


def _plain(name: str) -> str:
    """A name in small letters without accents: "TurnLéft" as "turn left"."""
    spaced = INNER_CAPITAL.sub(" ", unicodedata.normalize("NFC", name))
    letters = unicodedata.normalize("NFKD", SPACES.sub(" ", spaced).casefold())
    plain = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    for pattern, one_word in IN_ONE_WORD:
        plain = pattern.sub(one_word, plain)
    return plain.strip()


def _is_same(rest: set[str], other: set[str]) -> bool:
    return rest == other


def _is_alike(rest: set[str], other: set[str]) -> bool:
    """Whether two names say about the same besides: "turn left" and "right", not "left luggage" and "right whale"."""
    return rest <= other or other <= rest or bool(rest & other)


def _by_words(
    names: list[str], word_pairs: WordPairs, fit: Callable[[set[str], set[str]], bool]
) -> list[tuple[str, str]]:
    """Pairs of names, each with one of a pair of words, whose other words fit."""
    words = {name: set(WORDS.findall(_plain(name))) for name in names}
    is_alphabet = sum(len(name) == 1 and name.isalpha() for name in names) >= ALPHABET
    having = defaultdict(list)
    for name in names:
        for word in words[name]:
            having[word].append(name)
    found = []
    for one, other in ((_plain(first), _plain(second)) for first, second in word_pairs):
        for first, second in islice(product(having.get(one, []), having.get(other, [])), MOST_COMPARED):
            rests = [words[name] - {one, other} - LITTLE_WORDS for name in (first, second)]
            is_letter = is_alphabet and len(first) == len(second) == 1
            if other not in words[first] and one not in words[second] and fit(*rests) and not is_letter:
                found.append((first, second))
    return found


def _by_signs(names: list[str], sign_pairs: WordPairs) -> list[tuple[str, str]]:
    """Pairs of names that become each other when one sign, anywhere in them, is put for the other."""
    plain = {_plain(name): name for name in names}
    return [
        (name, plain[text.replace(one, other)])
        for one, other in ((_plain(first), _plain(second)) for first, second in sign_pairs)
        for text, name in plain.items()
        if one in text and text.replace(one, other) in plain
    ]


def _by_letters(names: list[str], letter_pairs: WordPairs) -> list[tuple[str, str]]:
    """Pairs of names that are letters, such as "b" and "d" or "letter b" and "letter d"; capitals are other letters."""
    known: dict[tuple[str, frozenset[str]], str] = {}
    for name in names:
        single = [word for word in WORDS.findall(name) if len(word) == 1]
        rest = frozenset(word.casefold() for word in WORDS.findall(name) if len(word) > 1)
        if len(single) == 1 and rest <= ABOUT_LETTERS:
            known[single[0], rest] = name
    return [
        (name, known[other, rest])
        for one, other in letter_pairs
        for (letter, rest), name in known.items()
        if letter == one and (other, rest) in known
    ]


def _by_alphabet(names: list[str]) -> list[tuple[str, str]]:
    """Pairs of short names that mean something by the company they are in: points of the compass, digits, letters."""
    plain = {name.casefold(): name for name in names}
    found = []
    if {name for name in plain if len(name) <= len("ne")} <= side_words.COMPASS_POINTS:
        found += [(plain[one], plain[other]) for one, other in side_words.COMPASS if one in plain and other in plain]
    for glyphs, least, pair in GLYPHS:
        if len(glyphs.intersection(names)) >= least and glyphs.intersection(names).issuperset(pair):
            found.append(pair)
    return found

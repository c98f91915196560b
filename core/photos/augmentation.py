"""How training photos are varied (augmentation): the options, their strengths, and the text that a run keeps."""

import math
from dataclasses import dataclass, fields, replace

from core.base.errors import InputError

NO_VIEWS, AUTO_VIEWS = "none", "auto"  # each photo as it is; each photo and its mirror image
MOST_VIEWS = 16  # of a photo: more take long and bring nothing new
VIEWS, SWITCHES = "views", ("mirror", "flip")
SHARE = "share"  # of the photo's side or of what it has; shown in percent


@dataclass(frozen=True)
class Option:
    """One way to vary photos, by its name in `Augmentation`."""

    name: str
    most: float  # the largest strength; 1 for what is either on or off
    unit: str  # "°", SHARE, or "" for what is either on or off
    words: str  # what it does to a photo, as in "It is turned"
    term: str  # what the field calls it

    def in_words(self, strength: float) -> str:
        """What it does at a strength, in words: "turned by up to 15°"."""
        if not self.unit:
            return self.words
        amount = f"{strength:g}°" if self.unit == "°" else f"{100 * strength:.3g} %"
        return f"{self.words} by up to {amount}"


OPTIONS = {
    option.name: option
    for option in (
        Option("mirror", 1, "", "mirrored", "horizontal flip"),
        Option("flip", 1, "", "upside down", "vertical flip"),
        Option("rotation", 180, "°", "turned", "rotation"),
        Option("shift", 0.5, SHARE, "moved aside", "translation"),
        Option("shear", 45, "°", "slanted", "shear"),
        Option("zoom", 0.5, SHARE, "nearer or farther", "zoom"),
        Option("stretch", 0.5, SHARE, "stretched or squeezed", "anisotropic scaling: width and height apart"),
        Option("lens", 0.5, SHARE, "bulging or pinched", "lens correction: barrel and pincushion distortion"),
        Option("crop", 0.5, SHARE, "cut off at the edges", "random crop"),
        Option("brightness", 0.9, SHARE, "brighter or darker", "brightness"),
        Option("contrast", 0.9, SHARE, "more or less contrast", "contrast"),
        Option("colour", 1, SHARE, "more or less colour", "saturation"),
    )
}


@dataclass(frozen=True)
class Augmentation:
    """How each training photo is varied. A strength is the most that is ever done; 0 and False are off."""

    mirror: bool = False  # left for right, every second view
    flip: bool = False  # upside down, every second view; with `mirror` both, either or neither
    rotation: float = 0.0  # degrees to either side, 0..180
    shift: float = 0.0  # share of the side, 0..0.5, in any direction
    shear: float = 0.0  # degrees that upright lines lean, 0..45
    zoom: float = 0.0  # share by which it comes nearer or goes farther, 0..0.5
    stretch: float = 0.0  # share by which its width, and apart from that its height, grows or shrinks, 0..0.5
    lens: float = 0.0  # share by which a corner moves away from the middle, or the same towards it, 0..0.5
    crop: float = 0.0  # share of the side that is cut off, 0..0.5; the rest fills the picture
    brightness: float = 0.0  # share brighter or darker, 0..0.9
    contrast: float = 0.0  # share more or less, 0..0.9
    colour: float = 0.0  # share stronger or paler, 0..1; at 1 from grey to twice as colourful
    views: int = 4  # varied views of each photo, in addition to the photo as it is, 1..16

    def strengths(self) -> dict[str, float]:
        """The options that are on, by name, in the order of OPTIONS."""
        return {name: float(getattr(self, name)) for name in OPTIONS if getattr(self, name)}

    def text(self) -> str:
        """What `parse` reads back to an equal record: the options that are on, then the views."""
        return ",".join(filter(None, (self.recipe(), f"{VIEWS}={self.views}")))

    def recipe(self) -> str:
        """The same without the number of views: what a view looks like doesn't depend on how many there are."""
        return ",".join(f"{name}={_number(strength)}" for name, strength in self.strengths().items())

    def distinct_views(self) -> int:
        """How many varied views differ from each other and from the photo, `views` at most."""
        on = self.strengths()
        if any(name not in SWITCHES for name in on):
            return self.views
        return min(self.views, 2 ** len(on) - 1)

    def without(self, names: set[str]) -> "Augmentation":
        """The same with these options off."""
        return replace(self, **{name: type(getattr(self, name))(0) for name in names})

    def setting(self) -> str:
        """What a `TrainConfig` keeps of it: "none" or "auto" where it is no more than that."""
        on = set(self.strengths())
        return NO_VIEWS if not on else AUTO_VIEWS if on == {"mirror"} else self.text()


def parse(text: str) -> Augmentation:
    """The record that a text such as "mirror=1,rotation=15,views=4" describes; what it doesn't name is off.

    Raises:
        InputError: Names the first option that is unknown, comes twice, is no number or out of its range.
    """
    given: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in _ranges():
            raise InputError(f"augment knows the options {', '.join(_ranges())}. Received: {part.strip()!r}.")
        if name in given:
            raise InputError(f"augment can say {name} only once. Received: {text!r}.")
        given[name] = _value(name, value)
    whole = {name: value for name, value in given.items() if name not in (*SWITCHES, VIEWS)}
    switches = {name: bool(given[name]) for name in SWITCHES if name in given}
    return Augmentation(**whole, **switches, views=int(given.get(VIEWS, Augmentation.views)))


def canonical(augment: str) -> str:
    """A setting as a run keeps it: "none", "auto", or the text of what it describes; InputError for any other."""
    if augment in (NO_VIEWS, AUTO_VIEWS):
        return augment
    if "=" not in augment:
        raise InputError(
            f"augment must be one of {NO_VIEWS}, {AUTO_VIEWS}, or options such as mirror=1,rotation=15. "
            f"Received: augment={augment!r}."
        )
    return parse(augment).text()


def in_words(augment: str) -> str:
    """A setting for people: "none, each as it is", "also mirrored", "4 varied views of each: mirrored, ..."."""
    if augment == NO_VIEWS:
        return "none, each as it is"
    if augment == AUTO_VIEWS:
        return "also mirrored"
    varied = parse(augment)
    options = ", ".join(OPTIONS[name].in_words(strength) for name, strength in varied.strengths().items())
    if not options:
        return in_words(NO_VIEWS)
    n = varied.distinct_views()
    return f"{n} varied {'view' if n == 1 else 'views'} of each besides: {options}"


def _ranges() -> dict[str, tuple[float, float]]:
    return {field.name: _range(field.name) for field in fields(Augmentation)}


def _range(name: str) -> tuple[float, float]:
    return (1, MOST_VIEWS) if name == VIEWS else (0, OPTIONS[name].most)


def _value(name: str, text: str) -> float:
    low, high = _range(name)
    is_whole = name in (*SWITCHES, VIEWS)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high or (is_whole and value != int(value)):  # also refuses what is no number
        kind = "a whole number" if is_whole else "a number"
        raise InputError(
            f"augment: {name} must be {kind} between {low:g} and {high:g}. Received: {name}={text or 'nothing'}."
        )
    return value


def _number(value: float) -> str:
    """The shortest text that `float` reads back to the same number."""
    return repr(value).removesuffix(".0")


@dataclass(frozen=True)
class Recommended:
    """What suits a kind of photos, which `title` names in plain words and `key` in code."""

    key: str
    title: str
    why: str  # which variations are natural for it, and which are not
    augmentation: Augmentation


# Gentle: twice as strong, the first set was no more accurate and less sure on two sets of photos (docs/log.md).
RECOMMENDED = (
    Recommended(
        "upright",
        "Things and animals",
        "Photographed upright: a mirror image is as good, and the camera is never quite level, near or bright enough. "
        "Upside down they are hardly ever seen.",
        Augmentation(mirror=True, rotation=8, shift=0.05, zoom=0.1, brightness=0.1, contrast=0.1, colour=0.1),
    ),
    Recommended(
        "any-way-up",
        "Seen from above or through a microscope",
        "There is no above and below in such pictures: each can be turned to any side and mirrored.",
        Augmentation(mirror=True, flip=True, rotation=180, zoom=0.1, brightness=0.1, contrast=0.1),
    ),
    Recommended(
        "signs",
        "Letters, digits, signs",
        "Never mirrored and turned only a little: a mirrored b is a d, and a 6 upside down is a 9.",
        Augmentation(rotation=8, shift=0.05, shear=5, zoom=0.1, brightness=0.1, contrast=0.1),
    ),
    Recommended(
        "drawings",
        "Drawings",
        "Lines lean and sizes differ from hand to hand; light says nothing, and colours are kept as they were chosen.",
        Augmentation(mirror=True, rotation=8, shift=0.05, shear=5, zoom=0.1),
    ),
)

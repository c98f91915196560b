"""How far a job is, in words, from its events alone: what is done, and how long still where that is known."""

from core.base.events import CONVERTING, PHASE, PROGRESS, QUEUED, SAVING, Event
from core.base.words import counted, duration
from core.jobs.pace import KnownPaces, known_paces, seconds_of

# what a phase counts; the others count photos
UNITS = {
    "fit": ("epoch",),
    "svm": ("try", "tries"),
    "evaluate": ("round",),
    "curve": ("round",),
    "search": ("second",),
    "plate-test": ("answer",),
    "drawing": ("picture",),
    "looking": ("pair",),
    "models": ("model",),
    **dict.fromkeys(("download", "pack", "open"), ("MB", "MB")),
    **dict.fromkeys(("export", "labels", "map", "save", "tutorial"), ("step",)),
}
MAY_END_SOONER = ("fit", "fine-tune", "from-scratch")  # what stops when nothing gets better
TELLING_S = 3  # seconds from which on a phase says how long it has been at work
BY_CONVERSION = (0.5, 2.0)  # times as long as converting the base took before it, saving takes (docs/log.md)
ALMOST = 0.95  # of the bar, for a phase that counts nothing and takes longer than the last time


def progress(
    events: list[Event], now: float, uncounted: str = "", known: KnownPaces | None = None
) -> tuple[float, str]:
    """How much of the present phase is done, 0..1, and its words.

    Args:
        events: All of the job; earlier attempts tell how long its phases take.
        now: Unix seconds.
        uncounted: Put behind the words of a phase that has counted nothing yet.
        known: What else is known of how long its phases take here.
    """
    begun = max((i for i, event in enumerate(events) if event["event"] == QUEUED), default=0)
    phase: Event = {"name": "", "words": "Starting", "time": now}
    counts: Event | None = None
    for event in events[begun:]:
        if event["event"] == PHASE:
            phase, counts = event, None
        elif event["event"] == PROGRESS:
            counts = event
    paces = _both(known or KnownPaces(), known_paces(events[: begun + 1]))
    at_work = max(0.0, now - phase["time"])
    if counts is None or not counts["total"]:
        return _uncounted(phase["words"], uncounted, at_work, paces.whole.get(phase["words"]))
    total = counted(counts["total"], *UNITS.get(phase["name"], ("photo",)))
    at_most = "at most " if phase["name"] in MAY_END_SOONER else ""
    words = f"{phase['words']}: {counts['done']:,} of {at_most}{total}"
    if counts.get("per_second") and counts.get("seconds_left"):
        words += f", {counts['per_second']:.0f} a second"
    each = paces.each.get(phase["words"])
    converted = seconds_of(CONVERTING, events[begun:]) if phase["name"] == SAVING and each is None else 0.0
    left = _left_by_conversion(converted, at_work) or _left(counts, at_work, each)
    return min(1.0, counts["done"] / counts["total"]), words + left


def _both(known: KnownPaces, own: KnownPaces) -> KnownPaces:
    return KnownPaces({**known.each, **own.each}, {**known.whole, **own.whole})


def _uncounted(words: str, uncounted: str, at_work: float, usual: float | None) -> tuple[float, str]:
    words += uncounted
    if at_work >= TELLING_S:
        words += f" {duration(at_work)} so far" if uncounted else f", {duration(at_work)} so far"
    if usual is None or usual < TELLING_S:
        return 0.0, words
    return min(ALMOST, at_work / usual), f"{words}; the last time it took {duration(usual)}"


def _left_by_conversion(converted: float, at_work: float) -> str:
    """How long saving takes still, by the seconds that converting took; "" where there was none, or it takes longer."""
    least, most = (times * converted - at_work for times in BY_CONVERSION)
    if most <= 0:
        return ""
    return f", {_between(duration(max(0.0, least)), duration(most))} left, going by how long converting took"


def _between(least: str, most: str) -> str:
    return f"about {most}" if least == most else f"between {least} and {most}"


def _left(counts: Event, at_work: float, each: float | None) -> str:
    """How long still, where there is ground for it; else how long it has been at work."""
    left, between = counts["seconds_left"], _range_of(counts)
    if left is None and each is not None and counts["done"] < counts["total"]:
        return f", about {duration(each * (counts['total'] - counts['done']))} left, going by the last time"
    if left is None:
        return f", {duration(at_work)} so far" if at_work >= TELLING_S else ""
    if not left:
        return ""
    least, most = (duration(seconds) for seconds in between or (left, left))
    return f", about {duration(left)} left" if least == most else f", {_between(least, most)} left"


def _range_of(counts: Event) -> tuple[float, float] | None:
    said = counts.get("seconds_left_range")
    is_range = isinstance(said, list) and len(said) == 2 and all(type(each) in (int, float) for each in said)
    return (said[0], said[1]) if is_range else None

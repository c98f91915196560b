"""How long a phase still takes: from its own last seconds, and from the same phase of earlier work here."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from core.base.events import PHASE, PROGRESS, QUEUED, TERMINAL, Event

WINDOW_S = 20.0  # what lies further back says less about what comes: other programs, other photos
LEAST_S = 1.0  # of work after the first step: before that there is no ground for an estimate
LEAST_STEPS = 2  # the same; the first step loads and compiles, and counts for nothing
SAMPLES = 100  # kept of the window
SWING = 1.5  # times as long: from here on two paces are told as a range


@dataclass(frozen=True)
class Left:
    """Seconds that are left: `likely` by the whole window, the others by its slower and its quicker half."""

    likely: float
    least: float
    most: float


class Pace:
    """How quickly a phase goes: tell it after each step what is done and the seconds so far."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque()  # seconds and what was done then, the first step's first
        self._steps = -1
        self._now = (0.0, 0.0)

    def step(self, done: float, seconds: float) -> None:
        """So much is done after so many seconds of the phase."""
        self._steps += 1
        self._now = seconds, done
        if not self._samples or seconds - self._samples[-1][0] >= WINDOW_S / SAMPLES:
            self._samples.append(self._now)
        while len(self._samples) > LEAST_STEPS + 1 and self._samples[1][0] < seconds - WINDOW_S:
            self._samples.popleft()

    @property
    def per_second(self) -> float | None:
        """How much is done in a second; None before there is ground for it."""
        began = self._samples[0] if self._samples else self._now
        if self._steps < LEAST_STEPS or self._now[0] - began[0] < LEAST_S:
            return None
        return _rate(began, self._now)

    def left(self, rest: float) -> Left | None:
        """The seconds that so much more takes; None before there is ground for it."""
        pace = self.per_second
        if not pace:
            return None
        middle = self._samples[len(self._samples) // 2]
        halves = [_rate(self._samples[0], middle), _rate(middle, self._now)]
        paces = [pace, *(half for half in halves if half)]
        return Left(rest / pace, rest / max(paces), rest / min(paces))


def _rate(began: tuple[float, float], now: tuple[float, float]) -> float | None:
    seconds, done = now[0] - began[0], now[1] - began[1]
    return done / seconds if seconds > 0 and done > 0 else None


@dataclass(frozen=True)
class KnownPaces:
    """What earlier work on this computer took, by the words of its phases.

    Args:
        each: Seconds for one of what the phase counts.
        whole: Seconds from its begin to its end, of phases that ended.
    """

    each: dict[str, float] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)


def known_paces(events: Iterable[Event], names: Collection[str] | None = None) -> KnownPaces:
    """What the events of jobs that are over say of all phases, or of those with these names; of equal ones the last."""
    each: dict[str, float] = {}
    whole: dict[str, float] = {}
    phase: Event | None = None
    steps: list[Event] = []
    for event in events:
        if event["event"] == PROGRESS and event.get("total"):
            steps.append(event)
        elif event["event"] in (PHASE, QUEUED, *TERMINAL):
            if phase is not None:
                _add(phase, steps, each)
                if event["event"] != QUEUED:  # else its worker was killed, or the computer slept
                    whole[phase["words"]] = max(0.0, event["time"] - phase["time"])
            is_wanted = event["event"] == PHASE and (names is None or event["name"] in names)
            phase, steps = (event if is_wanted else None), []
    return KnownPaces(each, whole)


def _add(phase: Event, steps: list[Event], each: dict[str, float]) -> None:
    steps = [step for step in steps if step["done"] > 0]  # up to the first it was loading
    if len(steps) > 1:
        pace = _rate((steps[0]["time"], steps[0]["done"]), (steps[-1]["time"], steps[-1]["done"]))
        if pace:
            each[phase["words"]] = 1 / pace


def seconds_of(name: str, events: Iterable[Event]) -> float:
    """How long the phases with this name took together that are over, of one attempt; 0.0 where there was none."""
    seconds, began = 0.0, None
    for event in events:
        if event["event"] in (PHASE, *TERMINAL):
            seconds += max(0.0, event["time"] - began) if began is not None else 0.0
            began = event["time"] if event["event"] == PHASE and event["name"] == name else None
    return seconds


def seconds_since_click(events: list[Event]) -> float:
    """From the last submission to the last event, as people wait: the queue and the worker's start included.

    0.0 where nothing was submitted; the time of day may jump, so it can be less than what the worker measured.
    """
    for event in reversed(events):
        if event["event"] == QUEUED:
            return max(0.0, events[-1]["time"] - event["time"])
    return 0.0

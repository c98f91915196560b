"""How far a job is, written down often enough to look fluent and seldom enough to keep the log small."""

import math
import time
from collections.abc import Callable

from core.base.events import PROGRESS, EventLog
from core.jobs.pace import SWING, Left, Pace

EVERY_S = 0.25  # four events a second look fluent and keep the log small
BYTES_PER_MB = 1e6
LONG_STEP_S = 60.0  # what no step takes, unless others did not take much less
AT_MOST = 10  # times as long as the longest step so far


class AwakeTime:
    """Seconds of work, without those in which the computer slept or the process was stopped.

    Call it after each step with the seconds since the beginning. A step that took many times as long as any before
    counts as one like them.
    """

    def __init__(self) -> None:
        self._before = self._longest = self._asleep = 0.0

    def __call__(self, seconds: float) -> float:
        step, most = seconds - self._before, max(LONG_STEP_S, AT_MOST * self._longest)
        self._before = seconds
        if step > most:
            self._asleep += step - (self._longest or most)
        else:
            self._longest = max(self._longest, step)
        return seconds - self._asleep


class Progress:
    """Writes PROGRESS with the seconds left: done, total and seconds_left, with `rate` also per_second.

    Call it with (done, total) after each step, or with (done, total, seconds so far) where the steps are timed already,
    and where it may end sooner, with `soonest`, what is done then. The seconds left are None before there is ground for
    an estimate; where the pace swings, or it may end sooner, seconds_left_range says [least, most] beside them.

    Args:
        log: Where to write.
        check: Called each time first; may raise to stop the work.
        every_s: Seconds between two events; the last one, when all is done, is always written.
        before: What had been done before the clock began, for `rate`.
        rate: Whether to say how many are done in a second.
        shown: Turns (done, total) into the whole numbers that are written, such as megabytes.
    """

    def __init__(
        self,
        log: EventLog,
        check: Callable[[], None] = lambda: None,
        *,
        every_s: float = EVERY_S,
        before: int = 0,
        rate: bool = False,
        shown: Callable[[float, float], tuple[float, float]] = lambda done, total: (done, total),
    ) -> None:
        self._log = log
        self._check = check
        self._every_s = every_s
        self._before = before
        self._rate = rate
        self._shown = shown
        self._began = time.monotonic()
        self._awake = AwakeTime()
        self._pace = Pace()
        self._told = -math.inf  # seconds from the beginning to the last event

    def __call__(
        self, done: float, total: float, seconds: float | None = None, *, soonest: float | None = None
    ) -> None:
        self._check()
        seconds = time.monotonic() - self._began if seconds is None else seconds
        awake = self._awake(seconds)
        if done > self._before:  # before the first step nothing is known of the pace
            self._pace.step(done, awake)
        if done != total and seconds - self._told < self._every_s:
            return
        self._told = seconds
        per_second = self._pace.per_second or (done - self._before) / max(awake, 0.001)
        rate = {"per_second": round(per_second, 1)} if self._rate else {}
        done_shown, total_shown = self._shown(done, total)
        left = self._left(total - done, (total if soonest is None else soonest) - done)
        self._log.write(PROGRESS, done=done_shown, total=total_shown, **rate, **left)

    def _left(self, rest: float, least_rest: float) -> dict[str, float | list[float] | None]:
        left = Left(0.0, 0.0, 0.0) if rest <= 0 else self._pace.left(rest)
        if left is None:
            return {"seconds_left": None}
        least = left.least * max(0.0, least_rest) / rest if rest > 0 else 0.0
        swings = left.most > SWING * least
        return {
            "seconds_left": round(left.likely, 1),
            **({"seconds_left_range": [round(least, 1), round(left.most, 1)]} if swings else {}),
        }


def megabytes(done: float, total: float) -> tuple[int, int]:
    """For `Progress`: bytes as whole megabytes, at least 1 in all."""
    return round(done / BYTES_PER_MB), max(1, round(total / BYTES_PER_MB))

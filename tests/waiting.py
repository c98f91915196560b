"""Waiting in tests, on a condition and with a deadline; nothing else in them looks at the clock."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def await_that(condition: Callable[[], T], seconds: float, what: str = "it") -> T:
    """What the condition answers as soon as that is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)  # between two looks at the condition
    return found

"""What the fuzz tests share: damages, so many cases and always the same ones, and a watchdog over each.

Hypothesis thinks of the cases; what fails is shrunk to the least that fails. CI tries a sample, `-m endurance` the
many thousands.
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MOST_S = 20  # of a processor, for one case: each takes milliseconds, so that is a hang

PLACE = st.integers(0, 2**20)  # of the damage; counted round the file's end
SOME_BYTES = st.binary(min_size=1, max_size=16)
DAMAGE = st.one_of(
    st.tuples(st.just("cut"), PLACE, st.just(b"")),
    st.tuples(st.just("flip"), PLACE, st.integers(0, 7).map(lambda bit: bytes([1 << bit]))),
    st.tuples(st.just("flip"), PLACE, SOME_BYTES),
    st.tuples(st.just("write over"), PLACE, SOME_BYTES),
    st.tuples(st.just("insert"), PLACE, SOME_BYTES),
    st.tuples(st.just("swap"), PLACE, st.just(b"")),
)


class Bytes(bytes):
    """Bytes of a file, told by their number: thousands of them in a message hide what it says."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


def damaged(data: bytes, damages: list[tuple[str, int, bytes]]) -> Bytes:
    """Cut short, with bits turned over, bytes replaced or inserted, or its two parts swapped."""
    for kind, place, value in damages:
        at = place % max(1, len(data))
        before, here, after = data[:at], data[at : at + len(value)], data[at + len(value) :]
        if kind == "cut":
            data = before
        elif kind == "flip":
            data = before + bytes(a ^ b for a, b in zip(here, value, strict=False)) + after
        elif kind == "write over":
            data = before + value + after
        elif kind == "insert":
            data = before + value + here + after
        else:
            data = here + after + before
    return Bytes(data)


def damaged_files(originals: list[bytes]) -> st.SearchStrategy[bytes]:
    """One of them with one to three damages, or nothing but noise."""
    files = st.builds(damaged, st.sampled_from(list(map(Bytes, originals))), st.lists(DAMAGE, min_size=1, max_size=3))
    return st.one_of(files, files, files, st.binary(max_size=300))


def try_each(strategy: st.SearchStrategy, cases: int, check: Callable[[Any], Any]) -> Counter:
    """Ask Hypothesis for so many cases, always the same; what `check` returns is counted."""
    outcomes = Counter()

    @settings(
        max_examples=cases,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(strategy)
    def case(value):
        with bounded_work():
            outcomes[check(value)] += 1

    case()
    assert sum(outcomes.values()) >= cases
    return outcomes


@contextmanager
def bounded_work() -> Iterator[None]:
    """Fails what takes more than MOST_S seconds of this process' processor time; a busy machine changes nothing."""
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def bark(*_):
        raise AssertionError(f"a case took more than {MOST_S} s of a processor")

    before = signal.signal(signal.SIGPROF, bark)
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cases(quick: int, long: int) -> pytest.MarkDecorator:
    """Gives a test its argument `cases`: a few in CI, many by hand."""
    return pytest.mark.parametrize("cases", [quick, pytest.param(long, marks=pytest.mark.endurance)])

"""Processes: a function applied in several, where threads would wait for each other; and how one starts and ends."""

import atexit
import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain, islice
from types import ModuleType
from typing import TypeVar

from core.base.errors import InputError
from core.base.threads import in_pool

T = TypeVar("T")
R = TypeVar("R")

WRAPPERS = "keras.src.wrappers.sklearn_wrapper"  # has no public name of its own
AT_ONCE = 8  # items handed over together, as handing over takes a fifth of a millisecond


def start_quickly() -> None:
    """Spare this process what takes long as it loads Keras and is of no use here. For programs, as they begin."""
    _collect_seldom()
    _leave_out_wrappers()


def _collect_seldom() -> None:
    """Let this process look less often for objects that only hold each other, and not at all as it ends.

    Keras brings along more than a million objects, and Python would look through them again and again while they are
    made, and once more before the process ends: a quarter of the time that `import keras` takes (docs/log.md).
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)


def _leave_out_wrappers() -> None:
    """Let Keras come without its wrappers for scikit-learn, which load all of that and of scipy.stats.

    That is a fifth of the time that `import keras` takes (docs/log.md), and nobody here trains by them.
    """
    stub = ModuleType(WRAPPERS)
    for name in ("SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"):
        setattr(stub, name, None)
    sys.modules.setdefault(WRAPPERS, stub)


def in_processes(function: Callable[[T], R], items: Iterable[T], processes: int) -> Iterator[R]:
    """The results in the order of the items; some dozen items are taken ahead of who reads the results.

    Args:
        function: Of a module's top level; called in the processes, once per item.
        items: Read in the calling process.
        processes: How many, at least 1. Each takes a quarter of a second to start.

    Raises:
        InputError: A process ended without a word, as when the system is out of memory or a decoder crashed.
    """
    context = multiprocessing.get_context("spawn")  # as on every system; a fork could inherit a held lock
    pool = ProcessPoolExecutor(processes, context, initializer=_end_with_parent)
    results = in_pool(pool, partial(_each, function), _chunks(items), 3 * processes)
    try:
        yield from chain.from_iterable(results)
    except BrokenProcessPool as error:
        raise InputError(
            "Reading the photos ended unexpectedly; this computer may be out of memory. What was brought in before "
            "stays. Close other programs and continue."
        ) from error


def _each(function: Callable[[T], R], chunk: list[T]) -> list[R]:
    return [function(item) for item in chunk]


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk


def _end_with_parent() -> None:
    """A pool's process waits for work on a pipe that it holds open itself: it would outlive a parent that is killed."""

    def wait() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()

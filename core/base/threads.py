"""Apply a function in threads, in order, with a bounded number of results waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], items: Iterable[T], threads: int, ahead: int | None = None) -> Iterator[R]:
    """The results in the order of the items. The threads begin at once, also before anyone reads a result.

    Unlike `Executor.map` it never runs more than `ahead` items ahead of who reads the results, so that memory stays
    flat however many items there are.

    Args:
        function: Called in the threads, once per item.
        items: Read in the calling thread.
        threads: How many, at least 1.
        ahead: How many results may wait; four per thread unless said.
    """
    return in_pool(ThreadPoolExecutor(threads), function, items, ahead or 4 * threads)


def in_pool(pool: Executor, function: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """As `in_threads`, in a pool of threads or processes, which is shut down at the end."""
    rest = iter(items)
    waiting = deque(pool.submit(function, item) for item in islice(rest, ahead))
    return _drain(pool, waiting, function, rest)


def _drain(pool: Executor, waiting: deque, function: Callable[[T], R], rest: Iterator[T]) -> Iterator[R]:
    try:
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(rest, 1))
            yield result
    finally:
        # Not `with pool` after Future.cancel: a pool of processes may then wait for ever, since it drops cancelled work
        # only after it has looked whether any is left (Python 3.11; docs/log.md).
        pool.shutdown(cancel_futures=True)

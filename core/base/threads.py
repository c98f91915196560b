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
    pool, rest = ThreadPoolExecutor(threads), iter(items)
    waiting = deque(pool.submit(function, item) for item in islice(rest, ahead or 4 * threads))
    return _drain(pool, waiting, function, rest)


def _drain(pool: Executor, waiting: deque, function: Callable[[T], R], rest: Iterator[T]) -> Iterator[R]:
    try:
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(rest, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)

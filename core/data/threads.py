"""Apply a function in threads, in order, with a bounded number of results waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_threads(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """The results in the order of the items.

    Unlike `Executor.map` it never runs more than a few items per thread ahead of who reads the results, so that
    memory stays flat however many items there are.

    Args:
        function: Called in the threads, once per item.
        items: Read in the calling thread.
        threads: How many, at least 1.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= 4 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

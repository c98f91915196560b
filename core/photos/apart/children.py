"""Processes in which a function is applied that may crash, hang or take all memory: that costs one item, never more."""

import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Self, TypeVar

from core.base.errors import EspalierError
from core.base.threads import in_threads
from core.photos.apart.child import NO_MEMORY, received, send

T = TypeVar("T")
R = TypeVar("R")

ENDED, LATE = "ended", "late"
CHILD = "core.photos.apart.child"
# Not `-m`, for which it would have to stand in the repository: paths may be relative to where this process stands.
BEGIN = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
REPOSITORY = Path(__file__).resolve().parents[3]
START_S = 60.0  # for a process to start and to take a task
LOOKS = 20  # at the clock in the time that an item may take
AT_ONCE = 8  # items handed over together, so that a process seldom waits for the next
FEW = 4  # items, for which one process does; and handfuls of a process at least, so that all are busy to the end
AHEAD = 3  # such handfuls per process that are taken ahead of who reads the results


class LostItemError(EspalierError):
    """An item gave no result; `why` is ENDED, LATE or NO_MEMORY."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Child:
    """One process, busy for one thread at a time."""

    def __init__(self, memory: int, item_s: float) -> None:
        # Not by `multiprocessing`, which would run the parent's main program in it: of Streamlit that is the whole app.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BEGIN, str(REPOSITORY), CHILD, str(memory), str(item_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._item_s = item_s
        self._due = float("inf")  # by `time.monotonic`: when its item has taken too long
        self._is_ready = False
        self.done = 0  # items that it has given a result of

    def ask(self, function: Callable[..., Any], items: list[tuple], results: list[Any]) -> str:
        """Append its results, or what was raised; "" when these are all, else why not: ENDED, LATE or NO_MEMORY."""
        try:
            self._due = time.monotonic() + max(START_S, self._item_s)
            send(self._process.stdin, pickle.dumps((function, items), pickle.HIGHEST_PROTOCOL))
            if not self._is_ready:
                received(self._process.stdout)
                self._is_ready = True
            for _ in items:
                self._due = time.monotonic() + self._item_s
                kind, value = pickle.loads(received(self._process.stdout))
                if kind == NO_MEMORY:
                    return NO_MEMORY
                results.append(value)
                self.done += 1
        except (EOFError, OSError):
            return LATE if time.monotonic() > self._due else ENDED
        self._due = float("inf")
        return ""

    def end_if_late(self) -> None:
        if time.monotonic() > self._due:
            self._process.kill()

    def kill(self) -> None:
        """From any thread."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Where no other thread talks with it."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what is left of a request
                pipe.close()


class Children:
    """Processes that are started when they are needed and then stay, for any number of threads.

    Each is bounded in memory, and ended when an item takes too long; then another takes its place. They end with the
    block of this object, and whenever the parent does, also when that is killed.

    Args:
        most: How many there are at most. A thread that finds all of them busy waits.
        item_s: Seconds that an item may take.
        memory: Bytes that an item may take. Only Linux holds a process to that; elsewhere what the computer has is
            the only bound.
    """

    def __init__(self, most: int, item_s: float, memory: int) -> None:
        self._most, self._memory, self._item_s = most, memory, item_s
        self._places = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._alive: set[_Child] = set()
        self._closed = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End all of them at once; an item that one is busy with is lost."""
        with self._lock:
            self._closed.set()
            for child in self._alive:
                if child in self._idle:
                    child.end()
                else:
                    child.kill()  # the thread that waits for it does the rest
            self._idle.clear()
            self._alive.clear()

    def call(self, function: Callable[..., R], *item: Any) -> R:
        """The result of one item; what the function raises is raised here, too.

        Args:
            function: Of a module's top level, or a `partial` of such.
            item: Its arguments.

        Raises:
            LostItemError: There is none.
        """
        (result,) = self._some(function, [item])
        if isinstance(result, Exception):
            raise result
        return result

    def each(self, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R | Exception]:
        """The results in the order of the items, what was raised or a LostItemError among them.

        Some dozen items are done ahead of who reads the results. Who stops reading ends all processes, so that nobody
        waits for an item that takes long.
        """
        threads = min(self._most, -(-len(items) // FEW) or 1)
        at_once = min(AT_ONCE, len(items) // (FEW * threads) or 1)
        handfuls = ([(item,) for item in items[at : at + at_once]] for at in range(0, len(items), at_once))
        results = in_threads(partial(self._some, function), handfuls, threads, AHEAD * threads)
        try:
            yield from chain.from_iterable(results)
        except GeneratorExit:
            self.close()
            raise

    def _some(self, function: Callable[..., R], items: list[tuple]) -> list[R | Exception]:
        """The results of some items by one process.

        An item with which a process ended is given to a new one, unless it was the first of that process: what came
        before it may be to blame, or the system, which ends some process when memory is short.

        Raises:
            LostItemError: All processes were ended meanwhile.
        """
        results: list[Any] = []
        is_suspect = False
        while rest := items[len(results) :]:
            with self._child(anew=is_suspect) as child:
                why = child.ask(function, rest, results)
                is_suspect = child.done > 0 and why != LATE
                if why and not is_suspect:
                    results.append(LostItemError(why))
                if why:
                    self._let_go(child)
        return results

    @contextmanager
    def _child(self, anew: bool) -> Iterator[_Child]:
        """One that is idle, or that is started, for this thread alone. After an error it is ended."""
        with self._places:
            child = self._taken(anew)
            try:
                yield child
            except BaseException:
                self._let_go(child)
                raise
            with self._lock:
                if child in self._alive:
                    self._idle.append(child)

    def _taken(self, anew: bool) -> _Child:
        with self._lock:  # also while one starts: on Windows two that start at once would hold each other's pipes
            if self._closed.is_set():
                raise LostItemError(ENDED)
            if not self._watcher.is_alive():
                self._watcher.start()
            child = self._idle.pop() if self._idle else None
            if child and anew:
                self._alive.remove(child)
                child.end()
                child = None
            if not child:
                child = _Child(self._memory, self._item_s)
                self._alive.add(child)
            return child

    def _let_go(self, child: _Child) -> None:
        with self._lock:
            self._alive.discard(child)
        child.end()

    def _watch(self) -> None:
        """In a thread, as long as there may be children."""
        while not self._closed.wait(self._item_s / LOOKS):
            with self._lock:
                alive = list(self._alive)
            for child in alive:
                child.end_if_late()

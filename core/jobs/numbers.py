"""Order without a clock: numbers that only grow, whatever time the computer believes it to be.

A project counts what is made in it, and the workspace what lies in itself, its queue among that. The counter is a file,
changed under a lock; what carries a number keeps it in its name or beside its files, so that it is copied, packed and
moved with it. A counter that is lost, damaged or older than what lies there goes on behind all of that.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.base.errors import StorageError
from core.base.files import disk_errors_in_words, write_json
from core.base.records import kept
from core.jobs.kinds import KINDS

COUNTER = "counter.json"  # the last number that was given
NUMBER = "number.json"  # that of a folder whose name doesn't say it
QUEUE, TRASH = "queue", "trash"
FIRST = 10**19  # names of earlier versions were nanoseconds since 1970, and so sort before ours until the year 2286
MOST = 10**15  # a larger one was never given: the file is damaged, or a stranger's
IN_NAME = re.compile(r"(?<!\d)1\d{19}(?!\d)")
LOCK_WAIT_S = 30


def next_number(folder: Path) -> int:
    """A number greater than all that were given in a project's or the workspace's folder, or that lie there: from 1.

    Raises:
        StorageError: The disk is full or can't be written, or another process keeps the counter for itself.
    """
    with disk_errors_in_words("preparing the work"), alone(folder / "counter.lock"):
        number = max(_number_in(folder / COUNTER), *_carried(folder)) + 1
        write_json(folder / COUNTER, number)
    return number


def numbered_name(number: int) -> str:
    """20 digits, which sort by the number."""
    return str(FIRST + number)


def number_of(folder: Path) -> int:
    """The number that a folder or file carries; 0 of those of earlier versions, which had none."""
    found = IN_NAME.search(folder.name)
    return _valid(int(found.group()) - FIRST) if found else _number_in(folder / NUMBER)


def keep_number(folder: Path, number: int) -> None:
    """Write a folder's number down in it."""
    write_json(folder / NUMBER, number)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One process at a time, and in it one thread.

    Raises:
        StorageError: Another process has not let go of the lock for half a minute.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(lock).acquire(timeout=LOCK_WAIT_S)
    except Timeout as error:
        raise StorageError("Another window is at work here just now. Try again in a moment.") from error
    with held:
        yield


def _carried(folder: Path) -> Iterator[int]:
    """0, and the number of each thing in the folder that has one."""
    yield 0
    places = {kind.places.split("/")[0] for kind in KINDS.values()}
    for pattern in (*(f"{place}/*" for place in {*places, QUEUE, TRASH}), f"{TRASH}/*/*"):
        yield from map(number_of, folder.glob(pattern))


def _number_in(path: Path) -> int:
    return kept(path, _valid) or 0


def _valid(number: Any) -> int:
    return number if type(number) is int and 0 < number < MOST else 0

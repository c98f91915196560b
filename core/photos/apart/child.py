"""A process that does what another asks of it, within a bound of memory.

Requests come on its standard input, answers go to its standard output, see `children.py`.
"""

import contextlib
import faulthandler
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

DONE, FAILED, NO_MEMORY = "done", "failed", "no memory"
READY = b"ready"  # said once, when the first task is known
LENGTH_BYTES = 8
PAGES = Path("/proc/self/statm")  # its first number: the pages that this process has
PATIENCE = 2  # times what an item may take; by then nobody is left who would have ended this process


def send(pipe: BinaryIO, data: bytes) -> None:
    """Write a message, which the other side reads by `received`."""
    pipe.write(len(data).to_bytes(LENGTH_BYTES, "big"))
    pipe.write(data)
    pipe.flush()


def received(pipe: BinaryIO) -> bytes:
    """The next message; EOFError once there is none any more."""
    length = _exactly(pipe, LENGTH_BYTES)
    return _exactly(pipe, int.from_bytes(length, "big"))


def _exactly(pipe: BinaryIO, n: int) -> bytes:
    data = pipe.read(n)
    if len(data) < n:
        raise EOFError
    return data


def work(memory: int, item_s: float) -> None:
    """Do what is asked until nobody is there to ask.

    Args:
        memory: Bytes that this process may take beside what it has when its first task is known.
        item_s: Seconds after which the parent ends a process that doesn't answer. It ends itself at twice that, also
            when the parent is gone and a library waits in C code.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the parent
    requests: queue.SimpleQueue = queue.SimpleQueue()
    came, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    threading.Thread(target=_receive, args=(came, requests), daemon=True).start()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    is_bounded = False
    with contextlib.suppress(BrokenPipeError):
        while True:
            function, items = pickle.loads(requests.get())
            if not is_bounded:  # what the function's module has loaded counts as what it has at its start
                _bound(memory)
                is_bounded = True
                send(answers, READY)
            for item in items:
                faulthandler.dump_traceback_later(PATIENCE * item_s, exit=True, file=nowhere)
                send(answers, _answer(function, item))
            faulthandler.cancel_dump_traceback_later()


def _receive(came: BinaryIO, requests: queue.SimpleQueue) -> None:
    """In a thread: a process whose parent ended ends too, whatever it is busy with."""
    try:
        while True:
            requests.put(received(came))
    except (EOFError, OSError):
        os._exit(0)


def _answer(function: Callable[..., Any], item: tuple) -> bytes:
    try:
        result = function(*item)
        return pickle.dumps((NO_MEMORY, None) if is_for_memory(result) else (DONE, result), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        if is_for_memory(error):
            return pickle.dumps((NO_MEMORY, None))
        try:
            return pickle.dumps((FAILED, error))
        except Exception:  # an error that can't be handed over
            return pickle.dumps((FAILED, RuntimeError(repr(error))))


def is_for_memory(error: Any) -> bool:
    """Whether that is an error for want of memory, in whatever words it came."""
    while isinstance(error, BaseException):
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__
    return False


def _bound(memory: int) -> None:
    """Where the system holds a process to that (Linux), there is a MemoryError beyond it; and no core is dumped."""
    if not PAGES.exists():
        return
    import resource

    now = int(PAGES.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    with contextlib.suppress(ValueError, OSError):  # a narrower bound is there already
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    work(int(sys.argv[1]), float(sys.argv[2]))

"""What decoders may do: a process of `Children` whose decoder does it with photos that end with a mark.

The fixture `bad_decoder` lets `Children` start this file in place of `core`'s own.
"""

import ctypes
import os
import re
import sys
import time

import numpy as np

from core.photos.apart import children
from core.photos.apart.child import work
from core.photos.readers import decoder

ABORTS, CRASHES, HANGS, EATS = b"it aborts", b"it crashes", b"it hangs", b"it eats"
ITEM_S, MEMORY = 5.0, 1_000_000_000


def square(number):
    return number * number, os.getpid()


def abort_at(wanted, number):
    return os.abort() if number == wanted else number


def abort_once(mark, number):
    """Aborts where `mark`, a file, isn't there yet."""
    if number == 5 and not mark.exists():
        mark.touch()
        os.abort()
    return number


def sleep_at(wanted, number):
    time.sleep(1000 if number == wanted else 0)
    return number


def hold_the_interpreter():
    """Hangs in C code, so that no other thread of the process has a turn."""
    re.match(r"(a+)+$", "a" * 64 + "b")


def crash():
    ctypes.string_at(0)


def eat():
    eaten = []
    while True:
        eaten.append(np.zeros(100_000_000, np.uint8))  # which takes no time


def eat_at(wanted, number):
    return eat() if number == wanted else number


def talk(number):
    os.write(1, b"a library talks")
    return number


def start_and_say(seconds):
    """For a process of its own: three children, of which two hang; says who they are."""
    pool = children.Children(3, seconds, MEMORY)
    (_, idle), *_ = pool.each(square, [1])
    os.write(1, b"%d\n" % idle)
    for _ in pool.each(_say_and_hang, [False, True]):
        pass


def _say_and_hang(holds):
    os.write(2, b"%d\n" % os.getpid())
    return hold_the_interpreter() if holds else time.sleep(1000)


DEEDS = {ABORTS: os.abort, CRASHES: crash, HANGS: hold_the_interpreter, EATS: eat}


def _work_badly():
    decode, size = decoder._by_kind, decoder._size_of

    def first(data):
        for mark, deed in DEEDS.items():
            if data.endswith(mark):
                deed()

    decoder._by_kind = lambda data, wish: first(data) or decode(data, wish)
    decoder._size_of = lambda data: first(data) or size(data)
    work(int(sys.argv[1]), float(sys.argv[2]))


if __name__ == "__main__":
    _work_badly()

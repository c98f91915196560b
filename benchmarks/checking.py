"""What it costs to look whether what lies on disk is still what was written.

    python -m benchmarks.checking

A training by the command line, in a new workspace and once more with its caches, with all time that goes into SHA-256
added up over all threads: photos as they come in and as they are decoded, rows of caches, converted bases and models as
they are opened. Processor time, so that other programs at work don't matter.
"""

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from core.cli.main import main

FRUIT = Path(__file__).resolve().parents[1] / "../shared/data/fruit.zip"


class Hashed:
    """Seconds of hashing, of all threads; `timed` counts what it wraps."""

    def __init__(self) -> None:
        self.seconds, self.calls = 0.0, 0
        self._lock = threading.Lock()

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted."""

        @wraps(function)
        def counted(*args: Any, **options: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*args, **options)
            finally:
                with self._lock:
                    self.seconds += time.thread_time() - began
                    self.calls += 1

        return counted


def measure(what: str, *options: str) -> None:
    """Print the share of a training's processor time that hashing takes."""
    hashed, own = Hashed(), (hashlib.sha256, hashlib.file_digest)
    hashlib.sha256, hashlib.file_digest = map(hashed.timed, own)
    began = time.process_time()
    try:
        main(["train", str(FRUIT), *options])
    finally:
        hashlib.sha256, hashlib.file_digest = own
    seconds = time.process_time() - began
    print(
        f"{what}: {seconds:.1f} s of a processor, of it {1000 * hashed.seconds:.0f} ms in {hashed.calls:,} checksums "
        f"({100 * hashed.seconds / seconds:.2f} %)",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["ESPALIER_HOME"] = home
        measure("first training")
        measure("with its caches")
        measure("fine-tuning", "--strategy", "fine-tune")

"""How fast a served run answers, beside the engine on the same photos, and whether its memory grows.

    python -m benchmarks.serving RUN [SECONDS]

The server is a process of its own; clients are threads of this one, on the same processors. A round is a
measurement of the engine in this process (`Predictor.predict` on the bytes of files), then of the server with several
photos a request; the ratio is that of the medians. Then one photo a request for some seconds. Photos: cats and dogs.
"""

import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import requests

from core.runs.predictor import Predictor
from core.runs.run import Run

REPOSITORY = Path(__file__).resolve().parents[1]
PHOTOS = REPOSITORY / "../shared/data/cats_and_dogs.zip"
CLIENTS, TOGETHER = 4, 16
ROUND_S, ENGINE_S, WARM_UP_S = 15, 5, 10


def some_photos(n: int) -> list[bytes]:
    """The bytes of n photos."""
    with zipfile.ZipFile(PHOTOS) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        return [archive.read(name) for name in names[:: len(names) // n][:n]]


def engine_rate(predictor: Predictor, photos: list[bytes]) -> float:
    """Photos a second of the engine, for ENGINE_S seconds."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < ENGINE_S:
        done += len(predictor.predict(photos))
    return done / (time.monotonic() - began)


@contextmanager
def served(run: Path) -> Iterator[tuple[str, int]]:
    """A server of the run: its address and process id."""
    command = [sys.executable, "-m", "core", "serve", str(run), "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process.stderr.readline().split()[2], process.pid
        finally:
            process.terminate()


class Load:
    """Clients that ask for so many seconds, each as soon as it has its answer."""

    def __init__(self, url: str, photos: list[bytes], together: int) -> None:
        self.url, self.together = url, together
        self.batches = [photos[i : i + together] for i in range(0, len(photos), together)]
        self.seconds: list[float] = []
        self.errors = 0
        self.lock = threading.Lock()

    def run(self, seconds: float) -> float:
        """Photos a second."""
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda n: self.ask_until(began + seconds, n), range(CLIENTS)))
        return len(self.seconds) * self.together / (time.monotonic() - began)

    def ask_until(self, end: float, turn: int) -> None:
        with requests.Session() as session:
            while time.monotonic() < end:
                batch = self.batches[turn % len(self.batches)]
                turn += CLIENTS
                began = time.monotonic()
                answer = session.post(f"{self.url}/predict", files=[("photos", ("a.jpg", data)) for data in batch])
                took = time.monotonic() - began
                good = answer.status_code == 200 and all("label" in row for row in json.loads(answer.content))
                with self.lock:
                    self.seconds.append(took)
                    self.errors += not good

    def p99_ms(self) -> float:
        return float(np.percentile(self.seconds, 99)) * 1000


def memory_mb(pid: int) -> float:
    """What the process holds in memory (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(run: Path, seconds: float) -> None:
    """Measure and print."""
    photos = some_photos(320)
    predictor = Predictor(Run(run))
    engine_rate(predictor, photos)
    with served(run) as (url, pid):
        Load(url, photos, TOGETHER).run(WARM_UP_S)
        Load(url, photos, 1).run(WARM_UP_S)
        warm = memory_mb(pid)
        engine, server, p99, errors = [], [], [], 0
        for _ in range(round(seconds / ROUND_S)):
            engine.append(engine_rate(predictor, photos))
            load = Load(url, photos, TOGETHER)
            server.append(load.run(ROUND_S))
            p99.append(load.p99_ms())
            errors += load.errors
        single = Load(url, photos, 1)
        rate = single.run(ROUND_S)
        grown = memory_mb(pid)
    print(f"engine: {', '.join(f'{r:.0f}' for r in engine)} photos/s")
    print(
        f"server, {TOGETHER} photos a request: {', '.join(f'{r:.0f}' for r in server)} photos/s, p99 {max(p99):.0f} ms"
    )
    print(f"server, 1 photo a request: {rate:.0f} photos/s, p99 {single.p99_ms():.0f} ms")
    print(f"ratio {np.median(server) / np.median(engine):.2f}, single {rate / np.median(engine):.2f}")
    print(f"errors {errors + single.errors}, memory {warm:.0f} -> {grown:.0f} MB ({grown / warm - 1:+.1%})")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 60.0)

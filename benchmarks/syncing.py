"""What it costs that photos are on the disk before they are listed: an import with its syncs timed by themselves.

    python -m benchmarks.syncing [PAIRS]
    python -m benchmarks.syncing PAIRS REPOSITORY    # beside the imports of another state of this repository

Each import is a process of its own; those of one pair follow each other. The times are those of `run_import`, without
the start of the process.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY.parent / "shared" / "data"
SETS = {"500 pixels (cats and dogs)": ("cats_and_dogs.zip", 300), "32 pixels (CIFAR-10)": ("cifar10_small.zip", 300)}
IMPORT = """
import json, os, sys, tempfile, threading, time
from pathlib import Path
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from core.projects.workspace import Workspace

waited = {"sync_files": 0.0, "append": 0.0}
try:
    from core.base import disk
except ImportError:  # an older state, which syncs nothing
    disk = None
for name in waited if disk else ():
    def timed(*arguments, real=getattr(disk, name), name=name):
        began = time.perf_counter()
        real(*arguments)
        waited[name] += time.perf_counter() - began
    setattr(disk, name, timed)
if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as home:
        project = Workspace(Path(home)).create("Photos")
        this = ImportFolder.create(project)
        this.write_request(ImportRequest(FOLDER, sys.argv[1]))
        began = time.perf_counter()
        summary = run_import(project, this, workers=os.cpu_count() or 2)
        seconds = time.perf_counter() - began
    print(json.dumps({"n": summary.added, "seconds": seconds, **waited}))
"""


def imported(repository: Path, photos: Path, room: Path) -> dict[str, float]:
    """Seconds of one import by the code of a repository, and of its syncs: of photos, of events."""
    script = room / "import_once.py"
    script.write_text(IMPORT)
    command = [sys.executable, str(script), str(photos), str(room)]
    environment = {"PYTHONPATH": str(repository), "PATH": ""}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def take_out(archive: Path, n: int, folder: Path) -> None:
    """Unpack every so many-th photo, so that they are `n` of all classes."""
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name.lower().endswith((".jpg", ".png"))]
        for name in names[:: max(1, len(names) // n)]:
            opened.extract(name, folder)


def compare(photos: Path, room: Path, pairs: int, other: Path | None) -> None:
    """Print medians of so many imports, and where there is another state how much longer than its imports they take."""
    ours, ratios = [], []
    for _ in range(pairs):
        theirs = imported(other, photos, room) if other else None
        ours.append(imported(REPOSITORY, photos, room))
        ratios += [ours[-1]["seconds"] / theirs["seconds"]] if theirs else []
    for name in ("seconds", "sync_files", "append"):
        values = sorted(each[name] for each in ours)
        print(f"  {name}: median {statistics.median(values):.2f} s ({values[0]:.2f} to {values[-1]:.2f})")
    waited = statistics.median(each["sync_files"] / each["n"] for each in ours)
    print(f"  sync_files a photo: {1000 * waited:.2f} ms")
    if ratios:
        ratios.sort()
        print(f"  times the other's: median {statistics.median(ratios):.3f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def main() -> None:
    """Measure and print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    other = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(dir=REPOSITORY.parent) as scratch:  # on the same disk as a workspace would be
        for what, (archive, n) in SETS.items():
            photos = Path(scratch) / archive.removesuffix(".zip")
            take_out(DATA / archive, n, photos)
            print(f"{what}, {n} photos", flush=True)
            compare(photos, Path(scratch), pairs, other)


if __name__ == "__main__":
    main()

"""How long a page of photos takes: `python -m benchmarks.listing`, by default of 60,000 photos in 12 classes.

Seconds of the processor, which other work hardly touches: nothing is waited for, as the database lies in memory.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path

from core.projects.listing import CLASS, CONFIDENCE, NAME, TAKEN, Wanted, page_of
from core.projects.project import Photo, Project

PAGE = 100  # photos
TIMES = 5


def filled(folder: Path, n: int) -> Project:
    """A project whose rows have no files, as only the database is asked."""
    project = Project.create(folder, "Many")
    draw = random.Random(0)
    for start in range(0, n, 10_000):
        project.add_rows([_photo(i, draw) for i in range(start, min(n, start + 10_000))])
    with project.database() as db:
        ids = [row[0] for row in db.execute("select id from photos")]
        look = "insert into looks values (?, randomblob(24), ?, 100, 50, randomblob(192), null, null)"
        db.executemany(look, [(photo, draw.random() * 1e9 if draw.random() < 0.8 else None) for photo in ids])
    return project


def _photo(i: int, draw: random.Random) -> Photo:
    label = f"class {i % 12}"
    name = f"{label}/IMG_{draw.randrange(10**6)}.jpg"
    split = draw.choice(["train", "validation", "test"])
    return Photo(0, label, f"photos/{label}/{i}.jpg", name, f"{i:064x}", 100_000, 640, 480, split, "", 0.0)


def asked(n: int) -> dict[str, Wanted]:
    """What is asked, by what is printed."""
    sure = {i: (i * 7919 % 1000) / 1000 for i in range(1, n + 1)}
    return {
        "all, as they came": Wanted(),
        "one class": Wanted(label="class 3"),
        "one class by name": Wanted(label="class 3", order=NAME),
        "all by name": Wanted(order=NAME),
        "all by class": Wanted(order=CLASS),
        "all by date taken, newest first": Wanted(order=TAKEN, descending=True),
        "all by confidence": Wanted(order=CONFIDENCE, confidences=sure),
        "a name that few have": Wanted(name="img_4242"),
        "a name that all have, by name": Wanted(name="img", order=NAME),
        "test photos below 60 %, by name": Wanted(split="test", confidences=sure, below=0.6, order=NAME),
        "2,000 of a finding": Wanted(ids=range(1, 2001)),
    }


def main() -> None:
    """Print how many photos match and the median of a few pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=60_000)
    n = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as folder:
        project = filled(Path(folder) / "project", n)
        for words, wanted in asked(n).items():
            seconds = []
            for offset in range(0, TIMES * PAGE, PAGE):
                began = time.process_time()
                page = page_of(project, wanted, PAGE, offset)
                seconds.append(time.process_time() - began)
            print(f"{words:34} {page.count:7,} photos  {1000 * sorted(seconds)[TIMES // 2]:6.0f} ms")


if __name__ == "__main__":
    main()

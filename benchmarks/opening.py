"""What opening a project costs whose models are built anew: five heads on one base, and a fine-tuned base.

    python -m benchmarks.opening [--base efficientnet-lite0]

The numbers are random, which changes no time. Said are seconds on the clock and of the processor: of opening the same
project without its models, of opening it with them, and of each model.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.base.files import write_json
from core.models.building import starting_base
from core.models.catalogue import BUILT_IN
from core.models.config import FINE_TUNE, RANDOM, TrainConfig, usual_config
from core.models.head_building import build_head, input_width
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.run import Run, list_runs
from core.training.saving import seal_model, write_model

CLASSES = ["apple", "pear", "plum"]
HEADS = 5


@contextmanager
def timed(words: str) -> Iterator[None]:
    """Print how long it took."""
    began, processor = time.monotonic(), time.process_time()
    yield
    print(f"{words:40}{time.monotonic() - began:8.1f} s{time.process_time() - processor:8.1f} s of the processor")


def make_runs(project: Project, base_name: str) -> None:
    """Finished runs with models."""
    base = starting_base(replace(TrainConfig(base=base_name), initial=RANDOM))
    for i in range(HEADS + 1):
        config = TrainConfig(base=base_name) if i < HEADS else usual_config(FINE_TUNE, base_name)
        run = Run.create(project.runs_folder / f"2026-01-0{i + 1} run", config, [])
        write_model(run, None, base, build_head(config, input_width(config, base), len(CLASSES)))
        write_json(run.report_path, {})  # that there is one says that it is finished
        seal_model(run, CLASSES)


def main() -> None:
    """Make a project, pack it with and without models, and open both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default=BUILT_IN)
    base = parser.parse_args().base
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        project = Workspace(home / "here").create("Fruit")
        make_runs(project, base)
        pack(project, home / "with.zip")
        for run in list_runs(project.runs_folder):
            run.report_path.unlink()
        pack(project, home / "without.zip")
        with timed("without models"):
            unpack(home / "without.zip", Workspace(home / "there"), home)
        began = [(time.monotonic(), time.process_time())]

        def tell(done: int, total: int) -> None:
            now = time.monotonic(), time.process_time()
            if done:
                print(f"  model {done:<32}{now[0] - began[0][0]:8.1f} s{now[1] - began[0][1]:8.1f} s of the processor")
            began[0] = now

        with timed(f"with {HEADS + 1} models"):
            unpack(home / "with.zip", Workspace(home / "there"), home, on_model=tell)


if __name__ == "__main__":
    main()

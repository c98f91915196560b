"""Jobs that take seconds, each with what it needs to begin. To add a case, add a row."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.advice.folder import advice_of
from core.background_test.folder import background_test_of
from core.batches.folder import BatchFolder, BatchRequest
from core.exports.folder import export_of
from core.exports.formats import export_named
from core.jobs.folder import JobFolder
from core.jobs.job import State
from core.label_issues.folder import labels_of
from core.models.catalogue import BUILT_IN
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, TrainConfig, usual_config
from core.photo_map.folder import map_of
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.recipes.catalogue import TUTORIALS
from core.recipes.folder import TutorialFolder
from core.recipes.planning import plan_of, request_of
from core.runs.photo_places import split_run_photos
from core.runs.run import Run
from core.search.folder import search_of
from core.teachable_machine.folder import ExternalModelFolder
from tests.core.shapes import write_shapes
from tests.faults.quick_jobs import job_ready
from tests.faults.run import worked
from tests.faults.shim import NONE, Fault
from tests.importing import bring_folder

OLD_RUN, NEW_RUN = "2026-01-01 10.00.00 old", "2026-01-02 10.00.00 new"
CONFIG = replace(usual_config(FEATURE_EXTRACTION), epochs=4)


def prepare_trained(case: Path, engine: Path) -> None:
    """A case's folder: in `home` 30 photos and a run that was trained, in `source` photos to ask about."""
    home = case / "home"
    shutil.copytree(engine, Workspace(home).engine_folder)
    project = Workspace(home).create("Shapes")
    bring_folder(project, write_shapes(case / "first", per_class=10))
    shutil.rmtree(case / "first")
    shutil.rmtree(project.imports_folder)
    write_shapes(case / "source", per_class=2, first=900)
    write_model_from_elsewhere(case)
    job_ready(new_run(project, OLD_RUN, CONFIG).folder, "train")
    worked(project.runs_folder / OLD_RUN, home, Fault(NONE))
    assert Run(project.runs_folder / OLD_RUN).job.state() is State.FINISHED


def write_model_from_elsewhere(case: Path) -> None:
    """An export of Teachable Machine, in `elsewhere.zip`."""
    # Here, since these bring Keras, and children of the suite are forked from a process without it.
    from tests.core.teachable_machine.teachable_export import randomised, tiny_base, whole, write_export, write_h5

    names = shapes(case / "home").class_counts()
    h5 = write_h5(case / "keras_model.h5", randomised(whole(tiny_base(), len(names))))
    write_export(case / "elsewhere.zip", h5, list(names))


def new_run(project: Project, name: str, config: TrainConfig) -> Run:
    return Run.create(project.runs_folder / name, config, split_run_photos(project, config))


def shapes(home: Path) -> Project:
    """The project of the case."""
    return Workspace(home).open("Shapes")


def old_run(home: Path) -> Run:
    """The run that is finished."""
    return Run(shapes(home).runs_folder / OLD_RUN)


@dataclass(frozen=True)
class HeavyJob:
    """A job of a kind.

    Args:
        kind: Its name in the registry.
        ready: Puts in place what it needs, and gives its folder.
    """

    kind: str
    ready: Callable[[Path], JobFolder | Run]


def _train(home: Path) -> Run:
    return new_run(shapes(home), NEW_RUN, CONFIG)


def _train_anew(home: Path) -> Run:
    """Also the features are made."""
    shutil.rmtree(shapes(home).cache_folder)
    return _train(home)


def _fine_tune(home: Path) -> Run:
    config = replace(usual_config(FINE_TUNE, BUILT_IN), epochs=1, fine_tune_epochs=1)
    return new_run(shapes(home), NEW_RUN, config)


def _prepared(this: JobFolder) -> JobFolder:
    this.prepare()
    return this


def _search(home: Path) -> JobFolder:
    this = _prepared(search_of(shapes(home)))
    this.write_request(1.0, CONFIG)
    return this


def _predict(home: Path) -> BatchFolder:
    batch = _prepared(BatchFolder(shapes(home).folder / "batches" / "00000000000000000001"))
    batch.write_request(BatchRequest(OLD_RUN, "source", str(home.parent / "source")))
    return batch


def _from_elsewhere(home: Path) -> ExternalModelFolder:
    this = _prepared(ExternalModelFolder(shapes(home).folder / "foreign" / "00000000000000000001"))
    this.write_request(old_run(home), home.parent / "elsewhere.zip")
    return this


def _sort(home: Path) -> JobFolder:
    batch = _predict(home)
    job_ready(batch.folder, "predict")
    worked(batch.folder, home, Fault(NONE))
    batch.sorted.write_request(0.05)
    return batch.sorted


def _tutorial(home: Path) -> TutorialFolder:
    tutorial = next(each for each in TUTORIALS if each.name == "bottleneck")
    this = TutorialFolder(shapes(home).folder / "tutorials" / "00000000000000000001")
    plan = [replace(step, config=replace(step.config, epochs=2)) for step in plan_of(tutorial, os.environ, BUILT_IN)]
    this.ask(request_of(tutorial, plan, "2026-01-03 10.00.00 tut"))
    return this


HEAVY_JOBS = {
    "train": HeavyJob("train", _train),
    "train from the photos": HeavyJob("train", _train_anew),
    "fine-tune": HeavyJob("train", _fine_tune),
    "advise": HeavyJob("advise", lambda home: _prepared(advice_of(shapes(home)))),
    "search": HeavyJob("search", _search),
    "labels": HeavyJob("labels", lambda home: _prepared(labels_of(shapes(home)))),
    "map": HeavyJob("map", lambda home: _prepared(map_of(shapes(home)))),
    "plate test": HeavyJob("plate-test", lambda home: _prepared(background_test_of(old_run(home)))),
    "export": HeavyJob("export", lambda home: _prepared(export_of(old_run(home), export_named("recipe")))),
    "predict": HeavyJob("predict", _predict),
    "model from elsewhere": HeavyJob("foreign", _from_elsewhere),
    "sort": HeavyJob("sort", _sort),
    "tutorial": HeavyJob("tutorial", _tutorial),
}

"""`python -m core train`, the whole of it: a run, or with `--recipe` all runs of a tutorial, one after the other."""

import argparse
import os
import shlex
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from core.base.device import learns_on
from core.base.errors import EspalierError, InputError, RunError
from core.base.events import FINISHED
from core.base.files import disk_errors_in_words
from core.base.records import JsonObject
from core.base.subsets import TEST
from core.cli import train_command
from core.cli.command import Command, LostPhotos, Result, photos_of, tell
from core.cli.pictures_option import pictures_from
from core.cli.train_command import training_files, with_views
from core.engine.places import Places
from core.jobs.job import Job
from core.jobs.worker import work
from core.models.config import BENCHMARK_CNN, FINE_TUNE, FROM_SCRATCH, TrainConfig, with_optimizer
from core.models.heads import head_named
from core.photos.augmentation import canonical
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import PictureSettings
from core.projects.workspace import Workspace
from core.recipes.catalogue import ASK, Tutorial, tutorial_named, tutorial_names
from core.recipes.folder import TutorialFolder
from core.recipes.following import Ground, follow
from core.recipes.planning import PlannedStep, plan_of, request_of, split_by
from core.recipes.record import StepRequest, TutorialRequest, TutorialResult
from core.recipes.words import map_in_words, pairs_in_words, table_rows, what_differs, what_it_sets
from core.runs.grouping import with_groups
from core.runs.kept_photos import keep_photos, keep_sources, remove_kept
from core.runs.learned import Hashes, keep_hashes
from core.runs.run import Run, list_runs, new_run_name
from core.sources.layouts import LabelledFile
from core.training.continuing import create_thawed

THAWING = ("thaw_from", "fine_tune_rate", "fine_tune_epochs")  # settings that only thawed blocks have

STEPPING = ("optimizer", "momentum", "steps_per_epoch", "monitor")  # what a head that is solved at once doesn't have


def train(arguments: argparse.Namespace) -> Result:
    """Train a run, or the runs of a tutorial; the report, or what came of it."""
    if arguments.steps and not arguments.recipe:
        raise InputError("--steps says which steps of a --recipe are done.")
    return _follow(arguments) if arguments.recipe else train_command.train(arguments)


def _follow(arguments: argparse.Namespace) -> Result:
    _refuse_contradictions(arguments)
    tutorial, workspace = tutorial_named(arguments.recipe), Workspace(arguments.home)
    plan = planned(tutorial, arguments)
    name = new_run_name()
    this = TutorialFolder(arguments.out or workspace.home / "tutorials" / name)
    request = _kept_or_new(this, request_of(tutorial, plan, name, arguments.steps))
    plan = [each for each in plan if each.step.name in {step.name for step in request.steps}]
    _tell_plan(tutorial, plan, this)
    with tempfile.TemporaryDirectory() as scratch:
        photos = _Photos(arguments, workspace, Path(scratch).resolve(), split_by(request))
        runs_folder = this.folder if arguments.out else workspace.runs_folder
        _work(this, request, photos.ground(runs_folder))
    return _to_json(tutorial, plan, this, runs_folder), _in_words(plan, this, runs_folder)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    if arguments.source is None or arguments.earlier or arguments.photos:
        raise InputError("--recipe needs a folder or zip of photos, and doesn't go with --continue or --photos.")
    if arguments.strategy:
        raise InputError("--recipe sets the strategy of each step itself: leave --strategy out.")


def planned(tutorial: Tutorial, arguments: argparse.Namespace) -> list[PlannedStep]:
    """The steps of a tutorial as they can be done here, with what the command line asks for in place of the article's.

    Raises:
        InputError: A setting is out of its range, or no step has it.
        WeightsError: The base that was asked for is not here.
    """
    base = arguments.base or ""
    if base == BENCHMARK_CNN:
        raise InputError(f"--recipe needs a base model that knows something. Received: --base {base}.")
    plan = plan_of(tutorial, os.environ, base)
    names = {field.name for field in fields(TrainConfig)} - {"base", "strategy"}
    requested = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    if "augment" in requested:
        requested["augment"] = canonical(requested["augment"])
    for name in requested:
        if not any(each.config and _suits(name, each) for each in plan):
            raise InputError(f"No step of {tutorial.name} has --{name.replace('_', '-')}.")
    if "head" in requested and len({each.config.head for each in plan if each.step.decided}) > 1:
        raise InputError(f"{tutorial.name} compares heads, each in a step of its own: leave --head out.")
    return [_changed(each, requested) if each.config else each for each in plan]


def _changed(each: PlannedStep, requested: dict[str, Any]) -> PlannedStep:
    own = {name: value for name, value in requested.items() if _suits(name, each)}
    usual = with_optimizer(each.config, own.get("optimizer", each.config.optimizer))  # with the rates that suit it
    return replace(each, config=replace(usual, **own).check())


def _suits(name: str, each: PlannedStep) -> bool:
    """Whether a step has this setting: one that it would not look at stays as it is."""
    config = each.config
    if name in THAWING:
        return config.strategy == FINE_TUNE or (each.step.decided and name != "thaw_from")
    if name == "initial":
        return config.strategy == FROM_SCRATCH and config.base != BENCHMARK_CNN
    return name not in STEPPING or not head_named(config.head).solved_at_once


def _kept_or_new(this: TutorialFolder, new: TutorialRequest) -> TutorialRequest:
    """What the folder was asked for before, so that it goes on; else the new request, which it then keeps.

    Raises:
        InputError: It was asked for something else, or holds something else, or somebody works in it.
    """
    if this.request_path.exists():
        kept = this.request()
        if (kept.tutorial, [_choices(s) for s in kept.steps]) != (new.tutorial, [_choices(s) for s in new.steps]):
            raise InputError(
                f"{this.folder} holds the recipe {kept.tutorial} with other settings or steps. Give the same ones to "
                "go on there, or name another folder with --out."
            )
        if this.job.is_alive():
            raise InputError(f"The recipe in {this.folder} is being followed already.")
        return kept
    if this.folder.exists() and (not this.folder.is_dir() or any(this.folder.iterdir())):
        raise InputError(f"The folder {this.folder} is not empty. Choose a new one for this recipe.")
    this.ask(new)
    return new


def _choices(step: StepRequest) -> StepRequest:
    return replace(step, run="")  # named by the time


def _tell_plan(tutorial: Tutorial, plan: list[PlannedStep], this: TutorialFolder) -> None:
    """Say what is set and what is otherwise than in the article, before anything begins."""
    lines = [f"{tutorial.title}, after an article about {tutorial.article}."]
    for each in plan:
        lines.append(f"{each.step.name}: {each.step.words}.")
        for setting in what_it_sets(each):
            whose = "" if setting.of_article else " [not the article's]"
            lines.append(f"  {setting.words} ({setting.term}): {setting.value}{whose}")
    lines += ["Otherwise than in the article:", *(f"  {words}" for words in what_differs(tutorial, plan))]
    lines.append(learns_on(os.environ))
    lines.append(f"If it is interrupted, the same command with --out {this.folder} goes on.")
    print("\n".join(lines), file=sys.stderr)


def _work(this: TutorialFolder, request: TutorialRequest, ground: Ground) -> None:
    this.job = Job(this.folder, on_event=tell)
    this.job.forget_stop()

    def do() -> None:
        follow(this, ground)
        this.job.event_log().write(FINISHED)

    try:
        if not work(this.job, do):
            raise RunError(f"{this.job.events()[-1]['message']} What is done stays; --out {this.folder} goes on.")
    finally:
        for name in request.runs:
            run = Run(ground.runs_folder / name)
            if run.config_path.exists() and run.report() is None and not run.checkpoint_path.exists():
                with suppress(EspalierError):
                    remove_kept(run)  # it is made anew, with the photos of then


@dataclass(frozen=True)
class _Photos:
    """The photos of the command, read once, when the first step needs them.

    An archive is unpacked into `scratch`; they are divided by the settings `split`.
    """

    arguments: argparse.Namespace
    workspace: Workspace
    scratch: Path
    split: TrainConfig

    @cached_property
    def files(self) -> list[LabelledFile]:
        return training_files(self.arguments, self.scratch)

    @cached_property
    def pictures(self) -> PictureSettings:
        return pictures_from(self.arguments, [file.path for file in self.files])

    @cached_property
    def known(self) -> tuple[list[LabelledPhoto], Hashes]:
        return with_groups(self.listed, self.pictures, self.lost)

    @cached_property
    def listed(self) -> list[LabelledPhoto]:
        return photos_of(self.files)

    @cached_property
    def lost(self) -> LostPhotos:
        return LostPhotos(self.files)

    def ground(self, runs_folder: Path) -> Ground:
        """The photos as a tutorial is followed on them."""
        places = Places(self.workspace.cache_folder, self.workspace.engine_folder, self.pictures)
        return Ground(self.in_subsets, places, runs_folder, self.new_run, self.after_run, tell)

    def in_subsets(self) -> list[LabelledPhoto]:
        """All of them, in the subsets that a run gives them."""
        from core.search.material import with_subsets  # it brings Keras, which refusing bad arguments doesn't need

        return with_subsets(self.known[0], self._with_test(self.split), self.pictures)

    def _with_test(self, config: TrainConfig) -> TrainConfig:
        return replace(config, test_given=any(photo.split == TEST for photo in self.known[0]))

    def new_run(self, folder: Path, config: TrainConfig, earlier: Run | None) -> Run:
        """The run of a step, begun anew or from an earlier one."""
        photos, hashes = self.known
        config, notes = with_views(self._with_test(config), photos, hashes)
        if earlier:
            run = create_thawed(folder, earlier, config, earlier.photos())
        else:
            run = Run.create(folder, config, photos, self.pictures)
        listed = zip(self.listed, self.files, strict=True)
        names = {photo.sha256: PurePosixPath(file.name).name for photo, file in listed}
        temporary = [self.scratch, *([earlier.kept_folder] if earlier else [])]
        others = [*list_runs(self.workspace.runs_folder), *list_runs(folder.parent)]
        keep_photos(run, temporary, names, others)
        keep_sources(run, filter(None, [self.arguments.source, self.arguments.test]))
        for note in [*notes, *self.lost.words]:
            run.note(note)
        return run

    def after_run(self, run: Run) -> None:
        """Keep what a trained run's photos look like, while they are there."""
        with disk_errors_in_words("keeping what the photos look like"):
            keep_hashes(run, self.known[1])


def _to_json(tutorial: Tutorial, plan: list[PlannedStep], this: TutorialFolder, runs_folder: Path) -> JsonObject:
    result = this.read()
    return {
        **result.to_json(),
        "runs": [{**row.to_json(), "run": str(runs_folder / row.run)} for row in result.runs],
        "folder": str(this.folder),
        "picture": str(this.picture_path) if result.map else None,
        "sets": [asdict(setting) for each in plan for setting in what_it_sets(each)],
        "differs": what_differs(tutorial, plan),
    }


def _in_words(plan: list[PlannedStep], this: TutorialFolder, runs_folder: Path) -> str:
    """What came of it: the table, the tests, the map, and what to do next."""
    result = this.read()
    lines = [f"{result.decision.title}: {' '.join(result.decision.reasons)}"] if result.decision else []
    if result.map:
        lines.append(f"{map_in_words(result)} It is drawn in {this.picture_path}")
    lines += [*_table(table_rows(result)), *pairs_in_words(result)]
    lines += [f"The run {row.title} is in {runs_folder / row.run}" for row in result.runs]
    if any(each.step.does == ASK for each in plan) and result.runs:
        lines.append(f"Ask about a photo from elsewhere: python -m core predict {_last(result, runs_folder)} PHOTO")
    return "\n".join(lines)


def _last(result: TutorialResult, runs_folder: Path) -> str:
    return shlex.quote(str(runs_folder / result.runs[-1].run))


def _table(rows: list[dict[str, str]]) -> list[str]:
    """The rows below their headings, in columns."""
    if not rows:
        return []
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(word.ljust(w) for word, w in zip(line, widths, strict=True)).rstrip() for line in lines]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    train_command.add_arguments(parser)
    words = "follow a tutorial: all its steps as its article does, but for the settings that are given beside"
    parser.add_argument("--recipe", choices=tutorial_names(), help=words)
    steps = "only these steps of the recipe, such as --steps head"
    parser.add_argument("--steps", nargs="+", metavar="STEP", help=steps)


TRAIN = Command("train", "train a classifier on labelled photos", train, _add_arguments, uses_caches=True)

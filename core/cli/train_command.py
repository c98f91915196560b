"""`python -m core train`: a run on class folders, one that goes on from an earlier one, or one that was interrupted."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path, PurePosixPath

from filelock import Timeout

from core.advice.measuring import advise
from core.advice.quadrants import QUADRANTS, plan_for
from core.base.device import learns_on
from core.base.errors import InputError, RunError
from core.base.files import disk_errors_in_words
from core.base.subsets import TEST
from core.base.words import counted, storage
from core.checks.readiness import refuse_too_few, refuse_unready, setting_warnings
from core.cli.command import (
    SOURCE_WORDS,
    LostPhotos,
    Result,
    add_base,
    add_image_size,
    add_reading,
    files_of,
    photos_of,
    report_in_words,
    tell,
)
from core.cli.interrupted import has_not_ended, interrupted_run
from core.cli.optimizer_option import add_final, add_optimizer, refuse_settings
from core.cli.photos_option import add_photos, photos_there
from core.cli.pictures_option import add_pictures, names_pictures, pictures_from
from core.engine.places import Places
from core.evaluation.leaks import leak_in_words
from core.jobs.job import Job
from core.jobs.worker import work
from core.models import catalogue, heads
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    INITIALS,
    STRATEGIES,
    THAWED_SHARE,
    TrainConfig,
    usual_config,
    with_head,
    with_optimizer,
    with_sides,
)
from core.models.planned_epochs import with_planned_epochs
from core.photos.augmentation import OPTIONS, VIEWS, canonical
from core.photos.labelled_photo import LabelledPhoto, class_names_of
from core.photos.mirrored_classes import mirrored_classes
from core.photos.sides import changes_sides, not_asked_in_words, notes_of_run, sides_matter
from core.projects.workspace import Workspace
from core.runs.grouping import with_groups
from core.runs.kept_photos import KeptPhotos, keep_photos, keep_sources, remove_kept, room_of
from core.runs.learned import Hashes, keep_hashes
from core.runs.photo_places import came_from, listed_photos
from core.runs.run import Run, list_runs, new_run_name
from core.sources.layouts import LabelledFile, count_by_class
from core.training.continuing import create_continued
from core.training.training import train_run

AUTO_STRATEGY = "auto"  # what advise says


def train(arguments: argparse.Namespace) -> Result:
    """Train a run; its report."""
    if (arguments.source is None) == (arguments.earlier is None):
        raise InputError("Name a folder or zip of photos, or a run to --continue, and not both.")
    if arguments.photos and arguments.earlier is None:
        raise InputError("--photos says where the photos of a run to --continue are now. New photos are named alone.")
    if arguments.earlier and names_pictures(arguments):
        raise InputError(
            "A run that goes on reads its pictures as before. --page, --bands and --no-profiles are for new runs."
        )
    goes_on = arguments.earlier is not None and has_not_ended(arguments.earlier)
    if arguments.earlier and not goes_on:
        refuse_settings(arguments)
    workspace = Workspace(arguments.home)
    places = Places(cache=workspace.cache_folder, engine=workspace.engine_folder)
    folder = arguments.out or workspace.runs_folder / new_run_name()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary).resolve()
        if goes_on:
            found = interrupted_run(arguments, workspace, places, scratch)
            run, places, hashes = found.run, found.places, {}
        elif arguments.earlier:
            run, hashes = _continued_run(arguments, folder, scratch), {}
        else:
            run, hashes = _new_run(arguments, folder, places, scratch)
        for words in (*run.notes(), learns_on(os.environ)):
            print(words, file=sys.stderr)
        run = Run(run.folder, on_event=tell)
        try:
            _train(run, places, hashes)
        finally:
            if run.report() is None and not run.checkpoint_path.exists():
                remove_kept(run)  # nothing can be done with it that would need them
    report, kept = run.finished_report(), room_of(run)
    words = report_in_words(report, run, leak_in_words(report.near_copies_across))
    room = {"kept_photos": kept.to_json()} if kept.photos else {}
    return {**report.to_json(), "run": str(run.folder), **room}, f"{words}{_kept_in_words(run, kept)}"


def _train(run: Run, places: Places, hashes: Hashes) -> None:
    try:
        is_trained = work(run.job, lambda: train_run(run, places))
    except Timeout as error:
        raise InputError(f"{run.title} is being trained already.") from error
    if not is_trained:
        raise RunError(run.job.events()[-1].get("message", "The run was stopped."))
    with disk_errors_in_words("keeping what the photos look like"):
        keep_hashes(run, hashes)  # while the photos are there: `evaluate` knows copies of them by that


def _kept_in_words(run: Run, kept: KeptPhotos) -> str:
    if not kept.photos:
        return ""
    return (
        f"\nIt keeps copies of {counted(kept.photos, 'photo')} of {came_from(run)} ({storage(kept.bytes)}), to go on "
        "and to test without that. python -m core runs lists all, and removes them on request."
    )


def _continued_run(arguments: argparse.Namespace, folder: Path, scratch: Path) -> Run:
    """A run that goes on from an earlier one, on those of its photos that are there."""
    earlier, photos = Run(arguments.earlier), None
    if earlier.report() is not None:  # else that is what has to be said
        photos = photos_there(earlier, listed_photos(earlier), arguments.photos, scratch / "photos")
    run = create_continued(folder, earlier, arguments.epochs, photos)
    names = {photo.sha256: Path(photo.path).name for photo in listed_photos(earlier)}
    keep_photos(run, [scratch, earlier.kept_folder], names, list_runs(Workspace(arguments.home).runs_folder))
    if arguments.photos:
        keep_sources(run, [arguments.photos])
    return run


def _new_run(arguments: argparse.Namespace, folder: Path, places: Places, scratch: Path) -> tuple[Run, Hashes]:
    """A run with the requested photos and settings; where the strategy is left open, with the advised ones.

    And what is known by then of how its photos look.
    """
    config = train_settings(arguments)
    files = training_files(arguments, scratch)
    pictures = pictures_from(arguments, [file.path for file in files])
    listed, lost = photos_of(files), LostPhotos(files)
    photos, hashes = with_groups(listed, pictures, lost)
    refuse_too_few(photos, class_names_of(listed))
    if arguments.strategy == AUTO_STRATEGY:
        config = _as_requested(_advised_plan(photos, replace(places, pictures=pictures), scratch), arguments)
    for warning in setting_warnings(config, len(photos)):
        print(warning, file=sys.stderr)
    config, notes = with_views(config, photos, hashes)
    if (arguments.fine_tune_epochs if config.strategy == FINE_TUNE else arguments.epochs) is None:
        config = with_planned_epochs(config, Counter(photo.label for photo in photos))
    config = replace(config, test_given=any(photo.split == TEST for photo in photos))
    run = Run.create(folder, config, photos, pictures)
    names = {photo.sha256: PurePosixPath(file.name).name for photo, file in zip(listed, files, strict=True)}
    keep_photos(run, [scratch], names, list_runs(Workspace(arguments.home).runs_folder))
    keep_sources(run, filter(None, [arguments.source, arguments.test]))
    for note in [*notes, *lost.words]:
        run.note(note)
    return run, hashes


def with_views(config: TrainConfig, photos: list[LabelledPhoto], hashes: Hashes) -> tuple[TrainConfig, list[str]]:
    """The settings as `with_sides` gives them, and what to say of that.

    Args:
        config: As asked for.
        photos: To be learned from.
        hashes: What they look like; asked only where they would be mirrored and no name speaks against it.
    """
    names, mirrored = class_names_of(photos), []
    if (changes_sides(config.augment) or config.ask_mirror) and not sides_matter(names):
        known = [hashes.get(photo.sha256, b"") for photo in photos]
        mirrored = mirrored_classes([photo.label for photo in photos], known)
    sides = sides_matter(names, mirrored)
    wanted, config = config.ask_mirror, with_sides(config, sides)
    notes = [*notes_of_run(config.augment, sides, names), not_asked_in_words(wanted, sides)]
    return config, [note for note in notes if note]


def _advised_plan(photos: list[LabelledPhoto], places: Places, scratch: Path) -> TrainConfig:
    advice = advise(photos, places, Job(scratch, on_event=tell))
    quadrant = QUADRANTS[advice.quadrant]
    print(f"{quadrant.title}: {quadrant.why}", file=sys.stderr)
    counts = Counter(photo.label for photo in photos)
    plan = plan_for(advice.quadrant, counts, advice.plan.base, advice.photo_side)
    return replace(plan, ask_mirror=advice.plan.ask_mirror)


def training_files(arguments: argparse.Namespace, scratch: Path) -> list[LabelledFile]:
    """The photos to train on and, where they come apart, to test on; archives are unpacked into `scratch`."""
    files = files_of(arguments.source, scratch / "photos", arguments)
    if arguments.test:
        here = [file for file in files if file.split != TEST]
        test = files_of(arguments.test, scratch / "test", arguments, partial=True)
        files = here + [replace(file, split=TEST) for file in test]
    refuse_unready(count_by_class(files))
    return files


def train_settings(arguments: argparse.Namespace) -> TrainConfig:
    """What the strategy usually has, but for what was requested.

    Raises:
        InputError: A setting is out of its range, or doesn't go with the others.
    """
    strategy = FEATURE_EXTRACTION if arguments.strategy in (None, AUTO_STRATEGY) else arguments.strategy
    return _as_requested(usual_config(strategy, arguments.base or catalogue.BUILT_IN), arguments)


def _as_requested(usual: TrainConfig, arguments: argparse.Namespace) -> TrainConfig:
    """These settings, but for what was requested; errors as of `train_settings`."""
    names = {field.name for field in fields(usual)} - {"base", "strategy"}
    requested = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    if "augment" in requested:
        requested["augment"] = canonical(requested["augment"])  # options in another order are the same settings
    usual = with_optimizer(usual, requested.get("optimizer", usual.optimizer))
    return replace(with_head(usual, requested.get("head", usual.head)), **requested).check()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare photos, the run's folder and settings; None stands for what is usual."""
    parser.add_argument("source", type=Path, nargs="?", metavar="FOLDER|ZIP", help=SOURCE_WORDS)
    add_reading(parser)
    add_pictures(parser)
    go_on = (
        "instead of photos: go on from a finished run, on its photos, for --epochs more; or with one that was "
        "interrupted, from the last epoch that was kept"
    )
    parser.add_argument("--continue", type=Path, metavar="RUN", dest="earlier", help=go_on)
    add_photos(parser)
    parser.add_argument("--test", type=Path, metavar="FOLDER|ZIP", help="test on these photos and on no others")
    out = "the run's folder (default: a new one in ESPALIER_HOME)"
    parser.add_argument("--out", type=Path, metavar="RUN", help=out)
    add_base(parser, besides=(BENCHMARK_CNN,))
    add_image_size(parser)
    strategy = f"auto: the base and strategy that advise measures (default: {FEATURE_EXTRACTION})"
    parser.add_argument("--strategy", choices=[AUTO_STRATEGY, *STRATEGIES], help=strategy)
    _add_settings(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare the settings, each usual for its strategy; None where nothing is said."""
    head, tuned, scratch = (usual_config(strategy) for strategy in (FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH))
    _add_settings_of_the_head(parser, head, scratch)
    _add_settings_of_the_network(parser, tuned, scratch)
    add_optimizer(parser)
    views = f"default: {head.augment} with a frozen base, else {tuned.augment}"
    augment = (
        "auto: each training photo and its mirror image, unless left and right tell the classes apart; "
        "mirror=1,rotation=15,views=4 and the like: also varied views; "
        f"options: {', '.join((*OPTIONS, VIEWS))} ({views})"
    )
    parser.add_argument("--augment", metavar="none|auto|NAME=VALUE,...", help=augment)
    twice = (
        "answer by the mean over a photo and its mirror image, in twice the time, unless left and right tell the "
        "classes apart (default: only where --strategy auto finds that it helps)"
    )
    parser.add_argument("--ask-mirror", action="store_true", default=None, help=twice)
    weights = "let all classes count alike, however many photos they have"
    parser.add_argument("--class-weights", action="store_true", default=None, help=weights)
    add_final(parser)
    parser.add_argument("--seed", type=int, help=f"default: {head.seed}")
    parser.add_argument("--test-share", type=float, help=f"default: {head.test_share}")


def _add_settings_of_the_head(parser: argparse.ArgumentParser, head: TrainConfig, scratch: TrainConfig) -> None:
    parser.add_argument("--head", choices=heads.head_names(), help=f"default: {head.head}")
    widths = ", ".join(f"{row.usual_units} for {row.name}" for row in heads.HEADS if row.hidden_layer)
    parser.add_argument("--units", type=int, help=f"width of its layer (default: {widths})")
    parser.add_argument("--dropout", type=float, help=f"default: {head.dropout}")
    parser.add_argument("--weight-decay", type=float, help=f"of the head (default: {head.weight_decay:g})")
    batch_size = f"default: {head.batch_size}, from scratch {scratch.batch_size}"
    parser.add_argument("--batch-size", type=int, help=batch_size)
    epochs = f"of the head, from scratch of all, at most (default: {head.epochs}, from scratch by the number of photos)"
    parser.add_argument("--epochs", type=int, help=epochs)
    rate = f"of the head, from scratch of all (default: {head.learning_rate}, {scratch.learning_rate})"
    parser.add_argument("--learning-rate", type=float, help=rate)


def _add_settings_of_the_network(parser: argparse.ArgumentParser, tuned: TrainConfig, scratch: TrainConfig) -> None:
    share = f"default: the last {100 * THAWED_SHARE:.0f} %% of the blocks"
    block = f"the block of the base that fine-tuning begins at ({share})"
    parser.add_argument("--thaw-from", metavar="BLOCK", help=block)
    parser.add_argument("--fine-tune-epochs", type=int, help="at most (default: by the number of photos)")
    parser.add_argument("--fine-tune-rate", type=float, help=f"of the thawed blocks (default: {tuned.fine_tune_rate})")
    initial = f"what from-scratch begins with (default: {scratch.initial})"
    parser.add_argument("--initial", choices=INITIALS, help=initial)

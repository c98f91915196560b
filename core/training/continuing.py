"""Continue a run: a finished one by a new one that goes on from its weights, an interrupted one where it was.

Both have the same photos in the same parts.
"""

import hashlib
import json
import os
from dataclasses import replace
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any

from core.base import checksums, disk
from core.base.errors import InputError, RunError
from core.base.events import EPOCH, PHASE
from core.base.files import content_of, disk_errors_in_words, write_json
from core.base.names import in_order
from core.base.words import counted
from core.jobs.job import State
from core.models.config import BENCHMARK_CNN, FINE_TUNE, RANDOM, TrainConfig, with_sides
from core.models.heads import head_named
from core.models.weights import weights_id
from core.photos.kept_settings import to_keep
from core.photos.labelled_photo import LabelledPhoto, class_names_of
from core.photos.mirrored_classes import mirrored_classes
from core.photos.sides import notes_of_run, sides_matter
from core.projects.storage import link_or_copy
from core.runs.learned import known_hashes
from core.runs.photo_places import came_from, photos_where_they_were
from core.runs.report import GOES_ON, epochs_of
from core.runs.run import Run
from core.training.checkpoints import (
    CheckpointError,
    Reached,
    Terms,
    forget_checkpoint,
    read_reached,
    refuse_damaged,
)
from core.training.subsets import set_aside_before


def create_continued(
    folder: Path, earlier: Run, more_epochs: int | None = None, photos: list[LabelledPhoto] | None = None
) -> Run:
    """Make the folder of a run that goes on from a finished one, which stays as it is.

    Its curves begin with the earlier run's, and the better of both models is the one that is kept. Photos are read as
    they were.

    Args:
        folder: Of the new run; must not exist or be empty.
        more_epochs: At most, of what learned last: the thawed blocks, else the head or the whole network. Defaults
            to as many as it was allowed before.
        photos: Those of the earlier run that are still there, with their places now. Defaults to all, as it lists them.

    Raises:
        InputError: There is nothing that could go on, no photo of a class is left, or the number is out of range.
        RunError: The earlier run is not complete.
        StorageError: The disk is full.
    """
    config = _finished_config(earlier)
    if not can_go_on(config):
        term = head_named(config.head).term or config.head
        raise InputError(f"A {term} is solved at once: there are no epochs that it could go on for.")
    which = "fine_tune_epochs" if config.strategy == FINE_TUNE else "epochs"
    config = replace(config, start_from=earlier.name, **({} if more_epochs is None else {which: more_epochs})).check()
    photos = earlier.photos() if photos is None else photos
    sides = _sides_of(photos, earlier)
    config = with_sides(config, sides)  # an older version mirrored all the same
    run = _begin_from(folder, earlier, config, photos)
    for words in notes_of_run(config.augment, sides, class_names_of(photos)):
        run.note(words)
    return run


def create_thawed(folder: Path, earlier: Run, config: TrainConfig, photos: list[LabelledPhoto]) -> Run:
    """Make the folder of a run that thaws blocks under the head that a finished run has learned.

    As `create_continued`, but by settings of its own, which have the head and the base of the earlier run's.

    Raises:
        InputError: No photo of a class is left.
        RunError: The earlier run is not complete, or it has another head or base.
        StorageError: The disk is full.
    """
    theirs = _finished_config(earlier)
    same = ("base", "image_size", "head", "units")
    if different := [name for name in same if getattr(theirs, name) != getattr(config, name)]:
        raise RunError(f"{earlier.title} can't be gone on from: it has another {', '.join(different)}.")
    return _begin_from(folder, earlier, replace(config, start_from=earlier.name).check(), photos)


def _finished_config(earlier: Run) -> TrainConfig:
    keras_path, _ = earlier.tested_paths()
    if earlier.report() is None or not keras_path.exists():
        raise RunError(f"{earlier.title} has no finished model to go on from.")
    checksums.refuse_changed(keras_path, f"The model of {earlier.title}")
    if earlier.labels_path.name in checksums.changed(earlier.engine_path):
        raise RunError(f"The class names of {earlier.title} (labels.json) have changed on disk. {checksums.RESTORE}")
    return earlier.config()


def _begin_from(folder: Path, earlier: Run, config: TrainConfig, photos: list[LabelledPhoto]) -> Run:
    """A run with the earlier one's weights to begin with, its order of classes and its curves."""
    _refuse_lost_classes(photos, earlier.photos())
    run = Run.create(folder, config, photos, earlier.pictures())
    with disk_errors_in_words("preparing the run"):
        # The tested model, never the final one: that has learned from the photos that will steer and judge this run.
        keras_path, _ = earlier.tested_paths()
        link_or_copy(keras_path, run.start_path)  # models are replaced, never changed
        checksums.carry_seal(keras_path, run.start_path)
        for path, ours in ((earlier.hashes_path, run.hashes_path), (earlier.sources_path, run.sources_path)):
            if path.exists():
                link_or_copy(path, ours)
                checksums.carry_seal(path, ours)
        disk.sync_files(path for path in (run.start_path, run.hashes_path, run.sources_path) if path.exists())
        write_json(run.labels_path, earlier.class_names())  # the order of its outputs, whatever names are sorted by
    log = run.job.event_log()
    for epoch in earlier.epochs():
        log.write(EPOCH, **epoch.to_json())
    return run


def _sides_of(photos: list[LabelledPhoto], earlier: Run) -> str:
    hashes = known_hashes(earlier)
    known = mirrored_classes([photo.label for photo in photos], [hashes.get(photo.sha256, b"") for photo in photos])
    return sides_matter(class_names_of(photos), known)


def _refuse_lost_classes(photos: list[LabelledPhoto], before: list[LabelledPhoto]) -> None:
    lost = in_order({photo.label for photo in before} - {photo.label for photo in photos})
    if lost:
        raise InputError(
            f"No photo of {', '.join(lost)} is left, so the model would forget that. Bring them back first."
        )


def can_go_on(config: TrainConfig) -> bool:
    """Whether a run with these settings had epochs that more could follow."""
    return config.learns_in_steps


def is_interrupted(run: Run) -> bool:
    """Whether a run was begun and not brought to its end, but may be: its worker died, or failed over something."""
    made = run.config_path.exists() and not run.report_path.exists()
    return made and run.job.state() in (State.LOST, State.FAILED)


def reached_by(run: Run) -> Reached | None:
    """How far a run was that was interrupted; None where nothing of its epochs is kept, so that it begins anew."""
    try:
        return read_reached(run.checkpoint_path)
    except (FileNotFoundError, CheckpointError):
        return None


def state_to_go_on_from(run: Run) -> Reached | None:
    """How far an earlier worker has brought a run, whose events then say from which epoch it goes on.

    Returns:
        None when it begins, or has to begin anew.

    Raises:
        InputError: Its photos are not those any more that it began with.
        RunError: Something else that it began with has changed.
    """
    events = run.job.events()
    if not any(event["event"] == PHASE for event in events):
        return None
    reached = _whole_checkpoint(run)
    refuse_changes(run, reached)
    if reached is None:
        first = epochs_of(takewhile(lambda event: event["event"] != PHASE, events))  # of the run that it continues
        run.job.event_log().write(GOES_ON, epoch=len(first))
        return None
    run.job.event_log().write(GOES_ON, epoch=reached.earlier + reached.epoch)
    return reached


def refuse_changes(run: Run, reached: Reached | None) -> None:
    """Refuse to go on with a run where what it began with has changed since.

    Args:
        reached: From `reached_by`. A run of which nothing is kept needs no more than its photos.

    Raises:
        InputError: Photos are gone or changed; says how many.
        RunError: Something else has changed.
        WeightsError: The weights of its base are not on this computer any more.
    """
    if set_aside_before(run) is not None:
        _refuse_changed_photos(run)
    if reached is not None:
        _refuse_other_terms(run, reached.terms)


def _whole_checkpoint(run: Run) -> Reached | None:
    """What is kept of a run; where that can't be used it is removed, and the user is told."""
    try:
        reached = read_reached(run.checkpoint_path)
        if reached.terms.keras != version("keras"):
            raise CheckpointError("Another version's.")
        refuse_damaged(run.checkpoint_path)
        return reached
    except FileNotFoundError:
        return None
    except CheckpointError:
        forget_checkpoint(run)
        run.note("What was kept of this training is damaged or another version's, so it began anew from its start.")
        return None


def _refuse_changed_photos(run: Run) -> None:
    photos = run.photos()
    found = photos_where_they_were(photos)
    if not found.lost:
        return
    lost = [f"{n:,} {what}" for n, what in ((found.missing, "gone"), (found.changed, "changed")) if n]
    raise InputError(
        f"{run.title} can't go on as it began: of its {counted(len(photos), 'photo')} {' and '.join(lost)}. They were "
        f"in {came_from(run)}. Bring them back, or train anew on the photos as they are now."
    )


def _refuse_other_terms(run: Run, before: Terms) -> None:
    now, before = terms_of(run), replace(before, config=_as_written_now(before.config))
    words = {
        "config": "its settings (config.json)",
        "pictures": "the way its pictures are read (pictures.json)",
        "weights": "the weights of its base model",
        "start": "the model that it began with (start.keras)",
        "photos": "its list of photos (photos.csv)",
    }
    if changed := [what for name, what in words.items() if getattr(now, name) != getattr(before, name)]:
        raise RunError(f"{run.title} can't go on as it began: {' and '.join(changed)} changed since. Train anew.")


def _as_written_now(config: Any) -> Any:
    """Settings with those that were added since as they were before there was a choice."""
    try:
        return json.loads(json.dumps(TrainConfig.from_json(config).to_json()))
    except (ValueError, InputError):
        return config


def terms_of(run: Run) -> Terms:
    """What has to stay the same while a run is trained.

    Raises:
        WeightsError: The weights of its base are not on this computer.
    """
    config = run.config()
    random = config.base == BENCHMARK_CNN or config.initial == RANDOM
    photos = [(photo.sha256, photo.label, photo.split, photo.origin) for photo in run.photos()]
    settings, pictures = json.loads(json.dumps([config.to_json(), to_keep(run.pictures())]))  # as they will be read
    return Terms(
        config=settings,
        pictures=pictures,
        weights="" if random else weights_id(config.base_row(), os.environ),
        start=content_of(run.start_path),
        photos=hashlib.sha256(json.dumps(photos).encode()).hexdigest(),
        keras=version("keras"),
    )

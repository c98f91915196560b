"""Continue a run: a new one with the same photos in the same parts, which goes on from the weights of the first."""

from dataclasses import replace
from pathlib import Path

from core.base import disk
from core.base.errors import InputError, RunError
from core.base.events import EPOCH
from core.base.files import disk_errors_in_words, write_json
from core.base.names import in_order
from core.models.config import FINE_TUNE, TrainConfig
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto, class_names_of
from core.photos.mirrored_classes import mirrored_classes
from core.photos.sides import notes_of_run, sides_matter, usual_views
from core.projects.storage import link_or_copy
from core.runs.learned import known_hashes
from core.runs.run import Run


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
    config = replace(config, augment=usual_views(config.augment, sides))  # an older version mirrored all the same
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
    if earlier.report() is None or not earlier.keras_path.exists():
        raise RunError(f"{earlier.title} has no finished model to go on from.")
    return earlier.config()


def _begin_from(folder: Path, earlier: Run, config: TrainConfig, photos: list[LabelledPhoto]) -> Run:
    """A run with the earlier one's weights to begin with, its order of classes and its curves."""
    _refuse_lost_classes(photos, earlier.photos())
    run = Run.create(folder, config, photos, earlier.pictures())
    with disk_errors_in_words("preparing the run"):
        link_or_copy(earlier.keras_path, run.start_path)  # models are replaced, never changed
        for path, ours in ((earlier.hashes_path, run.hashes_path), (earlier.sources_path, run.sources_path)):
            if path.exists():
                link_or_copy(path, ours)
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

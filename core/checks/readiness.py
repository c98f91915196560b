"""Is there enough to learn from? Asked before a run starts and again when its photos have been read."""

from collections import Counter
from collections.abc import Iterable

from core.base.errors import InputError
from core.base.names import in_order
from core.base.words import counted
from core.models.config import (
    FEATURE_EXTRACTION,
    FEW_PHOTOS_PER_CLASS,
    MIN_PHOTOS_PER_CLASS,
    USUAL_SIZE,
    TrainConfig,
    usual_config,
)
from core.models.heads import head_named
from core.models.image_sizes import image_size_of, size_in_words, work_of_size
from core.photos.labelled_photo import LabelledPhoto
from core.sources.labelled import LOST_HELP
from core.sources.lost_classes import none_read

UNITS_PER_PHOTO = 50
HIGH_RATE = 0.1
MUCH_MEMORY = 2.0  # times that of the usual settings


def problems(class_counts: dict[str, int]) -> list[str]:
    """Sentences on why so many usable photos per class can't be trained on; empty when they can."""
    if not class_counts:
        return ["There are no photos yet. Add a folder with one folder per class."]
    if len(class_counts) == 1:
        (only,) = class_counts
        return [f"There is only one class, {only}. A classifier needs at least two to tell apart: add another class."]
    small = {name: n for name, n in class_counts.items() if n < MIN_PHOTOS_PER_CLASS}
    if small:
        listed = ", ".join(f"{name} ({n})" for name, n in small.items())
        return [
            f"Too few photos to learn from and still test honestly: {listed}. "
            f"Each class needs at least {MIN_PHOTOS_PER_CLASS}."
        ]
    return []


def warnings(class_counts: dict[str, int]) -> list[str]:
    """Sentences on what will make the result weak, though training is possible."""
    found = []
    few = {name: n for name, n in class_counts.items() if MIN_PHOTOS_PER_CLASS <= n < FEW_PHOTOS_PER_CLASS}
    if few:
        listed = ", ".join(f"{name} ({n})" for name, n in few.items())
        found.append(f"Fewer than {FEW_PHOTOS_PER_CLASS} photos: {listed}. It will work, but the result is uncertain.")
    if len(class_counts) > 1 and min(class_counts.values()) * 2 < max(class_counts.values()):
        least, most = min(class_counts, key=class_counts.get), max(class_counts, key=class_counts.get)
        found.append(
            f"{most} has {counted(class_counts[most], 'photo')}, {least} only {class_counts[least]}: "
            f"the model may favour {most}. More photos of {least} would help most."
        )
    return found


def setting_warnings(config: TrainConfig, n_photos: int) -> list[str]:
    """Sentences on settings that are allowed but rarely meant, for a run that gets so many photos in all."""
    found, head = [], head_named(config.head)
    if head.hidden_layer and config.units > UNITS_PER_PHOTO * n_photos:
        found.append(
            f"A layer of {config.units:,} units for {counted(n_photos, 'photo')}: it will know them by heart at once "
            "(over-fitting). A smaller layer, or none, is likely to do better on new photos."
        )
    if not head.solved_at_once and config.learning_rate > HIGH_RATE:
        found.append(
            f"A learning rate of {config.learning_rate:g} is very high: the training may leap about and learn nothing."
        )
    if n_photos < config.batch_size > TrainConfig().batch_size:
        found.append(
            f"{config.batch_size:,} photos a step are more than there are: each epoch is one step, so it learns slowly."
        )
    taught = round(n_photos * (1 - config.validation_share - config.test_share))
    shown = config.epochs * config.steps_per_epoch * config.batch_size
    if 0 < shown < taught:
        found.append(
            f"All these steps together show {counted(shown, 'photo')} at most, of about {taught:,} to learn from: "
            "the others are never learned from. More steps in an epoch, or more epochs, would show them all."
        )
    return found + _memory_warnings(config)


def _memory_warnings(config: TrainConfig) -> list[str]:
    """That larger photos fill the memory, where the network itself learns: it keeps all that it saw in a step."""
    if config.strategy == FEATURE_EXTRACTION or config.image_size == USUAL_SIZE:
        return []
    times = work_of_size(config) * config.batch_size / usual_config(config.strategy, config.base).batch_size
    if times <= MUCH_MEMORY:
        return []
    return [
        f"{counted(config.batch_size, 'photo')} of {size_in_words(image_size_of(config))} a step take about "
        f"{times:.0f} times the usual memory while the network learns. If it ends without a word, choose a smaller "
        "size or fewer photos a step."
    ]


def refuse_unready(class_counts: dict[str, int]) -> None:
    """Raise the first of `problems` as an InputError."""
    for problem in problems(class_counts):
        raise InputError(problem)


def refuse_too_few(photos: list[LabelledPhoto], class_names: Iterable[str] = ()) -> None:
    """As `refuse_unready`, of photos with their classes; of `class_names` there may be none any more."""
    counts = Counter(photo.label for photo in photos)
    refuse_unready({name: counts[name] for name in in_order({*counts, *class_names})})


def unread_classes(labels: list[str], unread: list[tuple[str, str]], least: int) -> dict[str, str]:
    """What is wrong with classes that photos which can't be read leave with fewer than `least`, by their names.

    Args:
        labels: The class of each photo, of those that can't be read too.
        unread: (class, reason) of each that can't.
        least: How many a class needs.
    """
    counts = Counter(labels)
    reasons: dict[str, list[str]] = {}
    for label, reason in unread:
        reasons.setdefault(label, []).append(reason)
    return {
        name: f"{name}: {none_read(counts[name], len(why), why)}"
        for name, why in ((name, reasons[name]) for name in in_order(reasons))
        if counts[name] - len(why) < least
    }


def refuse_unread(labels: list[str], unread: list[tuple[str, str]], least: int = 1) -> None:
    """Raise the `unread_classes` as an InputError."""
    if lost := unread_classes(labels, unread, least):
        needs = f"A class needs at least {least} photos. " if least > 1 else ""
        raise InputError(f"{'; '.join(lost.values())}. {needs}{LOST_HELP}")

"""The settings of a training as options of the command line: each has a usual value for its strategy."""

import argparse
from dataclasses import fields, replace

from core.models import heads
from core.models.config import (
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    INITIALS,
    THAWED_SHARE,
    TrainConfig,
    usual_config,
    with_head,
)
from core.photos.augmentation import OPTIONS, VIEWS, canonical

AUTO_STRATEGY = "auto"  # what advise says


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare the settings; None where nothing is said."""
    head, tuned, scratch = (usual_config(strategy) for strategy in (FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH))
    _add_settings_of_the_head(parser, head, scratch)
    _add_settings_of_the_network(parser, tuned, scratch)
    views = f"default: {head.augment} with a frozen base, else {tuned.augment}"
    augment = (
        "auto: each training photo and its mirror image; mirror=1,rotation=15,views=4 and the like: also varied views; "
        f"options: {', '.join((*OPTIONS, VIEWS))} ({views})"
    )
    parser.add_argument("--augment", metavar="none|auto|NAME=VALUE,...", help=augment)
    weights = "let all classes count alike, however many photos they have"
    parser.add_argument("--class-weights", action="store_true", default=None, help=weights)
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
    epochs = f"of the head, from scratch of all, at most (default: {head.epochs}, {scratch.epochs})"
    parser.add_argument("--epochs", type=int, help=epochs)
    rate = f"of the head, from scratch of all (default: {head.learning_rate}, {scratch.learning_rate})"
    parser.add_argument("--learning-rate", type=float, help=rate)


def _add_settings_of_the_network(parser: argparse.ArgumentParser, tuned: TrainConfig, scratch: TrainConfig) -> None:
    share = f"default: the last {100 * THAWED_SHARE:.0f} %% of the blocks"
    block = f"the block of the base that fine-tuning begins at ({share})"
    parser.add_argument("--thaw-from", metavar="BLOCK", help=block)
    parser.add_argument("--fine-tune-epochs", type=int, help=f"at most (default: {tuned.fine_tune_epochs})")
    parser.add_argument("--fine-tune-rate", type=float, help=f"of the thawed blocks (default: {tuned.fine_tune_rate})")
    initial = f"what from-scratch begins with (default: {scratch.initial})"
    parser.add_argument("--initial", choices=INITIALS, help=initial)


def train_settings(arguments: argparse.Namespace) -> TrainConfig:
    """What the strategy usually has, but for what was requested.

    Raises:
        InputError: A setting is out of its range, or doesn't go with the others.
    """
    strategy = FEATURE_EXTRACTION if arguments.strategy == AUTO_STRATEGY else arguments.strategy
    return as_requested(usual_config(strategy, arguments.base), arguments)


def as_requested(usual: TrainConfig, arguments: argparse.Namespace) -> TrainConfig:
    """These settings, but for what was requested; errors as of `train_settings`."""
    names = {field.name for field in fields(usual)} - {"base", "strategy"}
    requested = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    if "augment" in requested:
        requested["augment"] = canonical(requested["augment"])  # options in another order are the same settings
    return replace(with_head(usual, requested.get("head", usual.head)), **requested).check()

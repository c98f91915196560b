"""The options of how a training takes its steps, `--optimizer` and its like, and of what teaches last, `--final`."""

import argparse
from dataclasses import fields

from core.base.errors import InputError
from core.models.config import (
    FEATURE_EXTRACTION,
    FINALS,
    FINE_TUNE,
    MONITORS,
    OPTIMIZERS,
    SGD_RATE,
    USUAL_MOMENTUM,
    TrainConfig,
    usual_config,
)


def add_optimizer(parser: argparse.ArgumentParser) -> None:
    """Declare the options; None where nothing is said."""
    usual = TrainConfig()
    sgd = f"with sgd the usual rates are {SGD_RATE} times as high, and the momentum {USUAL_MOMENTUM:g}"
    parser.add_argument("--optimizer", choices=OPTIMIZERS, help=f"default: {usual.optimizer}; {sgd}")
    parser.add_argument("--momentum", type=float, help=f"of sgd alone (default: {USUAL_MOMENTUM:g})")
    steps = "batches in an epoch, each going on where the last one ended (default: as many as show every photo once)"
    parser.add_argument("--steps-per-epoch", type=int, metavar="N", help=steps)
    monitor = f"what the best epoch is chosen and stopping decided by (default: {usual.monitor})"
    parser.add_argument("--monitor", choices=MONITORS, help=monitor)


def add_final(parser: argparse.ArgumentParser) -> None:
    """Declare it; None where nothing is said."""
    frozen, tuned = (usual_config(strategy).final for strategy in (FEATURE_EXTRACTION, FINE_TUNE))
    final = (
        "what teaches the model that is taken away, after the test: validation: those photos too; all: the test photos "
        f"as well; none: it is the tested model (default: {frozen} with a frozen base, else {tuned})"
    )
    parser.add_argument("--final", choices=FINALS, help=final)


def settings_named(arguments: argparse.Namespace) -> list[str]:
    """The options of a new run that a command names, such as "--seed"."""
    names = ("test", "layout", *(field.name for field in fields(TrainConfig)))
    return [f"--{name.replace('_', '-')}" for name in names if getattr(arguments, name, None) not in (None, "")]


def refuse_settings(arguments: argparse.Namespace) -> None:
    """Say of a run that goes on from a finished one that it learns as before, but for how many epochs more.

    Raises:
        InputError: Another option of a new run was named.
    """
    if named := [name for name in settings_named(arguments) if name != "--epochs"]:
        raise InputError(f"A run that goes on learns with the settings it had. {', '.join(named)}: for new runs only.")

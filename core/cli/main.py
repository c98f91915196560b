"""The command line: reads the arguments, calls one command, prints its result or one clear line of error."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from core.base.errors import EspalierError
from core.base.home import home_folder
from core.cli import (
    background_test_command,
    export_command,
    predict_command,
    project_commands,
    search_command,
    serve_command,
)
from core.cli import train_commands as commands
from core.exports.formats import FLOAT32, export_kinds, export_precisions, kinds_with_precisions
from core.models import heads
from core.models.catalogue import BUILT_IN, CATALOGUE
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    INITIALS,
    STRATEGIES,
    THAWED_SHARE,
    usual_config,
)
from core.photos.augmentation import OPTIONS, VIEWS
from core.server.address import HOST, PORT

USER_ERROR = 2  # the exit status that argparse uses for bad arguments


def main(arguments: list[str]) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit status: 0, or 2 after a user error, said in one line on stderr.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for our progress
    sys.stdout.reconfigure(errors="backslashreplace")  # a file name can hold bytes that are no text; JSON reads \udcXX
    parsed = _parser().parse_args(arguments)
    try:
        result, text = parsed.command(parsed)
    except EspalierError as error:
        print(f"espalier: {error}", file=sys.stderr)
        return USER_ERROR
    except OSError as error:
        print(f"espalier: {error.filename2 or error.filename} can't be used: {error.strerror}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("espalier: stopped", file=sys.stderr)
        return 130
    if text is not None:
        print(json.dumps(result, indent=1, ensure_ascii=False) if parsed.json else text)
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line; argparse would print the usage around it."""

    def error(self, message: str) -> NoReturn:
        self.exit(USER_ERROR, f"espalier: {message}. Try: {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m core", description="Train and use image classifiers, offline.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    check = _command(subparsers, "check", commands.check, "look for problems in a folder or zip of photos")
    check.add_argument("source", type=Path, metavar="FOLDER|ZIP")

    advise = _command(subparsers, "advise", commands.advise, "measure which base model and strategy suit the photos")
    advise.add_argument("source", type=Path, metavar="FOLDER|ZIP")

    search = _command(subparsers, "search", search_command.search, "look for settings of the head that suit the photos")
    search.add_argument("source", type=Path, metavar="FOLDER|ZIP")
    search.add_argument("--seconds", type=_seconds, default=60, help="in which settings are tried (default: 60)")
    search.add_argument("--base", default=BUILT_IN, choices=[row.name for row in CATALOGUE])

    train = _command(subparsers, "train", commands.train, "train a classifier on class folders")
    train.add_argument("source", type=Path, nargs="?", metavar="FOLDER|ZIP")
    go_on = "instead of photos: go on from a finished run, on its photos, for --epochs more"
    train.add_argument("--continue", type=Path, metavar="RUN", dest="earlier", help=go_on)
    train.add_argument("--test", type=Path, metavar="FOLDER|ZIP", help="test on these photos and on no others")
    train.add_argument("--out", type=Path, metavar="RUN", help="the run's folder (default: a new one in ESPALIER_HOME)")
    train.add_argument("--base", default=BUILT_IN, choices=[*(row.name for row in CATALOGUE), BENCHMARK_CNN])
    strategy = f"auto: the base and strategy that advise measures (default: {FEATURE_EXTRACTION})"
    train.add_argument(
        "--strategy", default=FEATURE_EXTRACTION, choices=[commands.AUTO_STRATEGY, *STRATEGIES], help=strategy
    )
    _add_settings(train)

    evaluate = _command(subparsers, "evaluate", commands.evaluate, "test a trained run on other labelled photos")
    evaluate.add_argument("run", type=Path, metavar="RUN")
    evaluate.add_argument("source", type=Path, metavar="FOLDER|ZIP")

    predict = _command(subparsers, "predict", predict_command.predict, "ask a trained run about photos")
    predict.add_argument("run", type=Path, metavar="RUN")
    predict.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="photos, folders or zips")
    predict.add_argument("--csv", type=Path, metavar="FILE", help="also write one row per photo")

    background_test = _command(
        subparsers, "plate-test", background_test_command.test_background, "see whether answers hang on the background"
    )
    background_test.add_argument("run", type=Path, metavar="RUN")

    export = _command(subparsers, "export", export_command.export, "write a run's model as a zip that stands alone")
    export.add_argument("run", type=Path, metavar="RUN")
    export.add_argument("--format", required=True, choices=export_kinds())
    export.add_argument(
        "--precision",
        default=FLOAT32,
        choices=export_precisions(),
        help=f"for {kinds_with_precisions()} (default: {FLOAT32})",
    )
    export.add_argument("--out", required=True, type=Path, metavar="ZIP", help="an existing file is replaced")
    moved = "where the run's photos are now, if not where they were; they are found by their content"
    export.add_argument("--photos", type=Path, metavar="FOLDER|ZIP", help=moved)

    serve = _command(subparsers, "serve", serve_command.serve, "let other programs ask a trained run over HTTP")
    serve.add_argument("run", type=Path, metavar="RUN")
    serve.add_argument("--port", type=_port, default=PORT, help=f"0 for any that is free (default: {PORT})")
    serve.add_argument("--host", default=HOST, help=f"whom it listens to (default: {HOST}, this computer only)")
    key = "which clients must send as X-API-Key; needed for other hosts (default: ESPALIER_KEY of the environment)"
    serve.add_argument("--key", default=os.environ.get("ESPALIER_KEY"), help=key)

    packing = _command(subparsers, "pack", project_commands.pack_project, "take a project along: all of it in one zip")
    packing.add_argument("project", type=Path, metavar="PROJECT", help="its folder, below projects in ESPALIER_HOME")
    packing.add_argument("zip", type=Path, metavar="ZIP", help="the zip to write")

    opening = _command(subparsers, "open", project_commands.open_packed, "open a project from such a zip")
    opening.add_argument("zip", type=Path, metavar="ZIP")

    for command in (check, advise, search, train, evaluate, predict, background_test, opening):
        command.set_defaults(home=home_folder(os.environ))
    return parser


def _port(text: str) -> int:
    if not 0 <= int(text) <= 65_535:
        raise ValueError
    return int(text)


def _seconds(text: str) -> float:
    """A time above nothing, and no longer than a day."""
    if not 0 < float(text) <= 86_400:
        raise ValueError
    return float(text)


def _add_settings(train: argparse.ArgumentParser) -> None:
    """The settings of a run that have a usual value for each strategy, kept where nothing is said."""
    head, tuned, scratch = (usual_config(strategy) for strategy in (FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH))
    train.add_argument("--head", choices=heads.head_names(), help=f"default: {head.head}")
    widths = ", ".join(f"{row.usual_units} for {row.name}" for row in heads.HEADS if row.hidden_layer)
    train.add_argument("--units", type=int, help=f"width of its layer (default: {widths})")
    train.add_argument("--dropout", type=float, help=f"default: {head.dropout}")
    train.add_argument("--weight-decay", type=float, help=f"of the head (default: {head.weight_decay:g})")
    train.add_argument("--batch-size", type=int, help=f"default: {head.batch_size}, from scratch {scratch.batch_size}")
    epochs = f"of the head, from scratch of all, at most (default: {head.epochs}, {scratch.epochs})"
    train.add_argument("--epochs", type=int, help=epochs)
    rate = f"of the head, from scratch of all (default: {head.learning_rate}, {scratch.learning_rate})"
    train.add_argument("--learning-rate", type=float, help=rate)
    share = f"default: the last {100 * THAWED_SHARE:.0f} %% of the blocks"
    train.add_argument(
        "--thaw-from", metavar="BLOCK", help=f"the block of the base that fine-tuning begins at ({share})"
    )
    train.add_argument("--fine-tune-epochs", type=int, help=f"at most (default: {tuned.fine_tune_epochs})")
    train.add_argument("--fine-tune-rate", type=float, help=f"of the thawed blocks (default: {tuned.fine_tune_rate})")
    train.add_argument(
        "--initial", choices=INITIALS, help=f"what from-scratch begins with (default: {scratch.initial})"
    )
    views = f"default: {head.augment} with a frozen base, else {tuned.augment}"
    augment = (
        "auto: each training photo and its mirror image; mirror=1,rotation=15,views=4 and the like: also varied views; "
        f"options: {', '.join((*OPTIONS, VIEWS))} ({views})"
    )
    train.add_argument("--augment", metavar="none|auto|NAME=VALUE,...", help=augment)
    weights = "let all classes count alike, however many photos they have"
    train.add_argument("--class-weights", action="store_true", default=None, help=weights)
    train.add_argument("--seed", type=int, help=f"default: {head.seed}")
    train.add_argument("--test-share", type=float, help=f"default: {head.test_share}")


def _command(
    subparsers: argparse._SubParsersAction, name: str, function: commands.Command, words: str
) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(name, help=words, description=words.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(command=function)
    return parser

"""The command line: reads the arguments, calls one command, prints its result or one clear line of error."""

import argparse
import json
import os
import sys
from typing import NoReturn

from core.base.computer import home_folder
from core.base.errors import EspalierError
from core.cli.photos_commands import ADVISE, CHECK, SEARCH
from core.cli.predict_command import PREDICT
from core.cli.project_commands import OPEN, PACK, REPAIR
from core.cli.recipe_command import TRAIN
from core.cli.run_commands import BACKGROUND_TEST, EVALUATE, EXPORT
from core.cli.runs_command import RUNS
from core.cli.serve_command import SERVE
from core.sources.readings import LayoutQuestion

COMMANDS = (CHECK, ADVISE, SEARCH, TRAIN, EVALUATE, PREDICT, BACKGROUND_TEST, EXPORT, RUNS, SERVE, PACK, OPEN, REPAIR)
USER_ERROR = 2  # the exit status that argparse uses for bad arguments


def main(arguments: list[str]) -> int:
    """Run one command; the exit status: 0, or 2 after a user error, said in one line on stderr."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # stderr is for our progress
    sys.stdout.reconfigure(errors="backslashreplace")  # a file name can hold bytes that are no text; JSON reads \udcXX
    parsed = build_parser().parse_args(arguments)
    try:
        result, text = parsed.run_command(parsed)
    except LayoutQuestion as question:
        print(f"espalier: {question}", file=sys.stderr)
        if parsed.json:
            print(json.dumps(question.to_json(), indent=1, ensure_ascii=False))
        return USER_ERROR
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


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = _Parser(prog="python -m core", description="Train and use image classifiers, offline.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        own = subparsers.add_parser(command.name, help=command.words, description=command.words.capitalize() + ".")
        own.add_argument("--json", action="store_true", help="print the result as JSON")
        own.set_defaults(run_command=command.run, home=home_folder(os.environ))
        command.add_arguments(own)
    return parser

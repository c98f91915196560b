"""`python -m core plate-test`: does what a run answers hang on the background of the photos?"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from core.background_test.testing import photos_to_test, run_background_test
from core.background_test.verdict import WORDS, judge, numbers_in_words
from core.cli.command import Command, Result
from core.runs.run import Run


def test_background(arguments: argparse.Namespace) -> Result:
    """Put a run's test photos on other backgrounds; the verdict with all answers, and in words."""
    run = Run(arguments.run)
    result = run_background_test(run, photos_to_test(run), _say)
    verdict = judge(result.rows)
    words = f"{numbers_in_words(verdict)}\n{WORDS[verdict.kind].replace('**', '')}"
    return {**result.to_json(), "verdict": asdict(verdict)}, words


def _say(done: int, total: int, seconds: float) -> None:
    if done == 1:
        print(f"Putting middles of photos on other photos' edges, {total:,} pictures ...", file=sys.stderr)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, metavar="RUN")


BACKGROUND_TEST = Command("plate-test", "see whether answers hang on the background", test_background, _add_arguments)

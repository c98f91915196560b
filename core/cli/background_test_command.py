"""`python -m core plate-test`: does what a run answers hang on the background of the photos?"""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from core.background_test.testing import photos_to_test, run_background_test
from core.background_test.verdict import WORDS, judge, numbers_in_words
from core.runs.run import Run


def test_background(arguments: argparse.Namespace) -> tuple[Any, str]:
    """Put a run's test photos on other backgrounds; the verdict with all answers, and in words."""
    run = Run(arguments.run)
    result = run_background_test(run, photos_to_test(run), _say)
    verdict = judge(result["rows"])
    return {
        **result,
        "verdict": asdict(verdict),
    }, f"{numbers_in_words(verdict)}\n{WORDS[verdict.kind].replace('**', '')}"


def _say(done: int, total: int, seconds: float) -> None:
    if done == 1:
        print(f"Putting middles of photos on other photos' edges, {total:,} pictures ...", file=sys.stderr)

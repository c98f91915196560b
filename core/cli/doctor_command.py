"""`python -m core doctor`: whether all is well with the computer, the installation and the workspace."""

import argparse
import os
from functools import partial

from core.base.records import JsonObject
from core.cli.command import Command, Result
from core.server.reach import reach
from core.upkeep.doctor import examine
from core.upkeep.finding import looked

WORTH_A_LOOK = 1  # the exit status; 2 is a user error


def doctor(arguments: argparse.Namespace) -> Result:
    """What was looked at, a line each, and those that are worth a look once more at the end, counted."""
    findings = [*examine(arguments.home, os.environ), looked("reach", partial(reach, os.environ))]
    lines = [f"{'OK' if each.ok else 'LOOK AT THIS':<13} {each.name}: {each.words}" for each in findings]
    worth = [each.name for each in findings if not each.ok]
    lines.append(f"Worth a look: {', '.join(worth)}." if worth else "All is well.")
    return {"ok": not worth, "findings": [each.to_json() for each in findings]}, "\n".join(lines)


def _status(result: JsonObject) -> int:
    return 0 if result["ok"] else WORTH_A_LOOK


DOCTOR_WORDS = "look whether all is well here, to mend it or for a bug report; nothing private is in it"
DOCTOR = Command("doctor", DOCTOR_WORDS, doctor, lambda parser: None, status=_status)

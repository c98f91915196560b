"""`python -m core check`: what is wrong with the photos of a folder or zip."""

import argparse
import os
import tempfile
from pathlib import Path

from core.base.words import counted
from core.checks.findings import Finding, find, to_json
from core.cli.command import Command, Result
from core.cli.labelled_photos import add_source
from core.sources.labelled import read_source


def check(arguments: argparse.Namespace) -> Result:
    """Findings on the photos of a folder or zip."""
    with tempfile.TemporaryDirectory() as staging:
        source = read_source(arguments.source, Path(staging))
        findings = find(source, threads=os.cpu_count() or 2)
    return to_json(source, findings), _in_words(findings)


def _in_words(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing to mend was found."
    return "\n".join(f"{f.severity}: {f.why} {f.fix} ({counted(len(f.photos), 'photo')})" for f in findings)


CHECK = Command("check", "look for problems in a folder or zip of photos", check, add_source)

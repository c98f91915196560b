"""`python -m core check` and `advise`: what is wrong with the photos of a folder or zip, and what suits them."""

import argparse
import os
import tempfile
from dataclasses import astuple, replace
from pathlib import Path

from core.advice.measuring import advise as measure
from core.advice.quadrants import QUADRANTS
from core.advice.record import Advice, Examples
from core.base.words import counted
from core.checks.findings import Finding, find, to_json
from core.cli.command import Command, Result, add_source, files_of, photos_of, tell
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import base_model
from core.projects.workspace import Workspace
from core.sources.labelled import read_source


def check(arguments: argparse.Namespace) -> Result:
    """Findings on the photos of a folder or zip."""
    with tempfile.TemporaryDirectory() as staging:
        source = read_source(arguments.source, Path(staging))
        findings = find(source, threads=os.cpu_count() or 2)
    return to_json(source, findings), _findings_in_words(findings)


def _findings_in_words(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing to mend was found."
    return "\n".join(f"{f.severity}: {f.why} {f.fix} ({counted(len(f.photos), 'photo')})" for f in findings)


def advise(arguments: argparse.Namespace) -> Result:
    """Which base model and strategy suit the photos."""
    workspace = Workspace(arguments.home)
    places = Places(cache=workspace.cache_folder, engine=workspace.engine_folder)
    with tempfile.TemporaryDirectory() as scratch:
        files = files_of(arguments.source, Path(scratch) / "photos")
        photos = photos_of(files)
        advice = measure(photos, places, Job(Path(scratch), on_event=tell))
        names = {photo.sha256: file.name for photo, file in zip(photos, files, strict=True)}
    familiar, strange = ([names[content] for content in chosen] for chosen in astuple(advice.examples))
    advice = replace(advice, examples=Examples(familiar, strange))
    return advice.to_json(), _advice_in_words(advice)


def _advice_in_words(advice: Advice) -> str:
    quadrant, plan = QUADRANTS[advice.quadrant], advice.plan
    thawed = f", thawed from {plan.thaw_from}" if plan.thaw_from else ""
    return "\n".join(
        [
            f"{quadrant.title}: {quadrant.why}",
            *advice.reasons,
            *advice.learning_curve.words,
            f"Plan: {plan.strategy} of {base_model(plan.base).title}{thawed}.",
        ]
    )


CHECK = Command("check", "look for problems in a folder or zip of photos", check, add_source)
ADVISE = Command("advise", "measure which base model and strategy suit the photos", advise, add_source)

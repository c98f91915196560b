"""`python -m core advise`: what to train on the photos of a folder or zip, measured on them."""

import argparse
import tempfile
from dataclasses import astuple, replace
from pathlib import Path

from core.advice.measuring import advise as measure
from core.advice.quadrants import QUADRANTS
from core.advice.record import Advice, Examples
from core.cli.command import Command, Result
from core.cli.labelled_photos import add_source, files_of, photos_of
from core.cli.terminal import tell
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import base_model
from core.projects.workspace import Workspace


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
    return advice.to_json(), _in_words(advice)


def _in_words(advice: Advice) -> str:
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


ADVISE = Command("advise", "measure which base model and strategy suit the photos", advise, add_source)

"""`python -m core export`: a run's model as a zip that stands alone."""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.base.errors import InputError
from core.base.events import PHASE
from core.exports.formats import export_format_of
from core.jobs.job import Job
from core.runs.photo_places import listed_photos, photos_found_in
from core.runs.run import Run


def export(arguments: argparse.Namespace) -> tuple[Any, str]:
    """Write the zip when it answers as the app does; what was compared, and the same in words."""
    run, target = Run(arguments.run), arguments.out
    export_format = export_format_of(arguments.format, arguments.precision)
    if target.is_dir():
        raise InputError(f"{target} is a folder. Name the zip to write, such as {target / 'model.zip'}.")
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}, so nothing can be written there. Make it first.")
    if not run.report_path.exists():  # before Keras, which takes seconds to import
        raise InputError(f"{run.title} is not a finished run. Train it to the end first.")
    with tempfile.TemporaryDirectory() as scratch:
        photos, staging = listed_photos(run), Path(scratch) / "photos"
        staging.mkdir()
        if arguments.photos:
            photos = photos_found_in(photos, arguments.photos, staging)
        exporting = importlib.import_module("core.exports.exporting")
        result = exporting.export(run, photos, export_format, target, Job(Path(scratch), on_event=_say))
    return {**result, "out": str(target)}, f"{result['words']}\nThe zip is {target}"


def _say(event: dict[str, Any]) -> None:
    """Progress for a person who waits at the terminal."""
    if event["event"] == PHASE:
        print(f"{event['words']} ...", file=sys.stderr)

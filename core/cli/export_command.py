"""`python -m core export`: a run's model as a zip that stands alone."""

import argparse
import tempfile
from pathlib import Path

from core.base.errors import InputError
from core.cli.command import Command, Result
from core.cli.terminal import tell
from core.exports.exporting import export
from core.exports.formats import (
    FLOAT32,
    export_format_of,
    export_kinds,
    export_precisions,
    kinds_with_precisions,
)
from core.jobs.job import Job
from core.runs.photo_places import listed_photos, photos_found_in
from core.runs.run import Run


def export_run(arguments: argparse.Namespace) -> Result:
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
        result = export(run, photos, export_format, target, Job(Path(scratch), on_event=tell))
    return {**result.to_json(), "out": str(target)}, f"{result.words}\nThe zip is {target}"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--format", required=True, choices=export_kinds())
    precision = f"for {kinds_with_precisions()} (default: {FLOAT32})"
    parser.add_argument("--precision", default=FLOAT32, choices=export_precisions(), help=precision)
    parser.add_argument("--out", required=True, type=Path, metavar="ZIP", help="an existing file is replaced")
    moved = "where the run's photos are now, if not where they were; they are found by their content"
    parser.add_argument("--photos", type=Path, metavar="FOLDER|ZIP", help=moved)


EXPORT = Command("export", "write a run's model as a zip that stands alone", export_run, _add_arguments)

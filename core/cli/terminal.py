"""What several commands say to a person at the terminal: progress on stderr, and a report in words."""

import sys

from core.base.events import EPOCH, PHASE, Event
from core.base.words import percent
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS
from core.runs.report import Epoch, EvaluationReport, Report, photos_in_words, unevaluated_in_words
from core.runs.run import NOTE, Run


def tell(event: Event) -> None:
    """Say on stderr what a job's event is about, if it is one for people."""
    if event["event"] == PHASE:
        print(f"{event['words']} ...", file=sys.stderr)
    if event["event"] == NOTE:
        print(event["words"], file=sys.stderr)
    if event["event"] == EPOCH:
        epoch = Epoch.from_json(event)
        print(
            f"  epoch {epoch.number}: {percent(epoch.accuracy)} of the training photos right, "
            f"{percent(epoch.val_accuracy)} of the validation photos",
            file=sys.stderr,
        )


def report_in_words(report: Report | EvaluationReport, run: Run, leak: str = "") -> str:
    """How many photos are right, how that was found out, what near-copies make of it, and where the run is."""
    test = report.test
    lines = [
        f"{test.n_right} of {photos_in_words(test, report.estimate)} right ({percent(test.accuracy)}, {test.likely}).",
        CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else unevaluated_in_words(test),
        leak,
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))

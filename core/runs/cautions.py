"""What a model should not be used for, read off its report."""

from core.base.words import counted, percent
from core.evaluation.confusions import most_confused
from core.evaluation.leaks import leak_in_words
from core.models.config import CROSS_VALIDATION
from core.runs.report import Report

LOW_RECALL = 0.8  # a class of which every fifth photo is missed
FEW = 30  # photos of a class; Wilson's interval at 95 % right is then 20 points wide
OFF = 0.05  # expected calibration error from which on probabilities mislead


def cautions(report: Report) -> list[str]:
    """Sentences, the commonest misuse first.

    Args:
        report: Of a finished run.
    """
    rows, test = report.test.per_class, report.test
    missed = [
        f"{name} ({percent(row.recall)} found)" for name, row in rows.items() if row.n and row.recall < LOW_RECALL
    ]
    few = [f"{name} ({counted(row.n, 'photo')})" for name, row in rows.items() if row.n < FEW]
    sentences = [
        f"Anything else than {_listed(list(rows))}: whatever it is shown, it answers with one of these.",
        "Photos taken in another way than those it learned from, until it has been tested on such photos.",
    ]
    if missed:
        sentences.append(f"Finding every photo of a class that it often misses: {_listed(missed)}.")
    if few:
        sentences.append(f"Relying on the numbers of a class that was judged on few photos: {_listed(few)}.")
    for pair in most_confused(report.class_names, test.confusion, 1):
        sentences.append(f"Telling {pair.truth} from {pair.answer} unchecked: {pair.n:,} of {pair.of:,} were confused.")
    if leak := leak_in_words(report.near_copies_across):
        sentences.append(f"Quoting the accuracy as it stands: {leak[0].lower()}{leak[1:]}")
    return [*sentences, *_on_sureness(report)]


def _on_sureness(report: Report) -> list[str]:
    calibration = report.calibration
    if calibration is None:
        if report.estimate == CROSS_VALIDATION:
            return ["Taking its percentages at their word: they were not calibrated, as photos were too few."]
        return []
    if calibration.ece_before < OFF:
        return []
    return [
        f"Taking its percentages at their word: they are off by {100 * calibration.ece_before:.0f} points on average."
    ]


def _listed(names: list[str], at_most: int = 12) -> str:
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more:,} more" if more > 0 else "")

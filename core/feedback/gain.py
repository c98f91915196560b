"""What the photos from feedback brought: the run before and the run after, on the same photos."""

from dataclasses import dataclass

from core.base.words import counted
from core.evaluation.rare_classes import right_in_words
from core.feedback.entry import FeedbackEntry
from core.photos.labelled_photo import FEEDBACK
from core.projects.project import Project
from core.projects.project_split import FED, photos_left_out
from core.runs.choosing.in_use import finished_runs, model_in_use
from core.runs.comparing import Compared, compare, different_settings
from core.runs.run import Run


@dataclass(frozen=True)
class Gain:
    """Two runs, of which the second learned from feedback that the first had not seen.

    Args:
        before: The newest finished run before that one that had not seen some of it.
        after: The model in use.
        photos: The contents of the photos from feedback that are new in it.
        compared: The two on the photos that both were judged on.
        same_settings: Whether nothing else differed that the user had set.
    """

    before: Run
    after: Run
    photos: frozenset[str]
    compared: Compared
    same_settings: bool


def gain_of(project: Project) -> Gain | None:
    """What the model in use owes to feedback; None where it has seen none that an earlier one had not."""
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    if used is None:
        return None
    names, learned = [run.name for run, _ in finished], _learned(used.run)
    for earlier, _ in finished[names.index(used.run.name) + 1 :]:
        if new := learned - _learned(earlier):
            same = not different_settings(earlier, used.run)
            return Gain(earlier, used.run, frozenset(new), compare(earlier, used.run), same)
    return None


def _learned(run: Run) -> set[str]:
    return {photo.sha256 for photo in run.photos() if photo.only_teaches}


def untaught(project: Project) -> int:
    """How many photos from feedback the newest finished run has not learned from, though they take part."""
    newest = next((run for run, _ in finished_runs(project)), None)
    here = {photo.sha256 for photo in project.photos_where(FED, FEEDBACK)}
    if not here:
        return 0
    left_out = {photo.sha256 for photo in photos_left_out(project)}
    return len(here - left_out - (_learned(newest) if newest else set()))


def untaught_in_use(project: Project) -> int:
    """How many photos from feedback the newest finished run has learned from and the model in use has not."""
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    return len(_learned(finished[0][0]) - _learned(used.run)) if used and used.run.name != finished[0][0].name else 0


def accuracies_in_words(gain: Gain) -> list[str]:
    """Each run's share of right answers with its interval, a sentence each; the older first."""
    said = []
    for when, run in (("Before", gain.before), ("After", gain.after)):
        report = run.report()
        said.append(f"{when}: {right_in_words(report.test, report.photos_in_words)}")
    return said


def corrections_learned(corrected: list[FeedbackEntry], answers: dict[str, str]) -> tuple[int, int]:
    """Of the photos that were answered wrongly before, how many are right by the new answers, and of how many."""
    answered = [entry for entry in corrected if entry.was_wrong and entry.sha256 in answers]
    return sum(answers[entry.sha256] == entry.label for entry in answered), len(answered)


def corrections_in_words(right: int, n: int) -> str:
    """What that says, and what it doesn't."""
    verb = "is" if right == 1 else "are"
    return (
        f"Of {counted(n, 'photo')} that it had got wrong and you corrected, {right:,} {verb} right now. That is no "
        "proof: it has learned from these very photos. The test above counts photos that it has not seen."
    )

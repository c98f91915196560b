"""A run and a model from elsewhere on the run's own test photos: which of the two has more of them right."""

from dataclasses import dataclass

import pandas as pd

from core.evaluation.metrics import wilson_interval
from core.projects.project import Photo, Project
from core.runs.comparing import Compared, answers_on_test
from core.runs.photo_places import photos_evaluated
from core.runs.run import Run
from core.teachable_machine.folder import ExternalModelFolder


def unanswered(model: ExternalModelFolder, project: Project, run: Run) -> list[Photo]:
    """The photos that a run was tested on, that the project still holds, and that the model was not asked about."""
    tested = answers_on_test(run)
    tested = tested[~tested["sha256"].isin(model.answers()["sha256"])]
    found = photos_evaluated(project, zip(tested["sha256"], tested["truth"], strict=True))
    return [photo for photo in found if photo is not None]


def same_names(theirs: list[str], ours: list[str]) -> dict[str, str]:
    """Our class for each of theirs that is called alike, whatever the case and the spaces around it."""
    by_name = {name.strip().casefold(): name for name in ours}
    return {name: by_name[name.strip().casefold()] for name in theirs if name.strip().casefold() in by_name}


@dataclass(frozen=True)
class Versus:
    """A run and a model from elsewhere on the same photos.

    Args:
        n: Photos that count: both answered, and both know the class.
        ours: How many of these the run has right.
        theirs: How many the other has right.
        compared: McNemar's test on them; "first" is the run.
        unknown: Photos left out since the other model has no such class.
        unanswered: Photos left out since it was not asked about them.
        rows: The photos on which only one is right: sha256, truth, answer_ours, answer_theirs.
    """

    n: int
    ours: int
    theirs: int
    compared: Compared
    unknown: int
    unanswered: int
    rows: pd.DataFrame

    def interval(self, right: int) -> tuple[float, float]:
        """Where the share of right answers likely is, 0..1 (Wilson, 95 %)."""
        return wilson_interval(right, self.n)


def compare_with(tested: pd.DataFrame, answers: pd.DataFrame, names: dict[str, str]) -> Versus:
    """Compare both on the photos of classes that both know.

    Args:
        tested: Of `answers_on_test`.
        answers: Of `ExternalModelFolder.answers`.
        names: Our class for each of theirs; what is not in it is never right.
    """
    both = tested.merge(answers[["sha256", "answer"]], on="sha256", suffixes=("_ours", "_theirs"))
    known = both[both["truth"].isin(set(names.values()))]
    ours = known["answer_ours"] == known["truth"]
    theirs = known["answer_theirs"].map(names) == known["truth"]
    return Versus(
        n=len(known),
        ours=int(ours.sum()),
        theirs=int(theirs.sum()),
        compared=Compared.of(ours, theirs),
        unknown=len(both) - len(known),
        unanswered=len(tested) - len(both),
        rows=known[ours != theirs],
    )

"""What a job that follows a tutorial is asked for, and what came of it: `request.json` and `tutorial.json`."""

from dataclasses import dataclass, field
from typing import Any

from core.base.errors import InputError
from core.base.records import LEFT_OUT, Record
from core.models.config import TrainConfig


@dataclass(frozen=True)
class StepRequest(Record):
    """One step, with all that was chosen for it.

    Args:
        name: As in the catalogue, and so are `does`, `words`, `starts_from` and `decided`.
        config: The settings as of `TrainConfig.to_json`; None where it has none.
        run: The name of the run's folder; "" where it makes none.
        title: What the run is called.
        note: What the run tells of its base model; "" where it is the article's.
        changed: The settings that were changed before the start.
    """

    name: str
    does: str
    words: str
    config: Any = None
    run: str = ""
    title: str = ""
    note: str = ""
    starts_from: str = ""
    decided: bool = False
    changed: list[str] = field(default_factory=list)

    def settings(self) -> TrainConfig:
        """Its settings; InputError when they are damaged, or another version of the app wrote them."""
        try:
            return TrainConfig.from_json(self.config).check()
        except ValueError as error:
            raise InputError(f"The settings of the step {self.name} are damaged. {error}") from error


@dataclass(frozen=True)
class TutorialRequest(Record):
    """A tutorial's name, its steps in their order, and the names of all runs that they make."""

    tutorial: str
    steps: list[StepRequest]
    runs: list[str]

    def step(self, name: str) -> StepRequest:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)


@dataclass(frozen=True)
class RunRow(Record):
    """A finished run as a line of the table.

    Args:
        step: The step that made it.
        run: The name of its folder.
        seconds_per_epoch: The mean over the epochs of what it trained last; None where it was solved at once.
        accuracy: Of the photos that it was evaluated on, 0..1, as are the others.
        n: How many these are.
    """

    step: str
    run: str
    title: str
    seconds_per_epoch: float | None
    epochs: int
    log_loss: float
    accuracy: float
    accuracy_interval: tuple[float, float]
    kappa: float
    n: int


@dataclass(frozen=True)
class Pair(Record):
    """McNemar's test between the runs of two steps.

    Args:
        n: Photos that both were evaluated on.
        only_first: On how many only the first was right; `only_second` likewise.
        p: Times the number of pairs, 1.0 at most (Bonferroni).
        words: What that says.
    """

    first: str
    second: str
    n: int
    only_first: int
    only_second: int
    p: float
    words: str


@dataclass(frozen=True)
class Decision(Record):
    """Where the photos lie in the size-similarity matrix, what that recommends, and why, a sentence each.

    `photo_side` is as in the advice.
    """

    quadrant: int
    title: str
    base: str
    reasons: list[str]
    photo_side: int = field(default=0, metadata=LEFT_OUT)


@dataclass(frozen=True)
class MapFacts(Record):
    """Of a map that was drawn: through which base, of how many photos, and how well it keeps the classes apart.

    `same_class` is the share of photos whose nearest one on the map is of the same class, 0..1.
    """

    base: str
    n: int
    same_class: float


@dataclass(frozen=True)
class TutorialResult(Record):
    """What came of a tutorial so far; written whole after each step."""

    tutorial: str
    runs: list[RunRow] = field(default_factory=list)
    map: MapFacts | None = None
    decision: Decision | None = None
    pairs: list[Pair] = field(default_factory=list)
    schema: int = 1

"""The table of a search: every trial of settings on the same photos, as `search --json` prints it."""

from dataclasses import dataclass, field

from core.base.records import LEFT_OUT, Record, key

Setting = str | int | float | bool
Settings = dict[str, Setting]  # by name in `TrainConfig`: of the searched ones those that are used


@dataclass(frozen=True)
class SearchTrial(Record):
    """One trial of settings.

    Args:
        number: From 1; 0 until it is noted.
        settings: As they were tried.
        loss: Mean log loss on the photos that it was judged on.
        accuracy: Share of those that is right, 0..1.
        pruned: Whether it was given up early, so that the rest comes from the epochs until then.
        wrong: Row numbers, in `Material.truth`, of those that are wrong; only in the study, and no part of the table.
        losses: Validation loss by epoch, from 0; empty where folds judge, and of a support vector machine. None once
            Optuna has noted them.
    """

    number: int
    settings: Settings
    loss: float
    accuracy: float
    seconds: float
    pruned: bool
    wrong: list[int] | None = field(default=None, metadata=LEFT_OUT)
    losses: dict[int, float] | None = field(default=None, metadata=LEFT_OUT)


@dataclass(frozen=True, kw_only=True)
class SearchTable(Record):
    """All that was tried on these photos.

    Args:
        base: Name of the base model that all trials share.
        plan: The settings of the run that the search began with, as JSON has them.
        estimate: How each trial was evaluated: on the "validation" photos, or by "cross-validation".
        n: On so many photos.
        trials: By number.
        best: Number of the trial with the lowest loss.
        own: Number of the plan's own.
        only_best: Photos on which only the best is right, and not the plan.
        only_own: Photos on which only the plan is right.
        test_cross_validated: Whether a training would evaluate its model by cross-validation too.
        measured_on: In a project the `photo_state` of then; None on the command line.
    """

    schema: int = 1
    base: str
    plan: Settings
    estimate: str = field(metadata=key("judged_by"))
    n: int
    trials: list[SearchTrial]
    best: int
    own: int
    only_best: int
    only_own: int
    seconds: float
    test_cross_validated: bool = False
    measured_on: str | None = field(default=None, metadata=LEFT_OUT)

    @property
    def best_trial(self) -> SearchTrial:
        """The trial with the lowest loss."""
        return self._trial(self.best)

    @property
    def own_trial(self) -> SearchTrial:
        """The plan's own."""
        return self._trial(self.own)

    @property
    def of_blocks(self) -> bool:
        """Whether tries trained a base's last blocks, and not heads on a base that stays as it is."""
        return "thaw_from" in self.own_trial.settings

    @property
    def whole_trials(self) -> list[SearchTrial]:
        """Those that were not given up, by number."""
        return [trial for trial in self.trials if not trial.pruned]

    def _trial(self, number: int) -> SearchTrial:
        return next(trial for trial in self.trials if trial.number == number)

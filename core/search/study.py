"""What was tried on the same photos, kept by Optuna in an SQLite file: what comes next, and what is not worth ending.

The next settings come from Optuna's tree-structured Parzen estimator (J. Bergstra et al., "Algorithms for
Hyper-Parameter Optimization", 2011), and a try is given up when its validation loss is above the median of the others
at the same epoch.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import optuna
from optuna.trial import TrialState, create_trial

from core.base import disk
from core.base.errors import StopRequested
from core.models.config import TrainConfig
from core.models.heads import head_named, head_names
from core.search.earlier_tries import RECORD, bring_along
from core.search.settings import with_settings
from core.search.space import Space
from core.search.table import SearchTrial

BEFORE_GIVING_UP = 4  # whole tries that a median is taken of
FIRST_EPOCHS = 5  # in which none is given up: small rates begin slowly
BUSY_S = 60.0  # for which a locked database is waited for


class TrialStudy:
    """The tries of one study, oldest first.

    Args:
        kept: Optuna's study in the file: whole tries only.
        study: The same in memory, where a try is asked about after each epoch: in the file that took longer than the
            epoch (docs/log.md).
        plan: The settings that all tries share but for the searched ones.
        space: Of these.
    """

    def __init__(self, kept: optuna.Study, study: optuna.Study, plan: TrainConfig, space: Space) -> None:
        self._kept = kept
        self._study = study
        self._plan = plan
        self._space = space
        solved = [kept.user_attrs[name] for name in head_names() if name in kept.user_attrs]
        self._solved = [SearchTrial.from_json(each) for each in solved]

    def trials(self) -> list[SearchTrial]:
        """All that was tried, by number, with the wrong rows."""
        trials = self._study.get_trials(deepcopy=False)
        found = [SearchTrial.from_json(trial.user_attrs[RECORD]) for trial in trials if RECORD in trial.user_attrs]
        return sorted([*found, *self._solved], key=lambda trial: trial.number)

    def of(self, config: TrainConfig) -> SearchTrial | None:
        """The try of its searched settings that came to an end; None without one."""
        wanted = self._space.settings_of(config)
        return next((trial for trial in self.trials() if trial.settings == wanted and not trial.pruned), None)

    def has(self, config: TrainConfig) -> bool:
        """Whether its searched settings were tried to the end."""
        return self.of(config) is not None

    def add(self, config: TrainConfig, tried: SearchTrial) -> None:
        """Note a try that the estimator did not ask for: the plan's own, or a head that is solved at once.

        Such a head has nothing to set, so it is tried once and is no part of the space that the estimator looks at.
        """
        record = self._numbered(tried)
        if "head" in tried.settings and head_named(config.head).solved_at_once:
            self._kept.set_user_attr(config.head, record.to_json())
            self._solved.append(record)
            return
        trial = create_trial(
            value=tried.loss,
            params=self._space.params_of(config),
            distributions=self._space.distributions,
            user_attrs={RECORD: record.to_json()},
            intermediate_values=tried.losses,
        )
        for study in (self._study, self._kept):
            study.add_trial(trial)

    def next(self) -> tuple[optuna.Trial, TrainConfig]:
        """What to try next, to be ended with `keep` or `drop`."""
        trial = self._study.ask(self._space.distributions)
        return trial, with_settings(self._plan, self._space.rounded(trial.params))

    def keep(self, trial: optuna.Trial, tried: SearchTrial) -> None:
        """Note what became of it."""
        trial.set_user_attr(RECORD, self._numbered(tried).to_json())
        end = {"state": TrialState.PRUNED} if tried.pruned else {"values": tried.loss}
        self._kept.add_trial(self._study.tell(trial, **end))

    def drop(self, trial: optuna.Trial) -> None:
        """Forget a try that was not ended."""
        self._study.tell(trial, state=TrialState.FAIL)

    @contextmanager
    def dropped_when_ended(self, trial: optuna.Trial) -> Iterator[None]:
        """What is done within; a try that was ended before it said anything is forgotten."""
        try:
            yield
        except StopRequested:
            self.drop(trial)
            raise

    def _numbered(self, tried: SearchTrial) -> SearchTrial:
        """The last of the tries, as it is kept."""
        return replace(tried, number=len(self.trials()) + 1, losses=None)


@contextmanager
def open_study(database: Path, name: str, plan: TrainConfig, space: Space, earlier: str = "") -> Iterator[TrialStudy]:
    """The tries of the study of that name, none at first; the file is let go of in the end.

    Args:
        database: Made when missing. One that can't be read is moved aside, and the search begins anew.
        name: Equal for the same photos in the same parts, base and shared settings.
        plan: Its seed and the tries so far decide what comes next.
        space: What is tried.
        earlier: What the same study was called before optimizer and batch size were searched; its tries come along.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    database.parent.mkdir(parents=True, exist_ok=True)
    _move_damaged_aside(database)
    # A connection of our own instead of an address: no folder's name can then be taken for a part of one.
    storage = optuna.storages.RDBStorage(
        "sqlite://", {"creator": lambda: sqlite3.connect(database, timeout=BUSY_S, check_same_thread=False)}
    )
    try:
        kept = optuna.create_study(storage=storage, study_name=name, load_if_exists=True)
        bring_along(storage, earlier, kept, plan)
        trials = kept.get_trials()
        # The number of tries too: with the seed alone, a search that goes on would begin with the same ones again.
        sampler = optuna.samplers.TPESampler(n_startup_trials=space.at_random, seed=plan.seed + len(trials))
        pruner = optuna.pruners.MedianPruner(BEFORE_GIVING_UP, FIRST_EPOCHS)
        study = optuna.create_study(sampler=sampler, pruner=pruner)
        study.add_trials(trials)
        yield TrialStudy(kept, study, plan, space)
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _move_damaged_aside(database: Path) -> None:
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("pragma schema_version")
    except sqlite3.DatabaseError:
        disk.replace(database, database.with_suffix(".damaged"))

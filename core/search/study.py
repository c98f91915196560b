"""What was tried on the same photos, kept by Optuna in an SQLite file: what comes next, and what is not worth ending.

The next settings come from Optuna's tree-structured Parzen estimator (J. Bergstra et al., "Algorithms for
Hyper-Parameter Optimization", 2011), and a try is given up when its validation loss is above the median of the others
at the same epoch.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from core.models.config import TrainConfig
from core.models.heads import HEADS, head_named, head_names
from core.search.table import SearchTrial, Settings
from core.search.words import settings_of

# All of them in every try, also the units of a head that has none: the estimator then looks at all together.
SPACE = {
    "head": CategoricalDistribution([head.name for head in HEADS if head.is_searched]),
    "learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
    "units": IntDistribution(32, 512, log=True),
    "dropout": FloatDistribution(0.0, 0.8),
    "weight_decay": FloatDistribution(1e-4, 1.0, log=True),
}
NO_DECAY = 3e-4  # below this, times any rate, a training's few hundred steps change nothing: 0 says so
AT_RANDOM = 8  # tries before the estimator begins: a minute has time for some dozens at most
BEFORE_GIVING_UP = 4  # whole tries that a median is taken of
FIRST_EPOCHS = 5  # in which none is given up: small rates begin slowly
RECORD = "record"  # what we note of a try, beside Optuna's own numbers
BUSY_S = 60.0  # for which a locked database is waited for


class TrialStudy:
    """The tries of one study, oldest first.

    Args:
        kept: Optuna's study in the file: whole tries only.
        study: The same in memory, where a try is asked about after each epoch: in the file that took longer than the
            epoch (docs/log.md).
        plan: The settings that all tries share but for the searched ones.
    """

    def __init__(self, kept: optuna.Study, study: optuna.Study, plan: TrainConfig) -> None:
        self._kept = kept
        self._study = study
        self._plan = plan
        solved = [kept.user_attrs[name] for name in head_names() if name in kept.user_attrs]
        self._solved = [SearchTrial.from_json(each) for each in solved]

    def trials(self) -> list[SearchTrial]:
        """All that was tried, by number, with the wrong rows."""
        trials = self._study.get_trials(deepcopy=False)
        found = [SearchTrial.from_json(trial.user_attrs[RECORD]) for trial in trials if RECORD in trial.user_attrs]
        return sorted([*found, *self._solved], key=lambda trial: trial.number)

    def has(self, config: TrainConfig) -> bool:
        """Whether its searched settings were tried to the end."""
        wanted = settings_of(config)
        return any(trial.settings == wanted and not trial.pruned for trial in self.trials())

    def add(self, config: TrainConfig, tried: SearchTrial) -> None:
        """Note a try that the estimator did not ask for: the plan's own, or a head that is solved at once.

        Such a head has nothing to set, so it is tried once and is no part of the space that the estimator looks at.
        """
        record = self._numbered(tried)
        if head_named(config.head).solved_at_once:
            self._kept.set_user_attr(config.head, record.to_json())
            self._solved.append(record)
            return
        trial = create_trial(
            value=tried.loss,
            params={name: _within(name, getattr(config, name)) for name in SPACE},
            distributions=SPACE,
            user_attrs={RECORD: record.to_json()},
            intermediate_values=tried.losses,
        )
        for study in (self._study, self._kept):
            study.add_trial(trial)

    def next(self) -> tuple[optuna.Trial, TrainConfig]:
        """What to try next, to be ended with `keep` or `drop`."""
        trial = self._study.ask(SPACE)
        return trial, replace(self._plan, **rounded(trial.params))

    def keep(self, trial: optuna.Trial, tried: SearchTrial) -> None:
        """Note what became of it."""
        trial.set_user_attr(RECORD, self._numbered(tried).to_json())
        end = {"state": TrialState.PRUNED} if tried.pruned else {"values": tried.loss}
        self._kept.add_trial(self._study.tell(trial, **end))

    def drop(self, trial: optuna.Trial) -> None:
        """Forget a try that was not ended."""
        self._study.tell(trial, state=TrialState.FAIL)

    def _numbered(self, tried: SearchTrial) -> SearchTrial:
        """The last of the tries, as it is kept."""
        return replace(tried, number=len(self.trials()) + 1, losses=None)


@contextmanager
def open_study(database: Path, name: str, plan: TrainConfig) -> Iterator[TrialStudy]:
    """The tries of the study of that name, none at first; the file is let go of in the end.

    Args:
        database: Made when missing. One that can't be read is moved aside, and the search begins anew.
        name: Equal for the same photos in the same parts, base and shared settings.
        plan: Its seed and the tries so far decide what comes next.
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
        trials = kept.get_trials()
        # The number of tries too: with the seed alone, a search that goes on would begin with the same ones again.
        sampler = optuna.samplers.TPESampler(n_startup_trials=AT_RANDOM, seed=plan.seed + len(trials))
        pruner = optuna.pruners.MedianPruner(BEFORE_GIVING_UP, FIRST_EPOCHS)
        study = optuna.create_study(sampler=sampler, pruner=pruner)
        study.add_trials(trials)
        yield TrialStudy(kept, study, plan)
    finally:
        storage.remove_session()
        storage.engine.dispose()


def rounded(params: Settings) -> Settings:
    """Values of the space as they are tried: with the two digits that a person reads and types."""
    return {
        "head": params["head"],
        "learning_rate": float(f"{params['learning_rate']:.2g}"),
        "units": int(float(f"{params['units']:.2g}")),
        "dropout": round(params["dropout"], 2),
        "weight_decay": float(f"{params['weight_decay']:.2g}") if params["weight_decay"] >= NO_DECAY else 0.0,
    }


def _within(name: str, value: Any) -> Any:
    """A plan's value, or the nearest to it that the space has: only for the estimator, not for the try."""
    space = SPACE[name]
    return value if isinstance(space, CategoricalDistribution) else min(max(value, space.low), space.high)


def _move_damaged_aside(database: Path) -> None:
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("pragma schema_version")
    except sqlite3.DatabaseError:
        os.replace(database, database.with_suffix(".damaged"))

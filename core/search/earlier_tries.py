"""Tries of older versions, which all used the plan's optimizer and batch size: they count beside those of now."""

from dataclasses import replace

import optuna
from optuna.trial import FrozenTrial, create_trial

from core.models.config import ADAM, TrainConfig
from core.models.heads import head_names
from core.search.settings import completed
from core.search.space import OF_HEADS, nearest
from core.search.table import SearchTrial

RECORD = "record"  # what we note of a try, beside Optuna's own numbers


def bring_along(storage: optuna.storages.BaseStorage, earlier: str, kept: optuna.Study, plan: TrainConfig) -> None:
    """Note in a study what was tried in the one that was before it, with the settings that these tries had.

    Args:
        earlier: That study's name; there need be none.
        kept: Gets those tries that it does not have.
        plan: Of both, with Adam's batch size of then.
    """
    if earlier not in [each.study_name for each in storage.get_all_studies()]:
        return
    before = optuna.load_study(study_name=earlier, storage=storage)
    mine = plan.to_json()
    known = [SearchTrial.from_json(each.user_attrs[RECORD]).settings for each in _noted(kept)]
    number = len(known) + sum(name in kept.user_attrs for name in head_names())
    for record, trial in _by_number(before):
        whole = replace(record, settings=completed(record.settings, mine))
        if whole.settings in known or (trial is None and whole.settings["head"] in kept.user_attrs):
            continue
        number += 1
        whole = replace(whole, number=number)
        if trial is None:
            kept.set_user_attr(str(whole.settings["head"]), whole.to_json())
        else:
            kept.add_trial(_as_of_now(trial, whole, plan))


def _noted(study: optuna.Study) -> list[FrozenTrial]:
    return [trial for trial in study.get_trials() if RECORD in trial.user_attrs]


def _by_number(study: optuna.Study) -> list[tuple[SearchTrial, FrozenTrial | None]]:
    """All that was tried, by number, each with what Optuna knows of it; None where it was not asked."""
    found = [(SearchTrial.from_json(trial.user_attrs[RECORD]), trial) for trial in _noted(study)]
    solved = [study.user_attrs[name] for name in head_names() if name in study.user_attrs]
    return sorted([*found, *((SearchTrial.from_json(each), None) for each in solved)], key=lambda pair: pair[0].number)


def _as_of_now(trial: FrozenTrial, record: SearchTrial, plan: TrainConfig) -> FrozenTrial:
    added = {"optimizer": ADAM, "momentum": 0.0, "batch_size": nearest(OF_HEADS["batch_size"], plan.batch_size)}
    return create_trial(
        state=trial.state,
        value=trial.value,
        params={**trial.params, **added},
        distributions={**trial.distributions, **{name: OF_HEADS[name] for name in added}},
        user_attrs={RECORD: record.to_json()},
        intermediate_values=trial.intermediate_values,
    )

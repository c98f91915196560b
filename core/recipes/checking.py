"""What a tutorial's files may say: a request or a result of any other kind is damaged, or a stranger's.

A run that was not finished is cleared away before it is made anew, so above all a run's name must be that of a folder.
"""

import json
from dataclasses import fields

from core.base.names import safe_name
from core.models.catalogue import known_base
from core.models.config import TrainConfig
from core.recipes.catalogue import ASK, DRAW, MCNEMAR, MEASURE, TABLE, TRAIN
from core.recipes.record import StepRequest, TutorialRequest, TutorialResult

KINDS = (TRAIN, DRAW, MEASURE, TABLE, MCNEMAR, ASK)
MOST_STEPS = 20  # the longest tutorial has five


def check_request(request: TutorialRequest) -> TutorialRequest:
    """The request, when its steps can be done; else ValueError."""
    steps, runs = request.steps, [step.run for step in request.steps if step.does == TRAIN]
    if not 0 < len(steps) <= MOST_STEPS or len({step.name for step in steps}) < len(steps):
        raise ValueError("A tutorial has a few steps, each with a name of its own.")
    if request.runs != runs or len(set(runs)) < len(runs) or runs != [safe_name(run) for run in runs]:
        raise ValueError("Each run of a tutorial has a folder of its own, beside the others.")
    for number, step in enumerate(steps):
        _check_step(step, [each.name for each in steps[:number] if each.does == TRAIN])
    return request


def _check_step(step: StepRequest, trained: list[str]) -> None:
    if step.does not in KINDS:
        raise ValueError(f"No step of a tutorial does {step.does!r}.")
    if (step.does in (TRAIN, DRAW)) != isinstance(step.config, dict):
        raise ValueError(f"The step {step.name} has settings if it trains or draws, and only then.")
    if step.starts_from and step.starts_from not in trained:
        raise ValueError(f"The step {step.name} goes on from one that is not before it.")
    if not set(step.changed) <= {each.name for each in fields(TrainConfig)}:
        raise ValueError(f"The step {step.name} changes what is no setting.")


def check_result(result: TutorialResult) -> TutorialResult:
    """The result, when a page can show it; else ValueError."""
    json.dumps(result.to_json(), allow_nan=False)  # NaN and infinity are no numbers of a run
    named = [each.base for each in (result.map, result.decision) if each]
    if not all(known_base(name) for name in named):
        raise ValueError("It is on a base model that this version does not know.")
    if len(result.runs) > MOST_STEPS or len(result.pairs) > MOST_STEPS**2:
        raise ValueError("It has more runs than any tutorial.")
    return result

"""From a tutorial of the catalogue to what is done on this computer: which base model, and what was changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace

from core.base.errors import InputError
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import BENCHMARK_CNN, FEATURE_EXTRACTION, FINE_TUNE, TrainConfig
from core.models.weights import refuse_missing, weights_state
from core.recipes.catalogue import TRAIN, Step, Tutorial
from core.recipes.record import StepRequest, TutorialRequest


@dataclass(frozen=True)
class PlannedStep:
    """A step as it will be done here.

    Args:
        step: As in the article.
        config: Its settings, on the base that is here.
        stands_in_for: The article's base, where its weights are not here; "" where they are.
    """

    step: Step
    config: TrainConfig | None = None
    stands_in_for: str = ""

    @property
    def title_suffix(self) -> str:
        """What the run's title says of a base that stands in."""
        if not self.stands_in_for:
            return ""
        return f" ({base_model(self.config.base).title} for {base_model(self.stands_in_for).title})"

    @property
    def stand_in_words(self) -> str:
        """The same as a sentence; "" where the article's own base is here."""
        if not self.stands_in_for:
            return ""
        own, here = base_model(self.stands_in_for).title, base_model(self.config.base).title
        return f"The article uses {own}, whose weights are not on this computer: {here} stands in for it."


def plan_of(tutorial: Tutorial, environment: Mapping[str, str], base: str = "") -> list[PlannedStep]:
    """Every step as it can be done here.

    Args:
        environment: As for `weights_state`. Nothing is downloaded: what isn't here is stood in for.
        base: Asked for in place of the article's; "" for that one.

    Raises:
        WeightsError: The weights of the base that was asked for are not here.
    """
    if base:
        refuse_missing(base_model(base), environment)
    return [_planned(step, environment, base) for step in tutorial.steps]


def _planned(step: Step, environment: Mapping[str, str], base: str) -> PlannedStep:
    config = step.config
    if config is None or config.base == BENCHMARK_CNN:
        return PlannedStep(step, config)
    if base:
        return PlannedStep(step, on_base(config, base))
    if weights_state(base_model(config.base), environment).is_here:
        return PlannedStep(step, config)
    return PlannedStep(step, on_base(config, BUILT_IN), stands_in_for=config.base)


def on_base(config: TrainConfig, base: str) -> TrainConfig:
    """The same settings on another base; thawing begins at the block with as large a share of blocks below it.

    Raises:
        InputError: It is several side by side, which these settings would change.
    """
    if base == config.base:
        return config
    thaw_from = config.thaw_from
    if config.strategy != FEATURE_EXTRACTION:
        base_model(base).refuse_several(f"the strategy {config.strategy}")
    if config.strategy == FINE_TUNE:
        own, other = base_model(config.base).blocks, base_model(base).blocks
        below = [block.name for block in own].index(thaw_from) / len(own)
        thaw_from = other[min(round(below * len(other)), len(other) - 1)].name
    return replace(config, base=base, thaw_from=thaw_from)


def request_of(
    tutorial: Tutorial, plan: list[PlannedStep], stem: str, chosen: Collection[str] | None = None
) -> TutorialRequest:
    """What the worker shall do.

    Args:
        plan: From `plan_of`, with what was changed in it.
        stem: What the folders of its runs begin with; they are numbered.
        chosen: The names of the steps that are wanted; None for all.

    Raises:
        InputError: A setting is out of its range, or a step is wanted without the one that it goes on from.
    """
    wanted = [each for each in plan if chosen is None or each.step.name in chosen]
    _refuse_incomplete(tutorial, wanted, chosen)
    steps = [_request(tutorial, number, each, stem) for number, each in enumerate(wanted, 1)]
    return TutorialRequest(tutorial.name, steps, [step.run for step in steps if step.run])


def _refuse_incomplete(tutorial: Tutorial, wanted: list[PlannedStep], chosen: Collection[str] | None) -> None:
    names = [each.step.name for each in wanted]
    if unknown := sorted(set(chosen or ()) - {step.name for step in tutorial.steps}):
        known = ", ".join(step.name for step in tutorial.steps)
        raise InputError(f"The steps of {tutorial.name} are {known}. Received: {', '.join(unknown)}.")
    if not names:
        raise InputError(f"Nothing is left of {tutorial.name}: choose a step.")
    for each in wanted:
        if each.step.starts_from and each.step.starts_from not in names:
            raise InputError(f"The step {each.step.name} goes on from {each.step.starts_from}: choose that too.")


def _request(tutorial: Tutorial, number: int, planned: PlannedStep, stem: str) -> StepRequest:
    step, config = planned.step, planned.config
    trains = step.does == TRAIN
    return StepRequest(
        name=step.name,
        does=step.does,
        words=step.words,
        config=None if config is None else config.check().to_json(),
        run=f"{stem} {number}" if trains else "",
        title=f"{tutorial.name} {step.name}{planned.title_suffix}" if trains else "",
        note=planned.stand_in_words,
        starts_from=step.starts_from,
        decided=step.decided,
        changed=changed_settings(step, config),
    )


def changed_settings(step: Step, config: TrainConfig | None) -> list[str]:
    """The settings that are not the step's own."""
    if config is None or step.config is None:
        return []
    return [each.name for each in fields(config) if getattr(config, each.name) != getattr(step.config, each.name)]


def split_by(request: TutorialRequest) -> TrainConfig:
    """The settings by which the photos are divided, the same in all its runs: those of its first step with a base."""
    configs = [step.settings() for step in request.steps if step.config]
    return next((config for config in configs if config.base != BENCHMARK_CNN), TrainConfig())

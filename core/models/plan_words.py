"""A plan for a training in words: plain ones first, the field's term beside them."""

from collections.abc import Mapping

from core.base.words import counted, duration
from core.models.catalogue import BaseModel, base_model
from core.models.config import (
    ADAM,
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    NO_FINAL,
    RANDOM,
    RMSPROP,
    SGD,
    VAL_ACCURACY,
    VAL_LOSS,
    WITH_ALL,
    WITH_VALIDATION,
    TrainConfig,
)
from core.models.heads import head_named
from core.models.image_sizes import image_size_of, size_in_words, work_of_size
from core.models.weights import weights_state
from core.photos import augmentation

STRATEGY_WORDS = {
    FEATURE_EXTRACTION: "A new head only (feature extraction)",
    FINE_TUNE: "A new head, then the last blocks too (fine-tuning)",
    FROM_SCRATCH: "Everything, the whole network",
}
OPTIMIZER_WORDS = {ADAM: "Adam", RMSPROP: "RMSprop", SGD: "SGD"}
OPTIMIZER_ABOUT = {
    ADAM: "each weight has steps of its own size, with some swing; rarely a bad choice",
    RMSPROP: "each weight has steps of its own size, without swing",
    SGD: "one step size for all weights, with as much swing as you set (stochastic gradient descent with momentum)",
}
MONITOR_WORDS = {VAL_LOSS: "loss on the validation photos", VAL_ACCURACY: "accuracy on the validation photos"}

FINAL_WORDS = {
    WITH_VALIDATION: "the validation photos too",
    WITH_ALL: "the validation and test photos too",
    NO_FINAL: "nothing more: it is the tested one",
}


def plan_in_words(plan: TrainConfig, n_classes: int, environment: Mapping[str, str]) -> str:
    """What the training will do, in a sentence; `environment` as for `weights_state`."""
    at_size = "" if work_of_size(plan) == 1 else f" It sees photos at {size_in_words(image_size_of(plan))}."
    asked = " It answers by each photo and its mirror image." if plan.ask_mirror else ""
    return f"{_in_words(plan, n_classes, environment)}{at_size}{asked}"


def _in_words(plan: TrainConfig, n_classes: int, environment: Mapping[str, str]) -> str:
    """The same, but for the size of its input."""
    classes = counted(n_classes, "class", "classes")
    if plan.base == BENCHMARK_CNN:
        return (
            f"A small network of five convolutions learns your {classes} from nothing (the benchmark that what builds "
            "on a base model has to beat)."
        )
    base = base_model(plan.base)
    if plan.initial == RANDOM:
        return f"A network built like **{base.title}** learns your {classes} from nothing (training from scratch)."
    kind = weights_state(base, environment).kind
    if base.parts:
        return (
            f"It starts from what **{base.title}** (base models side by side, {kind}) already know from a million "
            f"photos, keeps them frozen, and learns your {classes} on top of what all of them see (feature extraction)."
        )
    knows = f"what **{base.title}** (the base model, {kind}) already knows"
    if plan.strategy == FINE_TUNE:
        return (
            f"It starts from {knows} from a million photos and first learns your {classes} on top of it. Then "
            f"{thawed_in_words(base, plan.thaw_from)} learn too, at a small rate (fine-tuning)."
        )
    if plan.strategy == FROM_SCRATCH:
        return (
            f"Everything learns your {classes}, from the first layer to the last. It begins with {knows} from a "
            "million photos, since that is rarely worse than beginning from nothing (training the whole network)."
        )
    return (
        f"It starts from {knows} from a million photos, keeps that frozen, and learns your {classes} on top of it "
        "(feature extraction)."
    )


def thawed_in_words(base: BaseModel, block: str) -> str:
    """Which of its blocks learn when thawing begins at one of them."""
    n = len(base.blocks)
    last = n - [each.name for each in base.blocks].index(block)
    if last == n:
        return f"all {n} blocks of the base model"
    return f"the last {'' if last == 1 else f'{last} '}of the base model's {n} blocks (from {block} on)"


def plan_lines(plan: TrainConfig, seconds: float | None, environment: Mapping[str, str]) -> list[str]:
    """Each part of the plan as a line of Markdown: plain words, the field's term, what is planned.

    Args:
        seconds: What it is expected to take; None when that isn't known.
        environment: As for `weights_state`.
    """
    base, head = base_model(plan.base), head_named(plan.head).words
    rates = f"{plan.learning_rate:g}"
    if plan.strategy == FINE_TUNE:
        rates += f" for the head, at most {plan.fine_tune_rate:g} for the thawed blocks"
    entries = [
        ("It starts from", _base_term(base), f"{base.title}, {weights_state(base, environment).words}"),
        ("How large it sees photos", "input size", size_in_words(image_size_of(plan))),
        ("What learns", "strategy", _learns(base, plan)),
        ("What is new on top", "head", head[0].lower() + head[1:]),
        ("How large its steps are", "learning rate", rates),
        ("How it takes them", "optimizer", optimizer_in_words(plan)),
        ("How often it sees each photo", "epochs", _passes(plan)),
        ("Varied photos", "augmentation", augmentation.in_words(plan.augment)),
        ("Rare classes", "class weights", "count as much as the others" if plan.class_weights else "as they are"),
        ("What it is asked", "test-time augmentation", _asked(plan)),
    ]
    if seconds is not None:
        entries.append(("How long it takes", "expected", f"about {duration(seconds)} on this computer"))
    return [f"- **{words}** ({term}): {planned}" for words, term, planned in entries]


def _asked(plan: TrainConfig) -> str:
    if plan.ask_mirror:
        return "each photo and its mirror image; its answer is the mean of both, in about twice the time"
    return "each photo as it is"


def optimizer_in_words(config: TrainConfig) -> str:
    """What a run learns with, such as "SGD with momentum 0.9"."""
    if not config.learns_in_steps:
        return "none: it is solved at once"
    words = OPTIMIZER_WORDS[config.optimizer]
    return f"{words} with momentum {config.momentum:g}" if config.momentum else words


def _passes(plan: TrainConfig) -> str:
    """How often at most photos are shown, and when it stops."""
    times = "epochs" if plan.steps_per_epoch else "times"
    words = f"at most {plan.epochs} {times}"
    if plan.strategy == FINE_TUNE:
        words += f" for the head, then at most {plan.fine_tune_epochs} {times} with the thawed blocks"
    if plan.steps_per_epoch:
        words += f", each of {counted(plan.steps_per_epoch, 'step')} with {counted(plan.batch_size, 'photo')}"
    which = "nothing gets" if plan.monitor == VAL_LOSS else f"the {MONITOR_WORDS[plan.monitor]} gets no"
    return f"{words}; it stops by itself when {which} better"


def _learns(base: BaseModel, plan: TrainConfig) -> str:
    if plan.strategy == FINE_TUNE:
        return f"a new head, then also {thawed_in_words(base, plan.thaw_from)}: fine-tuning"
    if plan.strategy == FROM_SCRATCH:
        return "a new head and the whole base model at once, from its first layer on"
    if base.parts:
        return "a new head on what all of them see; the base models stay as they are: feature extraction"
    return "a new head; the base model stays as it is: feature extraction"


def _base_term(base: BaseModel) -> str:
    return "base models side by side" if base.parts else "base model"

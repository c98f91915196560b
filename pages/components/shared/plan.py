"""The plan of a project: what will be trained, in words, and kept until the training."""

import json
import os

from core.base.errors import InputError
from core.base.words import counted, duration
from core.models.catalogue import CATALOGUE, BaseModel, base_model
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    RANDOM,
    TrainConfig,
)
from core.models.weights import weights_state
from core.photos import augmentation
from core.projects.project import Project

PLAN = "plan"  # the project's setting
STRATEGIES = {
    FEATURE_EXTRACTION: "A new head only (feature extraction)",
    FINE_TUNE: "A new head, then the last blocks too (fine-tuning)",
    FROM_SCRATCH: "Everything, the whole network",
}
HEADS = {
    "gap": "Simple: one layer on the pooled features (softmax)",
    "fc": "Larger: one hidden layer before it (fully connected)",
    "flatten-fc": "Largest: a hidden layer that also sees where in the photo something is (flatten + fully connected)",
    "linear-svm": "Widest margin: straight borders as far from the photos as possible (linear SVM)",
}


def keep(project: Project, plan: TrainConfig) -> None:
    """Make it the plan that Train uses."""
    project.keep_setting(PLAN, json.dumps(plan.to_json()))


def forget(project: Project) -> None:
    """Train uses its usual plan again."""
    project.keep_setting(PLAN, "")


def kept(project: Project) -> TrainConfig | None:
    """The plan that was kept; None without one, or when another version of the app wrote it."""
    try:
        return TrainConfig.from_json(json.loads(project.setting(PLAN))).check()
    except (ValueError, TypeError, AttributeError, InputError):
        return None


def bases_here() -> dict[str, BaseModel]:
    """The base models whose weights are on this computer, by name."""
    return {row.name: row for row in CATALOGUE if weights_state(row, os.environ).path}


def sentence(plan: TrainConfig, n_classes: int) -> str:
    """What the training will do, in a sentence."""
    classes = counted(n_classes, "class", "classes")
    if plan.base == BENCHMARK_CNN:
        return (
            f"A small network of five convolutions learns your {classes} from nothing (the benchmark that what builds "
            "on a base model has to beat)."
        )
    row = base_model(plan.base)
    if plan.initial == RANDOM:
        return f"A network built like **{row.title}** learns your {classes} from nothing (training from scratch)."
    knows = f"what **{row.title}** (the base model, {weights_state(row, os.environ).kind}) already knows"
    if plan.strategy == FINE_TUNE:
        return (
            f"It starts from {knows} from a million photos and first learns your {classes} on top of it. Then "
            f"{thawed(row, plan.thaw_from)} learn too, at a small rate (fine-tuning)."
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


def thawed(row: BaseModel, block: str) -> str:
    """Which of its blocks learn when thawing begins at one of them."""
    n = len(row.blocks)
    last = n - [each.name for each in row.blocks].index(block)
    if last == n:
        return f"all {n} blocks of the base model"
    return f"the last {last} of the base model's {n} blocks (from {block} on)"


def lines(plan: TrainConfig, seconds: float | None) -> list[str]:
    """Each part of the plan as a line of Markdown: plain words, the field's term, what is planned.

    Args:
        plan: The settings.
        seconds: What they are expected to take; None when that isn't known.
    """
    row = base_model(plan.base)
    passes, rates = f"at most {plan.epochs} times", f"{plan.learning_rate:g}"
    if plan.strategy == FINE_TUNE:
        passes += f" for the head, then at most {plan.fine_tune_epochs} times with the thawed blocks"
        rates += f" for the head, at most {plan.fine_tune_rate:g} for the thawed blocks"
    parts = [
        ("It starts from", "base model", f"{row.title}, {weights_state(row, os.environ).words}"),
        ("What learns", "strategy", _learns(row, plan)),
        ("What is new on top", "head", HEADS[plan.head][0].lower() + HEADS[plan.head][1:]),
        ("How large its steps are", "learning rate", rates),
        ("How often it sees each photo", "epochs", f"{passes}; it stops by itself when nothing gets better"),
        ("Varied photos", "augmentation", augmentation.in_words(plan.augment)),
        ("Rare classes", "class weights", "count as much as the others" if plan.class_weights else "as they are"),
    ]
    if seconds is not None:
        parts.append(("How long it takes", "expected", f"about {duration(seconds)} on this computer"))
    return [f"- **{words}** ({term}): {planned}" for words, term, planned in parts]


def _learns(row: BaseModel, plan: TrainConfig) -> str:
    if plan.strategy == FINE_TUNE:
        return f"a new head, then also {thawed(row, plan.thaw_from)}: fine-tuning"
    if plan.strategy == FROM_SCRATCH:
        return "a new head and the whole base model at once, from its first layer on"
    return "a new head; the base model stays as it is: feature extraction"

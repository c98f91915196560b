"""What is advised, what a change of it risks and how long a training will take, in sentences."""

from core.advice.folder import advice_of
from core.advice.quadrants import FROZEN, IMBALANCE, QUADRANTS, expected_seconds, risks
from core.advice.record import Advice, BaseTrial, rate_together
from core.base.words import counted, duration, percent
from core.models.catalogue import BESIDE, base_model
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, NO_VIEWS, TrainConfig
from core.photos.sides import heights_matter, shape_warnings, view_warnings
from core.projects.project import Project
from core.runs.choosing.alike import runs_like


def recommendation(advice: Advice) -> str:
    """Which base is recommended and why; none is called better than chance would make it."""
    chosen, alone = advice.recommended, [trial for trial in advice.bake_off if not trial.is_several]
    low, high = chosen.interval
    result = (
        f"A head on {chosen.title} was right on {percent(chosen.accuracy)} of "
        f"{counted(chosen.n, 'photo')} that it had not seen (likely between {percent(low)} and {percent(high)})."
    )
    if len(advice.bake_off) == 1:
        return f"{result} It is the only base model on this computer so far."
    if chosen.is_several:
        return f"{result} {_better_together(chosen, alone, advice)}"
    best = max(alone, key=lambda trial: trial.accuracy)
    level = [trial for trial in alone if trial.is_level_with(best) and trial is not chosen]
    why = "All others are surely worse on these photos, so it is recommended."
    if level:
        why = (
            f"On these photos {' or '.join(each.title for each in level)} is not surely better; it "
            f"{_cheapest(chosen)} and is recommended."
        )
    return " ".join(filter(None, [result, why, _no_better_together(advice)]))


def _cheapest(chosen: BaseTrial) -> str:
    if chosen.multiply_adds_g:
        return "computes the least for a photo"
    return "was the quickest of them when they were tried"  # as an older version chose


def _better_together(chosen: BaseTrial, alone: list[BaseTrial], advice: Advice) -> str:
    """Why several side by side are recommended, and of which one where more than a head is to learn."""
    best = max(alone, key=lambda trial: trial.accuracy)
    why = (
        f"Side by side they were right on {counted(chosen.gained, 'photo')} where {best.title}, the best one alone, "
        f"was wrong, and wrong on {chosen.lost:,} where it was right: more than chance would do (McNemar's test, "
        f"p = {chosen.p_value:.2g}). So they are recommended together, though each photo then goes through all of them."
    )
    if advice.quadrant == FROZEN:
        return why
    return f"{why} The plan trains more than a head, which takes one alone: {base_model(advice.plan.base).title}."


def _no_better_together(advice: Advice) -> str:
    """That several side by side were tried too; "" where none were."""
    several = [trial for trial in advice.bake_off if trial.is_several]
    if not several:
        return ""
    most = max(several, key=lambda trial: trial.accuracy)
    return f"Side by side, {most.title} reached {percent(most.accuracy)}: not more than chance would do."


def plan_risks(
    plan: TrainConfig, suggested: TrainConfig, advice: Advice, counts: dict[str, int], sides: str = ""
) -> list[str]:
    """What may go wrong with a plan that changes what its quadrant suggested, a sentence each; none for the better.

    Args:
        counts: Photos per class.
        sides: Why the photos must not be mirrored, from `sides_matter`.
    """
    said = _base_risks(plan.base, advice)
    large = QUADRANTS[advice.quadrant].large
    if plan.strategy != suggested.strategy:
        quadrant = {FEATURE_EXTRACTION: 4, FINE_TUNE: 2 if large else 3, FROM_SCRATCH: 1}[plan.strategy]
        said += risks(advice.quadrant, quadrant)
    elif not large and plan.strategy == FINE_TUNE and _block_number(plan) < _block_number(suggested):
        said.append("So many thawed blocks with few photos: it may learn them by heart (over-fitting).")
    said += view_warnings(plan.augment, sides, heights_matter(counts)) + shape_warnings(plan.augment, counts)
    if plan.strategy != FEATURE_EXTRACTION and plan.augment == NO_VIEWS and not sides:
        said.append("Without mirrored photos it learns yours by heart sooner (over-fitting).")
    if not plan.class_weights and max(counts.values()) > IMBALANCE * min(counts.values()):
        least, most = min(counts, key=counts.get), max(counts, key=counts.get)
        said.append(f"{most} has far more photos than {least}: without weights the model may favour {most}.")
    return said


def _block_number(plan: TrainConfig) -> int:
    return [block.name for block in base_model(plan.base).blocks].index(plan.thaw_from)


def _base_risks(base: str, advice: Advice) -> list[str]:
    """Whether another base did surely better on these photos, or this one was never tried."""
    trial, best = advice.trial_of(base), advice.best
    if trial is None:
        return [f"{base_model(base).title} has not been tried on your photos. Measure again to compare it."]
    if trial.is_level_with(best):
        return []
    return [
        f"{trial.title} told fewer of your photos apart than {best.title}: "
        f"{percent(trial.accuracy)} against {percent(best.accuracy)}, beyond doubt."
    ]


def expected_time_in_words(project: Project, plan: TrainConfig, n_photos: int) -> str:
    """What is known of the time, from a run like this one or else from the advice, both on this computer."""
    if like := next(runs_like(project.runs_folder, plan), None):
        return f"The last run like this one took {duration(like[1].seconds.total)} on this computer."
    advice = advice_of(project).read()
    seconds = seconds_by_advice(plan, advice, n_photos) if advice else None
    if seconds is not None:
        return f"It will take about {duration(seconds)} on this computer."
    return f"{counted(n_photos, 'photo')}: the first run also looks at each photo once; later runs are faster."


def seconds_by_advice(plan: TrainConfig, advice: Advice, n_photos: int) -> float | None:
    """What a run with these settings will take; None where its base was not in the bake-off."""
    rates = [trial.photos_per_second for trial in _trials_of(plan.base, advice)]
    return expected_seconds(plan, n_photos, rate_together(rates)) if rates else None


def _trials_of(base: str, advice: Advice) -> list[BaseTrial]:
    """How a base was tried, or else each of those side by side; none where that is not known."""
    found = [advice.trial_of(name) for name in (base, *base.split(BESIDE))]
    return [found[0]] if found[0] else found[1:] if all(found[1:]) else []

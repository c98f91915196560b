"""The size-similarity matrix: how many photos there are, and how similar they are to what the base model knows, say
what to train.

The matrix and its four recommendations are those of P. Marcelino, "Transfer learning from pre-trained models" (2018),
after the course notes of Stanford's CS231n; the words are ours. Where a data set lies in it is measured by
`core/advice/measuring.py`; here are the rules, so that a page can show what another quadrant would mean.
"""

from dataclasses import dataclass, replace
from statistics import median

from core.advice.record import BaseTrial, Lack, recommended_alone, recommended_of
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TrainConfig, usual_config, with_head
from core.models.heads import LOGISTIC
from core.models.image_sizes import size_for_photos, work_of_size
from core.models.planned_epochs import with_planned_epochs
from core.photos.views import views_of

LARGE_PER_CLASS = 1000  # photos of a class, the article's line between small and large
SIMILAR = 0.5  # of the measured similarity; see docs/log.md for where data sets lie
STRANGE_RATE = 1e-3  # of blocks that must learn to look for other things; at 3e-4 they stay too near (docs/log.md)
FEW_FOR_STEPS = 50  # photos of a class, below which a head solved at once is surer and mostly more often right
FROZEN = 4  # the quadrant in which the base stays as it is
IMBALANCE = 2.0  # largest class over smallest, from which classes are weighted
# What a run takes, for `expected_seconds`. The engine only looks at a photo; training in Keras also looks back through
# what learns. Measured on 2 cores (docs/log.md), a step of a photo in looks of the engine: from stage5 of
# EfficientNet-Lite0, three of its seven blocks, 2.5; from stage4 3.2, from stage3 4.4; the whole network, decoded, 12.
START_S = 10.0  # Keras' import, the head, saving and checking
TRAINING_SHARE = 0.7  # of the photos, those that are shown in views
BLOCKS_COST = 5.8  # of one photo, in looks of the engine, if all blocks learned from what crosses a boundary
NETWORK_COST = 12.0


@dataclass(frozen=True)
class Quadrant:
    """One of the four fields of the matrix.

    Args:
        number: As the article numbers them, 1..4.
        large: Whether there are many photos.
        similar: Whether they are like those that the base model learned from.
        title: What it recommends, in a few words.
    """

    number: int
    large: bool
    similar: bool
    title: str
    why: str


QUADRANTS = {
    quadrant.number: quadrant
    for quadrant in (
        Quadrant(
            1,
            large=True,
            similar=False,
            title="Train the whole network",
            why="There are enough photos to teach a network from its first layer on, and what the base model learned "
            "elsewhere fits them little. It still starts from the base model's weights, since that is rarely worse.",
        ),
        Quadrant(
            2,
            large=True,
            similar=True,
            title="Train the last blocks",
            why="The base model knows such pictures; with so many photos its last blocks can become still better at "
            "yours without forgetting the rest.",
        ),
        Quadrant(
            3,
            large=False,
            similar=False,
            title="Train the later half, carefully",
            why="The hardest case: the base model's later layers look for other things than yours, but few photos "
            "can't teach a whole network. The first half stays, the rest learns at a small rate from varied photos.",
        ),
        Quadrant(
            4,
            large=False,
            similar=True,
            title="Keep the base model as it is",
            why="It sees the differences that matter already. A new head on top learns them from few photos; training "
            "more would make it learn these photos by heart.",
        ),
    )
}


def quadrant_of(per_class: float, similarity: float) -> int:
    """Where a data set lies, 1..4, by the median of the photos of its classes and its similarity, 0..1."""
    if per_class >= LARGE_PER_CLASS:
        return 2 if similarity >= SIMILAR else 1
    return 4 if similarity >= SIMILAR else 3


def base_for(quadrant: int, trials: list[BaseTrial]) -> str:
    """The base that a quadrant's plan starts from: several side by side only where it stays as it is."""
    return (recommended_of if quadrant == FROZEN else recommended_alone)(trials).base


def plan_for(quadrant: int, class_counts: dict[str, int], base: str = BUILT_IN, photo_side: int = 0) -> TrainConfig:
    """What a quadrant, 1..4, recommends: the settings of a run. Of several bases side by side only a head learns.

    Args:
        class_counts: Photos per class.
        photo_side: Of the photos' longer sides the middle one, in pixels; 0 where it isn't known.
    """
    if base_model(base).parts:
        return replace(plan_for(FROZEN, class_counts), base=base)
    fine_tune, size = usual_config(FINE_TUNE, base), size_for_photos(base, photo_side)
    plans = {
        1: usual_config(FROM_SCRATCH, base),
        2: replace(fine_tune, thaw_from=_block(base, 0.7), fine_tune_rate=1e-4),
        3: replace(fine_tune, thaw_from=_block(base, 0.3 if size else 0.5), fine_tune_rate=STRANGE_RATE),
        4: usual_config(FEATURE_EXTRACTION, base),
    }
    counts = class_counts.values()
    plan = with_planned_epochs(plans[quadrant], class_counts)
    if quadrant == FROZEN and median(counts) < FEW_FOR_STEPS:
        plan = with_head(plan, LOGISTIC)
    if quadrant != FROZEN:
        plan = replace(plan, image_size=size)
    return replace(plan, class_weights=max(counts) > IMBALANCE * min(counts))


def _block(base: str, depth: float) -> str:
    """The block at which this share of the network's blocks lies below."""
    blocks = base_model(base).blocks
    return blocks[round(depth * len(blocks))].name


def expected_seconds(plan: TrainConfig, n_photos: int, photos_per_second: float) -> float:
    """What a run with these settings will take on this computer, roughly.

    Args:
        n_photos: All usable ones.
        photos_per_second: At which the engine looks at photos of the usual size through the plan's base, measured in
            the bake-off.
    """
    views = len(views_of(plan.augment))
    looks = 1 + _passes(plan, n_photos, views) * _cost_of_a_step(plan)
    if plan.strategy == FEATURE_EXTRACTION:
        looks += TRAINING_SHARE * (views - 1)
    looks += plan.ask_mirror  # all photos, to evaluate
    return START_S + n_photos / photos_per_second * looks * work_of_size(plan)


def _passes(plan: TrainConfig, n_photos: int, views: int) -> float:
    """How often all photos could have been shown in the steps that something learns in."""
    epochs = plan.fine_tune_epochs if plan.strategy == FINE_TUNE else plan.epochs
    if plan.steps_per_epoch:
        return epochs * plan.steps_per_epoch * plan.batch_size / n_photos
    return epochs * views * TRAINING_SHARE


def _cost_of_a_step(plan: TrainConfig) -> float:
    """Of one photo, in looks of the engine."""
    if plan.strategy == FINE_TUNE:
        names = [block.name for block in base_model(plan.base).blocks]
        return BLOCKS_COST * (1 - names.index(plan.thaw_from) / len(names))
    return NETWORK_COST if plan.strategy == FROM_SCRATCH else 0.0


def risks(measured: int, chosen: int) -> list[str]:
    """What may happen when another quadrant is chosen than the one that was measured; empty when it is the same."""
    here, there = QUADRANTS[measured], QUADRANTS[chosen]
    said = []
    if there.large and not here.large:
        said.append("Your photos are few for this: it may learn them by heart and fail on new ones (over-fitting).")
    if here.large and not there.large:
        said.append("You have photos enough to train more than this: some accuracy may be left lying.")
    if there.similar and not here.similar:
        said.append(
            "The base model does not know pictures like yours well: kept as it is, it may not see what tells your "
            "classes apart."
        )
    if here.similar and not there.similar:
        said.append(
            "The base model knows pictures like yours: training this much takes longer, and may make it forget what "
            "helps."
        )
    return said


def photos_in_words(lacks: list[Lack]) -> list[str]:
    """What more photos of each class would bring, in sentences."""
    helping = [lack for lack in lacks if lack.helps]
    idle = [lack.label for lack in lacks if not lack.helps]
    said = [f"About {_as_many(lack.photos)} more of {lack.label} should help." for lack in helping[:3]]
    if helping and idle:
        said.append(f"More of {', '.join(idle[:3])} will hardly change anything.")
    if not helping:
        said.append("No class stands out as lacking photos: more of the same will hardly change anything.")
    return said


def _as_many(photos: int) -> int:
    """As many again, to a round number: what was measured is what the second half of them brought."""
    step = 10 if photos < 200 else 100
    return max(step, round(photos / step) * step)

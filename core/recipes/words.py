"""A tutorial in words: what it sets, what is otherwise than in its article, and what came of it."""

from dataclasses import dataclass

from core.base.words import counted, decimal, duration, percent
from core.models.catalogue import base_model
from core.models.config import BENCHMARK_CNN, FEATURE_EXTRACTION, FINE_TUNE, NO_VIEWS, RANDOM, VAL_LOSS, TrainConfig
from core.models.heads import head_named
from core.models.plan_words import MONITOR_WORDS, optimizer_in_words, thawed_in_words
from core.photos.augmentation import in_words
from core.recipes.catalogue import DRAW, TRAIN, Tutorial
from core.recipes.planning import PlannedStep, changed_settings
from core.recipes.record import RunRow, TutorialResult
from core.runs.comparing import judged_on

SPLIT = (
    "The photos are divided here: about 70 % teach, 15 % say when to stop and 15 % are kept for one final test (or the "
    "test photos that you brought), with near-copies on one side. A tutorial usually judges by the photos that also "
    "steered it."
)
VIEWS = (
    "Varied photos are made once, the same in every epoch, and validation and test photos are never varied. There each "
    "epoch draws new ones."
)
SCHEDULE = (
    "What learns besides a head does so at a rate that warms up and then falls (cosine), with labels smoothed by a "
    "tenth; there the rate is constant and the labels are not."
)
THAWED = (
    "The step with thawed blocks begins with the model of the step before, its batch normalisation stays still, and "
    "the better of both models is kept."
)
BEST = "The weights of the best epoch are kept, not those of the last."


@dataclass(frozen=True)
class Setting:
    """One setting of a step, for people.

    Args:
        step: The name of the step.
        words: In plain words.
        term: The field's.
        value: What it is set to.
        of_article: Whether the article gives it, and nobody has changed it; else it is the app's choice.
    """

    step: str
    words: str
    term: str
    value: str
    of_article: bool

    @property
    def line(self) -> str:
        """The same as Markdown."""
        return f"**{self.words}** ({self.term}): {self.value}"


def what_it_sets(planned: PlannedStep) -> list[Setting]:
    """The settings of a step; none of one that trains nothing."""
    step, config = planned.step, planned.config
    if config is None:
        return []
    changed = changed_settings(step, config)
    rows = _base_rows(planned) if step.does == DRAW else [*_base_rows(planned), *_rows(config, step.decided)]
    return [
        Setting(step.name, words, term, value, name in step.named and name not in changed)
        for name, words, term, value in rows
    ]


def _base_rows(planned: PlannedStep) -> list[tuple[str, str, str, str]]:
    """Name, words, term and value of what it begins with."""
    config = planned.config
    if planned.step.decided and "base" not in changed_settings(planned.step, config):
        return [("base", "It starts from", "base model", "the one that does best when the photos are measured")]
    if config.base == BENCHMARK_CNN:
        return [("base", "It starts from", "benchmark CNN", "a small network of five convolutions that knows nothing")]
    base = base_model(config.base)
    own = planned.stands_in_for
    title = f"{base.title}, standing in for {base_model(own).title}" if own else base.title
    rows = [("base", "It starts from", "base model", title)]
    if config.image_size:
        rows.append(("image_size", "At this size it sees photos", "input size", f"{config.image_size} pixels a side"))
    return rows


def _rows(config: TrainConfig, decided: bool) -> list[tuple[str, str, str, str]]:
    head = head_named(config.head)
    rows = [
        ("strategy", "What learns", "strategy", "as the matrix decides" if decided else _learns(config)),
        ("head", "What is new on top", "head", head.about + (f" ({head.term})" if head.term else "")),
    ]
    if head.hidden_layer:
        rows.append(("units", "How wide its layer is", "units", f"{config.units:,}"))
    if decided:  # the rest follows from that
        return rows
    if not head.solved_at_once:
        rows += _learning_rows(config)
    rows.append(("augment", "Varied photos", "augmentation", in_words(config.augment)))
    if config.ask_mirror:  # no article does
        rows.append(("ask_mirror", "What it is asked", "test-time augmentation", "each photo and its mirror image"))
    return rows


def _learning_rows(config: TrainConfig) -> list[tuple[str, str, str, str]]:
    tuned = config.strategy == FINE_TUNE
    rate, epochs = ("fine_tune_rate", "fine_tune_epochs") if tuned else ("learning_rate", "epochs")
    steps = f", each of {counted(config.steps_per_epoch, 'step')}" if config.steps_per_epoch else ""
    return [
        ("dropout", "Hidden at random in each step", "dropout", f"{100 * config.dropout:g} %"),
        ("optimizer", "How it takes its steps", "optimizer", optimizer_in_words(config)),
        (rate, "How large its steps are", "learning rate", decimal(getattr(config, rate))),
        ("batch_size", "Photos a step", "batch size", f"{config.batch_size}"),
        (epochs, "How often it sees each photo", "epochs", f"at most {getattr(config, epochs)}{steps}"),
        ("monitor", "What chooses the best epoch", "monitor", MONITOR_WORDS[config.monitor]),
    ]


def _learns(config: TrainConfig) -> str:
    if config.strategy == FINE_TUNE:
        return f"the head and {thawed_in_words(base_model(config.base), config.thaw_from)} (fine-tuning)"
    if config.strategy == FEATURE_EXTRACTION:
        return "the new head; the base model stays frozen (feature extraction)"
    return f"the whole network, from {'nothing' if config.initial == RANDOM else 'what the base model knows'}"


def what_differs(tutorial: Tutorial, plan: list[PlannedStep]) -> list[str]:
    """What is done otherwise here than in the article, a sentence or two each; what stands in comes first."""
    configs = [each.config for each in plan if each.step.does == TRAIN]
    stand_ins = list(dict.fromkeys(each.stand_in_words for each in plan if each.stand_in_words))
    networks = any(config.strategy != FEATURE_EXTRACTION for config in configs)
    return [
        *stand_ins,
        *tutorial.differs,
        SPLIT,
        *([VIEWS] if any(config.augment != NO_VIEWS for config in configs) else []),
        *([SCHEDULE] if networks else []),
        *([THAWED] if any(each.step.starts_from for each in plan) else []),
        *([BEST] if any(config.monitor == VAL_LOSS for config in configs) else []),
    ]


def table_rows(result: TutorialResult) -> list[dict[str, str]]:
    """The runs side by side, as in the articles: a row each, by the words above its columns."""
    return [_row(row) for row in result.runs]


def _row(row: RunRow) -> dict[str, str]:
    low, high = row.accuracy_interval
    timed = row.seconds_per_epoch
    return {
        "step": row.step,
        "time an epoch": "solved at once" if timed is None else f"{timed:.2f} s" if timed < 10 else duration(timed),
        "log loss": f"{row.log_loss:.3f}",
        "accuracy": f"{percent(row.accuracy)} of {row.n:,} (likely {100 * low:.0f} to {100 * high:.0f} %)",
        "kappa": f"{row.kappa:.3f}",
    }


def map_in_words(result: TutorialResult) -> str:
    """How well the map keeps classes apart; "" where none was drawn."""
    if result.map is None:
        return ""
    return (
        f"On the map of {counted(result.map.n, 'photo')}, as {base_model(result.map.base).title} sees them, the "
        f"nearest neighbour of {percent(result.map.same_class)} is of the same class."
    )


def pairs_in_words(result: TutorialResult) -> list[str]:
    """What McNemar's test says of each pair, and how it was counted; nothing where none was tested."""
    if not result.pairs:
        return []
    n, first = len(result.pairs), result.pairs[0]
    if n == 1:
        return [first.words]
    on = {judged_on(pair.n) for pair in result.pairs}
    same = on.pop() if len(on) == 1 and first.n else ""  # said once, not in front of each
    said = [pair.words.removeprefix(f"{same}, ") for pair in result.pairs]
    intro = [f"Two at a time, {same[0].lower()}{same[1:]}:"] if same else []
    return [*intro, *said, f"Each p is multiplied by {n}, since {n} pairs were tested (Bonferroni)."]

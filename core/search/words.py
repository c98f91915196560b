"""What a search for better settings found, in words that claim no more than its numbers do."""

from core.base.words import counted, decimal, percent
from core.evaluation.metrics import likely_between, mcnemar_exact, wilson_interval
from core.models.catalogue import base_model
from core.models.config import CROSS_VALIDATION, FINE_TUNE, FROM_SCRATCH, TrainConfig
from core.models.heads import head_named
from core.models.image_sizes import image_size_of, size_in_words
from core.models.plan_words import OPTIMIZER_WORDS
from core.runs.comparing import CHANCE
from core.search.settings import searched_settings_of
from core.search.table import SearchTable, SearchTrial, Setting, Settings

NAMES = {  # in the order of tables
    "head": "what is new on top (head)",
    "optimizer": "how it takes its steps (optimizer)",
    "learning_rate": "how large its steps are (learning rate)",
    "momentum": "how much of a step goes on into the next (momentum)",
    "batch_size": "photos per step (batch size)",
    "units": "width of the hidden layer (units)",
    "dropout": "share of features hidden in each step (dropout)",
    "weight_decay": "how fast weights shrink (weight decay)",
    "thaw_from": "from where on the base model learns, too (block)",
    "fine_tune_rate": "how large its steps are at most (learning rate of the thawed blocks)",
    "fine_tune_epochs": "how often it then sees the photos at most (epochs with the thawed blocks)",
}
OF_HEADS, OF_BLOCKS = "settings of the head", "which blocks of the base model learn, how fast and how long"
OPTIMISM = (
    "The best of many tries looks better on the photos that chose it than it will on new ones: luck is chosen too."
)
WITH_TEST = "The test photos were not looked at: they will tell, when you train with it."
WITHOUT_TEST = (
    "With so few photos a training is judged on all of them, also on those that chose the settings, so its number will "
    "be a little too good as well."
)


def unsearchable(plan: TrainConfig) -> str:
    """Why nothing can be searched for this plan, as a sentence; "" when it can."""
    if plan.strategy == FROM_SCRATCH:
        return (
            "The plan trains the whole network, and the search is for heads on a base model that stays as it is, or "
            "whose last blocks learn. Choose a plan that keeps the base model first."
        )
    head = head_named(plan.head)
    if head.on_whole_map:
        return (
            "The plan's head learns from whole feature maps, and the search tries heads on their averages, which take "
            "a hundredth of the time. Choose another head first."
        )
    if not (head.is_searched or head.solved_at_once):
        return "The search has no quick way to train the plan's head. Choose another head first."
    return ""


def shown(name: str, value: Setting) -> str:
    """A setting's value as a person reads it."""
    if name == "head":
        return f"{head_named(value).short} ({value})"
    if name == "optimizer":
        return OPTIMIZER_WORDS[value]
    if name == "dropout":
        return percent(value)
    if name == "weight_decay" and not value:
        return "none"
    if isinstance(value, str):
        return value
    return decimal(value) if isinstance(value, float) else f"{value:,}"


def in_words(settings: Settings) -> str:
    """Settings in one line, such as "one layer (gap), learning rate 0.003, dropout 50 %, weight decay none"."""
    if "thaw_from" in settings:
        rate, epochs = (shown(name, settings[name]) for name in ("fine_tune_rate", "fine_tune_epochs"))
        return f"learning from {settings['thaw_from']} on, learning rate {rate}, epochs {epochs}"
    others = [f"{name.replace('_', ' ')} {shown(name, value)}" for name, value in settings.items() if name != "head"]
    return ", ".join([shown("head", settings["head"]), *others])


def names_of(table: SearchTable) -> list[str]:
    """The settings that its tries have, in the order of tables."""
    return [name for name in NAMES if any(name in trial.settings for trial in table.trials)]


def searched(table: SearchTable) -> str:
    """What was tried, in a sentence."""
    return f"Tried were {OF_BLOCKS if table.of_blocks else OF_HEADS}."


def differences(plan: TrainConfig, settings: Settings) -> list[tuple[str, str, str]]:
    """What the settings change in a plan: in words, the plan's, theirs. What only one head uses, the other lacks."""
    own = searched_settings_of(plan, "thaw_from" in settings)
    changed = [name for name in NAMES if own.get(name) != settings.get(name)]
    return [
        (NAMES[name], *(shown(name, s[name]) if name in s else "not used" for s in (own, settings))) for name in changed
    ]


def options_of(settings: Settings) -> str:
    """The settings as options of `python -m core train`."""
    return " ".join(f"--{name.replace('_', '-')} {_plain(value)}" for name, value in settings.items())


def _plain(value: Setting) -> str:
    return shown("", value) if isinstance(value, float) else str(value)


def of_another_plan(table: SearchTable, plan: TrainConfig) -> str:
    """Why what was found is not for this plan, as a sentence; "" when it is."""
    then = TrainConfig.from_json(table.plan)
    if then.base != plan.base:
        titles = base_model(then.base).title, base_model(plan.base).title
        return f"This was tried with {titles[0]}, and your plan starts from {titles[1]} now."
    if then.strategy != plan.strategy:
        return _of_another_strategy(table)
    sizes = image_size_of(then), image_size_of(plan)
    if sizes[0] != sizes[1]:
        return f"This was tried with photos of {size_in_words(sizes[0])}, and your plan sees {size_in_words(sizes[1])}."
    if table.of_blocks and then.optimizer != plan.optimizer:
        names = OPTIMIZER_WORDS[then.optimizer], OPTIMIZER_WORDS[plan.optimizer]
        return f"This was tried with {names[0]}, and your plan learns with {names[1]} now, which takes other rates."
    return ""


def _of_another_strategy(table: SearchTable) -> str:
    trained, kept = "trains the base model's last blocks, too", "keeps the base model as it is"
    then, now = (trained, kept) if table.plan["strategy"] == FINE_TUNE else (kept, trained)
    return f"This was tried for a plan that {then}, and your plan {now} now. Search again to try what it uses."


def how_judged(table: SearchTable) -> str:
    """On what the tries were judged, in a sentence."""
    if table.estimate == CROSS_VALIDATION:
        photos = counted(table.n, "photo")
        return (
            f"There are few validation photos, so each try was judged on all {photos} but the test's, every one by a "
            "head that had not seen it (cross-validation)."
        )
    what = "the blocks stop" if table.of_blocks else "a head stops"
    return f"Each try was judged on {counted(table.n, 'validation photo')}, which also say when {what} learning."


def result(table: SearchTable, trial: SearchTrial) -> str:
    """What a trial reached, with its doubt."""
    n = table.n
    right = round(trial.accuracy * n)
    likely = likely_between(wilson_interval(right, n))
    return f"{right} of {counted(n, 'photo')} right ({percent(trial.accuracy)}, {likely}), log loss {trial.loss:.3f}"


def verdict(table: SearchTable) -> str:
    """Whether the best may be called better than the plan, in sentences."""
    n = len(table.trials)
    if table.best == table.own:
        if n == 1:
            return "Only the plan itself was tried so far: there was no time for another."
        return f"None of {n - 1} other settings had a lower loss than the plan. Keep it."
    more, less = table.only_best, table.only_own
    if more == less == 0:
        return "The best and the plan are right on the same photos. The best is only surer of what is right."
    where = f"The best is right on {counted(more, 'photo')} where the plan errs, the plan on {less} where it errs: "
    if is_surely_better(table):
        return f"{where}that is more than chance, also when it is counted that {n} settings were tried."
    if less > more:
        return (
            f"{where}it has the lower loss since it is less sure when it errs, not since it errs less. Keep the plan."
        )
    return f"{where}that could be chance, as the best of {n} tries. It need not be better than the plan on new photos."


def is_surely_better(table: SearchTable) -> bool:
    """Whether the best may be called better than the plan."""
    return table.only_best > table.only_own and corrected_p(table) < CHANCE


def corrected_p(table: SearchTable) -> float:
    """McNemar's p-value of the best against the plan, times the tries it was chosen from (Bonferroni): at most 1."""
    others = len(table.trials) - 1
    return min(1.0, others * mcnemar_exact(table.only_best, table.only_own))


def caution(table: SearchTable) -> str:
    """Why the best will look worse on new photos."""
    return f"{OPTIMISM} {WITHOUT_TEST if table.test_cross_validated else WITH_TEST}"


def summary(table: SearchTable) -> str:
    """All of it as text."""
    best, own = table.best_trial, table.own_trial
    lines = [
        *([searched(table)] if table.of_blocks else []),
        how_judged(table),
        f"Tried: {counted(len(table.trials), 'setting')}.",
        f"The plan: {in_words(own.settings)}: {result(table, own)}.",
    ]
    if best is not own:
        lines.append(f"The best: {in_words(best.settings)}: {result(table, best)}.")
    return "\n".join([*lines, verdict(table), caution(table)])

"""Which settings of a plan are tried, and a plan with those of a try. Without Optuna, so that pages can ask, too."""

from dataclasses import replace

from core.models.config import ADAM, FEATURE_EXTRACTION, SGD, TrainConfig
from core.models.heads import head_named
from core.search.table import SearchTable, Settings

OF_BLOCKS = ("thaw_from", "fine_tune_rate", "fine_tune_epochs")


def settings_of(config: TrainConfig) -> Settings:
    """Those of the settings searched for heads that the config's head uses."""
    row = head_named(config.head)
    if row.solved_at_once:
        return {"head": config.head}
    momentum = ("momentum",) if config.optimizer == SGD else ()
    return {name: getattr(config, name) for name in ("head", *row.settings, "optimizer", *momentum, "batch_size")}


def block_settings_of(config: TrainConfig) -> Settings:
    """Those of the settings that are searched for a base's last blocks."""
    return {name: getattr(config, name) for name in OF_BLOCKS}


def searched_settings_of(config: TrainConfig, blocks: bool) -> Settings:
    """Those that a search of blocks, or of heads, tries."""
    return block_settings_of(config) if blocks else settings_of(config)


def with_settings(plan: TrainConfig, settings: Settings) -> TrainConfig:
    """The plan with these settings, without those of its own that don't go with them."""
    changed: Settings = {"momentum": 0.0, **settings} if "optimizer" in settings else dict(settings)
    solved = "head" in settings and head_named(str(settings["head"])).solved_at_once
    if solved and plan.strategy == FEATURE_EXTRACTION:
        changed["steps_per_epoch"] = 0  # it has none
    return replace(plan, **changed)


def completed(settings: Settings, plan: Settings) -> Settings:
    """A try's settings with those that were not searched yet when it was made: it had the plan's.

    Args:
        plan: Of then, as JSON has it.
    """
    if "head" not in settings or "optimizer" in settings or head_named(str(settings["head"])).solved_at_once:
        return settings
    optimizer = plan.get("optimizer", ADAM)
    momentum = {"momentum": plan["momentum"]} if optimizer == SGD else {}
    return {**settings, "optimizer": optimizer, **momentum, "batch_size": plan["batch_size"]}


def best_settings(table: SearchTable) -> Settings:
    """Those of the table's best try, whole."""
    return completed(table.best_trial.settings, table.plan)

"""Two runs of a project side by side: what differed between them, and whether one is surely better."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from core.base.names import in_order, name_order
from core.base.subsets import TEST
from core.base.words import counted, decimal
from core.evaluation.metrics import differing, mcnemar_exact
from core.models.catalogue import known_base
from core.models.config import BENCHMARK_CNN, TrainConfig
from core.models.image_sizes import image_size_of, size_in_words
from core.models.plan_words import FINAL_WORDS, MONITOR_WORDS, OPTIMIZER_WORDS
from core.photos.pictures import PictureSettings
from core.runs.predictions import read_predictions
from core.runs.run import Run

CHANCE = 0.05  # below this a difference is called more than chance, as is the custom
SETTINGS = {  # in words, with the field's term; what is missing here goes by its own name
    "base": "it starts from (base model)",
    "image_size": "size at which it sees photos (input size)",
    "strategy": "what learns (strategy)",
    "head": "what is new on top (head)",
    "epochs": "passes over the photos at most (epochs)",
    "learning_rate": "how large its steps are (learning rate)",
    "batch_size": "photos per step (batch size)",
    "patience": "epochs without progress before it stops (patience)",
    "weight_decay": "how fast the head's weights shrink (weight decay)",
    "start_from": "goes on from the run",
    "units": "width of the hidden layer (units)",
    "dropout": "share of features hidden in each step (dropout)",
    "validation_share": "share of the photos that say when to stop (validation)",
    "test_share": "share of the photos kept for the test",
    "seed": "start of the random numbers (seed)",
    "test_given": "a test folder came with the photos",
    "thaw_from": "the block from which on the base model learns",
    "fine_tune_rate": "learning rate of the thawed blocks",
    "fine_tune_epochs": "epochs at most with the thawed blocks",
    "initial": "what the network begins with",
    "class_weights": "photos of rare classes count more (class weights)",
    "augment": "varied photos (augmentation)",
    "optimizer": "how it takes its steps (optimizer)",
    "momentum": "share of each step that goes on in the next (momentum)",
    "steps_per_epoch": "steps in an epoch",
    "monitor": "what the best epoch is chosen by (monitor)",
    "ask_mirror": "asks about the mirror image too (test-time augmentation)",
    "final": "what teaches the model that you take away, after the test",
}


@dataclass(frozen=True)
class Compared:
    """Two runs on the n photos that both were evaluated on: on how many only the first was right, or only the second.

    `p` is of McNemar's exact test, 1.0 when nothing tells them apart.
    """

    n: int
    only_first: int
    only_second: int
    p: float

    @classmethod
    def of(cls, first: pd.Series, second: pd.Series) -> "Compared":
        """Two runs by whether each is right: bool (n,)."""
        only_first, only_second = differing(first, second)
        return cls(len(first), only_first, only_second, mcnemar_exact(only_first, only_second))

    @property
    def is_more_than_chance(self) -> bool:
        """Whether one of them may be called better."""
        return self.p < CHANCE


def compare(first: Run, second: Run) -> Compared:
    """Judge two finished runs on the photos that both were evaluated on, by test photos or by cross-validation.

    A photo counts when its true class was the same in both. Equal files count once.
    """
    mine, other = answers_on_test(first), answers_on_test(second)
    both = mine.merge(other, on=["sha256", "truth"], suffixes=("_first", "_second"))
    return Compared.of(both["answer_first"] == both["truth"], both["answer_second"] == both["truth"])


def answers_on_test(run: Run) -> pd.DataFrame:
    """What a run answered on its test photos: columns sha256, truth and answer, a row a content."""
    return read_predictions(run.predictions_path, TEST)[["sha256", "truth", "answer"]].drop_duplicates("sha256")


def compared_in_words(first: str, second: str, compared: Compared) -> str:
    """What the comparison says, and no more than that, of runs with these titles."""
    if compared.n == 0:
        return "No photo was judged in both runs, so they can't be compared: each was tested on other photos."
    on = f"{judged_on(compared.n)}, "
    if compared.only_first == compared.only_second == 0:
        return f"{on}{first} and {second} are right on the same photos and wrong on the same."
    better, worse, more, less = second, first, compared.only_second, compared.only_first
    if compared.only_first > compared.only_second:
        better, worse, more, less = first, second, compared.only_first, compared.only_second
    where = f"{on}{better} is right on {more} where {worse} is wrong, {worse} on {less} where {better} is wrong: "
    if compared.is_more_than_chance:
        return f"{where}that is more than chance ({_p(compared.p)}). {better} is better on photos like these."
    return f"{where}the difference could be chance ({_p(compared.p)})."


def judged_on(n: int) -> str:
    """How a comparison on so many photos begins."""
    return f"On the {counted(n, 'photo')} that both were judged on"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def different_settings(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """The settings that differ, and the device if both are known: in words, the first run's, the second's.

    Raises:
        InputError: Another version of the app wrote the settings.
    """
    mine, other = (told_settings(run.config()) for run in (first, second))
    return [
        (SETTINGS.get(name, name.replace("_", " ")), shown(name, value), shown(name, other[name]))
        for name, value in mine.items()
        if value != other[name]
    ] + [*_read_otherwise(first.pictures(), second.pictures()), *_learned_elsewhere(first, second)]


def told_settings(config: TrainConfig) -> dict[str, Any]:
    """All settings by name, the input size in pixels also where it is the usual one."""
    known = config.base == BENCHMARK_CNN or known_base(config.base)  # another version may know other bases
    size = image_size_of(config) if known else config.image_size
    return {**asdict(config), "image_size": size_in_words(size) if size else "the base model's own"}


def _read_otherwise(first: PictureSettings, second: PictureSettings) -> list[tuple[str, str, str]]:
    """In what the two read pictures otherwise, likewise."""
    said = [
        {
            "stretch of deep pictures": ", ".join(f"{depth}: {low:g} to {high:g}" for depth, low, high in each.ranges),
            "page of several": str(each.page + 1),
            "bands as red, green, blue": ", ".join(str(band + 1) for band in each.bands),
            "colour profiles applied": shown("", each.profiles),
        }
        for each in (first, second)
    ]
    return [
        (name, value or "none", said[1][name] or "none") for name, value in said[0].items() if value != said[1][name]
    ]


def _learned_elsewhere(first: Run, second: Run) -> list[tuple[str, str, str]]:
    before, after = (report.device if (report := run.report()) else "" for run in (first, second))
    return [("device that learned", before, after)] if before and after and before != after else []


def base_title(name: str) -> str:
    """What a base is called on screen; the benchmark network, which is none, goes by its own name."""
    base = known_base(name)
    return base.title if base else name


def shown(name: str, value: Any) -> str:
    """A setting's value as people read it; `name` as in `TrainConfig`, or any other."""
    if name == "base":
        return base_title(value)
    if name in ("optimizer", "monitor", "final"):
        return {**OPTIMIZER_WORDS, **MONITOR_WORDS, **FINAL_WORDS}.get(value, str(value))
    if name == "steps_per_epoch" and value == 0:
        return "as many as show all photos once"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return decimal(value)  # no smaller rate is allowed
    return str(value) or "none"


def different_photos(first: Run, second: Run) -> list[str]:
    """What happened to the photos from the first run to the second, a sentence each; empty when nothing did."""
    before = {photo.sha256: photo for photo in first.photos()}
    after = {photo.sha256: photo for photo in second.photos()}
    common = before.keys() & after.keys()
    relabelled = Counter((before[key].label, after[key].label) for key in common)
    moved = Counter((before[key].split, after[key].split) for key in common)
    return [
        *_gone_or_new(Counter(after[key].label for key in after.keys() - common), "added"),
        *_gone_or_new(Counter(before[key].label for key in before.keys() - common), "left out"),
        *(
            f"{_were(relabelled[old, new])} moved from {old} to {new}."
            for old, new in sorted(relabelled, key=lambda names: [name_order(name) for name in names])
            if old != new
        ),
        *(
            f"{_were(n)} given to the {new} part, from the {old} part."
            for (old, new), n in sorted(moved.items())
            if old and new and old != new  # a run that failed early has given no subsets
        ),
    ]


def _gone_or_new(labels: Counter[str], what: str) -> list[str]:
    if not labels:
        return []
    each = ", ".join(f"{labels[label]} of {label}" for label in in_order(labels))
    return [f"{_were(labels.total())} {what}: {each}."]


def _were(n: int) -> str:
    return f"{counted(n, 'photo')} {'was' if n == 1 else 'were'}"

"""What a run is called in menus and charts: what it is and how good, and only then when it was made."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.base.errors import EspalierError
from core.base.names import told_apart
from core.base.words import percent
from core.models.config import CROSS_VALIDATION, FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.models.heads import HEADS
from core.runs.report import Report
from core.runs.run import Run

KINDS = {FEATURE_EXTRACTION: "New head", FINE_TUNE: "Fine-tuned", FROM_SCRATCH: "Whole network"}
MADE = re.compile(r"(\d{4}-\d\d-\d\d \d\d)\.(\d\d)\.\d\d( |$)")  # as `new_run_name` begins
Listed = tuple[Run, Report | None]  # with its report, where it is complete


@dataclass(frozen=True)
class RunName:
    """The parts of a run's name.

    Args:
        title: What the user calls it, or "".
        what: What it is, with its share of right answers where it is complete, such as "Fine-tuned, 94 %".
        judged: How that share was found, such as "in the test"; "" where it isn't complete.
        made: When it was made, such as "2026-11-22 14:05"; else its folder's name.
    """

    title: str
    what: str
    judged: str
    made: str

    @classmethod
    def of(cls, run: Run, report: Report | None) -> "RunName":
        """That of a run with its report, None where it isn't complete."""
        if report is None:
            return cls(run.own_title, f"{_kind_planned(run)}, not finished", "", _made(run.name))
        judged = "by cross-validation" if report.estimate == CROSS_VALIDATION else "in the test"
        what = f"{_kind(report.strategy, report.head, report.from_scratch)}, {percent(report.test.accuracy)}"
        return cls(run.own_title, what, judged, _made(run.name))

    @property
    def kind(self) -> str:
        """What it is, without how good: where that is said beside it."""
        return self.what.rpartition(", ")[0]

    @property
    def short(self) -> str:
        """What the user calls it, else what it is: where there is little room, or all around says the rest."""
        return self.title or self.what

    @property
    def line(self) -> str:
        """All of it in one line, what the user calls it first and when it was made last."""
        return " · ".join(filter(None, (self.title, " ".join(filter(None, (self.what, self.judged))), self.made)))


def _kind(strategy: str, head: str, from_scratch: object) -> str:
    if strategy == FROM_SCRATCH and getattr(from_scratch, "initial", "") == RANDOM:
        return "From scratch"
    own = next((row.called for row in HEADS if row.name == head), "") if strategy == FEATURE_EXTRACTION else ""
    return own or KINDS.get(strategy, strategy)  # a newer version knows others


def _kind_planned(run: Run) -> str:
    try:
        config: TrainConfig = run.config()
    except EspalierError:  # damaged, or another version's
        return "A run"
    return _kind(config.strategy, config.head, config)


def _made(name: str) -> str:
    found = MADE.match(name)
    return f"{found[1]}:{found[2]}" if found else name


def lines_of(listed: Iterable[Listed]) -> dict[str, str]:
    """The whole name of each run for a menu, by its folder's name; no two are alike."""
    return told_apart({run.name: RunName.of(run, report).line for run, report in listed})


def short_names(listed: Iterable[Listed]) -> dict[str, str]:
    """A short name of each run for sentences and charts, by its folder's name; of those alike, with the date."""
    names = {run.name: RunName.of(run, report) for run, report in listed}
    taken = Counter(name.short.lower() for name in names.values())
    alike = {key for key, name in names.items() if taken[name.short.lower()] > 1}
    return told_apart(
        {key: f"{name.short} ({name.made})" if key in alike else name.short for key, name in names.items()}
    )

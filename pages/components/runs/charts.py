"""The charts of the Runs page. Their colours are none of the classes'."""

import plotly.graph_objects as go

from core.base.words import counted, percent
from core.evaluation.metrics import Metrics
from core.runs.choosing.names import RunName
from core.runs.report import Epoch, Report
from pages.components.shared import charts
from pages.components.shared.charts import LEAF, as_text

# Each stands out by 3:1 from the backgrounds of both themes; the dashes tell runs apart without colours too.
COLOURS = ("#B5651D", "#3A8F8F", "#9A6FD0", "#C05A6E")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
NAME = 26  # characters of a run's title that fit beside a chart on a telephone


def show_accuracies(key: str, runs: list[tuple[RunName, Report]]) -> None:
    """A row per run: its accuracy as a dot, its interval as a line; beside it what it is, and below when made."""
    accuracies = [report.test.accuracy for _, report in runs]
    intervals = [report.test.accuracy_interval for _, report in runs]
    rows = list(range(len(runs)))  # names could be equal, and equal ones share a row
    dots = go.Scatter(
        x=accuracies,
        y=rows,
        mode="markers",
        cliponaxis=False,
        marker={"size": 11, "color": LEAF},
        error_x=charts.whiskers(accuracies, intervals, color=LEAF, thickness=3, width=0),
        customdata=[_about(name.line, report.test) for name, report in runs],
        hovertemplate="%{customdata}<extra></extra>",
    )
    least = max(0.0, min(low for low, _ in intervals) - 0.03)
    ticks = {"tickvals": rows, "ticktext": [_in_two_lines(name) for name, _ in runs]}
    charts.show(
        key,
        go.Figure(dots),
        "How good each run is, and how sure",
        xaxis={"title": "photos right; line: 95 % interval", "tickformat": ".0%", "range": [least, 1.02]},
        yaxis={**ticks, "range": [len(runs) - 0.5, -0.5], "showgrid": False, "zeroline": False},
        height=140 + 44 * len(runs),
        margin={"t": 50, "b": 10, "r": 20},
    )


def _in_legend(title: str) -> str:
    """A short name, the date that tells it from others in a line of its own."""
    name, bracket, made = title.partition(" (")
    return as_text(_short(name)) + (f"<br>({as_text(_short(made))}" if bracket else "")


def _in_two_lines(name: RunName) -> str:
    return f"{as_text(_short(name.short))}<br><span style='font-size:11px'>{as_text(_short(name.made))}</span>"


def _about(title: str, test: Metrics) -> str:
    return f"{as_text(title)}: {percent(test.accuracy)} of {counted(test.n, 'photo')}, {test.likely}"


def _short(title: str) -> str:
    return title if len(title) <= NAME else f"{title[: NAME - 1]}…"


def show_overlaid(key: str, runs: list[tuple[str, list[Epoch]]]) -> None:
    """Validation accuracy and loss of several runs, given as title and epochs, epoch by epoch."""
    looks = [{"color": COLOURS[i % len(COLOURS)], "dash": DASHES[i % len(DASHES)]} for i in range(len(runs))]
    charts.show_epochs(
        key,
        {"accuracy": "Validation photos right", "loss": "Loss on the validation photos"},
        [(_in_legend(title), epochs, "val_", look) for (title, epochs), look in zip(runs, looks, strict=True)],
        xaxis={"title": "epoch"},  # of one run a pass over the photos, of another so many steps
    )

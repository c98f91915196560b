import pandas as pd
import pytest

from core.base.errors import InputError
from core.teachable_machine.comparison import compare_with, same_names
from core.teachable_machine.folder import ExternalModelFolder
from core.teachable_machine.reading import read_labels


def table(**columns):
    return pd.DataFrame({"sha256": list("abcdefgh"), **columns})


TESTED = table(
    truth=["apple", "apple", "apple", "pear", "pear", "pear", "plum", "plum"],
    answer=["apple", "apple", "pear", "pear", "pear", "pear", "plum", "plum"],
)
NAMES = {"Apple ": "apple", "Birne": "pear"}


def test_both_are_judged_on_the_photos_of_classes_that_both_know():
    answers = table(answer=["Apple ", "Birne", "Apple ", "Birne", "Background", "Birne", "Birne", "Birne"])[:-1]
    versus = compare_with(TESTED, answers, NAMES)
    assert (versus.n, versus.ours, versus.theirs, versus.unknown, versus.unanswered) == (6, 5, 4, 1, 1)
    assert (versus.compared.only_first, versus.compared.only_second) == (2, 1)
    assert versus.compared.p == 1.0
    assert versus.rows["sha256"].tolist() == ["b", "c", "e"]
    low, high = versus.interval(versus.ours)
    assert 0.43 < low < 0.44  # Wilson, 5 of 6
    assert 0.96 < high < 0.98


def test_without_a_common_class_nothing_is_judged():
    versus = compare_with(TESTED, table(answer=["x"] * 8), {})
    assert (versus.n, versus.unknown, versus.compared.p) == (0, 8, 1.0)
    assert versus.interval(0) == (0.0, 1.0)


def test_names_are_matched_whatever_their_case():
    assert same_names(["APPLE", " pear ", "Straße"], ["apple", "pear", "STRASSE", "kiwi"]) == {
        "APPLE": "apple",
        " pear ": "pear",
        "Straße": "STRASSE",
    }


def test_labels_are_read_in_their_order():
    assert read_labels('﻿0 apple\r\n1 a "b", 2\r\n\r\n2 🍌\n'.encode()) == ["apple", 'a "b", 2', "🍌"]


@pytest.mark.parametrize(
    "text", ["", "apple\npear", "0 apple\n2 pear", "1 apple\n2 pear", "0 \n1 b", "0 a\n99999999 b"]
)
def test_other_texts_are_no_labels(text):
    with pytest.raises(InputError, match="not as Teachable Machine writes it"):
        read_labels(text.encode())


def test_answers_for_another_run_come_beside_the_first(tmp_path):
    external = ExternalModelFolder(tmp_path)
    assert external.answers().empty
    external.add_answers(pd.DataFrame({"sha256": ["a"], "answer": ["x"], "sure": [0.5]}))
    external.add_answers(pd.DataFrame({"sha256": ["b", "a"], "answer": ["y", "z"], "sure": [0.6, 0.7]}))
    assert dict(external.answers()[["sha256", "answer"]].to_numpy().tolist()) == {"a": "z", "b": "y"}


def test_a_table_of_something_else_holds_no_answers(tmp_path):
    external = ExternalModelFolder(tmp_path)
    pd.DataFrame({"sha256": ["a"], "answer": [3.0], "sure": ["x"]}).to_parquet(external.result_path)
    assert external.answers().empty

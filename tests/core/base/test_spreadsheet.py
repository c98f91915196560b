import csv
import io

import pytest

from core.base.spreadsheet import ENCODING, as_text, row_writer

FORMULAS = ["=1+1", "+1+1", "-1+1", "-1;=2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")', "＝1+1", "-"]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(name):
    assert as_text(name) == f"'{name}"


@pytest.mark.parametrize("name", ["apple", "", "a=b", "1+1", "'quoted'", "-".join("ab"), "تفاح", "🍎", 'a,"b"'])
def test_any_other_name_stays_as_it_is(name):
    assert as_text(name) == name


@pytest.mark.parametrize("name", ["-1", "+5", "-0.25", "-0,25", "12"])
def test_a_class_that_is_a_number_stays_one(name):
    assert as_text(name) == name


def test_texts_of_a_row_are_defused_and_numbers_stay_numbers():
    text = io.StringIO(newline="")
    row_writer(text)(['=a,"b"\nc', "Größe 梨", -0.5, -3])
    read = list(csv.reader(io.StringIO(text.getvalue().encode(ENCODING).decode("utf-8-sig"), newline="")))
    assert read == [['\'=a,"b"\nc', "Größe 梨", "-0.5", "-3"]]
    assert text.getvalue().encode(ENCODING).startswith(b"\xef\xbb\xbf")

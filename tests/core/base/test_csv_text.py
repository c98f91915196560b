import csv
import io

import pytest

from core.base.names import as_text


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")'])
def test_what_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(name):
    assert as_text(name) == f"'{name}"


@pytest.mark.parametrize("name", ["apple", "", "a=b", "1+1", "'quoted'", "-".join("ab"), "تفاح", "🍎", 'a,"b"'])
def test_any_other_name_stays_as_it_is(name):
    assert as_text(name) == name


def test_a_defused_name_is_one_cell_whatever_is_in_it():
    text = io.StringIO()
    csv.writer(text).writerow([as_text('=a,"b"\nc'), -0.5])
    assert list(csv.reader(io.StringIO(text.getvalue()))) == [['\'=a,"b"\nc', "-0.5"]]

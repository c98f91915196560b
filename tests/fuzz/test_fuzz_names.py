"""Names of any kind: safe on the disk, in one order, and shown as they are in Markdown, charts, tables and HTML."""

import csv
import io
import re
import shlex
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.base import spreadsheet
from core.base.names import MAX_BYTES, free_name, in_order, is_none_of_these, readable_name, safe_name, told_apart
from core.models.config import TrainConfig
from core.packing.rows import is_safe_part
from core.runs import model_card
from core.runs.report_page import Example, report_page
from core.server.address import serve_line
from pages.components.shared import charts
from pages.components.shared.markdown import JOINER, plain
from tests.core.reports import a_report, metrics_of
from tests.fuzz.cases import cases, try_each

PARTS = (
    *(
        "apple",
        "ä",
        "🍎",
        "\u202e",
        "\u0301",
        "12",
        "1.",
        "²",
        "٣",
        " ",
        "  ",
        "    ",
        "\t",
        "\n",
        "\r\n",
        "\x0b",
        "\u2028",
    ),
    *("*", "**", "_", "`", "```", "~~", "$", "$$", "\\", "\\\\", "|", "#", "###", ">", "-", "+", "=", "---", "==="),
    *(
        "[",
        "]",
        "(",
        ")",
        "![x](",
        "](http://e.example)",
        "<img src=x>",
        "<!--",
        "&amp;",
        "&#60;",
        "</bdi>",
        "<script>",
    ),
    *(":", ":red[", ":material/lock:", ":material_lock:", ":streamlit:", ":heart:", ":+1:", "::: x", "->", "<-", ">="),
    *("http://e.example", "www.e.example", "a@e.example", "${x}", "{x}", "%s", "..", "/", "C:", "con", "nul.txt", "\0"),
    *("=1+1", "@x", "'", '"', ".jpg", "{#id .class}", "[ ]", "[^1]", "^"),
)
ANY = st.text(st.characters(), max_size=8)  # half characters (surrogates) too: bytes of a name that are no text
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def made_of(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(PARTS), st.sampled_from(PARTS), text), min_size=1, max_size=7).map(
        "".join
    )


NAMES = made_of(ANY)
WORDS = (
    made_of(TEXT).map(lambda text: text.replace("\0", "\N{REPLACEMENT CHARACTER}")).filter(lambda text: in_words(text))
)


class Shown(HTMLParser):
    """What a page of HTML shows: its elements, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.text = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, *sorted(attributes)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.elements.append("comment")


def in_words(text: str) -> str:
    """As a browser shows it: spaces come to one, and what takes no room is not seen."""
    return " ".join(text.replace(JOINER, "").split())


@cases(quick=400, long=2500)
def test_any_name_becomes_one_that_every_disk_takes(tmp_path, cases):
    def check(name):
        safe = safe_name(name)
        assert is_safe_part(safe), safe
        assert len(safe.encode()) <= MAX_BYTES
        assert (tmp_path / safe).parent == tmp_path
        assert safe_name(safe) == safe
        free = free_name(safe, {safe.lower()})
        assert free.lower() != safe.lower()
        assert PurePosixPath(free).name == free
        readable_name(name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")).encode()
        assert shlex.split(serve_line(Path("/runs") / safe, windows=False))[-1] == f"/runs/{safe}"
        return safe == name

    outcomes = try_each(NAMES, cases, check)
    assert set(outcomes) == {True, False}


@cases(quick=150, long=1000)
def test_names_stand_in_one_order_and_stay_apart(cases):
    def check(names):
        ordered = in_order(names)
        assert sorted(ordered) == sorted(set(names))
        assert in_order(reversed(ordered)) == ordered
        titles = told_apart(dict(enumerate(names)))
        assert len({title.lower() for title in titles.values()}) == len(names)
        return any(map(is_none_of_these, names))

    try_each(st.lists(NAMES, min_size=1, max_size=6), cases, check)


IN_TEXTS = (
    "{}",
    "**{}**",
    "Is it **{}**?",
    "**{}**, taken for **{}**",
    "- {}",
    "#### It is in {}. Is it?",
    "{}: {}",
    "“{}”",
)


@cases(quick=350, long=3000)
def test_a_name_in_markdown_is_shown_as_it_is(cases):
    commonmark = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def check(case):
        name, around = case
        html = commonmark.render(around.replace("{}", plain(name)))
        shown, usual = Shown(html), Shown(commonmark.render(around.replace("{}", "apple")))
        assert shown.elements == usual.elements, html
        assert in_words(shown.text) == in_words(usual.text.replace("apple", name)), html
        bare = re.sub(r"\\.", "", plain(name))
        assert not re.search(r"[`*_{}\[\]|~$<>&]|:(?=\S)", bare), bare  # what Streamlit's Markdown knows besides
        said = re.sub(r"\\(.)", r"\1", plain(name))
        assert not re.search(
            r":[\w+-]+:|:material[/_]\w|https?://|www\.\w|\w@\w|(?<!\S)(->|<-|>=|<=|--)(?!\S)", said
        ), said
        return name == plain(name)

    outcomes = try_each(st.tuples(WORDS, st.sampled_from(IN_TEXTS)), cases, check)
    assert set(outcomes) == {True, False}


@cases(quick=250, long=1500)
def test_a_name_in_charts_cards_and_tables_is_shown_as_it_is(cases):
    card = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def check(name):
        escaped = charts.as_text(name)
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)
        assert unescape(escaped) == name
        in_card = Shown(card.render(f"- {model_card.plain(name)}"))
        assert in_card.elements == [("ul",), ("li",)], name
        assert in_words(in_card.text) == model_card.one_line(name)
        file = io.StringIO(newline="")
        spreadsheet.row_writer(file)([name, 1])
        ((cell, number),) = csv.reader(io.StringIO(file.getvalue(), newline=""))
        assert (cell.removeprefix("'"), number) == (name.removeprefix("'"), "1")
        assert not cell.startswith(spreadsheet.FORMULA_STARTS) or spreadsheet.NUMBER.fullmatch(cell)

    try_each(WORDS, cases, check)


@cases(quick=60, long=600)
def test_the_report_for_a_colleague_has_the_same_elements_whatever_the_names(cases):
    def page(names, title):
        report = a_report(names, test=metrics_of(names, right=6), notes=[title], device=title)
        example = Example(Path(f"/none/{title[:9].encode(errors='replace')!r}".replace("\0", "")), *names[:2], 0.5)
        return Shown(report_page(title, 0.0, report, TrainConfig(), [example]))

    def check(names):
        shown, usual = page(names, names[0]), page([f"class {i}" for i in range(len(names))], "title")
        assert shown.elements == usual.elements
        assert all(in_words(name) in in_words(shown.text) for name in names)

    try_each(st.lists(WORDS, min_size=2, max_size=4, unique_by=in_words), cases, check)


@pytest.mark.parametrize("name", ["name ", " name", "    name", "\tname", "a\u3000"])
def test_spaces_at_the_ends_of_a_name_leave_it_bold(name):
    assert Shown(MarkdownIt("commonmark").render(f"**{plain(name)}**")).elements == [("p",), ("strong",)]


@pytest.mark.parametrize("name", ["-", "+ a", "1. a", "12)", "===", "$a^2$"])
def test_a_name_that_begins_like_a_list_is_no_list_in_a_model_card(name):
    shown = Shown(MarkdownIt("commonmark").render(f"- {model_card.plain(name)}"))
    assert (shown.elements, in_words(shown.text)) == ([("ul",), ("li",)], name)


@pytest.mark.parametrize("name", ["a :sunglasses: b", ":heart:", ":+1:", "12:30:45 :tada: x", ":a_b-c: "])
def test_no_smiley_is_made_of_a_name(name):
    assert not re.search(r":[\w+-]+:", re.sub(r"\\(.)", r"\1", plain(name)))

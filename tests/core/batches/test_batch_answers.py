import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.batches.answers import (
    AS_THEY_CAME,
    LEAST_LIKE_YOURS,
    LEAST_SURE,
    UNREADABLE,
    UNSURE,
    BatchAnswers,
    Counts,
)
from core.photos.decoding import PhotoError
from core.runs.predictor import Prediction
from core.sources.layouts import Incoming

CLASSES = ["=apple", "pear", "none of these"]  # of the last nobody is ever sure


def answered(row, label, probability, in_distribution_score=None):
    shares = {name: probability if name == label else (1 - probability) / 2 for name in CLASSES}
    return replace(row, answer=Prediction(label, probability, shares, in_distribution_score))


@pytest.fixture
def table(tmp_path):
    """Six photos, all but the last looked at."""
    made = BatchAnswers(tmp_path / "answers.db")
    inside = tmp_path / "incoming" / "000001.jpg"
    photos = [Incoming(inside, "one.jpg"), *(Incoming(Path(f"/far/{i}.jpg"), f"{i}.jpg") for i in range(2, 6))]
    made.list_photos(CLASSES, photos, [("../out.jpg", "its name points outside the archive")])
    one, two, three, four, _ = made.to_do()
    made.add(
        [
            answered(one, "pear", 0.75, 0.5),
            answered(two, "=apple", 1.0, 0.04),
            answered(three, "none of these", 0.5, 0.9),
            replace(four, answer=PhotoError("an empty file")),
        ],
        {one.id: b"small one", two.id: b"small two"},
    )
    return made


def names(table, *asked, limit=10, offset=0):
    return [row.name for row in table.page(*asked, limit, offset)]


def test_a_row_comes_back_as_it_was_kept(table, tmp_path):
    one = table.page("", "", AS_THEY_CAME, 0.05, 10, 0)[0]
    assert one.name == "one.jpg"
    assert one.answer == Prediction("pear", 0.75, {"=apple": 0.125, "pear": 0.75, "none of these": 0.125}, 0.5)
    assert one.path == tmp_path / "incoming" / "000001.jpg"
    assert [row.path for row in table.to_do()] == [Path("/far/5.jpg")]
    assert table.class_names() == CLASSES


def test_a_note_comes_back_with_its_answer_and_an_older_table_has_none(table):
    (five,) = table.to_do()
    noted = replace(answered(five, "pear", 0.75), answer=replace(answered(five, "pear", 0.75).answer, note="16-bit"))
    table.add([noted], {})
    assert [row.answer.note for row in table.rows([1, 5])] == ["", "16-bit"]
    assert [row.id for row in table.answered() if isinstance(row.answer, Prediction) and row.answer.note] == [5]
    with closing(sqlite3.connect(table.path)) as db:
        db.execute("drop table notes")
    table.add([noted], {})
    assert table.rows([5])[0].answer.note == ""


def test_a_moved_batch_finds_its_own_files(table, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    moved = BatchAnswers(table.path.rename(tmp_path / "elsewhere" / "answers.db"))
    assert next(moved.answered()).path == tmp_path / "elsewhere" / "incoming" / "000001.jpg"


def test_the_share_that_is_refused_decides_what_is_not_sure(table):
    assert table.counts(0.05) == Counts(6, 5, 2, 2, {"pear": 1})
    assert table.counts(0.0) == Counts(6, 5, 2, 1, {"=apple": 1, "pear": 1})
    assert table.counts(0.6).unsure == 3
    assert names(table, UNSURE, "", AS_THEY_CAME, 0.05) == ["2.jpg", "3.jpg"]
    assert names(table, UNSURE, "", AS_THEY_CAME, 0.0) == ["3.jpg"]
    assert names(table, "", "pear", AS_THEY_CAME, 0.05) == ["one.jpg"]
    assert names(table, "", "=apple", AS_THEY_CAME, 0.0) == ["2.jpg"]


def test_photos_come_in_the_order_that_is_asked_for_the_unreadable_last(table):
    unreadable = ["4.jpg", "../out.jpg"]
    assert names(table, "", "", LEAST_SURE, 0.05) == ["3.jpg", "one.jpg", "2.jpg", *unreadable]
    assert names(table, "", "", LEAST_LIKE_YOURS, 0.05) == ["2.jpg", "one.jpg", "3.jpg", *unreadable]
    assert names(table, UNREADABLE, "", AS_THEY_CAME, 0.05) == unreadable
    assert names(table, "", "", AS_THEY_CAME, 0.05, limit=2, offset=1) == ["2.jpg", "3.jpg"]


def test_small_pictures_come_for_the_rows_that_have_one(table):
    assert table.thumbnails([1, 2, 3]) == {1: b"small one", 2: b"small two"}


def test_a_file_name_that_is_no_text_is_kept_byte_for_byte(tmp_path):
    odd = Path(os.fsdecode(b"/far/caf\xe9.jpg"))
    made = BatchAnswers(tmp_path / "answers.db")
    made.list_photos(CLASSES, [Incoming(odd, "caf\N{REPLACEMENT CHARACTER}.jpg")], [])
    assert next(made.to_do()).path == odd


def test_many_rows_are_read_some_at_a_time_in_their_order(tmp_path):
    made = BatchAnswers(tmp_path / "answers.db")
    made.list_photos(CLASSES, (Incoming(Path(f"/far/{i}"), str(i)) for i in range(1201)), [])
    assert [row.name for row in made.to_do()] == [str(i) for i in range(1201)]


def test_a_list_that_was_cut_short_is_no_list(tmp_path):
    made = BatchAnswers(tmp_path / "answers.db")
    assert not made.is_listed()

    def cut():
        yield Incoming(Path("/far/1.jpg"), "1.jpg")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.list_photos(CLASSES, cut(), [])
    assert not made.is_listed()


def test_a_damaged_table_is_said_in_words(tmp_path):
    (tmp_path / "answers.db").write_bytes(b"no database at all " * 100)
    with pytest.raises(InputError, match="The table of these answers is damaged"):
        BatchAnswers(tmp_path / "answers.db").counts(0.05)


def test_another_reader_sees_what_is_kept_while_it_is_written(table):
    db = sqlite3.connect(table.path)
    db.execute("begin immediate")
    db.execute("update photos set label = 'half done'")
    assert table.counts(0.05).by_class == {"pear": 1}
    db.rollback()
    db.close()

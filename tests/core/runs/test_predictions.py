import numpy as np
import pytest

from core.base.errors import RunError
from core.photos.labelled_photo import LabelledPhoto
from core.runs.predictions import (
    most_wrong_first,
    probabilities_of,
    read_answers,
    read_predictions,
    read_probabilities,
    write_predictions,
)

CLASSES = ["apple", "Größe 梨", "p_0"]


@pytest.fixture
def table(tmp_path):
    """The file, with three test photos and one for training."""
    photos = {
        "train": [LabelledPhoto("/a/0.jpg", "apple", "train", "00")],
        "test": [
            LabelledPhoto("/a/1.jpg", "apple", "test", "01"),
            LabelledPhoto("/a/bytes \udcff.jpg", "p_0", "test", "02"),
            LabelledPhoto('/a/quote ".jpg', "Größe 梨", "test", "03"),
        ],
    }
    probabilities = {
        "train": np.array([[0.9, 0.1, 0.0]], np.float32),
        "test": np.array([[0.5, 0.3, 0.2], [0.1, 0.7, 0.2], [0.8, 0.15, 0.05]], np.float32),
    }
    write_predictions(tmp_path / "predictions.parquet", photos, probabilities, CLASSES)
    return tmp_path / "predictions.parquet"


def test_each_part_comes_back_with_truths_answers_and_probabilities(table):
    test = read_predictions(table, "test")
    assert list(test.columns) == ["path", "sha256", "split", "truth", "answer", "p_0", "p_1", "p_2"]
    assert test["truth"].tolist() == ["apple", "p_0", "Größe 梨"]
    assert test["answer"].tolist() == ["apple", "Größe 梨", "apple"]
    assert test["sha256"].tolist() == ["01", "02", "03"]
    assert test["p_1"].to_numpy() == pytest.approx([0.3, 0.7, 0.15])
    assert read_predictions(table, "train")["path"].tolist() == ["/a/0.jpg"]
    assert read_predictions(table, "validation").empty


def test_a_path_that_is_no_valid_text_still_gives_a_row(table):
    assert read_predictions(table, "test")["path"].tolist()[1:] == ["/a/bytes \ufffd.jpg", '/a/quote ".jpg']


def test_probabilities_come_back_with_the_true_classes(table):
    probabilities, truth = read_probabilities(table, "test", CLASSES)
    assert probabilities.dtype == np.float32
    assert probabilities[2].tolist() == pytest.approx([0.8, 0.15, 0.05])
    assert truth.tolist() == [0, 2, 1]
    assert read_probabilities(table, "validation", CLASSES)[0].shape == (0, 3)


def test_answers_are_one_row_a_photo_with_how_sure_they_were(table):
    answers = read_answers(table, "test", CLASSES, 1.0)
    assert answers["sha256"].tolist() == ["01", "02", "03"]
    assert answers["right"].tolist() == [True, False, False]
    assert answers["sure"].tolist() == pytest.approx([0.5, 0.7, 0.8])
    assert answers["raw"].tolist() == answers["sure"].tolist()
    assert list(answers["truth"].cat.categories) == CLASSES
    assert read_answers(table, "validation", CLASSES, 2.0).empty


def test_with_a_temperature_it_is_less_sure_than_the_network_was(table):
    roots = np.sqrt([0.8, 0.15, 0.05])
    answers = read_answers(table, "test", CLASSES, 2.0)
    assert answers["sure"][2] == pytest.approx(roots[0] / roots.sum())
    assert answers["raw"].tolist() == pytest.approx([0.5, 0.7, 0.8])


def test_the_probabilities_of_one_photo_are_found_by_its_content(table):
    assert probabilities_of(table, "02", CLASSES, 1.0) == pytest.approx({"apple": 0.1, "Größe 梨": 0.7, "p_0": 0.2})
    assert max(probabilities_of(table, "02", CLASSES, 2.0).values()) < 0.7
    assert probabilities_of(table, "ff", CLASSES, 1.0) == {}


@pytest.mark.parametrize(
    ("truth", "answer", "found"),
    [
        (None, None, ["03", "02"]),  # the mistakes, the surest first
        (None, "apple", ["03", "01"]),  # then what is right
        ("p_0", None, ["02"]),
        ("p_0", "Größe 梨", ["02"]),
        ("p_0", "p_0", []),
    ],
)
def test_a_cell_a_row_and_a_column_give_their_photos_most_wrong_first(table, truth, answer, found):
    answers = read_answers(table, "test", CLASSES, 1.0)
    assert most_wrong_first(answers, truth, answer)["sha256"].tolist() == found


def test_of_right_answers_the_least_sure_comes_first(tmp_path):
    photos = {"test": [LabelledPhoto(str(i), "apple", "test", f"{i}") for i in range(3)]}
    probabilities = {"test": np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]], np.float32)}
    write_predictions(tmp_path / "p.parquet", photos, probabilities, ["apple", "pear"])
    answers = read_answers(tmp_path / "p.parquet", "test", ["apple", "pear"], 1.0)
    assert most_wrong_first(answers, "apple", None)["sha256"].tolist() == ["1", "2", "0"]


def test_answers_that_are_missing_or_damaged_are_said_to_be(table, tmp_path):
    with pytest.raises(RunError, match="missing or damaged"):
        read_answers(tmp_path / "none.parquet", "test", CLASSES, 1.0)
    with pytest.raises(RunError, match="missing or damaged"):
        read_answers(table, "test", [*CLASSES, "one more"], 1.0)
    table.write_bytes(table.read_bytes()[:100])
    with pytest.raises(RunError, match="missing or damaged"):
        read_answers(table, "test", CLASSES, 1.0)


def test_rows_of_which_a_bit_turned_are_refused(table):
    whole = table.read_bytes()
    for value in (b"apple", np.float32(0.7).tobytes()):
        place = whole.index(value)
        table.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(RunError, match="damaged"):
            read_predictions(table, "test")
        with pytest.raises(RunError, match="damaged"):
            read_answers(table, "test", CLASSES, 1.0)

import numpy as np
import pytest

from core.data.predictions import most_wrong, read_predictions, write_predictions
from core.data.runs import RunPhoto

CLASSES = ["apple", "Größe 梨", "p_0"]


@pytest.fixture
def table(tmp_path):
    """The file, with three test photos and one for training."""
    photos = {
        "train": [RunPhoto("/a/0.jpg", "apple", "train", "00")],
        "test": [
            RunPhoto("/a/1.jpg", "apple", "test", "01"),
            RunPhoto("/a/bytes \udcff.jpg", "p_0", "test", "02"),
            RunPhoto('/a/quote ".jpg', "Größe 梨", "test", "03"),
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


def test_the_surest_mistake_comes_first(table):
    wrong = most_wrong(read_predictions(table, "test"))
    assert wrong["sha256"].tolist() == ["03", "02"]
    assert wrong["sure"].tolist() == pytest.approx([0.8, 0.7])

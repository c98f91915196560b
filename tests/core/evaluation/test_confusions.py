import csv
import io

import numpy as np

from core.evaluation.confusions import Confused, confusion_csv, most_confused, most_mistaken

CLASSES = ["apple", "=pear", "梨, ripe"]
CONFUSION = [[8, 2, 0], [0, 3, 2], [5, 0, 1]]


def test_the_pairs_with_most_mistakes_come_first_and_of_equals_the_rarer_class():
    assert most_confused(CLASSES, CONFUSION, 5) == [
        Confused("梨, ripe", "apple", 5, 6),
        Confused("=pear", "梨, ripe", 2, 5),
        Confused("apple", "=pear", 2, 10),
    ]
    assert len(most_confused(CLASSES, CONFUSION, 2)) == 2
    assert most_confused(CLASSES, np.diag([3, 4, 5]).tolist(), 5) == []


def test_of_many_classes_those_with_most_mistakes_are_chosen():
    assert most_mistaken(CONFUSION, 3) == [0, 1, 2]
    assert most_mistaken(CONFUSION, 2) == [0, 2]  # 7 mistakes from or to each; 4 of the pear
    big = np.diag(np.full(200, 9))
    big[150, 3], big[150, 4], big[7, 150] = 5, 4, 3
    assert most_mistaken(big.tolist(), 3) == [150, 3, 4]


def test_the_table_for_a_spreadsheet_holds_every_count_and_no_formula():
    data = confusion_csv(CLASSES, CONFUSION)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0] == ["true class", "apple", "'=pear", "梨, ripe"]
    assert rows[1:] == [["apple", "8", "2", "0"], ["'=pear", "0", "3", "2"], ["梨, ripe", "5", "0", "1"]]

import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.batches.answers import BatchAnswers
from core.batches.evaluation import evaluate_batch, is_labelled
from core.photos.decoding import PhotoError, open_photo
from core.photos.near_copies import HASH_BYTES, perceptual_hash
from core.runs.learned import LearnedPhotos
from core.runs.predictor import Prediction
from core.sources.layouts import Incoming

CLASSES = ["apple", "Pear, ripe"]


@pytest.fixture
def answered(tmp_path):
    """Makes a table of answers: the probability of "apple" by name, a text for what can't be used."""

    def make(shares):
        answers = BatchAnswers(tmp_path / "answers.db")
        photos = [Incoming(tmp_path / str(i), name) for i, name in enumerate(shares)]
        answers.list_photos(CLASSES, photos, [])
        rows = []
        for row, share in zip(list(answers.to_do()), shares.values(), strict=True):
            if isinstance(share, str):
                rows.append(replace(row, answer=PhotoError(share)))
                continue
            shares = dict(zip(CLASSES, (share, 1 - share), strict=True))
            label = CLASSES[0] if share > 0.5 else CLASSES[1]
            rows.append(replace(row, answer=Prediction(label, shares[label], shares, 0.5)))
        answers.add(rows, {})
        return answers

    return make


def test_photos_are_judged_by_the_folder_they_lie_in(answered):
    found = evaluate_batch(
        answered(
            {
                "market/Apple/1.jpg": 0.9,
                "market/Apple/2.jpg": 0.2,
                "market/Pear, ripe/1.jpg": 0.1,
                "market/Pear, ripe/2.jpg": "an empty file",
                "market/durian/1.jpg": 0.6,
                "market/durian/2.jpg": 0.6,
            }
        )
    )
    assert found.class_names == CLASSES
    assert found.metrics.n == 3
    assert found.metrics.accuracy == pytest.approx(2 / 3)
    assert found.metrics.confusion == [[1, 1], [0, 1]]
    assert found.metrics.log_loss == pytest.approx(-np.log([0.9, 0.2, 0.9]).mean(), abs=1e-6)
    assert found.answers["truth"].tolist() == ["apple", "apple", "Pear, ripe"]
    assert found.answers["right"].tolist() == [True, False, True]
    assert found.answers["sure"].tolist() == pytest.approx([0.9, 0.8, 0.9])
    assert (found.unknown, found.loose, found.unreadable) == ({"durian": 2}, 0, 1)


def test_of_a_set_with_its_own_test_part_that_alone_judges(answered):
    found = evaluate_batch(answered({"train/apple/1.jpg": 0.1, "test/apple/1.jpg": 0.9, "test/Pear, ripe/1.jpg": 0.3}))
    assert found.metrics.n == 2
    assert found.metrics.accuracy == 1


@pytest.mark.parametrize(
    ("shares", "labelled"),
    [
        ({"1.jpg": 0.9, "2.jpg": 0.1}, False),
        ({"holiday/1.jpg": 0.9}, False),
        ({"apple/1.jpg": "an empty file"}, True),
    ],
)
def test_without_a_labelled_photo_nothing_is_judged(answered, shares, labelled):
    answers = answered(shares)
    assert is_labelled(answers) == labelled
    assert evaluate_batch(answers) is None


def test_a_set_is_labelled_by_its_folders_and_not_by_what_was_answered(answered):
    assert is_labelled(answered({"apple/1.jpg": 0.1, "holiday/1.jpg": 0.9}))


def test_the_rows_behind_a_choice_come_in_its_order(answered):
    answers = answered({"apple/1.jpg": 0.9, "apple/2.jpg": 0.8, "apple/3.jpg": 0.7})
    ids = [row.id for row in answers.answered()]
    assert [row.name for row in answers.rows(ids[::-2])] == ["apple/3.jpg", "apple/1.jpg"]


def test_folders_are_matched_by_name_and_an_unknown_one_costs_only_itself(answered):
    found = evaluate_batch(
        answered({"APPLE/1.jpg": 0.9, "pear,  ripe/1.jpg": 0.1, "apples/1.jpg": 0.9, "unclear/1.jpg": 0.1})
    )
    assert found.answers["truth"].tolist() == ["apple", "Pear, ripe"]
    assert found.matched.written_otherwise == {"APPLE": "apple", "pear,  ripe": "Pear, ripe"}
    assert (found.unknown, found.matched.perhaps) == ({"apples": 1, "unclear": 1}, {"apples": "apple"})
    assert found.learned is None


def test_a_folder_counts_as_the_class_that_the_user_says_it_means(answered):
    answers = answered({"apple/1.jpg": 0.9, "apples/1.jpg": 0.2, "unclear/1.jpg": 0.1})
    found = evaluate_batch(answers, meant={"apples": "apple"})
    assert (found.metrics.n, found.metrics.n_right, found.unknown) == (2, 1, {"unclear": 1})


def test_photos_that_were_learned_from_are_counted_and_left_out_of_a_second_score(answered):
    answers = answered({"apple/1.jpg": 0.9, "apple/2.jpg": 0.9, "apple/3.jpg": 0.2, "Pear, ripe/1.jpg": 0.9})
    rng = np.random.default_rng(5)
    known, new, other = (rng.bytes(HASH_BYTES) for _ in range(3))
    again = bytes([known[0] ^ 3]) + known[1:]  # two bits apart
    answers.add([], {}, {1: ("aa", other), 2: ("bb", again), 3: ("cc", new)})
    learned = LearnedPhotos(frozenset(["aa", "dd"]), np.frombuffer(known, np.uint8).reshape(1, -1), 1)
    found = evaluate_batch(answers, learned).learned
    assert (found.equal, found.near_copies, found.not_compared) == (1, 1, 1)
    assert (found.without.n, found.without.n_right) == (2, 0)


def test_what_an_earlier_version_answered_is_known_by_its_small_pictures(answered, tmp_path):
    answers = answered({"apple/1.jpg": 0.9, "apple/2.jpg": 0.9})
    jpegs = {}
    for number in (1, 2):
        spots = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        picture = Image.fromarray(spots).resize((160, 120), Image.Resampling.BICUBIC)
        picture.save(tmp_path / "small.jpg")
        jpegs[number] = (tmp_path / "small.jpg").read_bytes()
    with sqlite3.connect(answers.path) as db:
        db.execute("drop table seen")
    answers.add([], jpegs, {1: ("aa", bytes(HASH_BYTES))})
    assert answers.seen() == {}
    first = np.frombuffer(perceptual_hash(open_photo(jpegs[1])), np.uint8).reshape(1, -1)
    found = evaluate_batch(answers, LearnedPhotos(frozenset(["x"]), first, 0)).learned
    assert (found.equal, found.near_copies, found.without.n) == (0, 1, 1)

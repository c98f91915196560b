import io

import numpy as np
import pytest
from PIL import Image

from benchmarks.look_alikes import part_in_jig, thing_on_table, x_ray
from benchmarks.near_copies import KINDS
from core.photos.finer_look import look_of, pairs_alike, same_picture


def encoded_look(data):
    return look_of(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


@pytest.mark.parametrize("draw", [part_in_jig, pytest.param(x_ray, marks=pytest.mark.slow), thing_on_table])
def test_copies_of_each_kind_are_the_same_picture_and_others_of_the_same_scene_are_not(draw):
    pictures = [draw(seed) for seed in range(4)]
    looks = np.stack([look_of(np.asarray(picture)) for picture in pictures])
    for kind, copy in KINDS.items():
        copies = np.stack([encoded_look(copy(picture)) for picture in pictures])
        turned = copies[..., ::-1] if kind == "mirrored" else copies
        assert same_picture(looks, turned).sum() >= 3, kind
        others = same_picture(looks, np.roll(turned, 1, axis=0))
        # Brightened, a white table is clipped: of two discs of one grey nothing else is left to tell them.
        assert others.sum() <= (draw is thing_on_table and kind == "brightened by 10 %"), kind


def test_what_cant_be_read_or_is_tiny_counts_as_the_same_and_each_picture_is_read_once():
    pictures = {
        0: np.asarray(part_in_jig(0)),
        1: np.asarray(part_in_jig(1)),
        2: None,
        3: np.zeros((32, 32, 3), np.uint8),
    }
    read = []

    def look(number):
        read.append(number)
        return pictures[number]

    pairs = np.array([[0, 1, 0], [0, 2, 0], [0, 3, 0], [1, 2, 1], [0, 0, 0]])
    assert pairs_alike(pairs, look).tolist() == [False, True, True, True, True]
    assert sorted(read) == [0, 1, 2, 3]


def test_no_pairs_read_nothing():
    assert pairs_alike(np.zeros((0, 3), int), lambda number: pytest.fail("read")).tolist() == []

"""Bases of many kinds with every head in every format: a fresh process answers 300 photos as the engine does.

Two kinds, and by hand (-m endurance) all seven: each is written five times, which takes minutes.

In 16 and 8 bits: test_export_heads.py, on weights that were trained; random ones bear no rounding (docs/benchmarks.md).
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.exports.formats import EXPORT_FORMATS, FLOAT32
from core.exports.verdict import NEAR_TIE
from core.models.catalogue import BUILT_IN
from core.models.config import BENCHMARK_CNN
from core.models.heads import head_names
from core.photos.decoding import read_pixels
from tests.core.conftest import run_photos
from tests.core.exports.export_packages import ask, write_package, write_photos
from tests.core.exports.families import ENDS, FAMILIES, IMPOSSIBLE, SAMPLE, build, make, settle

pytestmark = pytest.mark.slow

HEADS = head_names()
LABELS = [f"{head} {end}" for head in HEADS for end in range(ENDS)]


@pytest.fixture(
    scope="module", params=[SAMPLE, pytest.param(FAMILIES, marks=pytest.mark.endurance)], ids=["some", "all"]
)
def made(request, shared_data, tmp_path_factory):
    """By family: its model with what the app's engine answers about 300 real photos, and those photos on disk."""
    folder = tmp_path_factory.mktemp("fruit")
    shutil.unpack_archive(shared_data("fruit.zip"), folder)
    paths = [Path(photo.path) for photo in run_photos(folder)]
    assert len(paths) == 300
    pixels, made = {}, {}
    for name in request.param:
        base = build(name)
        size = base.input_shape[1]
        if size not in pixels:
            taken = np.stack([read_pixels(path, size) for path in paths])
            pixels[size] = taken, write_photos(tmp_path_factory.mktemp("photos") / str(size), taken, LABELS)
        taken, photos = pixels[size]
        if name not in (BUILT_IN, BENCHMARK_CNN):
            settle(base, taken[::10])
        made[name] = make(base, taken, tmp_path_factory.mktemp(name)), photos
    return made


@pytest.mark.parametrize(
    "export_format",
    [export_format for export_format in EXPORT_FORMATS if export_format.writer and export_format.precision == FLOAT32],
    ids=lambda export_format: export_format.name,
)
def test_a_fresh_process_answers_as_the_app_does(export_format, made, tmp_path):
    no_examples = np.zeros((0, 1, 1, 3), np.uint8)
    packages = {
        name: (write_package(tmp_path / name, family.model, export_format, LABELS, no_examples), photos)
        for name, (family, photos) in made.items()
        if (export_format.name, name) not in IMPOSSIBLE
    }
    given = ask(packages, tmp_path / "answers")
    assert len(given) >= len(made) - 1
    for name, answers in given.items():
        here, there = made[name][0].here, answers.reshape(-1, len(HEADS), ENDS)
        assert here.shape == there.shape == (300, len(HEADS), ENDS)
        chosen = np.take_along_axis(there, here.argmax(2)[:, :, None], axis=2)[:, :, 0]
        same = (chosen >= there.max(2) - NEAR_TIE).mean(0)
        assert (same >= 0.99).all(), (name, dict(zip(HEADS, same, strict=True)))
        assert np.abs(there - here).max() < export_format.most_different, name
        spread = [len(set(head)) for head in here.argmax(2).T]
        assert spread == [ENDS] * len(HEADS), name  # a model that always answers the same would prove nothing
    shutil.rmtree(tmp_path)

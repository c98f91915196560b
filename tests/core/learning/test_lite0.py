import csv

import numpy as np
import pytest
from PIL import Image

from core.data.threads import in_threads
from core.learning.base_models import weights_path
from core.learning.checkpoint import read_checkpoint
from core.learning.lite0 import build_lite0, load_lite0_weights
from core.records.catalogue import CATALOGUE

CROP = 0.875  # of the shorter side, as ImageNet is tested by custom


def centre_crop(path, size=224):
    with Image.open(path) as image:
        image = image.convert("RGB")
    side = CROP * min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=box))


def test_without_the_top_it_gives_feature_maps():
    maps = build_lite0().predict_on_batch(np.zeros((2, 224, 224, 3), np.float32))
    assert maps.shape == (2, 7, 7, 1280)
    assert maps.min() >= 0  # after the last ReLU6
    assert maps.max() <= 6


def test_every_tensor_of_the_checkpoint_finds_its_layer():
    class Recording(dict):
        def __getitem__(self, key):
            asked.append(key)
            return super().__getitem__(key)

    asked, row = [], CATALOGUE[0]
    tensors = read_checkpoint(weights_path(row), row.weights_sha256)
    model = build_lite0(include_top=True)
    load_lite0_weights(model, Recording(tensors))
    assert model.output_shape == (None, 1000)
    assert sorted(asked) == sorted(name for name in tensors if not name.endswith("num_batches_tracked"))
    stem = model.get_layer("stem_conv").get_weights()[0]
    assert np.array_equal(stem[:, :, :, 5], tensors["_conv_stem.weight"][5].transpose(1, 2, 0))


def test_it_names_imagenet_photos_as_its_authors_promise(imagenet_folder, imagenet_model):
    with (imagenet_folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pixels = np.stack(list(in_threads(centre_crop, [imagenet_folder / row["file"] for row in rows], threads=2)))
    truth = np.array([int(row["class_index"]) for row in rows])
    probabilities = imagenet_model.predict(pixels.astype(np.float32), batch_size=50, verbose=0)
    assert len(rows) == 200
    assert (probabilities.argmax(1) == truth).mean() >= 0.85
    top5 = np.argsort(-probabilities, axis=1)[:, :5]
    assert (top5 == truth[:, None]).any(1).mean() >= 0.97
    assert probabilities.sum(1) == pytest.approx(np.ones(200), abs=1e-4)

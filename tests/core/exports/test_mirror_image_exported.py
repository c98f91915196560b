"""Models that are asked about the mirror image too, in every format: a fresh process answers as here."""

import numpy as np
import pytest

from core.evaluation.calibration import with_temperature
from core.exports.formats import EXPORT_FORMATS, FLOAT16, FLOAT32, INT8
from core.exports.writers import softened
from core.models.building import build_benchmark_cnn
from core.models.config import TrainConfig
from core.models.head_building import build_head, input_width, whole_model
from tests.core.exports.export_packages import ask, write_package, write_photos

LABELS = ["a", "b", "c"]
SIZE, TEMPERATURE = 32, 1.7
FORMATS = [each for each in EXPORT_FORMATS if each.writer]


@pytest.fixture(scope="module")
def pixels():
    rng = np.random.default_rng(2)
    return np.stack([np.kron(rng.integers(0, 256, (4, 4, 3)), np.ones((8, 8, 1))) for _ in range(24)]).astype(np.uint8)


@pytest.fixture(scope="module")
def parts(pixels):
    """A small base and a head whose answers differ, also from a picture to its mirror image."""
    base = build_benchmark_cnn(0, SIZE)
    head = build_head(TrainConfig(), input_width(TrainConfig(), base), len(LABELS))
    seen = base.predict_on_batch(pixels.astype(np.float32)).mean((1, 2))
    middle, rows = seen.mean(0), seen - seen.mean(0)
    _, scales, directions = np.linalg.svd(rows, full_matrices=False)  # what most tells the pictures apart
    weights = 1.5 * directions[:3].T / scales[:3] * np.sqrt(len(rows))
    head.set_weights([weights, -middle @ weights])
    return base, head


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [1.0, TEMPERATURE])
def test_every_format_answers_by_the_mean_of_both(temperature, parts, pixels, tmp_path):
    once = whole_model(*parts)
    both = [once.predict_on_batch(view.astype(np.float32)) for view in (pixels, pixels[:, :, ::-1])]
    assert np.abs(both[0] - both[1]).max() > 0.1
    expected = with_temperature(np.mean(both, axis=0), temperature)
    model = softened(whole_model(*parts, ask_mirror=True), temperature)
    photos, packages = write_photos(tmp_path / "photos", pixels, LABELS), {}
    for each in FORMATS:
        packages[each.name] = write_package(tmp_path / each.name, model, each, LABELS, pixels), photos
    for name, answers in ask(packages, tmp_path / "answers").items():
        row = next(each for each in FORMATS if each.name == name)
        bound = {FLOAT32: 1e-5, FLOAT16: 1e-2, INT8: 0.05}[row.precision]
        assert np.abs(answers - expected).max() <= bound, name

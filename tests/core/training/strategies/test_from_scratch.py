from dataclasses import replace

import keras
import numpy as np
import pytest

from core.base.events import EPOCH, PHASE, PROGRESS
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.engine.places import Places
from core.models.building import BENCHMARK_SIZE, build_base, build_benchmark_cnn
from core.models.catalogue import BUILT_IN
from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, RANDOM, usual_config
from core.photos.file_kinds import EMPTY
from core.runs.report import FromScratch
from core.runs.run import Run
from core.training.training import train_run
from tests.core.conftest import run_photos

pytestmark = pytest.mark.slow  # together a minute and more: the default suite is for between two edits


@pytest.fixture(scope="module")
def benchmark(shapes, places, tmp_path_factory):
    """The benchmark network, trained on shapes of which one can't be read."""
    folder = tmp_path_factory.mktemp("benchmark")
    (folder / "red circle").mkdir()
    (folder / "red circle" / "empty.jpg").touch()
    config = replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), epochs=12, learning_rate=0.002, batch_size=16)
    run = Run.create(folder / "run", config, run_photos(shapes) + run_photos(folder / "red circle"))
    return run, train_run(run, Places(cache=folder / "cache", engine=places.engine))


def test_the_benchmark_network_has_five_convolutions_and_one_feature_for_each_of_256_channels():
    network = build_benchmark_cnn(0)
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in network.layers) == 5
    assert network.input_shape == (None, BENCHMARK_SIZE, BENCHMARK_SIZE, 3)
    assert network.output_shape == (None, 4, 4, 256)
    same = build_benchmark_cnn(0).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(network.get_weights(), same, strict=True))
    assert not np.array_equal(network.get_weights()[0], build_benchmark_cnn(9).get_weights()[0])


def test_the_benchmark_network_learns_shapes_above_chance(benchmark):
    _, report = benchmark
    assert (report.base, report.strategy, report.from_scratch) == (BENCHMARK_CNN, FROM_SCRATCH, FromScratch(RANDOM))
    assert max(epoch.val_accuracy for epoch in report.epochs) >= 0.6
    assert report.epochs[-1].loss < report.epochs[0].loss
    assert {epoch.phase for epoch in report.epochs} == {"from-scratch"}
    assert report.test.accuracy >= 0.5  # of three classes; by chance a third


def test_a_photo_that_can_not_be_read_is_set_aside_with_the_reason(benchmark):
    _, report = benchmark
    assert [photo.why for photo in report.set_aside] == [EMPTY.reason]
    assert sum(report.photos.values()) == 42


def test_its_engine_model_gives_features_and_probabilities(benchmark):
    run, report = benchmark
    engine = Engine(run.engine_path)
    assert set(engine.outputs) == {FEATURES, PROBABILITIES}
    assert engine.image_size == BENCHMARK_SIZE
    assert report.engine_parity.same_top1 >= 0.9
    assert report.engine_parity.max_abs_difference < 0.1


def test_progress_counts_photos_through_all_epochs(benchmark):
    run, report = benchmark
    events = run.job.events()
    phases = [event["name"] for event in events if event["event"] == PHASE]
    assert [phase for phase in phases if phase != "load"] == ["features", "from-scratch", "save", "test", "detector"]
    totals = [event["total"] for event in events if event["event"] == PROGRESS]
    assert 12 * 2 * report.photos["train"] in totals


def test_stop_and_keep_leaves_a_complete_run(shapes, places, tmp_path):
    Run.create(tmp_path / "run", replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), epochs=500), run_photos(shapes))

    def stop_after_an_epoch(event):
        if event["event"] == EPOCH:
            run.job.request_stop(keep=True)

    run = Run(tmp_path / "run", stop_after_an_epoch)
    report = train_run(run, Places(cache=tmp_path / "cache", engine=places.engine))
    assert len(report.epochs) <= 2  # the second ends at its first batch
    assert run.report() == report


@pytest.mark.endurance  # a whole base learns in test_going_on.py too
@pytest.mark.parametrize("initial", ["base", "random"])
def test_every_layer_of_a_base_learns_and_its_statistics_only_from_nothing(shapes, places, tmp_path, initial):
    epochs = 2 if initial == "base" else 1
    small = replace(usual_config(FROM_SCRATCH), image_size=96)  # pixels: a step takes a fifth of the usual time
    config = replace(small, initial=initial, epochs=epochs, augment="none", batch_size=10)
    run = Run.create(tmp_path / "run", config, run_photos(shapes))
    report = train_run(run, Places(cache=tmp_path / "cache", engine=places.engine))
    assert report.from_scratch == FromScratch(initial)
    saved, base = keras.saving.load_model(run.keras_path), build_base(BUILT_IN)
    for layer in base.layers:
        kept = initial == "base" and isinstance(layer, keras.layers.BatchNormalization)
        for old, new in zip(layer.get_weights(), saved.get_layer(layer.name).get_weights(), strict=True):
            assert np.array_equal(old, new) == kept, layer.name
    if initial == "base":
        assert report.test.accuracy > 0.5

import keras
import numpy as np
import pytest

from core.base.errors import RunError
from core.models.config import TrainConfig
from core.runs.run import Run
from core.training.saving import take_weights


@pytest.fixture
def run(tmp_path):
    """One that goes on from a model that came in a project's zip."""
    return Run.create(tmp_path / "run", TrainConfig(start_from="of a stranger"), [])


def test_code_in_a_saved_model_is_not_run(run, tmp_path):
    ran = tmp_path / "ran"
    inputs = keras.Input((3,))
    outputs = keras.layers.Lambda(lambda x, path=str(ran): (open(path, "w").close(), x)[1])(inputs)
    keras.Model(inputs, outputs).save(run.start_path)
    ran.unlink(missing_ok=True)
    with pytest.raises(RunError, match="missing or damaged, so it can't go on"):
        take_weights(run, keras.Sequential([keras.layers.Dense(2)]))
    assert not ran.exists()


def test_an_honest_model_is_read(run):
    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="features")])
    head = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="answer")], name="head")
    keras.Sequential([base.get_layer("features"), head]).save(run.start_path)
    taken = take_weights(run, base)
    np.testing.assert_array_equal(taken[0], head.get_weights()[0])

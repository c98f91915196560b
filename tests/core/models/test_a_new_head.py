"""What it takes to add a head: a row of the catalogue, and the function that builds it."""

import json

import keras
import pytest

from core.cli.main import main
from core.models import heads
from core.runs.run import Run
from tests.core.narrow_head import NARROW


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(heads, "HEADS", (*heads.HEADS, NARROW))


@pytest.mark.slow
def test_the_command_line_offers_it_and_it_trains_and_is_saved(
    narrow, shapes, workspace_home, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    options = ["--out", str(tmp_path / "run"), "--head", "narrow", "--epochs", "8", "--learning-rate", "0.01", "--json"]
    assert main(["train", str(shapes), *options]) == 0
    assert json.loads(capsys.readouterr().out)["head"] == "narrow"
    run = Run(tmp_path / "run")
    assert (run.folder / "report.json").exists()
    layers = keras.saving.load_model(run.keras_path).get_layer("head").layers
    assert [layer.name for layer in layers] == ["features", "narrow", "probabilities"]


def test_without_its_row_nobody_knows_it(capsys):
    with pytest.raises(SystemExit):
        main(["train", "photos", "--head", "narrow"])
    assert "gap, fc, flatten-fc, linear-svm, logistic" in capsys.readouterr().err.replace("'", "")

"""What comes from elsewhere and is damaged: weights of base models, and exports of Teachable Machine."""

import hashlib
from dataclasses import replace

import pytest

from core.base.errors import InputError, WeightsError
from core.models import building
from core.models.building import build_base
from core.models.catalogue import base_model
from core.models.weights import weights_id
from core.teachable_machine.folder import ExternalModelFolder
from core.teachable_machine.reading import read_teachable_machine
from tests.core.teachable_machine.teachable_export import randomised, tiny_base, whole, write_export, write_h5
from tests.damages import DAMAGES

BASE = base_model("mobilenetv3-small")
LABELS = ["apple", "pear"]
FLIPS = 60  # spread over a zip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def weights(made_once):
    """The file with a base's weights."""

    def write(folder):
        model = building.build_base(BASE.name, weights=None, image_size=32)
        model.save_weights(folder / f"{BASE.name}.weights.h5")

    return made_once("weights of one's own", write) / f"{BASE.name}.weights.h5"


@pytest.mark.parametrize("how", DAMAGES)
def test_downloaded_weights_that_were_damaged_since_are_told_in_words(how, weights, tmp_path, monkeypatch):
    content = weights.read_bytes()
    known = replace(BASE.weights, hash=hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(building, "base_model", {BASE.name: replace(BASE, weights=known)}.get)
    path = tmp_path / BASE.weights.file
    path.write_bytes(DAMAGES[how](content))
    with pytest.raises(WeightsError, match=r"changed or its download broke off. Nothing from it was used"):
        build_base(BASE.name, weights=path, image_size=32)


@pytest.mark.parametrize("how", DAMAGES)
def test_weights_of_ones_own_that_are_damaged_are_told_or_are_another_base(how, weights, tmp_path):
    path = tmp_path / weights.name
    path.write_bytes(DAMAGES[how](weights.read_bytes()))
    if how == "one bit":  # among the numbers: nobody can know what they were, so nothing is shared with what was made
        ids = [weights_id(BASE, {"ESPALIER_WEIGHTS": str(each.parent)}) for each in (path, weights)]
        assert ids[0] != ids[1]
        return
    with pytest.raises(WeightsError, match="holds no weights that fit MobileNetV3 Small: it is damaged"):
        build_base(BASE.name, weights=path, image_size=32)


@pytest.fixture(scope="module")
def export(made_once):
    """The zip of an export."""

    def write(folder):
        h5 = write_h5(folder / "keras_model.h5", randomised(whole(tiny_base(), len(LABELS))))
        write_export(folder / "export.zip", h5, LABELS)

    return made_once("export of Teachable Machine", write) / "export.zip"


def read(data, folder):
    """What is kept of an export: the model's files and its classes."""
    folder.mkdir()
    (folder.parent / "export.zip").write_bytes(data)
    external = ExternalModelFolder(folder)
    read_teachable_machine(folder.parent / "export.zip", external)
    return external.engine_path.with_suffix(".bin").read_bytes(), external.class_names()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_export_is_told_in_words_and_leaves_nothing(how, export, tmp_path):
    with pytest.raises(InputError, match="damaged or not a zip file"):
        read(DAMAGES[how](export.read_bytes()), tmp_path / "model")
    assert list((tmp_path / "model").iterdir()) == []


def test_a_bit_anywhere_in_an_export_is_told_or_of_no_account(export, tmp_path):
    data = export.read_bytes()
    honest = read(data, tmp_path / "honest")
    directory = range(len(data) - 200, len(data))  # where a zip says what it holds
    for at in (*range(0, len(data), len(data) // FLIPS), *directory[::7]):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        try:
            assert read(flipped, tmp_path / f"{at}") == honest, at
        except InputError:
            assert list((tmp_path / f"{at}").iterdir()) == []

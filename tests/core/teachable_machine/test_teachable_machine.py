import zipfile

import h5py
import keras
import numpy as np
import pytest
from PIL import Image, ImageOps

from core.base.errors import InputError
from core.engine.engine import PROBABILITIES, Engine
from core.teachable_machine.folder import ExternalModelFolder
from core.teachable_machine.h5_weights import read_h5
from core.teachable_machine.job import cropped
from core.teachable_machine.keras2_layers import build
from core.teachable_machine.reading import read_teachable_machine
from tests.core.teachable_machine.teachable_export import (
    config_of,
    mobilenet,
    randomised,
    settled,
    tiny_base,
    whole,
    write_export,
    write_h5,
)

LABELS = ["apple", 'a "pear", or so', "🍌"]


@pytest.fixture(scope="module")
def model():
    return randomised(whole(tiny_base(), len(LABELS)))


@pytest.fixture
def h5(model, tmp_path):
    return write_h5(tmp_path / "keras_model.h5", model)


@pytest.fixture
def external(tmp_path):
    (tmp_path / "foreign").mkdir()
    return ExternalModelFolder(tmp_path / "foreign")


def their_pixels(path):
    """As the Python snippet that comes with an export reads a photo: float32 (1, 224, 224, 3), -1..1."""
    image = ImageOps.fit(Image.open(path).convert("RGB"), (224, 224), Image.Resampling.LANCZOS)
    return (np.asarray(image).astype(np.float32) / 127.5 - 1)[None]


def answers_alike(model, external, photos):
    engine = Engine(external.engine_path, "f32")
    ours, errors = engine.run([cropped(photo, 224) for photo in photos], PROBABILITIES)
    theirs = np.concatenate([model.predict_on_batch(their_pixels(photo)) for photo in photos])
    assert errors == {}
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert np.ptp(theirs, axis=0).max() > 0.02  # not one answer for all


def test_an_export_answers_as_the_model_that_it_is_of(model, h5, external, tmp_path, draw):
    read_teachable_machine(write_export(tmp_path / "converted_keras.zip", h5, LABELS), external)
    assert external.class_names() == LABELS
    photos = [tmp_path / f"{seed}.png" for seed in range(6)]
    for seed, photo in enumerate(photos):
        draw(seed, (400, 260) if seed % 2 else (200, 500)).save(photo)
    answers_alike(model, external, photos)
    assert {path.name for path in external.folder.iterdir()} == {
        "keras_model.h5",
        "keras_model.h5.sha256",
        "model.xml",
        "model.xml.sha256",
        "model.bin",
        "labels.json",
    }


@pytest.mark.slow
def test_the_network_of_teachable_machine_answers_alike_on_real_photos(external, tmp_path, imagenet_paths):
    # Their snippet ignores colour profiles, which a browser, where their model learned, applies as the app does.
    plain = [path for path in imagenet_paths if "icc_profile" not in Image.open(path).info][:72]
    model = settled(randomised(whole(mobilenet(), 4)), np.concatenate([their_pixels(p) for p in plain[40:]]))
    assert model.layers[0].count_params() == 410_208  # as an export's own summary says
    h5 = write_h5(tmp_path / "keras_model.h5", model)
    read_teachable_machine(write_export(tmp_path / "converted_keras.zip", h5, list("abcd")), external)
    answers_alike(model, external, plain[:40])


def test_a_photo_is_cropped_to_its_middle(tmp_path):
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("lime", (100, 0, 200, 100))
    wide.save(tmp_path / "wide.png")
    pixels = cropped(tmp_path / "wide.png", 224)
    assert pixels.shape == (224, 224, 3)
    assert np.abs(pixels[:, 8:-8].astype(int) - (0, 255, 0)).max() == 0


def refused(words, archive, external):
    with pytest.raises(InputError, match=words):
        read_teachable_machine(archive, external)
    assert list(external.folder.iterdir()) == []


def test_labels_that_do_not_fit_are_said(h5, external, tmp_path):
    refused("names 2 classes, but the model answers with 3", write_export(tmp_path / "x.zip", h5, LABELS[:2]), external)
    refused("names two classes apple", write_export(tmp_path / "x.zip", h5, ["apple", "apple", "b"]), external)
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.write(h5, "keras_model.h5")
        archive.writestr("labels.txt", "apple\npear\nplum")
    refused("not as Teachable Machine writes it", tmp_path / "y.zip", external)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["model.savedmodel/saved_model.pb", "labels.txt"], "TensorFlow's SavedModel.*choose Export Model"),
        (["model.json", "weights.bin"], "There is no keras_model.h5 in this zip"),
        (["keras_model.h5"], "There is no labels.txt in this zip"),
    ],
)
def test_other_exports_are_refused_with_what_to_do(names, words, external, tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    refused(words, tmp_path / "other.zip", external)


def test_what_is_no_zip_is_refused(external, tmp_path):
    (tmp_path / "letter.zip").write_text("hello")
    refused("letter.zip is damaged or not a zip file", tmp_path / "letter.zip", external)


def changed_config(model, change):
    config = config_of(model)
    base = config["config"]["layers"][0]["config"]["layers"][0]["config"]
    dense = config["config"]["layers"][1]["config"]["layers"]
    change({layer["name"]: layer for layer in base["layers"]}, dense)
    return config


def make_lambda(base, dense):
    dense.insert(0, {"class_name": "Lambda", "config": {"name": "l", "function": ["4wEAAAAA", None, None]}})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (make_lambda, "a layer of the kind 'Lambda'"),
        (lambda base, dense: dense[0].update(class_name="os>system"), "a layer of the kind 'os>system'"),
        (lambda base, dense: dense[0]["config"].update(activation="builtins.exec"), "an activation that is not known"),
        (lambda base, dense: dense[0]["config"].update(units=10**9), "damaged"),
        (lambda base, dense: dense[0]["config"].update(units=9_999), "dense_Dense1' are missing or don't fit"),
        (lambda base, dense: base["Conv1_pad"]["config"].update(padding=[[0, 10**6], [0, 1]]), "damaged"),
        (lambda base, dense: base["Conv1"]["config"].update(kernel_size=[10**5, 3]), "damaged"),
        (lambda base, dense: base["Conv1"]["config"].update(name="Conv2"), "'Conv2' are missing or don't fit"),
        (lambda base, dense: base["add"].update(inbound_nodes=[[["out_relu", 0, 0, {}]]]), "damaged"),
        (lambda base, dense: base["bn_Conv1"].update(config=None), "damaged"),
        (
            lambda base, dense: next(iter(base.values()))["config"].update(batch_input_shape=[None, 96, 96, 1]),
            "not 224 x 224 pixels in colour",
        ),
    ],
)
def test_a_description_that_is_not_teachable_machines_is_refused(model, change, words, external, tmp_path):
    h5 = write_h5(tmp_path / "keras_model.h5", model, changed_config(model, change))
    refused(words, write_export(tmp_path / "x.zip", h5, LABELS), external)


def test_models_in_models_without_end_are_refused():
    config = {"class_name": "Dropout", "config": {}}
    for _ in range(50):
        config = {"class_name": "Sequential", "config": [config]}
    with pytest.raises(InputError, match="damaged"):
        build(config, {})
    wide = {
        "class_name": "Sequential",
        "config": [{"class_name": "ZeroPadding2D", "config": {"padding": [[16, 16]] * 2}}] * 900,
    }
    with pytest.raises(InputError, match="damaged"):
        build(wide, {})


def spoil(h5, do):
    with h5py.File(h5, "r+") as file:
        do(file, file["model_weights/sequential_3/dense_Dense1"])
    return h5


def external_link(file, group):
    del group["kernel:0"]
    group["kernel:0"] = h5py.ExternalLink("secret.h5", "/x")


def soft_link(file, group):
    del group["kernel:0"]
    group["kernel:0"] = h5py.SoftLink("/model_weights/sequential_3/dense_Dense2/kernel:0")


def external_storage(file, group):
    del group["kernel:0"]
    group.create_dataset("kernel:0", (8, 100), "f4", external=[("secret.bin", 0, 3200)])


def virtual(file, group):
    del group["kernel:0"]
    layout = h5py.VirtualLayout((8, 100), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "x", (8, 100))
    group.create_virtual_dataset("kernel:0", layout)


def compressed(file, group):
    del group["kernel:0"]
    group.create_dataset("kernel:0", data=np.zeros((8, 100), "f4"), compression="gzip")


def claims(file, group):
    del group["kernel:0"]
    group.create_dataset("kernel:0", (4_000, 4_000), "f4")  # never written: no bytes, but 64 MB once it is read


def far_too_large(file, group):
    group.create_dataset("more", (200_000, 200_000), "f4")


def texts(file, group):
    group["bias:1"] = np.array([b"text"])


@pytest.mark.parametrize(
    ("do", "words"),
    [
        (external_link, "points to something outside itself"),
        (soft_link, "points to something outside itself"),
        (external_storage, "of a kind that no such model has"),
        (virtual, "of a kind that no such model has"),
        (compressed, "of a kind that no such model has"),
        (claims, "claims far more than such a model holds"),
        (far_too_large, "claims far more than such a model holds"),
        (texts, "of a kind that no such model has"),
        (lambda file, group: file.attrs.pop("model_config"), "is damaged, or no model"),
        (lambda file, group: file.attrs.modify("model_config", b"{"), "is damaged, or no model"),
        (lambda file, group: file.pop("model_weights"), "lacks what such a model holds"),
    ],
)
def test_only_plain_numbers_in_the_file_itself_are_read(h5, do, words):
    with pytest.raises(InputError, match=words):
        read_h5(spoil(h5, do))


def test_a_damaged_file_is_refused(h5):
    data = h5.read_bytes()
    for end in (0, 100, len(data) // 2):
        h5.write_bytes(data[:end])
        with pytest.raises(InputError, match="is damaged, or no model"):
            read_h5(h5)


def test_keras_itself_is_never_asked_to_load_it(h5, external, tmp_path, monkeypatch):
    def never(*args, **options):
        raise AssertionError("a general loader was used")

    monkeypatch.setattr(keras.saving, "load_model", never)
    monkeypatch.setattr(keras.models, "load_model", never)
    assert build(*read_h5(h5)).output_shape == (None, 3)

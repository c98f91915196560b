"""What a stranger's zip may hold in place of a model: nothing of it is opened but its numbers, and all is said."""

import io
import json
import os
import pickle
import sys
import tempfile
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import RunError
from core.base.files import write_json
from core.engine.engine import PROBABILITIES, Engine
from core.engine.out_of_distribution import OutOfDistributionDetector
from core.label_issues.folder import ABOUT as ABOUT_LABELS
from core.models.building import starting_base
from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, RANDOM, TrainConfig
from core.models.head_building import build_head
from core.packing import tables
from core.packing.pack import ABOUT, pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from core.runs.predictor import Predictor
from core.runs.run import Run, list_runs
from core.training.saving import seal_model, write_model
from tests.core.reports import a_report

CLASSES = ["apple", "pear", "plum"]
CONFIG = TrainConfig(base=BENCHMARK_CNN, strategy=FROM_SCRATCH, initial=RANDOM, image_size=32)
RUN = "runs/2026-01-01 a run"
KERAS, XML, H5 = f"{RUN}/model.keras", f"{RUN}/model.xml", "model.weights.h5"
DENSE = "layers/functional/layers/dense/vars"  # of the head
PIXELS = np.random.default_rng(3).integers(0, 256, (4, 32, 32, 3), np.uint8)


def answers_of(run):
    return Engine(run.engine_path).run(list(PIXELS), PROBABILITIES)[0]


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The files of a zip of a project with one finished run, and what its model answers."""
    folder = tmp_path_factory.mktemp("honest")
    project = Workspace(folder / "home").create("Fruit")
    run = Run.create(project.folder / RUN, CONFIG, [])
    base = starting_base(CONFIG)
    head = build_head(CONFIG, base.output_shape[-1], len(CLASSES))
    write_model(run, None, base, head)
    write_json(run.report_path, a_report(CLASSES, base=BENCHMARK_CNN, strategy=FROM_SCRATCH).to_json())
    seal_model(run, CLASSES)
    pack(project, folder / "fruit.zip")
    with zipfile.ZipFile(folder / "fruit.zip") as opened:
        return {name: opened.read(name) for name in opened.namelist()}, answers_of(run)


@pytest.fixture
def marker(tmp_path):
    """What must not be there afterwards: code in a stranger's model would write it."""
    return tmp_path / "code ran"


@pytest.fixture
def opened_with(honest, tmp_path, monkeypatch):
    """Opens the project with some files changed; gives its run, and what was said."""

    def never(*args, **named):
        raise AssertionError("a stranger's model was loaded")

    def open_it(change):
        entries, _ = honest
        entries = dict(entries)
        told = json.loads(entries.pop(ABOUT))
        change(entries)
        with zipfile.ZipFile(tmp_path / "strange.zip", "w", zipfile.ZIP_DEFLATED) as target:
            for name, data in entries.items():
                target.writestr(name, data)
            told |= {"files": len(entries), "bytes": sum(map(len, entries.values()))}
            target.writestr(ABOUT, json.dumps(told))
        monkeypatch.setattr(keras.saving, "load_model", never)
        monkeypatch.setattr(keras.models, "load_model", never)
        notes = []
        project = unpack(tmp_path / "strange.zip", Workspace(tmp_path / "there"), tmp_path, note=notes.append)
        (run,) = list_runs(project.runs_folder)
        return run, notes

    return open_it


def in_keras(change, pack_as=zipfile.ZIP_STORED, unsealed=True):
    """What changes the files of `model.keras`, and makes that zip again."""

    def changed(entries):
        with zipfile.ZipFile(io.BytesIO(entries[KERAS])) as opened:
            inner = {name: opened.read(name) for name in opened.namelist()}
        change(inner)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", pack_as) as target:
            for name, data in inner.items():
                target.writestr(name, data)
        entries[KERAS] = made.getvalue()
        if unsealed:
            entries.pop(f"{KERAS}.sha256")

    return changed


def in_h5(change):
    """What changes the HDF5 file inside."""

    def changed(inner):
        held = io.BytesIO(inner[H5])
        with h5py.File(held, "r+") as file:
            change(file)
        inner[H5] = held.getvalue()

    return in_keras(changed)


def in_config(change):
    def changed(inner):
        config = json.loads(inner["config.json"])
        change(config["config"]["layers"])
        inner["config.json"] = json.dumps(config).encode()

    return in_keras(changed)


def a_lambda(marker):
    """A model of which Keras' unsafe mode would run code, with the numbers of an honest one."""
    code = keras.layers.Lambda(lambda x, path=str(marker): (open(path, "w").close(), x)[1], name="espalier_lambda")
    return json.loads(json.dumps(keras.saving.serialize_keras_object(code)))


def layer(kind, **config):
    return {"module": "keras.layers", "class_name": kind, "config": {"name": "strange", **config}}


def registered(layers):
    layers[1] |= {"module": "builtins", "class_name": "exec", "registered_name": "os>system"}


def deep(entries):
    entries[XML] = b"<net>" + b"<layer>" * 50_000 + b"</layer>" * 50_000 + b"</net>"


def reading_elsewhere(entries):
    entries[XML] = entries[XML].replace(b'type="Const"', b'type="ReadValue" path="/etc/passwd"')


def outer_entity(entries):
    entries[XML] = b'<!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/passwd">]><net name="&x;" version="11"/>'


REBUILT = {
    "a Lambda": lambda marker: in_config(lambda layers: layers.insert(1, a_lambda(marker))),
    "a registered name": lambda marker: in_config(registered),
    "TFSMLayer": lambda marker: in_config(lambda layers: layers.insert(1, layer("TFSMLayer", filepath="/etc"))),
    "a custom object": lambda marker: in_config(lambda layers: layers.insert(1, layer("get_file", origin="http://x"))),
    "another description": lambda marker: in_keras(lambda inner: inner.update({"config.json": b"{}"})),
    "a description nested deep": lambda marker: in_keras(
        lambda inner: inner.update({"config.json": b"[" * 50_000 + b"]" * 50_000})
    ),
    "a graph nested deep": lambda marker: deep,
    "a graph that reads elsewhere": lambda marker: reading_elsewhere,
    "a graph with an entity": lambda marker: outer_entity,
    "weights of a graph that are none": lambda marker: lambda entries: entries.update({f"{RUN}/model.bin": b"x" * 9}),
}


@pytest.mark.parametrize("kind", REBUILT)
def test_what_the_numbers_say_is_all_that_counts(honest, opened_with, marker, kind):
    change = REBUILT[kind](marker)
    marker.unlink(missing_ok=True)
    strange = {}

    def remember(entries):
        change(entries)
        strange.update(entries)

    run, notes = opened_with(remember)
    assert notes == []
    assert np.abs(answers_of(run) - honest[1]).max() < 1e-5
    assert not marker.exists()
    for path in (run.keras_path, run.engine_path):
        name = path.relative_to(run.folder.parents[1]).as_posix()
        assert strange[name] == honest[0][name] or path.read_bytes() != strange[name]
    with zipfile.ZipFile(run.keras_path) as written:
        assert "Lambda" not in written.read("config.json").decode()


def replaced(name, make):
    def change(file):
        del file[name]
        make(file)

    return in_h5(change)


def external_storage(file):
    file.create_dataset(f"{DENSE}/0", (256, 3), "f4", external=[("/etc/passwd", 0, 3072)])


def virtual(file):
    layout = h5py.VirtualLayout((256, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (256, 3))
    file.create_virtual_dataset(f"{DENSE}/0", layout)


def typed(file):
    file[f"{DENSE}/0"] = np.dtype("f4")


def of_shape(shape, **named):
    return replaced(f"{DENSE}/0", lambda file: file.create_dataset(f"{DENSE}/0", shape, "f4", **named))


def overlapping(entries):
    data = bytearray(entries[KERAS])
    at = [i for i in range(len(data)) if data[i : i + 4] == b"PK\1\2"]
    for each in at:  # all of them are said to lie where the first does
        data[each + 42 : each + 46] = bytes(4)
    entries[KERAS] = bytes(data)
    entries.pop(f"{KERAS}.sha256")


def many_classes(entries):
    entries[f"{RUN}/labels.json"] = json.dumps([f"c{i}" for i in range(60_000)]).encode()
    entries.pop(f"{XML}.sha256")
    report = json.loads(entries[f"{RUN}/report.json"])
    entries[f"{RUN}/report.json"] = json.dumps({**report, "schema": 99}).encode()


def wide_head(entries):
    config = json.loads(entries[f"{RUN}/config.json"])
    config.pop("checksum")
    entries[f"{RUN}/config.json"] = json.dumps({**config, "head": "fc", "units": 8192}).encode()


def other_network(entries):
    inputs = keras.Input((32, 32, 3))
    hidden = keras.layers.Dense(400, name="head")(keras.layers.Flatten()(inputs))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other.keras"
        keras.Model(inputs, keras.layers.Dense(3, "softmax")(hidden)).save(path)
        entries[KERAS] = path.read_bytes()
    entries.pop(f"{KERAS}.sha256")


LOST = {
    "another network": (other_network, "lacks what such a model holds"),
    "an external link": (
        replaced(f"{DENSE}/0", lambda file: file.update({f"{DENSE}/0": h5py.ExternalLink("/etc/x.h5", "/x")})),
        "points to something outside itself",
    ),
    "a soft link": (
        replaced(f"{DENSE}/0", lambda file: file.update({f"{DENSE}/0": h5py.SoftLink(f"/{DENSE}/1")})),
        "points to something outside itself",
    ),
    "external storage": (replaced(f"{DENSE}/0", external_storage), "of a kind that no such model has"),
    "a virtual dataset": (replaced(f"{DENSE}/0", virtual), "of a kind that no such model has"),
    "a filter": (of_shape((256, 3), compression="gzip"), "of a kind that no such model has"),
    "a type": (replaced(f"{DENSE}/0", typed), "the numbers of another model"),
    "a shape bomb": (of_shape((10**6, 10**6)), "the numbers of another model"),
    "an array that is not there": (of_shape((256, 3)), "claims far more than such a model holds"),
    "no number": (
        in_h5(lambda file: file[f"{DENSE}/1"].write_direct(np.full(3, np.nan, "f4"))),
        "numbers that are none",
    ),
    "numbers beyond all": (
        in_h5(lambda file: file[f"{DENSE}/0"].write_direct(np.full((256, 3), 3e38, "f4"))),
        "answers otherwise",
    ),
    "a layer that lacks": (in_h5(lambda file: file.pop("layers/conv2d")), "lacks what such a model holds"),
    "no HDF5": (in_keras(lambda inner: inner.update({H5: b"\x89HDF" + bytes(2_000_000)})), "is damaged"),
    "no numbers": (in_keras(lambda inner: inner.pop(H5)), "is damaged"),
    "a packed bomb": (in_keras(lambda inner: None, zipfile.ZIP_DEFLATED), "the numbers of another model"),
    "entries in one another": (overlapping, "its model.keras is damaged"),
    "a zip cut off": (lambda entries: entries.update({KERAS: entries[KERAS][:9000]}), "its model.keras is damaged"),
    "a pickle": (lambda entries: entries.update({KERAS: pickle.dumps(print), f"{KERAS}.sha256": b""}), "is damaged"),
    "no model": (lambda entries: entries.pop(KERAS), "its model.keras is not in the zip"),
    "a model changed since": (
        in_keras(lambda inner: inner.update({"metadata.json": b"{ }"}), unsealed=False),
        "its model.keras is damaged",
    ),
    "classes without end": (many_classes, "60,000 classes"),
    "settings of a far larger head": (wide_head, "the numbers of another model"),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_run_whose_model_cannot_be_built_anew_stays_without_one(opened_with, kind):
    change, words = LOST[kind]
    run, notes = opened_with(change)
    assert len(notes) == 1
    assert words in notes[0]
    assert notes[0].startswith("2026-01-01 a run has no model here: ")
    assert notes[0].endswith(". What is known of it came along; train it again to ask it about photos.")
    assert sorted(path.name for path in run.folder.iterdir() if path.suffix in (".keras", ".xml", ".bin")) == []
    if run.report():
        with pytest.raises(RunError, match="has no model here: its file was removed, or did not come along in the zip"):
            Predictor(run)


class Marks:
    """What a pickle runs where it is read."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("named", ["novelty.npz", "hashes.npz"])
def test_a_pickle_in_place_of_arrays_is_not_read(opened_with, marker, named):
    held = io.BytesIO()
    np.savez(held, **dict.fromkeys(OutOfDistributionDetector.__dataclass_fields__, np.array([Marks(marker)], object)))
    run, notes = opened_with(lambda entries: entries.update({f"{RUN}/{named}": held.getvalue()}))
    assert notes == []
    if named == "novelty.npz":
        with pytest.raises(RunError, match="knows of your own photos is damaged"):
            Predictor(run)
    else:
        Predictor(run)
    assert not marker.exists()


def test_a_strangers_tables_are_written_anew_or_left_out(opened_with):
    good, nested = io.BytesIO(), io.BytesIO()
    columns = {"sha256": ["a", "b"], "sure": [0.5, None], "near": [["b"], []], "none": [[], []]}
    pq.write_table(pa.table(columns).replace_schema_metadata({"pandas": "{]", ABOUT_LABELS: "{}"}), good)
    pq.write_table(pa.table({"sha256": [[["a"]]]}), nested)
    run, notes = opened_with(
        lambda entries: entries.update(
            {
                f"{RUN}/predictions.parquet": good.getvalue(),
                "map/map.parquet": nested.getvalue(),
                "labels/labels.parquet": b"PAR1" + bytes(1000) + b"\xff\xff\xff\x7fPAR1",
            }
        )
    )
    written = pq.read_table(run.predictions_path)
    assert (written.to_pydict(), written.schema.metadata) == (columns, {ABOUT_LABELS: b"{}"})
    assert [note.split(" is ")[0] for note in notes] == [
        "The table labels.parquet of labels",
        "The table map.parquet of map",
    ]
    assert list(run.folder.parents[1].rglob("*.parquet")) == [run.predictions_path]


def test_models_are_taken_out_wherever_they_lie(opened_with, honest):
    elsewhere = [f"{RUN}/plate-test/model.xml", "tutorials/1/model.keras", "trash/a batch/model.xml", "map/start.keras"]
    run, notes = opened_with(lambda entries: entries.update(dict.fromkeys(elsewhere, b"<net/>")))
    found = {path.relative_to(run.folder.parents[1]).as_posix() for path in run.folder.parents[1].rglob("model.*")}
    assert found == {f"{RUN}/model.{each}" for each in ("keras", "keras.sha256", "xml", "xml.sha256", "bin")}
    assert notes == []


def test_a_folder_that_is_called_photos_hides_no_model(opened_with, honest):
    files = {"model.keras": honest[0][KERAS], "model.xml": honest[0][XML], "predictions.parquet": b"none"}
    places = ["runs/photos", "trash/photos", "foreign/photos", "map/photos"]
    names = {f"{place}/{name}": data for place in places for name, data in files.items()}
    run, _ = opened_with(lambda entries: entries.update(names))
    assert [name for name in names if (run.folder.parents[1] / name).exists()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to a bound of memory")
def test_a_table_that_says_a_long_text_very_often_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MEMORY", 1_000_000_000, raising=False)
    texts = pa.DictionaryArray.from_arrays(np.zeros(4096, np.int32), pa.array(["x" * 500_000], pa.large_string()))
    pq.write_table(pa.table({"a": texts}), tmp_path / "bomb.parquet", dictionary_pagesize_limit=1 << 30)
    pq.write_table(pa.table({"a": ["b"]}), tmp_path / "good.parquet")
    notes = []
    tables.rewrite_tables(tmp_path, notes.append)
    assert [note.split(" is ")[0] for note in notes] == [f"The table bomb.parquet of {tmp_path.name}"]
    assert [path.name for path in tmp_path.iterdir()] == ["good.parquet"]

"""One export of a run with hostile class names, its zip taken apart; and runs that can't be exported."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base import checksums
from core.base.errors import EspalierError, InputError, RunError, StopRequested
from core.base.events import PHASE, PROGRESS
from core.base.files import write_json
from core.engine.engine import PROBABILITIES, Engine
from core.evaluation.calibration import Calibration, with_temperature
from core.exports.decoder import decoder_files
from core.exports.folder import export
from core.exports.formats import export_format_of
from core.exports.verdict import ExportResult
from core.jobs.job import Job
from core.models.config import CROSS_VALIDATION
from core.photos.decoding import read_pixels
from core.photos.pictures import USUAL
from core.runs.predictor import Predictor
from core.runs.run import Run
from tests.core.reports import with_class_names

NAMES = ['a "quoted", b/c', "\U0001f34e two\nlines, *|*", "אדום עגול"]
OPENVINO = export_format_of("openvino")


def copy_of(run, folder):
    """A run to damage: big files are shared, and replaced rather than changed."""
    shutil.copytree(run.folder, folder, copy_function=lambda a, b: os.link(a, b))
    return Run(folder)


def rewrite(path, text):
    path.unlink()
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(trained, tmp_path_factory):
    """The trained run with other class names, and its photos."""
    run = copy_of(trained.run, tmp_path_factory.mktemp("hostile") / "a run's folder")
    renamed = dict(zip(trained.run.class_names(), NAMES, strict=True))
    report = with_class_names(trained.run.report(), NAMES)
    rewrite(run.report_path, json.dumps(report.to_json()))
    rewrite(run.labels_path, json.dumps(NAMES))
    run.seal_model()
    return run, [replace(photo, label=renamed[photo.label]) for photo in trained.run.photos()]


@pytest.fixture(scope="module")
def exported(hostile, tmp_path_factory):
    """The result, the events and the folder that the zip unpacks to."""
    folder, events = tmp_path_factory.mktemp("exported"), []
    job = Job(folder / "job", events.append)
    (folder / "model.zip").write_bytes(b"an older file")
    (folder / "job").mkdir()
    before = {path: path.stat().st_mtime_ns for path in hostile[0].folder.rglob("*")}
    result = export(*hostile, OPENVINO, folder / "model.zip", job)
    assert {path: path.stat().st_mtime_ns for path in hostile[0].folder.rglob("*")} == before
    assert not list(folder.glob(".writing-*"))
    with zipfile.ZipFile(folder / "model.zip") as opened:
        assert opened.testzip() is None
        opened.extractall(folder / "unpacked")
    return result, events, folder / "unpacked"


def run_check(folder, *arguments):
    """The zip's own script in a process that can't see this app."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "check.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env={**environment, "PYTHONUTF8": "1"}, capture_output=True, text=True, timeout=100
    )


@pytest.mark.slow
def test_the_export_is_proved_and_says_so(exported, hostile):
    result, events, folder = exported
    found = result.comparison
    assert found.passed
    assert found.photos == len(hostile[1]) == 42
    assert found.same == 42
    assert found.largest_difference < 1e-3
    assert hostile[0].report().estimate == CROSS_VALIDATION
    assert found.test.n == sum(photo.split != "train" for photo in hostile[1])
    assert f"the same as here on {found.same} of 42 photos" in result.words
    written = json.loads((folder / "check.json").read_text())
    known = result.to_json()
    assert ExportResult.from_json(known) == result
    assert {name: written[name] for name in written if name != "made"} == {
        name: known[name] for name in known if name != "bytes"
    }
    assert [event["done"] for event in events if event["event"] == PROGRESS] == [1, 2, 3, 4]
    assert [event["words"] for event in events if event["event"] == PHASE][2] == "Writing it as OpenVINO"


@pytest.mark.slow
def test_the_zip_holds_all_that_it_needs(exported):
    _, _, folder = exported
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    samples = {f"samples/{n:03d}.png" for n in range(1, 13)}
    words = {"README.md", "MODEL_CARD.md", "labels.txt", "labels.json", "expected.json", "check.json"}
    decoder = set(decoder_files(USUAL))
    assert {"pictures.py", "pictures.json", "readers/decoder.py"} < decoder
    assert names == samples | words | decoder | {"check.py", "runtime.py", "requirements.txt", "model.xml", "model.bin"}
    assert (folder / "requirements.txt").read_text().splitlines()[0].startswith("openvino==")
    assert json.loads((folder / "labels.json").read_text(encoding="utf-8")) == NAMES
    assert (folder / "labels.txt").read_text(encoding="utf-8").splitlines() == [
        'a "quoted", b/c',
        "\U0001f34e two lines, *|*",
        "אדום עגול",
    ]
    read_me = (folder / "README.md").read_text(encoding="utf-8")
    assert "It answers the same as in the app on " in read_me
    assert "RGB 0..255, float32, (n, 224, 224, 3)" in read_me
    assert "these are photos of yours" in read_me


@pytest.mark.slow
def test_the_samples_are_unseen_photos_with_the_answers_of_the_app(exported, hostile):
    run, photos = hostile
    expected = json.loads((exported[2] / "expected.json").read_text(encoding="utf-8"))
    unseen = [photo for photo in photos if photo.split in ("test", "validation")]
    known = {read_pixels(Path(photo.path), 224).tobytes(): photo for photo in unseen}
    answers = Predictor(run).predict([Path(exported[2] / photo["file"]) for photo in expected["photos"]])
    assert len(answers) == 12
    for photo, answer in zip(expected["photos"], answers, strict=True):
        original = known[read_pixels(exported[2] / photo["file"], 224).tobytes()]
        assert photo["class"] == original.label
        assert photo["answer"] == answer.label
        assert photo["probabilities"] == pytest.approx(list(answer.probabilities.values()), abs=1e-6)


@pytest.mark.slow
def test_the_zips_script_passes_and_answers_about_photos(exported, shapes):
    done = run_check(exported[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Same answer on 12 of 12 photos")
    photo = next((shapes / "red circle").glob("*.jpg"))
    done = run_check(exported[2], photo, "README.md", "nothing.jpg")
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first.startswith(f"{photo}: ")
    assert first.endswith(" %")
    assert [": can't be opened as a photo (" in line for line in others] == [True, True]


@pytest.mark.slow
def test_the_zips_script_fails_when_the_model_answers_otherwise(exported, tmp_path):
    folder = shutil.copytree(exported[2], tmp_path / "copy")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for photo in expected["photos"]:
        photo["probabilities"] = photo["probabilities"][::-1]
    (folder / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    done = run_check(folder)
    assert done.returncode == 1
    assert "It differs by more than" in done.stdout


DAMAGE = {
    "no model.keras": (lambda run: run.keras_path.unlink(), "model.keras is missing"),
    "model.keras": (
        lambda run: rewrite(run.keras_path, "no model"),
        r"damaged on disk \(model.keras has changed",
    ),
    "no model.xml": (lambda run: run.engine_path.unlink(), "has no model here: its file was removed"),
    "model.xml": (
        lambda run: rewrite(run.engine_path, "<net>"),
        r"damaged on disk \(model.xml has changed",
    ),
    "no labels": (lambda run: run.labels_path.unlink(), "no finished model"),
    "labels": (lambda run: rewrite(run.labels_path, "[1, 2"), "class names of .* are damaged"),
    "labels of another kind": (lambda run: rewrite(run.labels_path, '{"a": 1}'), "class names of .* are damaged"),
    "too few labels": (lambda run: rewrite(run.labels_path, '["a", "b"]'), "class names of .* are damaged"),
    "no report": (lambda run: run.report_path.unlink(), "not finished. Train it to the end"),
    "report": (lambda run: rewrite(run.report_path, '{"schema": 1'), "report of .* is damaged"),
    "empty report": (lambda run: rewrite(run.report_path, "{}"), "report of .* is damaged"),
    "a list for a report": (lambda run: rewrite(run.report_path, "[]"), "report of .* is damaged"),
    "no settings": (lambda run: run.config_path.unlink(), "its settings are missing"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_run_is_refused_in_words_and_the_old_file_stays(what, trained, tmp_path):
    run, target, (damage, words) = copy_of(trained.run, tmp_path / "run"), tmp_path / "model.zip", DAMAGE[what]
    target.write_bytes(b"an older file")
    damage(run)
    with pytest.raises(EspalierError, match=words):
        export(run, run.photos() if run.photos_path.exists() else [], OPENVINO, target, Job(tmp_path))
    assert target.read_bytes() == b"an older file"
    assert not list(tmp_path.glob(".writing-*"))


@pytest.mark.slow
def test_eight_bits_ask_for_photos_where_there_are_none(trained, tmp_path):
    with pytest.raises(InputError, match=r"none of them can be found any more\. Bring them back"):
        export(trained.run, [], export_format_of("litert", "int8"), tmp_path / "model.zip", Job(tmp_path))


def test_an_export_that_is_stopped_leaves_nothing(trained, tmp_path):
    (tmp_path / "job").mkdir()
    job = Job(tmp_path / "job")
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        export(trained.run, trained.photos, OPENVINO, tmp_path / "model.zip", job)
    assert not (tmp_path / "model.zip").exists()


@pytest.mark.slow
def test_a_model_that_answers_otherwise_is_not_given_out(trained, tmp_path):
    """The engine's model is that of another training: what the app answers is not what model.keras says."""
    import keras

    run = copy_of(trained.run, tmp_path / "run")
    model = keras.saving.load_model(run.keras_path)
    head = model.get_layer("head").get_layer("probabilities")
    head.set_weights([values[..., ::-1] for values in head.get_weights()])
    run.keras_path.unlink()
    model.save(run.keras_path)
    checksums.seal(run.keras_path)
    with pytest.raises(RunError, match=r"answers too differently: the same as here on .* So it is not kept"):
        export(run, trained.run.photos(), OPENVINO, tmp_path / "model.zip", Job(tmp_path))
    assert not (tmp_path / "model.zip").exists()


@pytest.mark.slow
def test_without_its_photos_a_run_is_compared_on_drawn_pictures(trained, tmp_path):
    gone = [replace(photo, path=str(tmp_path / "gone.jpg")) for photo in trained.run.photos()]
    result = export(trained.run, gone, OPENVINO, tmp_path / "model.zip", Job(tmp_path))
    assert result.comparison.drawn
    assert result.comparison.photos == result.comparison.same == 60
    assert "60 drawn pictures" in result.words
    with zipfile.ZipFile(tmp_path / "model.zip") as opened:
        assert "12 drawn pictures" in opened.read("README.md").decode()


@pytest.mark.slow
def test_probabilities_are_those_of_the_app_at_its_temperature(trained, tmp_path):
    """A temperature far from 1 in the report: the app's answers soften, and the export's with them."""
    run = copy_of(trained.run, tmp_path / "run")
    report = replace(trained.run.report(), calibration=Calibration(3.0, ece_before=0.1, ece_after=0.0, n_validation=7))
    run.report_path.unlink()
    write_json(run.report_path, report.to_json())
    assert run.temperature() == 3.0
    result = export(run, trained.run.photos(), OPENVINO, tmp_path / "model.zip", Job(tmp_path))
    assert result.comparison.largest_difference < 1e-3
    with zipfile.ZipFile(tmp_path / "model.zip") as opened:
        soft = json.loads(opened.read("expected.json"))
    wanted = np.array([photo["probabilities"] for photo in soft["photos"]])
    with zipfile.ZipFile(tmp_path / "model.zip") as opened:
        opened.extractall(tmp_path / "unpacked")
    plain, _ = Engine(trained.run.engine_path).run(
        [tmp_path / "unpacked" / photo["file"] for photo in soft["photos"]], PROBABILITIES
    )
    assert np.abs(wanted - plain).max() > 0.05
    assert np.allclose(wanted, with_temperature(plain, 3.0), atol=1e-5)

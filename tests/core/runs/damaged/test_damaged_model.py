"""A model that isn't what was saved never answers: it is said in words wherever it would be asked."""

import hashlib
from dataclasses import replace

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from core.background_test.testing import run_background_test
from core.base import checksums
from core.base.errors import RunError
from core.base.files import write_json
from core.engine.engine import FEATURES, PROBABILITIES
from core.engine.out_of_distribution import READINGS, OutOfDistributionDetector
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.grad_cam import HeatMapper
from core.runs.learned import keep_hashes, kept_hashes
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training.continuing import create_continued
from tests.core.reports import a_report

CLASSES = ["apple", "banana", "pear"]
PHOTO = np.full((8, 8, 3), (10, 200, 30), np.uint8)


def write_tiny_model(target, classes):
    """From pixels to their mean colour, and by a softmax to probabilities: no training, and 40 numbers."""
    pixels = ops.parameter([1, 8, 8, 3], np.float32)
    colour = ops.reduce_mean(pixels, np.array([1, 2]), keep_dims=False)
    weights = np.random.default_rng(0).normal(size=(3, classes)).astype(np.float32)
    answers = ops.softmax(ops.matmul(colour, weights, False, False), 1)
    colour.output(0).get_tensor().set_names({FEATURES})
    answers.output(0).get_tensor().set_names({PROBABILITIES})
    ov.serialize(ov.Model([colour, answers], [pixels], "tiny"), target, target.with_suffix(".bin"))


@pytest.fixture
def run(tmp_path, jpeg):
    """A complete run with a tiny model, as a training saves it."""
    folder, photos = tmp_path / "photos", []
    for seed, label in enumerate(CLASSES):
        (folder / label).mkdir(parents=True)
        (folder / label / "1.jpg").write_bytes(jpeg(seed))
        content = hashlib.sha256(jpeg(seed)).hexdigest()
        photos.append(LabelledPhoto(str(folder / label / "1.jpg"), label, "train", content))
    run = Run.create(tmp_path / "a run", TrainConfig(), photos)
    write_tiny_model(run.engine_path, len(CLASSES))
    write_json(run.labels_path, CLASSES)
    run.seal_model()
    with checksums.sealed(run.keras_path) as beside:
        beside.write_bytes(bytes(range(200)))
    write_json(run.report_path, a_report(CLASSES).to_json())
    return run


def flip(path, at, bit=0):
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path.write_bytes(data)


FILES = ["model.bin", "model.xml", "labels.json", "pictures.json"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.9])
def test_a_model_with_a_flipped_bit_never_answers(run, name, share):
    (before,) = Predictor(run).predict([PHOTO])
    path = run.folder / name
    flip(path, int(share * path.stat().st_size), 2)
    with pytest.raises(RunError) as caught:
        Predictor(run)
    if name in ("model.bin", "model.xml"):
        assert str(caught.value) == (
            f"The model of {run.title} is damaged on disk ({name} has changed since it was saved). Restore it from a "
            "backup or train again."
        )
    flip(path, int(share * path.stat().st_size), 2)
    (again,) = Predictor(run).predict([PHOTO])
    assert again == before


@pytest.mark.parametrize("data", [b"", bytes(36)], ids=["no byte", "zeros"])
def test_an_emptied_model_never_answers(run, data):
    run.engine_path.with_suffix(".bin").write_bytes(data)
    with pytest.raises(RunError, match=r"model.bin has changed since it was saved"):
        Predictor(run)


def test_nobody_else_asks_it_either(run, tmp_path):
    flip(run.engine_path.with_suffix(".bin"), 5)
    run.describe("Fruit", "")
    words = (
        r"^The model of Fruit is damaged on disk \(model.bin has changed since it was saved\). Restore it from a backup"
    )
    with pytest.raises(RunError, match=words):
        HeatMapper(run)
    with pytest.raises(RunError, match=words):
        run_background_test(run, run.photos(), lambda *_: None)


def test_a_run_of_an_older_version_opens_as_before(run):
    checksums.unseal(run.engine_path)
    (answer,) = Predictor(run).predict([PHOTO])
    assert answer.label in CLASSES


@pytest.mark.parametrize("names", [["apple", "banana"], ["apple", "banana", "pear", "plum"], []])
def test_class_names_that_are_not_the_models_are_said_in_words(run, names):
    checksums.unseal(run.engine_path)
    write_json(run.labels_path, names)
    with pytest.raises(RunError, match=r"class names of .* \(labels.json\) are damaged"):  # the report has others
        Predictor(run)
    run.report_path.unlink()
    words = rf"labels.json\) are not those of its model: {len(names)} names for 3 answers" if names else "are damaged"
    with pytest.raises(RunError, match=words):
        Predictor(run)
    with pytest.raises(RunError, match=words):
        run_background_test(run, run.photos(), lambda *_: None)


def test_a_damaged_model_is_not_gone_on_from(run, tmp_path):
    create_continued(tmp_path / "sound", run)
    assert checksums.changed(Run(tmp_path / "sound").start_path) == []
    flip(run.keras_path, 100)
    assert checksums.changed(Run(tmp_path / "sound").start_path) in ([], ["start.keras"])  # linked, or a copy
    with pytest.raises(RunError, match=r"model.keras has changed since it was saved\). Restore it from a backup"):
        create_continued(tmp_path / "next", run)
    assert not (tmp_path / "next").exists()
    flip(run.keras_path, 100)
    flip(run.labels_path, 5)
    with pytest.raises(RunError, match=r"class names of .* have changed on disk"):
        create_continued(tmp_path / "next", run)


@pytest.fixture
def detector():
    rng, width, classes = np.random.default_rng(0), 3, 3
    parts = [rng.normal(size=shape).astype(np.float32) for shape in ((width,), (width,), (width, classes), (classes,))]
    parts += [rng.normal(size=shape).astype(np.float32) for shape in ((width, width), (classes, width), (5, width))]
    return OutOfDistributionDetector(*parts, np.ones((2, READINGS)), np.arange(9.0))


@pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.8, 0.99])
def test_a_detector_with_a_flipped_bit_is_said_in_words(run, detector, share):
    detector.save(run.detector_path)
    Predictor(run)
    flip(run.detector_path, int(share * run.detector_path.stat().st_size))
    with pytest.raises(RunError, match=r"knows of your own photos is damaged on disk \(novelty.npz has changed"):
        Predictor(run)


def test_a_detector_that_is_gone_is_missed_and_an_older_run_has_none(run, detector):
    detector.save(run.detector_path)
    run.detector_path.unlink()
    with pytest.raises(RunError, match=r"novelty.npz has changed"):
        Predictor(run)
    checksums.unseal(run.detector_path)
    assert Predictor(run).predict([PHOTO])[0].in_distribution_score is None


OTHERS = {
    "another width": lambda whole: replace(whole, middle=whole.middle[:2]),
    "another number of classes": lambda whole: replace(whole, share=whole.share[:2]),
    "not a number": lambda whole: replace(whole, scale=whole.scale * np.nan),
    "words": lambda whole: replace(whole, scale=np.array(["a", "b", "c"])),
    "no rows": lambda whole: replace(whole, claims=np.float32(1)),
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_an_older_detector_that_does_not_fit_is_said_in_words(run, detector, change):
    change(detector).save(run.detector_path)
    checksums.unseal(run.detector_path)
    with pytest.raises(RunError, match=r"knows of your own photos is damaged. Train it again"):
        Predictor(run)


def test_a_detector_of_another_model_is_said_in_words(run, detector):
    wide = {"middle": np.ones(4), "scale": np.ones(4), "claims": np.ones((4, 3)), "whitening": np.ones((4, 4))}
    other = replace(detector, **wide, centres=np.ones((3, 4)), photos=np.ones((5, 4)))
    other.save(run.detector_path)
    with pytest.raises(RunError, match=r"novelty.npz\) is of another model"):
        Predictor(run)


def test_hashes_of_which_a_bit_has_flipped_are_not_believed(run):
    keep_hashes(run)
    assert set(kept_hashes(run)) == {photo.sha256 for photo in run.photos()}
    flip(run.hashes_path, 300)
    assert kept_hashes(run) == {}

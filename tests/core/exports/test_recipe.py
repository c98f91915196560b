"""The recipe's zip and its scripts. test_recipe_alone.py runs them."""

import ast
import csv
import importlib
import io
import json
import os
import re
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base import checksums
from core.base.errors import RunError, StopRequested
from core.base.files import write_json
from core.cli.main import main
from core.exports.decoder import decoder_files
from core.exports.folder import export
from core.exports.formats import export_format_of
from core.exports.model_zip import FILES as SCRIPTS
from core.exports.recipe import _settings, _thawed, _views
from core.jobs.job import Job
from core.models.building import build_base
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import CROSS_VALIDATION, FINE_TUNE, RMSPROP, SGD, TrainConfig, usual_config, with_optimizer
from core.photos.augmentation import OPTIONS
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import USUAL
from core.photos.views import Variation, vary
from core.runs.run import Run
from tests.core.reports import with_class_names
from tests.core.shapes import CLASSES

RECIPE = export_format_of("recipe")
RECIPES, SHARED = sorted(SCRIPTS.glob("recipe_*.py")), SCRIPTS / "photos.py"
ALLOWED = {"sys", "pathlib", "keras", "photos"}
NAMES = ['a "quoted", b/c', "\U0001f34e two\nlines, *|*", "אדום עגול"]
FILES = {
    "recipe.py",
    "photos.py",
    "settings.json",
    "base.keras",
    "split.csv",
    "README.md",
    "requirements.txt",
    "steps.py",
}
FILES |= set(decoder_files(USUAL))


def write_recipe(run, target, job):
    return export(run, [], RECIPE, target, job)


def job_in(folder):
    folder.mkdir()
    return Job(folder)


def unzipped(run, folder):
    """What the run's recipe unpacks to, and the result."""
    result = write_recipe(run, folder / "recipe.zip", job_in(folder / "job"))
    assert result.bytes == (folder / "recipe.zip").stat().st_size
    with zipfile.ZipFile(folder / "recipe.zip") as opened:
        assert opened.testzip() is None
        opened.extractall(folder / "unpacked")
    return folder / "unpacked", result


def renamed(run, folder):
    """A copy of a run whose classes have hostile names."""
    copy = Run(shutil.copytree(run.folder, folder))
    report = run.report()
    new = dict(zip(report.class_names, NAMES, strict=True))
    write_json(copy.report_path, with_class_names(report, NAMES).to_json())
    copy.write_photos([replace(photo, label=new[photo.label]) for photo in run.photos()])
    copy.describe("# A run, [of] *mine*", "")
    return copy


@pytest.fixture(scope="module")
def written(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipe")
    run = renamed(trained.run, folder / "run")
    return run, *unzipped(run, folder)


def imports_and_settings(script):
    """Which modules a script imports, and which settings it reads."""
    text, modules, settings = script.read_text(encoding="utf-8"), set(), set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            modules.add(node.module.split(".")[0])
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            raise AssertionError(node.args[0].value)
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "S":
            settings.add(node.slice.value)
    assert settings == set(re.findall(r'S\["(\w+)"\]', text))  # how write_recipe finds what a script reads
    return modules, settings


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_short_and_plain(recipe):
    modules, settings = imports_and_settings(recipe)
    assert len(recipe.read_text(encoding="utf-8").splitlines()) < 100
    assert modules - {"sklearn", "numpy", "steps"} == ALLOWED
    solved = recipe.stem in ("recipe_linear_svm", "recipe_logistic")  # at once
    assert (modules & {"steps", "sklearn"}) == ({"sklearn"} if solved else {"steps"})
    assert {"seed", "views", "vary"} <= settings


def test_all_recipes_find_and_read_and_count_photos_by_one_short_file():
    modules, settings = imports_and_settings(SHARED)
    assert len(SHARED.read_text(encoding="utf-8").splitlines()) < 100
    assert modules == {
        "hashlib",
        "json",
        "sys",
        "pathlib",
        "keras",
        "numpy",
        "PIL",
        "pictures",
        "readers",
    }
    assert settings == {"classes", "batch_size", "image_size", "in_the_app", "lens"}
    assert len(RECIPES) == 5
    for recipe in RECIPES:
        text = recipe.read_text(encoding="utf-8")
        assert "\nsplit = find(Path(*sys.argv[1:2]))\ntrain, validation, test = Photos(" in text
        assert text.endswith('\nevaluate(whole, test)\nwhole.save(HERE / "my_model.keras")\n')


@pytest.mark.slow
def test_the_zip_holds_what_the_script_reads_and_no_name_of_a_file(written, trained):
    run, folder, result = written
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == FILES
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    assert settings["classes"] == NAMES
    read = [imports_and_settings(folder / name)[1] for name in ("recipe.py", "photos.py")]
    assert set.union(*read) == set(settings)
    assert (settings["learning_rate"], settings["epochs"], settings["patience"]) == (0.01, 60, 4)
    assert (settings["views"], settings["vary"], settings["image_size"]) == ([[1, 1]], [], 224)
    assert settings["lens"] == 0
    rows = list(csv.DictReader(io.StringIO((folder / "split.csv").read_text())))
    told = [(row["sha256"], NAMES[int(row["class"])], row["part"]) for row in rows]
    assert told == [(photo.sha256, photo.label, photo.split) for photo in run.photos()]
    assert {"train", "validation", "test"} == {row["part"] for row in rows}
    places = [str(Path(photo.path).parent.parent).encode() for photo in run.photos()[:1]] + [str(run.folder).encode()]
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not [place for place in (*places, os.path.expanduser("~").encode() + b"/") if any(place in h for h in held)]
    assert "\\# A run, \\[of\\] \\*mine\\*: how it was trained" in (folder / "README.md").read_text(encoding="utf-8")
    assert trained.report.estimate == CROSS_VALIDATION
    assert "the recipe judges on its few test photos alone" in result.words
    needs = (folder / "requirements.txt").read_text().split()
    assert [re.sub(r"==\d+\.\d+.*", "", need) for need in needs] == ["keras", "tensorflow", "numpy", "pillow"]


def weights_of(model):
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def assert_same_weights(these, those):
    assert list(these) == list(those)
    for name, arrays in these.items():
        for ours, theirs in zip(arrays, those[name], strict=True):
            np.testing.assert_array_equal(ours, theirs, err_msg=name)


@pytest.fixture(scope="module")
def built_in():
    return build_base(BUILT_IN)


@pytest.mark.slow
def test_the_base_begins_as_the_run_did(written, built_in):
    base = keras.saving.load_model(written[1] / "base.keras", compile=False)  # in safe mode, which is Keras' default
    assert_same_weights(weights_of(base), weights_of(built_in))


@pytest.mark.slow
def test_the_recipe_names_the_size_at_which_the_base_sees_photos(written):
    settings = json.loads((written[1] / "settings.json").read_text(encoding="utf-8"))
    base = keras.saving.load_model(written[1] / "base.keras", compile=False)
    assert settings["image_size"] == base.input_shape[1] == 224


@pytest.mark.slow
def test_a_run_that_went_on_begins_with_the_earlier_weights(trained, tmp_path):
    run = Run(shutil.copytree(trained.run.folder, tmp_path / "run"))
    write_json(run.config_path, replace(trained.config, start_from="earlier", epochs=2).to_json())
    model = keras.saving.load_model(run.keras_path, compile=False)
    changed = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    changed.set_weights([values + 1 for values in changed.get_weights()])
    model.save(run.start_path)
    checksums.seal(run.start_path)
    folder, result = unzipped(run, tmp_path)
    base = keras.saving.load_model(folder / "base.keras", compile=False)
    assert_same_weights(weights_of(base), {name: w for name, w in weights_of(model).items() if name != "head"})
    assert json.loads((folder / "settings.json").read_text())["epochs"] == len(run.epochs()) > 2
    assert "the head learns anew" in result.words
    run.start_path.write_bytes(b"PK")
    with pytest.raises(RunError, match=r"which is missing or damaged \(start.keras\)"):
        write_recipe(run, tmp_path / "recipe.zip", Job(tmp_path / "job"))


def without_report(run):
    run.report_path.unlink()


def with_half_a_report(run):
    run.report_path.write_bytes(run.report_path.read_bytes()[:200])


def with_another_report(run):
    write_json(run.report_path, {"classes": ["a"], "test": 3})


def without_photos(run):
    run.photos_path.unlink()


def with_other_columns(run):
    run.photos_path.write_text("a,b\n1,2\n")


def with_unknown_class(run):
    run.write_photos([*run.photos(), LabelledPhoto("x.jpg", "nobody", "train", "0" * 64)])


def with_damaged_hash(run):
    run.write_photos([replace(photo, sha256=photo.sha256[:9] + ",=1+1") for photo in run.photos()])


def without_settings(run):
    run.config_path.unlink()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (without_report, "is not finished. Train it to the end first."),
        (with_half_a_report, "is damaged. Train it again."),
        (with_another_report, "is damaged. Train it again."),
        (without_photos, "is missing or damaged. Train it again."),
        (with_other_columns, "is missing or damaged. Train it again."),
        (with_unknown_class, "is damaged. Train it again."),
        (with_damaged_hash, "is damaged. Train it again."),
        (without_settings, "holds no training run"),
    ],
)
def test_a_run_that_is_unfinished_or_damaged_is_refused(harm, words, trained, tmp_path):
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    for file in (trained.run.report_path, trained.run.photos_path, trained.run.config_path):
        shutil.copy(file, run.folder)
    harm(run)
    target = tmp_path / "recipe.zip"
    target.write_bytes(b"an older file")
    with pytest.raises(RunError, match=words):
        write_recipe(run, target, job_in(tmp_path / "job"))
    assert target.read_bytes() == b"an older file"


@pytest.mark.slow
def test_who_stops_it_gets_no_zip(trained, tmp_path):
    job = job_in(tmp_path / "job")
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        write_recipe(trained.run, tmp_path / "recipe.zip", job)
    assert not (tmp_path / "recipe.zip").exists()


def test_mirrored_photos_are_views():
    assert _views("none") == ([[1, 1]], [])
    assert _views("auto") == ([[1, 1], [1, -1]], [])
    assert _views("mirror=1,flip=1,views=3")[0] == [[1, 1], [1, -1], [-1, 1], [-1, -1]]


@pytest.mark.parametrize(
    "option",
    [option for option in OPTIONS.values() if option.unit and option.name != "lens"],
    ids=lambda option: option.name,
)
def test_each_way_to_vary_has_a_layer_of_keras(option, draw):
    views, [(name, options)] = _views(f"{option.name}={option.most:g},views=2")
    assert views == [[1, 1]] * 3
    photo = np.asarray(draw(3, (64, 64)), np.float32)[None]
    options = json.loads(json.dumps(options))
    vary = [getattr(keras.layers, name)(**options, seed=seed) for seed in range(6)]
    seen = [keras.ops.convert_to_numpy(layer(photo, training=True)) for layer in vary]
    assert all(picture.shape == photo.shape for picture in seen)
    assert -1 < np.min(seen) <= np.max(seen) < 256
    assert sum(np.abs(picture - photo).mean() > 3 for picture in seen) >= 4
    assert np.abs(np.mean(seen) / photo.mean() - 1) < 0.3


def test_stretching_scales_width_and_height_apart_as_far_as_the_app_does():
    _, [(name, options)] = _views("stretch=0.25,views=2")
    assert (name, options) == ("RandomZoom", {"height_factor": [-0.2, 0.25], "width_factor": [-0.2, 0.25]})


@pytest.fixture
def photos_script(tmp_path, monkeypatch):
    """photos.py as it stands in a zip whose photos are small."""
    settings = {"classes": ["a", "b"], "batch_size": 2, "image_size": 64, "in_the_app": "", "lens": 0.5}
    for name, text in decoder_files(USUAL).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    write_json(tmp_path / "settings.json", settings)
    shutil.copy(SHARED, tmp_path / "photos_of_a_recipe.py")
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("photos_of_a_recipe", "pictures", "readers")
    yield importlib.import_module(names[0])
    for name in [each for each in sys.modules if each.split(".")[0] in names]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("bend", [0, 0.5, 0.1, -0.1, -0.5])
def test_the_recipe_bends_photos_as_the_app_does(photos_script, draw, bend):
    photo = np.asarray(draw(3, (64, 64)))
    ours, theirs = vary(photo, Variation(bend=bend)), photos_script.bent(photo, bend)
    assert theirs.dtype == np.uint8
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert np.array_equal(ours, photo) == (bend == 0)


def test_only_photos_to_learn_from_are_bent_each_its_own_way(photos_script, draw, tmp_path):
    draw(3, (64, 64)).save(tmp_path / "photo.png")
    photo = np.asarray(draw(3, (64, 64)))
    rows = [(tmp_path / "photo.png", 0)] * 2
    as_it_is, _ = photos_script.Photos(rows)[0]
    assert np.array_equal(as_it_is, [photo, photo])
    (one, other), _ = photos_script.Photos(rows, [[1, 1]])[0]
    assert all((these != those).any() for these, those in ((one, photo), (other, photo), (one, other)))


def test_settings_name_the_optimizer_as_keras_does(trained):
    def told(**changed):
        config = replace(with_optimizer(TrainConfig(), changed.pop("optimizer")), **changed).check()
        settings = json.loads(json.dumps(_settings(trained.run, config, CLASSES, trained.run.photos())))
        return [settings[name] for name in ("optimizer", "learning_rate", "steps_per_epoch", "monitor", "monitor_then")]

    assert told(optimizer=RMSPROP, steps_per_epoch=9)[:3] == [["RMSprop", {}], 0.003, 9]
    plain_loss = ["val_loss", "val_categorical_crossentropy"]
    assert told(optimizer=SGD) == [["SGD", {"momentum": 0.9}], 0.03, 0, *plain_loss]
    assert told(optimizer=SGD, momentum=0.5, monitor="val_accuracy")[3:] == ["val_accuracy", "val_accuracy"]


def test_steps_of_the_recipe_show_all_batches_before_one_comes_again(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    steps, shown = importlib.import_module("steps"), []
    monkeypatch.delitem(sys.modules, "steps")

    class Watched(keras.Model):
        def train_step(self, data):
            shown.append(int(data[0][0, 0]))
            return {"loss": 0.0}

    batches = [(np.full((4, 1), number, np.float32), np.zeros(4, np.float32)) for number in range(3)]
    model = Watched()
    model.compile(run_eagerly=True)
    model.fit(steps.Endless(batches), epochs=3, steps_per_epoch=2, shuffle=False, verbose=0)
    assert sorted(shown[:3]) == sorted(shown[3:]) == [0, 1, 2]


def test_what_thaws_is_the_last_blocks_without_their_norms(built_in):
    base, config = built_in, usual_config(FINE_TUNE)
    names = [layer.name for layer in base.layers]
    thawed = _thawed(base, config)
    first = next(block.first_layer for block in base_model(BUILT_IN).blocks if block.name == config.thaw_from)
    kinds = {type(base.get_layer(name)).__name__ for name in thawed}
    assert kinds == {"Conv2D", "DepthwiseConv2D"}
    assert all(names.index(name) >= names.index(first) for name in thawed)
    assert len(thawed) == sum("Conv2D" in type(layer).__name__ for layer in base.layers[names.index(first) :])


@pytest.mark.slow
def test_export_writes_it_too(trained, tmp_path, capsys):
    out = tmp_path / "recipe.zip"
    assert main(["export", str(trained.run.folder), "--format", "recipe", "--out", str(out), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["format"], result["bytes"], result["out"]) == ("recipe", out.stat().st_size, str(out))
    with zipfile.ZipFile(out) as opened:
        assert set(opened.namelist()) == FILES

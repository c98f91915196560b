"""Take the training itself away: a zip with a short script in plain Keras that trains the same model from the photos.

The script is one of `files/recipe_*.py`, as it is, beside `files/photos.py` and `files/steps.py`, which all of them
share. What differs from run to run is data: the settings, the base model with the weights that the run began with, and
the split.
"""

import json
import math
import re
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import keras

from core.base.errors import RunError
from core.base.events import PHASE
from core.base.files import appearing_whole, disk_errors_in_words, zip_entry
from core.base.records import JsonObject
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.evaluation.rare_classes import right_in_words
from core.exports.decoder import decoder_files, reader_packages
from core.exports.formats import ExportFormat
from core.exports.model_zip import FILES, requirements
from core.exports.verdict import ExportResult
from core.jobs.job import Job
from core.models.building import starting_base
from core.models.compression import ADDED, AT_ZERO
from core.models.config import (
    CROSS_VALIDATION,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FOLDS,
    FROM_SCRATCH,
    VAL_ACCURACY,
    TrainConfig,
)
from core.models.heads import head_named
from core.models.optimizers import in_keras
from core.models.planned_epochs import patience_of
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, Augmentation, parse
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import drawn
from core.runs.model_card import plain
from core.runs.report import Report
from core.runs.run import Run
from core.training.network_fitting import SMOOTHING, patient_until
from core.training.saving import take_weights
from core.training.solving.linear_svm import MOST_ITERATIONS, SHARPNESSES, STRENGTHS
from core.training.solving.logistic import BEYOND_CHANCE, COMPARED_AT, PENALTIES
from core.training.strategies.boundary import cut, thaw
from core.training.strategies.weight_mixing import SHARES

SCRIPT_OF = {
    FEATURE_EXTRACTION: "recipe_feature_extraction.py",
    FINE_TUNE: "recipe_fine_tune.py",
    FROM_SCRATCH: "recipe_from_scratch.py",
}
Layer = tuple[str, JsonObject]  # the name of one of Keras' layers, and its options
SHARED = ("photos.py", "steps.py")  # scripts that all recipes come with
AS_IT_IS, MIRRORED = [1, 1], [1, -1]  # steps through a photo's rows and columns
README = """# {title}: how it was trained

`recipe.py` trains the same image classifier again, in plain Keras and without the app that made this, Espalier.

```
pip install -r requirements.txt
python recipe.py FOLDER
```

FOLDER holds the photos that the app learned from; of a project its folder `photos`. Each is known by its content, so
names and folders may have changed: `split.csv` says by its SHA-256 which class it has (a number, from 0, in the order
of `settings.json`) and whether it is learned from, steers or tests. Other files are left out, and the script says how
many. At the end it says how many test photos it gets right and writes `my_model.keras`.

{words}

The recipe computes in another order and with other random numbers: expect a result in that range, not the same to the
last photo.

- `recipe.py`: the training, under 100 lines. Change what you like.
- `photos.py`: what it begins and ends with: finding and reading the photos, and the test.
- `steps.py`: batches without end, where an epoch has a number of steps.
- `readers` and `pictures.py`: how the app reads files, as it is, and `pictures.json`: with what settings.
- `settings.json`: what it was trained with.
- `base.keras`: {base}, which begins with what it does to pixels: it takes RGB 0..255.
- `requirements.txt`: the versions that it was made with.

The scripts are licensed under Apache-2.0; the weights in `base.keras` as those who trained them allow.
"""


def write_recipe(
    run: Run, photos: list[LabelledPhoto], export_format: ExportFormat, target: Path, job: Job
) -> ExportResult:
    """Export how a run was trained; arguments and errors as of `core.exports.folder.export`.

    Of the photos it needs no file, only what the run wrote down of them.
    """
    job.event_log().write(PHASE, name="export", words="Writing the recipe")
    report, config, listed = _checked(run)
    words, base, pictures = _in_words(report, config), _start(run, config), run.pictures()
    begun = "the network with the weights that it began with" if config.strategy == FROM_SCRATCH else "the base model"
    job.check_stop()
    with disk_errors_in_words("writing the recipe"), tempfile.TemporaryDirectory() as scratch:
        saved = Path(scratch) / "base.keras"
        base.save(saved)
        settings = _settings(run, config, report.class_names, listed)
        settings |= {"in_the_app": words, "image_size": base.input_shape[1], "thawed": _thawed(base, config)}
        scripts = {
            name: (FILES / file).read_text(encoding="utf-8")
            for name, file in (("recipe.py", _script(config)), *((name, name) for name in SHARED))
        }
        read = {name: value for name, value in settings.items() if f'S["{name}"]' in "".join(scripts.values())}
        readers = reader_packages(listed, pictures)
        texts = {
            **scripts,
            **decoder_files(pictures),
            "settings.json": json.dumps(read, indent=1, ensure_ascii=False),
            "split.csv": _split(listed, report.class_names),
            "requirements.txt": requirements(_packages(export_format, scripts["recipe.py"], readers)),
            "README.md": README.format(title=plain(run.title), words=plain(words), base=begun),
        }
        with appearing_whole(target) as beside:
            with zipfile.ZipFile(beside, "w", strict_timestamps=False) as archive:
                archive.write(saved, saved.name, zipfile.ZIP_STORED)
                for name, text in texts.items():
                    archive.writestr(zip_entry(name), text, zipfile.ZIP_DEFLATED)
            size = beside.stat().st_size
    return ExportResult(format=export_format.kind, words=f"The recipe is written. {words}", bytes=size)


def _checked(run: Run) -> tuple[Report, TrainConfig, list[LabelledPhoto]]:
    """A run's report, settings and photos.

    Raises:
        RunError: It isn't complete, or one of them is damaged.
    """
    report, config = run.finished_report(), run.config().check()
    damaged = RunError(f"The list of photos of {run.title} is damaged. Train it again.")
    try:
        photos = run.photos()
        kinds = {(photo.split, photo.label in report.class_names) for photo in photos}
        hashes = all(re.fullmatch("[0-9a-f]{64}", photo.sha256) for photo in photos)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged from error
    if kinds != {(TRAIN, True), (VALIDATION, True), (TEST, True)} or not hashes:
        raise damaged
    return report, config, photos


def _in_words(report: Report, config: TrainConfig) -> str:
    """What the app's own run came to, and a sentence for each thing that the recipe does otherwise."""
    words = [f"In the app: {right_in_words(report.test, report.photos_in_words)}"]
    if report.estimate == CROSS_VALIDATION:
        words.append(
            "There every photo was judged once (cross-validation); the recipe judges on its few test photos alone."
        )
    if report.final:
        words.append("There the model that is taken away then learned from more photos; the recipe ends before that.")
    if config.start_from:
        words.append("That run went on from an earlier one: base.keras has its weights, but the head learns anew.")
    head = head_named(config.head)
    if head.solved_at_once and config.strategy == FINE_TUNE:
        words.append(f"There the first head was {head.short}; here it is a softmax.")
    if config.monitor == VAL_ACCURACY and config.learns_in_steps:
        words.append("There equally accurate epochs were told apart by their loss; here the first of them is kept.")
    if config.augment not in (NO_VIEWS, AUTO_VIEWS):
        words.append("There the photos were varied by the app's own means; here by the nearest layers of Keras.")
        if parse(config.augment).lens:
            words.append("Keras has none that bulges or pinches them: photos.py does that, by the app's formula.")
    return " ".join(words)


def _start(run: Run, config: TrainConfig) -> keras.Model:
    """The base with the weights that the run began with."""
    base = starting_base(config)
    try:
        take_weights(run, base)
    except RunError as error:
        raise RunError(
            f"{run.title} went on from another model, which is missing or damaged (start.keras), so there is no recipe."
        ) from error
    return base


def _script(config: TrainConfig) -> str:
    """The file that trains by the run's strategy."""
    own = head_named(config.head).recipe if config.strategy == FEATURE_EXTRACTION else ""
    return own or SCRIPT_OF[config.strategy]


def _settings(run: Run, config: TrainConfig, class_names: list[str], photos: list[LabelledPhoto]) -> JsonObject:
    """The run's settings and what else the scripts read of it, by the names they use: JSON values."""
    (views, vary), head = _views(config.augment), head_named(config.head)
    counts = Counter(photo.label for photo in photos if photo.split == TRAIN)
    rare = [counts.total() / (len(class_names) * counts[name]) for name in class_names] if config.class_weights else []
    # Of a run that went on these are the last ones, so a head that learns anew gets all that there were.
    epochs = max(config.epochs, len(run.epochs())) if config.start_from else config.epochs
    return {
        **config.to_json(),
        "classes": class_names,
        "whole_map": head.on_whole_map,
        "units": config.units if head.hidden_layer else 0,
        "features_dropout": config.dropout if head.hides_features else 0.0,
        "epochs": epochs,
        "optimizer": in_keras(config),
        "weight_decay": config.weight_decay or None,
        "monitor_then": VAL_ACCURACY if config.monitor == VAL_ACCURACY else "val_categorical_crossentropy",
        "class_weights": rare,
        "weighted": "balanced" if config.class_weights else None,
        "views": views,
        "vary": vary,
        "lens": 0.0 if config.augment in (NO_VIEWS, AUTO_VIEWS) else parse(config.augment).lens,
        "label_smoothing": SMOOTHING,
        "learned_shares": list(SHARES),
        **_patience(config, epochs),
        "strengths": list(STRENGTHS),
        "sharpnesses": SHARPNESSES.tolist(),
        "iterations": MOST_ITERATIONS,
        "penalties": list(PENALTIES),
        "compared_at": COMPARED_AT,
        "beyond_chance": BEYOND_CHANCE,
        "folds": FOLDS,
        "below_root": [ADDED, AT_ZERO],
    }


def _patience(config: TrainConfig, epochs: int) -> dict[str, int]:
    """How long a network or thawed blocks wait for a better epoch, and from which on."""
    if config.strategy == FINE_TUNE:
        own = config.fine_tune_epochs
        return {"patience_then": patience_of(own), "patient_until": patient_until(own)}
    return {"patience_then": config.patience, "patient_until": patient_until(epochs)}


def _views(augment: str) -> tuple[list[list[int]], list[Layer]]:
    """The views in which a training photo is shown, and the layers of Keras, with their options, that vary it."""
    if augment in (NO_VIEWS, AUTO_VIEWS):
        return [AS_IT_IS, MIRRORED] if augment == AUTO_VIEWS else [AS_IT_IS], []
    varied = parse(augment)
    turns = (drawn(varied, "", number) for number in range(1, varied.distinct_views() + 1))
    return [AS_IT_IS, *([-1 if turn.flip else 1, -1 if turn.mirror else 1] for turn in turns)], _layers(varied)


def _layers(varied: Augmentation) -> list[Layer]:
    """Keras' layers that come nearest to what the app does; mirrored and upside down are views, and no layer bends."""
    a, sides = varied, [-varied.stretch / (1 + varied.stretch), varied.stretch]
    return [
        (name, options)
        for strength, name, options in (
            (a.rotation, "RandomRotation", {"factor": a.rotation / 360}),
            (a.shift, "RandomTranslation", {"height_factor": a.shift, "width_factor": a.shift}),
            (a.shear, "RandomShear", {"x_factor": math.tan(math.radians(a.shear))}),
            (a.zoom, "RandomZoom", {"height_factor": [-a.zoom / (1 + a.zoom), a.zoom]}),  # negative is nearer
            (a.stretch, "RandomZoom", {"height_factor": sides, "width_factor": sides}),
            (a.crop, "RandomZoom", {"height_factor": [-a.crop, 0.0]}),
            (a.brightness, "RandomBrightness", {"factor": a.brightness / 2}),  # it adds, ours multiplies: half is grey
            (a.contrast, "RandomContrast", {"factor": a.contrast}),
            (a.colour, "RandomColorDegeneration", {"factor": a.colour}),  # only paler: RandomSaturation leaves 0..255
        )
        if strength
    ]


def _thawed(base: keras.Model, config: TrainConfig) -> list[str]:
    """The names of the base's layers that learn after the head has; none unless the run fine-tunes."""
    if config.strategy != FINE_TUNE:
        return []
    first = next(block.first_layer for block in config.base_row().blocks if block.name == config.thaw_from)
    halves = cut(base, first)
    thaw(halves)
    return [layer.name for layer in halves.thawed if layer.trainable and layer.weights]


def _split(photos: list[LabelledPhoto], class_names: list[str]) -> str:
    """A row a photo: its content, the number of its class and its subset; no name and no path."""
    rows = [f"{photo.sha256},{class_names.index(photo.label)},{photo.split}" for photo in photos]
    return "\n".join(["sha256,class,part", *rows]) + "\n"


def _packages(export_format: ExportFormat, script: str, readers: tuple[str, ...]) -> tuple[str, ...]:
    """The packages on PyPI that the script needs."""
    return (*export_format.packages, *["scikit-learn"] * ("sklearn" in script), *readers)

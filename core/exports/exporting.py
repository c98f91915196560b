"""Take a model away: build it, write it with all that it needs to stand alone, and prove that it answers as here.

The zip becomes what the user asked for only when its own check script, in a process of its own that knows nothing of
this app, has answered as the app does.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.base.errors import RunError
from core.base.events import PHASE, PROGRESS
from core.base.files import appearing_whole, disk_errors_in_words, write_json
from core.engine.engine import PROBABILITIES, Engine, fastest_precision
from core.evaluation.calibration import with_temperature
from core.exports.formats import INT8, RECIPE, ExportFormat
from core.exports.models import load_model, soften, write_model
from core.exports.photos import CheckPhotos, check_photos, example_photos
from core.exports.recipe import write_recipe
from core.exports.verdict import Answers, in_words, rounding_in_words, verdict
from core.jobs.job import Job
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto
from core.runs.model_card import model_card, one_line
from core.runs.predictor import Predictor
from core.runs.report import Report
from core.runs.run import Run

STEPS = 4
SAMPLES = 12  # photos that go into the zip
WAIT_S = 0.2  # between two looks at the process that checks
DEFLATED = {".py", ".md", ".txt", ".json", ".xml"}  # weights and PNGs don't get smaller
SCRIPTS = Path(__file__).resolve().parent / "files"
README = """# {title}

An image classifier, exported by Espalier as {format}.

```
pip install -r requirements.txt
python check.py
python check.py PHOTO...
```

The second line asks about the photos in `samples/` and compares with what the app answered, `expected.json`; the third
asks about yours. To use the model in a program of your own, take `Model` of `runtime.py` and `load` of `check.py`.

- Input: RGB 0..255, float32, ({batch}, {size}, {size}, 3), called "pixels". The whole picture, upright, is squeezed to
  the square (bilinear), not cropped; what is transparent becomes white. All else is done inside the model.
- Output: probabilities, float32, ({batch}, {classes}), in the order of `labels.json` (and of `labels.txt`, where each
  has one line).
- `check.json`: how it compared with the app before it was given out. {verdict}
- `MODEL_CARD.md`: what it tells apart, how good it is, what not to use it for.
- `samples/` holds {samples}: {privacy}
"""

Check = Callable[[], None]


def export(run: Run, photos: list[LabelledPhoto], row: ExportFormat, target: Path, job: Job) -> dict[str, Any]:
    """Export a run's model.

    Args:
        run: A complete run; nothing in its folder is changed.
        photos: Of the run, where they lie now; without any it is compared on drawn pictures.
        row: The format.
        target: The zip to write: whole and checked, or left as it was.
        job: Gets PHASE and PROGRESS events; its stop file ends the export.

    Returns:
        JSON values: those of `export_verdict.verdict`, "format", "precision", "drawn", "engine" (the precision that
        the app computes in here), "bytes" of the zip, and "words"; of a recipe those of `write_recipe`.

    Raises:
        InputError: 8 bits need photos to see, and there are none.
        RunError: The run isn't complete or is damaged, or the exported model answers differently.
        StopRequested: The user wants it to end.
        StorageError: The disk is full.
    """
    if row is RECIPE:
        return write_recipe(run, target, job)
    _say(job, 1, "Reading the model")
    labels, report, card = _described(run)
    model, temperature = load_model(run, labels), run.temperature()
    size = model.input_shape[1]
    shown = check_photos(photos, labels, report.estimate, size, job.check_stop)
    examples = example_photos(photos, size, job.check_stop) if row.precision == INT8 else shown.pixels[:0]
    _say(job, 2, "Asking the app's own model")
    here, exact = _answers_here(run, shown.pixels, temperature, job.check_stop)
    _say(job, 3, f"Writing it as {row.title}")
    soften(model, temperature)
    with disk_errors_in_words("exporting the model"), tempfile.TemporaryDirectory() as scratch:
        package, unpacked, proof = (Path(scratch) / name for name in ("package", "unpacked", "proof"))
        package.mkdir()
        write_model(model, row, package, examples)
        _write_words(package, row, labels, card)
        with appearing_whole(target) as beside:
            _zip(package, beside)
            _say(job, 4, f"Checking it in a process of its own, on {len(here)} pictures")
            with zipfile.ZipFile(beside) as opened:
                opened.extractall(unpacked)  # names that we wrote ourselves
            _write_expected(proof, shown, labels, here, range(len(here)))
            given = _answers_of(unpacked, proof, job.check_stop)
            result = {
                "schema": 1,
                "format": row.kind,
                "precision": row.precision,
                "drawn": shown.drawn,
                "engine": fastest_precision(),
                **verdict(row, Answers(here, exact, given, shown.truth)),
            }
            result["words"] = " ".join(filter(None, [in_words(row, result), rounding_in_words(result)]))
            if not result["passed"]:
                raise RunError(in_words(row, result))
            _add_proof(beside, Path(scratch) / "last", row, result, shown, labels, here, run.title)
            result["bytes"] = beside.stat().st_size
    return result


def _say(job: Job, step: int, words: str) -> None:
    job.event_log().write(PHASE, name="export", words=words)
    job.event_log().write(PROGRESS, done=step, total=STEPS, seconds_left=None)
    job.check_stop()


def _described(run: Run) -> tuple[list[str], Report, str]:
    """Its classes, its report and its model card.

    Raises:
        RunError: It isn't complete, or one of them is damaged.
    """
    if not run.report_path.exists():
        raise RunError(f"{run.title} is not finished. Train it to the end first.")
    labels = run.labels()
    if not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise RunError(f"The class names of {run.title} are damaged (labels.json). Train it again.")
    report = run.report()
    if report is None:
        raise RunError(f"The report of {run.title} is damaged (report.json). Train it again.")
    return labels, report, model_card(run.title, run.report_path.stat().st_mtime, report, run.config())


def _answers_here(run: Run, pixels: np.ndarray, temperature: float, check: Check) -> tuple[np.ndarray, np.ndarray]:
    """What the app answers, and what its model answers in 32 bits: float (n, classes) each."""
    here = []
    for answer in Predictor(run).stream(list(pixels)):
        check()
        if isinstance(answer, PhotoError):
            raise RunError(f"The model could not answer: {answer}.")
        here.append(list(answer.probabilities.values()))
    if fastest_precision() == "f32":
        return np.array(here), np.array(here)
    exact, _ = Engine(run.engine_path, "f32").run(list(pixels), PROBABILITIES)
    return np.array(here), with_temperature(exact, temperature)


def _write_words(package: Path, row: ExportFormat, labels: list[str], card: str) -> None:
    """All in the zip that can be said before the check."""
    shutil.copy(SCRIPTS / "check.py", package / "check.py")
    shutil.copy(SCRIPTS / f"{row.kind}_runtime.py", package / "runtime.py")
    needs = [f"{name}=={version(name)}" for name in row.packages]
    (package / "requirements.txt").write_text("\n".join(needs) + "\n", encoding="utf-8")
    write_json(package / "labels.json", labels)
    lines = "".join(f"{one_line(name)}\n" for name in labels)
    (package / "labels.txt").write_text(lines, encoding="utf-8", newline="\n")
    (package / "MODEL_CARD.md").write_text(card, encoding="utf-8", newline="\n")


def _zip(folder: Path, target: Path) -> None:
    """Add all files of a folder to a zip, which need not be there."""
    with zipfile.ZipFile(target, "a" if target.stat().st_size else "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                kind = zipfile.ZIP_DEFLATED if path.suffix in DEFLATED else zipfile.ZIP_STORED
                archive.write(path, path.relative_to(folder).as_posix(), kind)


def _write_expected(
    folder: Path, shown: CheckPhotos, labels: list[str], here: np.ndarray, chosen: range, tolerance: float = 0.0
) -> None:
    """Pictures as the model takes them, and what the app answers: what `check.py` compares with."""
    (folder / "samples").mkdir(parents=True)
    photos = []
    for i in chosen:
        file = f"samples/{len(photos) + 1:03d}.png"
        Image.fromarray(shown.pixels[i]).save(folder / file, compress_level=1)
        truth = labels[shown.truth[i]] if shown.truth[i] >= 0 else None
        answer = {"answer": labels[int(here[i].argmax())], "probabilities": here[i].round(6).tolist()}
        photos.append({"file": file, "class": truth, **answer})
    expected = {"schema": 1, "image_size": shown.pixels.shape[1], "tolerance": tolerance, "photos": photos}
    write_json(folder / "expected.json", expected)


def _answers_of(unpacked: Path, proof: Path, check: Check) -> np.ndarray:
    """What the exported model answers by its own script in a fresh process: float (n, classes).

    Raises:
        RunError: The script fails.
    """
    answers, said = proof / "answers.json", proof / "said.txt"
    command = [sys.executable, "check.py", "--expected", str(proof / "expected.json"), "--answers", str(answers)]
    with said.open("wb") as output:
        process = subprocess.Popen(command, cwd=unpacked, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            while True:
                try:
                    failed = process.wait(WAIT_S)
                    break
                except subprocess.TimeoutExpired:
                    check()
        finally:
            process.kill()
            process.wait()
    if failed or not answers.exists():
        print(said.read_text(encoding="utf-8", errors="replace"), file=sys.stderr)  # noqa: T201, into worker.log
        raise RunError(
            "The exported model could not be run in a process of its own, so it was not kept. Another format may do."
        )
    return np.array(json.loads(answers.read_text(encoding="utf-8")))


def _add_proof(
    archive: Path,
    folder: Path,
    row: ExportFormat,
    result: dict[str, Any],
    shown: CheckPhotos,
    labels: list[str],
    here: np.ndarray,
    title: str,
) -> None:
    """Add what is known after the check: the samples with what to expect of them, the result and the read-me."""
    # Rounded up: elsewhere the last digits differ, and a processor may compute another way.
    tolerance = round(result["largest_difference"] + 0.01, 3)
    chosen = range(min(SAMPLES, len(here)))
    _write_expected(folder, shown, labels, here, chosen, tolerance)
    write_json(folder / "check.json", {"made": time.strftime("%Y-%m-%d"), **result})
    private = "these are photos of yours. Remove them and `expected.json` before you pass this on to strangers."
    words = README.format(
        title=one_line(title),
        format=row.title,
        batch=1 if row.model.endswith(".tflite") else "n",
        size=shown.pixels.shape[1],
        classes=len(labels),
        verdict=in_words(row, result, "in the app"),
        samples=f"{len(chosen)} drawn pictures" if shown.drawn else f"{len(chosen)} photos at the model's size",
        privacy="the photos themselves were no longer there." if shown.drawn else private,
    )
    (folder / "README.md").write_text(words, encoding="utf-8", newline="\n")
    _zip(folder, archive)

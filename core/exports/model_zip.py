"""A model as a zip: build it, write it with all that it needs to stand alone, and prove that it answers as here.

The zip becomes what the user asked for only when its own check script, in a process of its own that knows nothing of
this app, has answered as the app does.
"""

import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from core.base.errors import RunError
from core.base.events import PHASE, PROGRESS
from core.base.files import appearing_whole, disk_errors_in_words, write_json
from core.exports.decoder import reader_packages, write_decoder
from core.exports.formats import ExportFormat
from core.exports.proof import Expected, ask_exported, check_photos, example_photos
from core.exports.verdict import Answers, Comparison, ExportResult, in_words, verdict
from core.exports.writers import load_model, softened, write_model
from core.jobs.job import Job
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto
from core.runs.model_card import model_card, one_line
from core.runs.predictor import Predictor
from core.runs.report import Report
from core.runs.run import Run

STEPS = 4
SAMPLES = 12  # photos that go into the zip
FILES = Path(__file__).resolve().parent / "files"  # what goes into zips as it is
DEFLATED = {".py", ".md", ".txt", ".json", ".xml"}  # weights and PNGs don't get smaller
README = """# {title}

An image classifier, exported by Espalier as {format}.

```
pip install -r requirements.txt
python check.py
python check.py PHOTO...
```

The second line asks about the photos in `samples/` and compares with what the app answered, `expected.json`; the third
asks about yours. To use the model in a program of your own, take `Model` of `runtime.py` and `load` of `check.py`.
Files are read as the app reads them, by `readers` and `pictures.py` with the settings in `pictures.json`. Rare kinds of
files need a Python package that `requirements.txt` doesn't list; the script then says which.

- Input: RGB 0..255, float32, ({batch}, {size}, {size}, 3), called "pixels". The whole picture, upright, is squeezed to
  the square (bilinear), not cropped; what is transparent becomes white. All else is done inside the model.
- Output: probabilities, float32, ({batch}, {classes}), in the order of `labels.json` (and of `labels.txt`, where each
  has one line).
- `check.json`: how it compared with the app before it was given out. {verdict}
- `MODEL_CARD.md`: what it tells apart, how good it is, what not to use it for.
- `samples/` holds {samples}: {privacy}
"""

Check = Callable[[], None]


def write_model_zip(
    run: Run, photos: list[LabelledPhoto], export_format: ExportFormat, target: Path, job: Job
) -> ExportResult:
    """Export a run's model; arguments and errors as of `core.exports.folder.export`."""
    _tell(job, 1, "Reading the model")
    class_names, report, card = _described(run)
    model, temperature, pictures = load_model(run, class_names), run.temperature(), run.pictures()
    size = model.input_shape[1]
    checked = check_photos(photos, class_names, report.estimate, size, job.check_stop, run.pictures())
    calibrated = export_format.calibrated
    examples = example_photos(photos, size, job.check_stop, run.pictures()) if calibrated else checked.pixels[:0]
    _tell(job, 2, "Asking the app's own model")
    here = _answers_here(run, checked.pixels, job.check_stop)
    expected = Expected(checked, class_names, here)
    _tell(job, 3, f"Writing it as {export_format.title}")
    model = softened(model, temperature)
    with disk_errors_in_words("exporting the model"), tempfile.TemporaryDirectory() as scratch:
        package, last = Path(scratch) / "package", Path(scratch) / "last"
        package.mkdir()
        write_model(model, export_format, package, examples)
        readers = reader_packages(photos, pictures)
        write_beside(package, export_format, class_names, card, readers)
        write_decoder(package, pictures)
        with appearing_whole(target) as beside:
            add_to_zip(package, beside)
            _tell(job, 4, f"Checking it in a process of its own, on {len(here)} pictures")
            exported = ask_exported(beside, expected, Path(scratch), job.check_stop)
            compared = Answers(here, exported, checked.truth, report.test_taught)
            found = verdict(export_format, compared, checked.drawn)
            if not found.passed:
                raise RunError(in_words(export_format, found))
            words = in_words(export_format, found)
            result = ExportResult(format=export_format.kind, comparison=found, words=words, bytes=0)
            _write_proof(last, run.title, export_format, result, expected)
            add_to_zip(last, beside)
            return replace(result, bytes=beside.stat().st_size)


def _tell(job: Job, step: int, words: str) -> None:
    job.event_log().write(PHASE, name="export", words=words)
    job.event_log().write(PROGRESS, done=step, total=STEPS, seconds_left=None)
    job.check_stop()


def _described(run: Run) -> tuple[list[str], Report, str]:
    """Its classes, its report and its model card.

    Raises:
        RunError: It isn't complete, or one of them is damaged.
    """
    report, class_names = run.finished_report(), run.class_names()
    if not isinstance(class_names, list) or not all(isinstance(name, str) for name in class_names):
        raise RunError(f"The class names of {run.title} are damaged (labels.json). Train it again.")
    return class_names, report, model_card(run.title, run.report_path.stat().st_mtime, report, run.config())


def _answers_here(run: Run, pixels: np.ndarray, check: Check) -> np.ndarray:
    """What the app answers: float (n, classes)."""
    here = []
    for answer in Predictor(run).stream(list(pixels)):
        check()
        if isinstance(answer, PhotoError):
            raise RunError(f"The model could not answer: {answer}.")
        here.append(list(answer.probabilities.values()))
    return np.array(here)


def _write_proof(
    folder: Path, title: str, export_format: ExportFormat, result: ExportResult, expected: Expected
) -> None:
    """Write what is known after the check: the samples with what to expect of them, the result and the read-me."""
    # Rounded up: elsewhere the last digits differ, and a processor may compute another way.
    n_samples = expected.write(folder, SAMPLES, round(result.comparison.largest_difference + 0.01, 3))
    known = {name: value for name, value in result.to_json().items() if name != "bytes"}
    write_json(folder / "check.json", {"made": time.strftime("%Y-%m-%d"), **known})
    words = read_me(title, export_format, result.comparison, expected, n_samples)
    (folder / "README.md").write_text(words, encoding="utf-8", newline="\n")


def requirements(packages: tuple[str, ...]) -> str:
    """A `requirements.txt` with the versions that are installed here."""
    return "".join(f"{name}=={version(name)}\n" for name in packages)


def write_beside(
    folder: Path, export_format: ExportFormat, class_names: list[str], card: str, readers: tuple[str, ...] = ()
) -> None:
    """Write beside a model all that can be said of it before it is checked; `readers` are packages for its photos."""
    shutil.copy(FILES / "check.py", folder / "check.py")
    shutil.copy(FILES / export_format.runtime, folder / "runtime.py")
    (folder / "requirements.txt").write_text(requirements((*export_format.packages, *readers)), encoding="utf-8")
    write_json(folder / "labels.json", class_names)
    lines = "".join(f"{one_line(name)}\n" for name in class_names)
    (folder / "labels.txt").write_text(lines, encoding="utf-8", newline="\n")
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8", newline="\n")


def read_me(title: str, export_format: ExportFormat, found: Comparison, expected: Expected, n_samples: int) -> str:
    """The zip's README.md: what the model takes and gives, and how it compared."""
    drawn = expected.photos.drawn
    private = "these are photos of yours. Remove them and `expected.json` before you pass this on to strangers."
    return README.format(
        title=one_line(title),
        format=export_format.title,
        batch=1 if export_format.one_photo else "n",
        size=expected.photos.pixels.shape[1],
        classes=len(expected.class_names),
        verdict=in_words(export_format, found, "in the app"),
        samples=f"{n_samples} drawn pictures" if drawn else f"{n_samples} photos at the model's size",
        privacy="the photos themselves were no longer there." if drawn else private,
    )


def add_to_zip(folder: Path, target: Path) -> None:
    """Add all files of a folder to a zip, which need not be there."""
    mode = "a" if target.stat().st_size else "w"
    with zipfile.ZipFile(target, mode, strict_timestamps=False) as archive:  # whatever year the clock says
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                kind = zipfile.ZIP_DEFLATED if path.suffix in DEFLATED else zipfile.ZIP_STORED
                archive.write(path, path.relative_to(folder).as_posix(), kind)

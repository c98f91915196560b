"""What lies beside a model in its zip: scripts, class names, a read-me and what it needs, so that it stands alone."""

import shutil
import zipfile
from importlib.metadata import version
from pathlib import Path

from core.base.files import write_json
from core.exports.formats import ExportFormat
from core.exports.proof import Expected
from core.exports.record import Comparison
from core.exports.verdict import in_words
from core.runs.model_card import one_line

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

- Input: RGB 0..255, float32, ({batch}, {size}, {size}, 3), called "pixels". The whole picture, upright, is squeezed to
  the square (bilinear), not cropped; what is transparent becomes white. All else is done inside the model.
- Output: probabilities, float32, ({batch}, {classes}), in the order of `labels.json` (and of `labels.txt`, where each
  has one line).
- `check.json`: how it compared with the app before it was given out. {verdict}
- `MODEL_CARD.md`: what it tells apart, how good it is, what not to use it for.
- `samples/` holds {samples}: {privacy}
"""


def requirements(packages: tuple[str, ...]) -> str:
    """A `requirements.txt` with the versions that are installed here."""
    return "".join(f"{name}=={version(name)}\n" for name in packages)


def write_beside(folder: Path, export_format: ExportFormat, class_names: list[str], card: str) -> None:
    """Write all that can be said of a model before it is checked.

    Args:
        folder: Where the model lies.
        export_format: How it was written.
        class_names: In the order of its outputs.
        card: The model card.
    """
    shutil.copy(FILES / "check.py", folder / "check.py")
    shutil.copy(FILES / export_format.runtime, folder / "runtime.py")
    (folder / "requirements.txt").write_text(requirements(export_format.packages), encoding="utf-8")
    write_json(folder / "labels.json", class_names)
    lines = "".join(f"{one_line(name)}\n" for name in class_names)
    (folder / "labels.txt").write_text(lines, encoding="utf-8", newline="\n")
    (folder / "MODEL_CARD.md").write_text(card, encoding="utf-8", newline="\n")


def read_me(title: str, export_format: ExportFormat, found: Comparison, expected: Expected, n_samples: int) -> str:
    """The zip's README.md: what the model takes and gives, and how it compared.

    Args:
        title: Of the run.
        export_format: How it was written.
        found: How it answers beside the app.
        expected: What it was compared with.
        n_samples: So many of its photos are in the zip.
    """
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
    with zipfile.ZipFile(target, "a" if target.stat().st_size else "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                kind = zipfile.ZIP_DEFLATED if path.suffix in DEFLATED else zipfile.ZIP_STORED
                archive.write(path, path.relative_to(folder).as_posix(), kind)

"""Exported models without their zip, many of which are asked in one fresh process of a runtime."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from core.exports.decoder import write_decoder
from core.exports.model_zip import write_beside
from core.exports.proof import CheckPhotos, Expected
from core.exports.writers import write_model
from core.photos.pictures import USUAL

# Each package's own check.py, one after the other; the libraries are imported once.
ASK = """
import json, os, runpy, sys
for folder, expected, answers in json.loads(sys.argv[1]):
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.modules.pop("runtime", None)
    sys.argv[1:] = ["--expected", expected, "--answers", answers]
    try:
        runpy.run_path("check.py", run_name="__main__")
    except SystemExit as end:
        assert not end.code, folder
    sys.path.remove(folder)
assert not [name for name in sys.modules if name == "core" or name.startswith("core.")]
"""


def write_package(folder, model, export_format, labels, examples):
    """What `check.py` needs of a zip."""
    folder.mkdir(parents=True)
    write_model(model, export_format, folder, examples)
    write_beside(folder, export_format, labels, "")
    write_decoder(folder, USUAL)
    return folder


def write_photos(folder, pixels, labels):
    """The photos as `check.py` reads them; their expected answers are left open."""
    photos = CheckPhotos(pixels, np.full(len(pixels), -1))
    Expected(photos, labels, np.zeros((len(pixels), len(labels)))).write(folder)
    return folder / "expected.json"


def ask(packages: dict[str, tuple[Path, Path]], scratch: Path) -> dict[str, np.ndarray]:
    """What each answers in a process of its own that holds nothing of this app: float (photos, classes) by name.

    Args:
        packages: Folder of the package and the `expected.json` beside its photos, by name.
        scratch: An empty folder.
    """
    scratch.mkdir()
    answers = {name: scratch / f"{i}.json" for i, name in enumerate(packages)}
    asked = [[str(folder), str(expected), str(answers[name])] for name, (folder, expected) in packages.items()]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(asked)], cwd=scratch, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return {name: np.array(json.loads(path.read_text())) for name, path in answers.items()}

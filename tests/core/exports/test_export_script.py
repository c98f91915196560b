"""`load` of the check script that goes into each zip takes a photo as the app does."""

import io
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.photos.decoding import read_pixels

SCRIPTS = Path(__file__).resolve().parents[3] / "core" / "exports" / "files"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """The script as it lies in a zip, beside a runtime that nobody calls."""
    for name in ("check.py", "onnx_runtime.py"):
        target = "runtime.py" if "runtime" in name else name
        (tmp_path / target).write_text((SCRIPTS / name).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "runtime", raising=False)
    yield runpy.run_path(str(tmp_path / "check.py"))["load"]
    sys.modules.pop("runtime", None)


def photo(kind, draw):
    image, options = draw(3, (640, 480)), {}
    if kind == "turned by EXIF":
        exif = Image.Exif()
        exif[0x0112] = 6
        options["exif"] = exif
    image = {
        "grey": lambda: image.convert("L"),
        "CMYK": lambda: image.convert("CMYK"),
        "palette": lambda: image.quantize(30),
        "see-through": lambda: Image.merge("RGBA", (*image.split(), image.split()[0])),
    }.get(kind, lambda: image)()
    data = io.BytesIO()
    image.save(data, "PNG" if kind in ("palette", "see-through", "PNG") else "JPEG", **options)
    return data.getvalue()


KINDS = ("JPEG", "grey", "CMYK", "turned by EXIF", "PNG", "palette", "see-through")


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_gives_the_same_pixels_as_in_the_app(kind, load, draw, tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(photo(kind, draw))
    for size in (64, 224, 500):  # a fourth and a half of the JPEG are decoded, and all of it
        loaded = load(path, size)
        assert loaded.dtype == np.float32
        assert np.array_equal(loaded, read_pixels(path, size))


def test_a_photo_at_the_models_size_stays_as_it_is(load, draw, tmp_path):
    pixels = np.asarray(draw(4, (96, 96)))
    Image.fromarray(pixels).save(tmp_path / "sample.png", compress_level=1)
    assert np.array_equal(load(tmp_path / "sample.png", 96), pixels)

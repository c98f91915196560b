"""`load` of the check script that goes into each zip takes a photo as the app does."""

import io
import json
import runpy
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from core.exports.decoder import OF_DEEP_COLOURS, decoder_files, reader_packages, write_decoder
from core.photos.decoding import read_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import USUAL, PictureSettings

SCRIPTS = Path(__file__).resolve().parents[3] / "core" / "exports" / "files"


RUN = PictureSettings(ranges=(("uint16", 0.0, 4095.0), ("float32", -10.0, 600.0)), bands=(3, 1, 0), page=1)
OURS = ("runtime", "pictures", "readers", "keras")


@contextmanager
def taken_away(folder, script, settings):
    """A script as it lies in a zip, beside a runtime that nobody calls."""
    write_decoder(folder, settings)
    (folder / "runtime.py").write_text("class Model: pass")
    (folder / "keras.py").write_text("Model = 0\nclass utils: PyDataset = object")
    (folder / "settings.json").write_text(json.dumps({"classes": ["a", "b"], "batch_size": 2, "image_size": 64}))
    shutil.copy(SCRIPTS / script, folder / script)
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in OURS}
    sys.path.insert(0, str(folder))
    try:
        yield runpy.run_path(str(folder / script))
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            del sys.modules[name]
        sys.modules.update(before)


@pytest.fixture
def load(tmp_path):
    with taken_away(tmp_path, "check.py", USUAL) as script:
        yield script["load"]


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


def odd_photos(folder, draw):
    """Photos of all kinds that are decoded in their own way, as of case B22."""
    image = draw(5, (160, 120))
    grey, turned, clear = np.asarray(image.convert("L")), Image.Exif(), image.convert("RGBA")
    turned[0x0112] = 6
    clear.putalpha(Image.linear_gradient("L").resize(image.size))
    infrared = np.dstack([np.asarray(image), 255 - grey])
    image.save(folder / "01 plain.jpg")
    image.save(folder / "02 sideways.jpg", exif=turned)
    image.save(folder / "03 sideways.webp", exif=turned, lossless=True)
    clear.save(folder / "04 half transparent.png")
    image.convert("L").save(folder / "05 grey.jpg")
    clear.convert("LA").save(folder / "06 grey with alpha.png")
    image.quantize(64).save(folder / "07 palette.png", transparency=3)
    image.convert("CMYK").save(folder / "08 cmyk.jpg")
    Image.fromarray(grey.astype(np.uint16) * 16).save(folder / "09 twelve bits.png")
    Image.fromarray((grey.astype(np.float32) - 40) * 3).save(folder / "10 float.tif")
    image.convert("1").save(folder / "11 one bit.tif", compression="group4")
    image.save(folder / "12 photo.avif")
    image.save(folder / "13 a jpeg named.png", "JPEG")
    image.resize((3200, 2400)).save(folder / "14 large.jpg")
    tifffile.imwrite(folder / "15 infrared.tif", infrared, photometric="rgb", extrasamples=[0])
    image.save(folder / "16 pages.tif", save_all=True, append_images=[draw(6, (160, 120))])
    (folder / "17 cut.jpg").write_bytes((folder / "01 plain.jpg").read_bytes()[:-2])
    (folder / "18 colour.png").write_bytes(imagecodecs.png_encode(np.asarray(image).astype(np.uint16) * 16))
    (folder / "19.jxl").write_bytes(imagecodecs.jpegxl_encode(np.asarray(image)))
    return sorted(folder.iterdir())


@pytest.mark.parametrize("settings", [USUAL, RUN], ids=["usual", "of the run"])
def test_odd_photos_give_the_same_pixels_by_app_by_check_and_by_recipe(settings, draw, tmp_path):
    (tmp_path / "photos").mkdir()
    photos = odd_photos(tmp_path / "photos", draw)
    assert len(photos) == 19
    in_the_app = {photo.name: read_pixels(photo, 64, settings) for photo in photos}
    for script, function in (("check.py", "load"), ("photos.py", "read")):
        (tmp_path / script).mkdir()
        with taken_away(tmp_path / script, script, settings) as names:
            for photo in photos:
                read = names["load"](photo, 64) if function == "load" else names["read"](photo)
                np.testing.assert_array_equal(read, in_the_app[photo.name], err_msg=f"{script} {photo.name}")
            assert Path(sys.modules["readers.decoder"].__file__).parent == tmp_path / script / "readers"


def test_what_reads_photos_in_a_zip_imports_nothing_of_ours():
    texts = decoder_files(RUN)
    assert not [name for name, text in texts.items() if "core." in text]
    assert PictureSettings.from_json(json.loads(texts["pictures.json"])) == RUN


def test_only_the_packages_that_the_photos_need_are_required():
    def needed(*names, settings=USUAL):
        return reader_packages([LabelledPhoto(name, "a", "train", "") for name in names], settings)

    assert needed("a.jpg", "b.PNG") == ()
    assert needed("a.TIF", "b.heic") == ("tifffile", "imagecodecs", "pi_heif")
    assert needed("a.dcm") == ("pydicom",)
    assert needed("a.png", settings=RUN) == (OF_DEEP_COLOURS,)


def test_a_package_that_is_missing_is_named(load, tmp_path, monkeypatch):
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM" + bytes(40))
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(ValueError, match="a DICOM file, for which the Python package pydicom is needed: pip install"):
        load(tmp_path / "a.dcm", 64)

"""JPEG 2000, JPEG XL, DICOM and cameras' RAW: case B13."""

import io
import sys

import imagecodecs
import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image

from core.photos.decoding import PhotoError, decoded, open_photo, size_of
from core.photos.inspection import inspect_photo
from core.photos.pictures import PLAIN, PictureFacts, PictureSettings
from core.photos.readers.dicom import DICOM_NOTE

NOISE = np.random.default_rng(3)
NAME = "Doe^Jane"


def encoded(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def dicom(values, frames=1, syntax=pydicom.uid.ExplicitVRLittleEndian, packed=None, **tags):
    """A DICOM file with a patient's name in it."""
    made = pydicom.Dataset()
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = pydicom.uid.SecondaryCaptureImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    made.PatientName = NAME
    colours = values.shape[-1] == 3
    made.Rows, made.Columns = values.shape[-3:-1] if colours else values.shape[-2:]
    made.SamplesPerPixel = 3 if colours else 1
    made.PhotometricInterpretation = "RGB" if colours else "MONOCHROME2"
    if colours:
        made.PlanarConfiguration = 0
    if frames > 1:
        made.NumberOfFrames = frames
    made.BitsAllocated = made.BitsStored = 8 * values.dtype.itemsize
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(values.dtype.kind == "i")
    made.PixelData = packed or values.tobytes()
    made["PixelData"].VR = "OB" if packed or values.dtype.itemsize == 1 else "OW"
    for name, value in tags.items():
        setattr(made, name, value)
    data = io.BytesIO()
    made.save_as(data, enforce_file_format=True)
    return data.getvalue()


def ramp(low, high, dtype):
    return np.linspace(low, high, 64 * 48).reshape(48, 64).astype(dtype)


def grey_of(data, settings=None):
    return np.asarray(open_photo(data, settings=settings or PictureSettings()))[..., 0].astype(int)


def test_a_dicom_file_is_read_by_the_bits_that_it_stores(tmp_path):
    values = ramp(0, 4095, np.uint16)
    (tmp_path / "IM1").write_bytes(dicom(values, BitsStored=12, HighBit=11))
    found = inspect_photo(tmp_path / "IM1")
    assert (found.width, found.height, found.picture.depth) == (64, 48, "uint16")
    assert np.abs(grey_of((tmp_path / "IM1").read_bytes()) - values * (255 / 4095)).max() <= 0.51
    settings = PictureSettings(ranges=(("uint16", 0.0, 1023.0),))
    assert (grey_of((tmp_path / "IM1").read_bytes(), settings) == 255).mean() > 0.7


def test_slope_and_intercept_count_and_inverted_grey_is_turned():
    values = ramp(0, 2000, np.int16)
    found = decoded(dicom(values, RescaleSlope=1, RescaleIntercept=-1024))
    assert (found.facts.depth, round(found.facts.low), round(found.facts.high)) == ("int32", -1023, 974)
    assert decoded(dicom(values, RescaleSlope="0.5", RescaleIntercept="0")).facts.depth == "float32"
    plain, inverted = (dicom(ramp(0, 65535, np.uint16), PhotometricInterpretation=f"MONOCHROME{n}") for n in (2, 1))
    assert (grey_of(plain) + grey_of(inverted) == 255).all()


def test_frames_of_a_dicom_file_are_pages():
    frames = NOISE.integers(0, 256, (3, 40, 30), np.uint8)
    for page, frame in ((0, 0), (1, 1), (8, 2)):
        found = decoded(dicom(frames, 3), PictureSettings(page=page))
        assert np.array_equal(np.asarray(found.image)[..., 0], frames[frame])
        assert found.facts == PictureFacts(pages=3)


def test_a_dicom_file_of_colours_is_read():
    colours = NOISE.integers(0, 256, (40, 30, 3), np.uint8)
    found = decoded(dicom(colours))
    assert np.array_equal(np.asarray(found.image), colours)
    assert found.facts == PLAIN


@pytest.mark.parametrize(
    ("syntax", "pack"),
    [
        (pydicom.uid.JPEGLosslessSV1, lambda values: imagecodecs.ljpeg_encode(values.view(np.uint16))),
        (pydicom.uid.JPEGLSLossless, lambda values: imagecodecs.jpegls_encode(values.view(np.uint16))),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_dicom_files_packed_without_loss_are_read(syntax, pack, dtype):
    values = ramp(0, 30000, dtype)
    packed = pydicom.encaps.encapsulate([pack(values)])
    found = decoded(dicom(values, syntax=syntax, packed=packed))
    assert found.facts.depth == np.dtype(dtype).name
    assert found.image.tobytes() == open_photo(dicom(values)).tobytes()


def test_colours_packed_without_loss_as_ycbcr_are_seen_as_they_are():
    colours = Image.new("RGB", (64, 48), (200, 100, 30))
    stored = np.ascontiguousarray(colours.convert("YCbCr"))
    packed = pydicom.encaps.encapsulate([imagecodecs.jpegls_encode(stored)])
    data = dicom(stored, 1, pydicom.uid.JPEGLSLossless, packed, PhotometricInterpretation="YBR_FULL")
    assert np.abs(np.asarray(open_photo(data), int) - np.asarray(colours)).max() <= 2


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
@pytest.mark.parametrize("top", [11, 13, 15])
def test_values_of_a_dicom_file_are_taken_from_the_bits_where_it_keeps_them(top, dtype):
    values = ramp(0, 4095, np.uint16) if dtype == np.uint16 else ramp(-2048, 2047, np.int16)
    data = dicom((values << (top - 11)).astype(dtype), BitsStored=12, HighBit=top)
    assert np.array_equal(grey_of(data), grey_of(dicom(values, BitsStored=12, HighBit=11)))
    assert abs(int(grey_of(data)[24, 0]) - 127) <= 1


@pytest.mark.parametrize("implicit", [True, False])
def test_a_dicom_file_without_its_mark_and_first_group_is_read(implicit):
    values = NOISE.integers(0, 256, (48, 64), np.uint8)
    whole = pydicom.dcmread(io.BytesIO(dicom(values)))
    whole.SpecificCharacterSet = "ISO_IR 100"
    bare = pydicom.Dataset(whole)
    data = io.BytesIO()
    pydicom.dcmwrite(data, bare, implicit_vr=implicit, little_endian=True)
    assert data.getvalue().startswith(b"\x08\0\x05\0")
    assert np.array_equal(grey_of(data.getvalue()), values)


@pytest.mark.parametrize("mark", [True, False])
def test_a_dicom_file_packed_as_a_whole_is_refused_wherever_it_says_so(mark):
    data = dicom(ramp(0, 255, np.uint8), syntax=pydicom.uid.DeflatedExplicitVRLittleEndian)
    long = b"\2\0\2\0UI" + (3000).to_bytes(2, "little") + b"1.2".ljust(3000, b"\0")
    start = data.find(b"\2\0\2\0UI")
    for given in (data, data[:start] + long + data[start:]):
        with pytest.raises(PhotoError, match=r"packed as a whole \(deflated\)"):
            open_photo(given if mark else given[132:])


def test_what_cannot_be_unpacked_is_named():
    packed = pydicom.encaps.encapsulate(
        [imagecodecs.jpeg8_encode(NOISE.integers(0, 4096, (48, 64), np.uint16), bitspersample=12)]
    )
    data = dicom(ramp(0, 9, np.uint16), syntax=pydicom.uid.JPEGExtended12Bit, packed=packed, BitsStored=12, HighBit=11)
    with pytest.raises(PhotoError, match=r"^a DICOM file packed as JPEG Extended .*, which isn't read here: save it"):
        open_photo(data)


def test_a_picture_inside_that_is_larger_than_the_dicom_file_says_is_refused():
    packed = pydicom.encaps.encapsulate([encoded(Image.new("L", (4000, 4000)), "JPEG2000", no_jp2=True)])
    with pytest.raises(PhotoError, match="damaged"):
        open_photo(dicom(ramp(0, 9, np.uint8), syntax=pydicom.uid.JPEG2000Lossless, packed=packed))
    with pytest.raises(PhotoError, match="deflated"):
        open_photo(dicom(ramp(0, 9, np.uint8), syntax=pydicom.uid.DeflatedExplicitVRLittleEndian))
    with pytest.raises(PhotoError, match="claims 60,000 x 60,000 pixels"):
        open_photo(dicom(ramp(0, 9, np.uint8), Rows=60_000, Columns=60_000))
    with pytest.raises(PhotoError, match="without a picture"):
        open_photo(bytes(128) + b"DICM" + bytes(40))


def test_the_patients_name_is_in_no_message_and_no_picture(tmp_path, caplog):
    (tmp_path / "a.dcm").write_bytes(dicom(ramp(0, 255, np.uint8)))
    found = inspect_photo(tmp_path / "a.dcm")
    assert NAME.encode() not in found.thumbnail
    assert "Doe" not in repr(found) + caplog.text
    for n in range(200, 1200, 50):
        with pytest.raises(PhotoError) as refused:
            open_photo((tmp_path / "a.dcm").read_bytes()[:n])
        assert "Doe" not in str(refused.value)
    assert "patient's name" in DICOM_NOTE


@pytest.mark.parametrize("bare", [True, False])
def test_jpeg_xl_is_read(bare):
    colours = NOISE.integers(0, 256, (40, 50, 3), np.uint8)
    data = imagecodecs.jpegxl_encode(colours, lossless=True, usecontainer=not bare)
    assert data.startswith(b"\xff\x0a") == bare
    found = decoded(data)
    assert np.array_equal(np.asarray(found.image), colours)
    assert (found.facts, size_of(data)) == (PLAIN, (50, 40))


@pytest.mark.parametrize("size", [(16, 16), (256, 128), (64, 200), (257, 300), (1000, 40), (700, 523)])
def test_the_size_of_a_jpeg_xl_is_known_before_it_is_decoded(size):
    assert size_of(imagecodecs.jpegxl_encode(np.zeros((*size[::-1], 3), np.uint8))) == size


def test_deep_and_transparent_jpeg_xl(monkeypatch):
    deep = imagecodecs.jpegxl_encode(ramp(0, 65535, np.uint16), lossless=True)
    assert decoded(deep).facts.depth == "uint16"
    assert np.abs(grey_of(deep) - ramp(0, 255, np.float64)).max() < 1
    clear = NOISE.integers(0, 256, (40, 50, 4), np.uint8)
    clear[..., 3] = 0
    assert (grey_of(imagecodecs.jpegxl_encode(clear, lossless=True)) == 255).all()
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(PhotoError, match="a JPEG XL picture, for which the Python package imagecodecs is needed"):
        open_photo(deep)


def test_a_jpeg_xl_that_claims_too_much_is_refused():
    stream = (0x0AFF | (0 << 16) | (3 << 17) | ((60_000 - 1) << 19) | (1 << 49)).to_bytes(40, "little")
    with pytest.raises(PhotoError, match="claims 60,000 x 60,000 pixels"):
        open_photo(stream)


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}])
def test_jpeg_2000_is_read(options):
    colours = Image.fromarray(NOISE.integers(0, 256, (40, 50, 3), np.uint8))
    assert open_photo(encoded(colours, "JPEG2000", **options)).tobytes() == colours.tobytes()
    deep = Image.fromarray(ramp(0, 65535, np.uint16))
    found = decoded(encoded(deep, "JPEG2000", **options))
    assert found.facts.depth == "uint16"
    assert np.abs(np.asarray(found.image)[..., 0] - ramp(0, 255, np.float64)).max() < 1


def camera_raw(preview, orientation=1):
    """As a DNG or NEF: a stamp in front, sub-directories, the sensor's values, and a preview as JPEG."""
    data = io.BytesIO()
    tags = [(50706, 1, 4, b"\1\4\0\0", True), (274, 3, 1, orientation, True)]
    mosaic = [(33421, 3, 2, (2, 2), True), (33422, 1, 4, b"\0\1\1\2", True)]
    stamp, sensor = np.zeros((32, 48, 3), np.uint8), NOISE.integers(0, 16384, (96, 64), np.uint16)
    with tifffile.TiffWriter(data) as file:
        file.write(stamp, photometric="rgb", subfiletype=1, extratags=tags, subifds=1, metadata=None)
        file.write(sensor, photometric=32803, extratags=mosaic, metadata=None)
    return data.getvalue() + bytes(40) + preview


FUJIFILM, CANON = b"FUJIFILMCCD-RAW 0201" + bytes(80), b"\0\0\0\x18ftypcrx \0\0\0\1" + bytes(80)


@pytest.mark.parametrize("head", ["TIFF", FUJIFILM, CANON], ids=["DNG", "RAF", "CR3"])
def test_the_largest_preview_in_a_camera_raw_file_is_the_photo(head, draw):
    small, large = (encoded(draw(4, size), "JPEG") for size in ((160, 120), (800, 600)))
    data = camera_raw(small + large + small) if head == "TIFF" else head + small + large + small
    found = decoded(data)
    assert found.image.tobytes() == open_photo(large).tobytes()
    assert (found.header.size, found.facts, found.header.plain) == ((800, 600), PLAIN, False)


def test_a_preview_is_turned_as_the_file_around_it_says(draw):
    assert open_photo(camera_raw(encoded(draw(4, (800, 600)), "JPEG"), orientation=6)).size == (600, 800)


def test_a_camera_raw_file_whose_preview_is_a_stamp_is_named(draw):
    with pytest.raises(PhotoError, match=r"^a camera RAW file: export it as JPEG or TIFF with the camera's program"):
        open_photo(camera_raw(encoded(draw(4, (320, 240)), "JPEG")))

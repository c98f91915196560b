"""DICOM: the picture, and nothing else that such a file holds."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from core.photos.pictures import PictureSettings
from core.photos.readers.depth import Bands, ycbcr_in_rgb
from core.photos.readers.limits import DAMAGED, PictureError, check_size, needing
from core.photos.readers.notes import size_in_jpeg

DICOM_NOTE = (
    "A DICOM file holds the patient's name. It is neither read nor shown here, and no export has it; but the files "
    "themselves stay as they are."
)
WHAT = "a DICOM file"
MARK, MARK_AT = b"DICM", 128
STARTS = tuple(bytes((group, 0, element, 0)) for group in (2, 8) for element in (0, 1, 5, 8))  # little-endian tags
DEFLATED, FIRST_GROUP = "1.2.840.10008.1.2.1.99", 2
PLAIN_SYNTAX = "1.2.840.10008.1.2"  # what counts where a file says none
LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")  # JPEG, as many hospitals pack
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
RLE = "1.2.840.10008.1.2.5"
COLOURS_OF_PALETTE = tuple(
    f"{colour}PaletteColorLookupTable{part}" for colour in ("Red", "Green", "Blue") for part in ("Descriptor", "Data")
)
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
LAYOUT = ("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "Rows", "Columns")
VALUES = ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "RescaleSlope", "RescaleIntercept")
TAGS = [*LAYOUT, *VALUES, *COLOURS_OF_PALETTE, *PIXELS]  # of all else not even the values are read
WHITE_IS_ZERO, PALETTE, YCBCR, COLOURS = "MONOCHROME1", "PALETTE COLOR", "YBR_FULL", 3


def is_dicom(data: bytes) -> bool:
    """Whether a file begins like one, with its mark or as older ones do, with a tag."""
    return data[MARK_AT : MARK_AT + 4] == MARK or data.startswith(STARTS)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height; errors as of `frame_of`."""
    return _size(_header(data))


def frame_of(data: bytes, settings: PictureSettings) -> tuple[Bands, int]:
    """The frame that the settings say, and how many there are, or 0.

    Raises:
        PictureError: It holds no picture, or one that can't be decoded here.
    """
    header = _header(data)
    width, height = _size(header)
    frames = max(1, int(header.get("NumberOfFrames") or 1))
    values = _pixels(header, min(settings.page, frames - 1), frames).reshape(height, width, -1)
    values = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    rescaled = values if values.shape[2] == COLOURS else _rescaled(values, header)
    stored = int(header.get("BitsStored", 0))
    bits = stored if rescaled.dtype.kind == "u" and stored < 8 * rescaled.dtype.itemsize else 0
    inverted = header.get("PhotometricInterpretation") == WHITE_IS_ZERO
    return Bands(rescaled, bits, inverted=inverted), frames if frames > 1 else 0


def _header(data: bytes) -> Any:
    """What says how the picture is stored, and the picture."""
    with needing("pydicom", WHAT):
        import pydicom
    if _says_deflated(data):  # pydicom unpacks it whole, however large that is
        raise PictureError(f"{WHAT} packed as a whole (deflated), which isn't read here: save it unpacked first")
    header = pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=TAGS)
    if not any(name in header for name in PIXELS):
        raise PictureError(f"{WHAT} without a picture in it")
    if "TransferSyntaxUID" not in header.file_meta:
        header.file_meta.TransferSyntaxUID = pydicom.uid.UID(PLAIN_SYNTAX)
    samples, allocated = int(header.get("SamplesPerPixel", 1)), int(header.get("BitsAllocated", 8))
    check_size(*_size(header), samples * -(-allocated // 8))
    return header


def _says_deflated(data: bytes) -> bool:
    """Whether its first group of tags, which is never packed, says that the rest is."""
    from pydicom.filereader import read_dataset

    stream = io.BytesIO(data)
    stream.seek(MARK_AT + len(MARK) if data[MARK_AT : MARK_AT + len(MARK)] == MARK else 0)
    first = read_dataset(stream, False, True, stop_when=lambda tag, _, __: tag >> 16 != FIRST_GROUP)
    return str(first.get("TransferSyntaxUID", "")).strip("\0 ") == DEFLATED


def _size(header: Any) -> tuple[int, int]:
    return int(header.Columns), int(header.Rows)


def _pixels(header: Any, frame: int, frames: int) -> np.ndarray:
    from pydicom.encaps import get_frame
    from pydicom.pixels import apply_color_lut, pixel_array

    kind = header.file_meta.TransferSyntaxUID
    if kind.is_compressed and kind != RLE:
        packed = get_frame(header.PixelData, frame, number_of_frames=frames)
        _check_inside(packed, _size(header))
        if kind in LOSSLESS + JPEG_LS:
            return _by_imagecodecs(packed, kind, header)
    try:
        values = _at_the_bottom(pixel_array, header, frame)
    except (NotImplementedError, RuntimeError) as error:
        words = f"{WHAT} packed as {kind.name}, which isn't read here: save it unpacked first"
        raise PictureError(words) from error
    if header.get("PhotometricInterpretation") != PALETTE:
        return values
    colours = apply_color_lut(values, header)
    return (colours >> 8).astype(np.uint8) if colours.dtype == np.uint16 else colours


def _at_the_bottom(pixel_array: Callable[..., np.ndarray], header: Any, frame: int) -> np.ndarray:
    """A frame whose values are brought to the lowest bits, from where the file keeps them: pydicom doesn't."""
    allocated, stored = int(header.get("BitsAllocated", 8)), int(header.get("BitsStored", 0))
    top = int(header.get("HighBit", stored - 1))
    kind = header.file_meta.TransferSyntaxUID
    if not stored - 1 < top < allocated or (kind.is_compressed and kind != RLE):
        return pixel_array(header, index=frame)
    header.BitsStored, header.HighBit = allocated, allocated - 1
    values = pixel_array(header, index=frame)
    header.BitsStored, header.HighBit = stored, top
    return values << (allocated - 1 - top) >> (allocated - stored)


def _check_inside(packed: bytes, size: tuple[int, int]) -> None:
    """Raise PictureError where the picture inside is larger than the file around it says."""
    inside = size_in_jpeg(packed)
    if inside == (0, 0):
        with Image.open(io.BytesIO(packed), formats=("JPEG2000",)) as image:
            inside = image.size
    if inside != size:
        raise PictureError(DAMAGED)


def _by_imagecodecs(packed: bytes, kind: str, header: Any) -> np.ndarray:
    with needing("imagecodecs", f"{WHAT} packed without loss"):
        import imagecodecs
    values = imagecodecs.ljpeg_decode(packed) if kind in LOSSLESS else imagecodecs.jpegls_decode(packed)
    if header.get("PhotometricInterpretation") == YCBCR and values.ndim == COLOURS:
        return ycbcr_in_rgb(values, int(header.get("BitsStored") or 8 * values.dtype.itemsize))
    if not header.get("PixelRepresentation"):
        return values
    unused = 8 * values.dtype.itemsize - int(header.BitsStored)  # the sign stands before them
    return (values << unused).view(f"i{values.dtype.itemsize}") >> unused


def _rescaled(values: np.ndarray, header: Any) -> np.ndarray:
    """By slope and intercept, as of a CT: int32 where these are whole numbers, else float32."""
    slope, intercept = float(header.get("RescaleSlope") or 1), float(header.get("RescaleIntercept") or 0)
    if (slope, intercept) == (1.0, 0.0) or not np.isfinite([slope, intercept]).all():
        return values
    whole = slope.is_integer() and intercept.is_integer() and max(abs(slope), abs(intercept)) < 2**15
    if whole and values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
        return values.astype(np.int32) * int(slope) + int(intercept)
    return values.astype(np.float32) * np.float32(slope) + np.float32(intercept)

"""DICOM: the picture, and nothing else that such a file holds."""

import io
from typing import Any

import numpy as np

from core.photos.pictures import PictureSettings
from core.photos.readers.depth import Bands
from core.photos.readers.limits import PictureError, check_size, needing

DICOM_NOTE = (
    "A DICOM file holds the patient's name. It is neither read nor shown here, and no export has it; but the files "
    "themselves stay as they are."
)
WHAT = "a DICOM file"
MARK, MARK_AT = b"DICM", 128
OLD_STARTS = tuple(
    group + element for group in (b"\2\0", b"\x08\0") for element in (b"\0\0", b"\1\0", b"\5\0", b"\x08\0")
)
COLOURS_OF_PALETTE = tuple(
    f"{colour}PaletteColorLookupTable{part}" for colour in ("Red", "Green", "Blue") for part in ("Descriptor", "Data")
)
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
LAYOUT = ("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames", "Rows", "Columns")
VALUES = ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "RescaleSlope", "RescaleIntercept")
TAGS = [*LAYOUT, *VALUES, *COLOURS_OF_PALETTE, *PIXELS]  # of all else not even the values are read
WHITE_IS_ZERO, COLOURS = "MONOCHROME1", 3


def is_dicom(data: bytes) -> bool:
    """Whether a file begins like one, with its mark or as older ones do, with a tag."""
    return data[MARK_AT : MARK_AT + 4] == MARK or data.startswith(OLD_STARTS)


def _header(data: bytes) -> Any:
    """What says how the picture is stored, and the picture."""
    with needing("pydicom", WHAT):
        import pydicom
    header = pydicom.dcmread(io.BytesIO(data), force=True, specific_tags=TAGS)
    if not any(name in header for name in PIXELS):
        raise PictureError(f"{WHAT} without a picture in it")
    samples, allocated = int(header.get("SamplesPerPixel", 1)), int(header.get("BitsAllocated", 8))
    check_size(int(header.Columns), int(header.Rows), samples * -(-allocated // 8))
    return header


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height; errors as of `frame_of`."""
    header = _header(data)
    return int(header.Columns), int(header.Rows)


def frame_of(data: bytes, settings: PictureSettings) -> tuple[Bands, int]:
    """The frame that the settings say, and how many there are, or 0.

    Raises:
        PictureError: It holds no picture, or one that can't be decoded here.
    """
    header = _header(data)
    frames = max(1, int(header.get("NumberOfFrames") or 1))
    values = _pixels(header, min(settings.page, frames - 1))
    values = values.reshape(int(header.Rows), int(header.Columns), -1)
    stored = int(header.get("BitsStored", 0))
    bits = stored if values.dtype.kind == "u" and stored < 8 * values.dtype.itemsize else 0
    inverted = header.get("PhotometricInterpretation") == WHITE_IS_ZERO
    many = frames if frames > 1 else 0
    if values.shape[2] == COLOURS:
        return Bands(values, bits), many
    rescaled = _rescaled(values, header)
    return Bands(
        rescaled, bits if rescaled is values and bits < 8 * values.dtype.itemsize else 0, inverted=inverted
    ), many


def _pixels(header: Any, frame: int) -> np.ndarray:
    from pydicom.pixels import apply_color_lut, pixel_array

    if not hasattr(header.file_meta, "TransferSyntaxUID"):  # older files have none: the commonest order of bytes
        header.file_meta.TransferSyntaxUID = header.original_encoding and "1.2.840.10008.1.2"
    kind = header.file_meta.TransferSyntaxUID
    try:
        values = pixel_array(header, index=frame)
    except (NotImplementedError, RuntimeError, AttributeError) as error:
        if kind.is_compressed:
            raise PictureError(
                f"{WHAT} packed as {kind.name}, which isn't read here: save it unpacked first"
            ) from error
        raise
    if header.get("PhotometricInterpretation") == "PALETTE COLOR":
        values = apply_color_lut(values, header)
        values = (values >> 8).astype(np.uint8) if values.dtype == np.uint16 else values
    return np.ascontiguousarray(values, values.dtype.newbyteorder("="))


def _rescaled(values: np.ndarray, header: Any) -> np.ndarray:
    """By slope and intercept, as of a CT: int32 where these are whole numbers, else float32."""
    slope, intercept = float(header.get("RescaleSlope") or 1), float(header.get("RescaleIntercept") or 0)
    if (slope, intercept) == (1.0, 0.0) or not np.isfinite([slope, intercept]).all():
        return values
    whole = slope.is_integer() and intercept.is_integer() and max(abs(slope), abs(intercept)) < 2**15
    if whole and values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
        return values.astype(np.int32) * int(slope) + int(intercept)
    return values.astype(np.float32) * np.float32(slope) + np.float32(intercept)

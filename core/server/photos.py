"""The photos of a request: out of a form, or the body itself; bounded in bytes, number, pixels and time."""

from collections.abc import Callable

from fastapi import HTTPException, Request, UploadFile
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError, photo_bytes, size_of
from core.server.slow_senders import IncomingBytes

MAX_BYTES = 50_000_000  # of a request: a dozen photos as phones make them
MAX_PHOTOS = 100  # in a request
MAX_PIXELS = 64_000_000  # of a photo: 200 kB can claim `photos.MAX_PIXELS`, which cost gigabytes in a few threads
MAX_REQUEST_PIXELS = 500_000_000  # of all photos of a request; ten seconds' work, where they are flat PNGs
MAX_INCOMING = 500_000_000  # bytes of all requests that are coming in
LONGEST = 18  # digits of a length: a number of thousands of them is none to Python
READ_S = 30  # for a request to come in, so that nobody holds a place by sending slowly

FORM, OCTETS, FIELD = "multipart/form-data", "application/octet-stream", "photos"
NAMELESS = "photo"  # what a photo without a file name is called in its row

NamedPhoto = tuple[str, bytes]


async def photos_of(request: Request, incoming: IncomingBytes) -> list[NamedPhoto]:
    """Names, as the client gave them and never used as paths, and bytes.

    Args:
        request: Whose body is read.
        incoming: What this and all others send.

    Raises:
        HTTPException: 400, 408, 413, 415 or 422, with a sentence.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        async with incoming.reading(READ_S) as count:
            photos = await _photos(Request(request.scope, _bounded(request, count)), kind)
    except TimeoutError as error:
        raise HTTPException(
            408, f"The request did not come in within {READ_S} seconds, or the room was needed."
        ) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The connection ended before the request did.") from error
    if not photos:
        raise HTTPException(400, f"The request holds no photo. Send files in the field {FIELD}.")
    return photos


async def _photos(request: Request, kind: str) -> list[NamedPhoto]:
    if kind == FORM:
        return await _form_photos(request)
    if kind == OCTETS or kind.startswith("image/"):
        body = await request.body()
        return [(NAMELESS, body)] if body else []
    raise HTTPException(415, f"Send photos as {FORM} in the field {FIELD}, or one as the body with its image/ type.")


async def _form_photos(request: Request) -> list[NamedPhoto]:
    try:
        async with request.form(max_files=MAX_PHOTOS, max_fields=MAX_PHOTOS) as form:
            return [(upload.filename or NAMELESS, await upload.read()) for upload in _uploads(form)]
    except StarletteHTTPException as error:
        if error.status_code == 400 and error.detail.startswith("Too many files"):
            raise HTTPException(413, f"A request takes up to {MAX_PHOTOS} photos. Send the rest in another.") from error
        raise


def _uploads(form: FormData) -> list[UploadFile]:
    """The files of a form in which there is nothing else."""
    for name, value in form.multi_items():
        if name != FIELD or isinstance(value, str):
            raise HTTPException(422, f"Send photos as files in the field {FIELD}, and nothing else.")
    return form.getlist(FIELD)


def _bounded(request: Request, count: Callable[[int], None]) -> Receive:
    """The request's messages, whose bytes are counted, until they are more than MAX_BYTES."""
    too_large = HTTPException(413, f"A request takes up to {MAX_BYTES // 1_000_000} MB. Send fewer photos at a time.")
    length = request.headers.get("content-length", "")
    # What is no number the server has refused already.
    if length.isdecimal() and (len(length) > LONGEST or int(length) > MAX_BYTES):
        raise too_large
    came = 0

    async def receive() -> Message:
        nonlocal came
        message = await request.receive()
        n = len(message.get("body", b""))
        count(n)
        came += n
        if came > MAX_BYTES:
            raise too_large
        return message

    return receive


def usable(photos: list[bytes], decoders: Decoders) -> list[bytes | PhotoError]:
    """Each with no more pixels than a server decodes, else why not; only headers are read.

    Raises:
        HTTPException: 413, together they have too many.
    """
    checked = [_with_pixels(data, decoders) for data in photos]
    pixels = sum(n for _, n in checked)
    if pixels > MAX_REQUEST_PIXELS:
        raise HTTPException(
            413,
            f"These photos have {pixels // 1_000_000:,} million pixels together, and a request takes up to "
            f"{MAX_REQUEST_PIXELS // 1_000_000}. Send fewer at a time.",
        )
    return [photo for photo, _ in checked]


def _with_pixels(data: bytes, decoders: Decoders) -> tuple[bytes | PhotoError, int]:
    try:
        width, height = decoders.call(size_of, photo_bytes(data))
    except PhotoError as error:
        return error, 0
    if width * height > MAX_PIXELS:
        return PhotoError(f"{width:,} x {height:,} pixels, more than {MAX_PIXELS // 1_000_000} million"), 0
    return data, width * height

"""The HTTP server: photos in, rows out, the same as of `python -m core predict --json`."""

import asyncio
import json
from concurrent.futures import Executor
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel

from core.base.records import JsonObject
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError
from core.runs.predictor import Prediction, Predictor, as_row
from core.server.guards import DrainBeforeRefusal, RequestSemaphore, guards_of
from core.server.photos import FIELD, FORM, MAX_INCOMING, MAX_PHOTOS, OCTETS, NamedPhoto, photos_of, usable
from core.server.same_origin import SameOriginOnly
from core.server.slow_senders import IncomingBytes

HOW_TO_ALLOW = "Serve it with --host ADDRESS and a key, and any name will do."
WAITING = 32  # requests beyond those that are being answered; with `photos.MAX_BYTES` it bounds their memory
ANSWER_S = 60  # for a request: a JPEG of 23 kB can be made to take seconds, whatever pixels it has
# FastAPI can report to an observer that environment variables name. Photos and habits stay here.
NO_TELEMETRY = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
ABOUT = "Ask a trained run about photos. Photos are looked at in memory and not kept."


class Answer(BaseModel):
    """What the model says of a photo."""

    path: str
    label: str
    probability: float
    probabilities: dict[str, float]
    known: bool | None
    typicality: float | None  # the in-distribution score
    note: str = ""  # only where there is something to know of the photo


class NoAnswer(BaseModel):
    """A photo among others that can't be used, and why."""

    path: str
    error: str


class Health(BaseModel):
    """That it runs."""

    status: str


class Refusal(BaseModel):
    """Why a request got no answer, in a sentence."""

    detail: str


_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1, "maxItems": MAX_PHOTOS}
_FORM_SCHEMA = {"type": "object", "properties": {FIELD: _FILES}, "required": [FIELD], "additionalProperties": False}
_ONE_PHOTO = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
PREDICT_BODY = {
    "requestBody": {
        "required": True,
        "content": {FORM: {"schema": _FORM_SCHEMA}, "image/*": _ONE_PHOTO, OCTETS: _ONE_PHOTO},
    }
}


def build_app(predictor: Predictor, decoders: Decoders, pool: Executor, key: str | None, hosts: list[str]) -> FastAPI:
    """The application, whose predictor answers in the pool, `predictor.threads` at a time.

    Args:
        predictor: Asks the decoders, too.
        decoders: Look at photos, whose bytes and headers anybody may have made.
        pool: Waits for both.
        key: What clients must send as X-API-Key; None to ask nobody.
        hosts: The names by which clients may call this server besides this computer's own, or ["*"].
    """
    app = FastAPIOffline(redoc_url=None, title="Espalier", version="1", description=ABOUT, telemetry=NO_TELEMETRY)
    app.add_middleware(SameOriginOnly, lambda: hosts, HOW_TO_ALLOW)
    app.add_middleware(DrainBeforeRefusal)
    incoming = IncomingBytes(MAX_INCOMING)
    semaphore = RequestSemaphore(predictor.threads + WAITING)
    guards, refusals = guards_of(key)

    @app.get("/health")
    async def health() -> Health:
        """Whether it runs; needs no key."""
        return Health(status="ok")

    @app.get("/labels", dependencies=guards, response_model=list[str], responses=_refusals(*refusals))
    async def labels() -> Response:
        """The class names, in the order of the model's outputs."""
        return _json(predictor.class_names)

    @app.post(
        "/predict",
        dependencies=guards,
        response_model=list[Answer | NoAnswer],
        responses=_refusals(400, 408, 413, 415, 422, 503, *refusals),
        openapi_extra=PREDICT_BODY,
    )
    async def predict(request: Request) -> Response:
        """One row per photo, in their order. A photo that can't be used is a row with its error, unless all are."""
        photos = await photos_of(request, incoming)
        with semaphore.place():  # only now: who sends slowly keeps nobody else waiting
            rows = _rows(photos, await _answers([data for _, data in photos], predictor, decoders, pool))
        return _json(rows)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        return _json({"detail": "Something went wrong here."}, 500)

    return app


async def _answers(
    photos: list[bytes], predictor: Predictor, decoders: Decoders, pool: Executor
) -> list[Prediction | PhotoError]:
    """One a photo. HTTPException 503 when they take too long, whatever makes them slow; what hasn't begun is left."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_S):
            checked = await loop.run_in_executor(pool, usable, photos, decoders)
            return await asyncio.gather(*(loop.run_in_executor(pool, predictor.answer, photo) for photo in checked))
    except TimeoutError as error:
        words = f"There was no answer within {ANSWER_S} seconds. Send fewer photos at a time, or try again later."
        raise HTTPException(503, words, {"Retry-After": "1"}) from error


def _json(values: Any, status: int = 200) -> Response:
    """In ASCII: a class name can hold bytes of a folder's name that are no text, which UTF-8 would refuse."""
    return Response(json.dumps(values), status, media_type="application/json")


def _refusals(*statuses: int) -> dict[int | str, dict[str, type[BaseModel]]]:
    return {status: {"model": Refusal} for status in statuses}


def _rows(photos: list[NamedPhoto], answers: list[Prediction | PhotoError]) -> list[JsonObject]:
    if all(isinstance(answer, PhotoError) for answer in answers):
        none = "The photo can't be used" if len(photos) == 1 else f"None of the {len(photos)} photos can be used"
        raise HTTPException(422, f"{none}: {answers[0]}.")
    return [as_row(name, answer) for (name, _), answer in zip(photos, answers, strict=True)]

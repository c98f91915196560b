"""What a server holds against too much: a rate for each client, so many requests at a time, a key.

A refused request is read to its end, so that its sender hears why.
"""

import asyncio
import hmac
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Security
from fastapi.params import Depends as Dependency
from fastapi.security import APIKeyHeader
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.base.computer import is_loopback

PER_SECOND = 20  # requests of one client on another computer; each may bring many photos
BURST = 100
MAX_CLIENTS = 10_000  # remembered; each takes some hundred bytes
MOST_BYTES, MOST_S = 200_000_000, 10  # of a refused request, that are read

Guard = Callable[..., Awaitable[None]]


class RateLimit:
    """So many requests a second of each client, and at least 1 at once after a pause, the burst (a token bucket)."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, burst
        self._clients: dict[str, tuple[float, float]] = {}  # tokens and when; who asked last is last

    def wait_s(self, client: str, now: float) -> float:
        """0 when the client at an address may ask now, which is counted; else the seconds after which it may.

        `now` is in seconds by a clock that only grows.
        """
        tokens, before = self._clients.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - before) * self._per_second)
        allowed = tokens >= 1
        self._clients[client] = (tokens - allowed, now)
        if len(self._clients) > MAX_CLIENTS:
            del self._clients[next(iter(self._clients))]
        return 0.0 if allowed else (1 - tokens) / self._per_second


class RequestSemaphore:
    """So many requests, at least 1, at a time; who comes when it is full shall come again. On the event loop alone."""

    def __init__(self, places: int) -> None:
        self._free = places

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place while the block runs.

        Raises:
            HTTPException: 503, there is none.
        """
        if not self._free:
            raise HTTPException(503, "Too many requests are waiting already. Try again soon.", {"Retry-After": "1"})
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


def not_too_often(limit: RateLimit) -> Guard:
    """Refuses a client that asks too often. All programs on this computer are one client, and only wait in turn."""

    async def guard(request: Request) -> None:
        client = request.client.host if request.client else ""
        wait_s = 0.0 if is_loopback(client) else limit.wait_s(client, time.monotonic())
        if wait_s:
            raise HTTPException(429, "Too many requests. Try again later.", {"Retry-After": str(math.ceil(wait_s))})

    return guard


def with_key(key: str) -> Guard:
    """Refuses who doesn't send the key."""
    header = APIKeyHeader(name="X-API-Key", auto_error=False)
    expected = key.encode()

    async def guard(sent: Annotated[str | None, Security(header)]) -> None:
        if not hmac.compare_digest((sent or "").encode("latin-1"), expected):  # headers are decoded as latin-1
            raise HTTPException(401, "The key is needed in the header X-API-Key.", {"WWW-Authenticate": "APIKey"})

    return guard


def guards_of(key: str | None) -> tuple[list[Dependency], list[int]]:
    """What stands before the run's answers, and the statuses that come of it; without a key nobody is asked for one."""
    often = Depends(not_too_often(RateLimit(PER_SECOND, BURST)))  # first, so that it slows down guessing of the key
    return ([often], [429]) if key is None else ([often, Depends(with_key(key))], [401, 429])


class DrainBeforeRefusal:
    """Reads what is left of a request, keeping nothing, before a refusal is sent.

    A client that still sends when the connection is closed reads no answer but "connection reset". Whoever sends more
    than MOST_BYTES, or for longer than MOST_S, gets just that.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        rest = _Rest(receive)

        async def send_when_drained(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                await rest.read()
            await send(message)

        await self._app(scope, rest.receive, send_when_drained)


class _Rest:
    """A request's messages, and those of them that nobody wanted."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._came, self._ended = receive, 0, False

    async def receive(self) -> Message:
        message = await self._receive()
        self._came += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message

    async def read(self) -> None:
        try:
            async with asyncio.timeout(MOST_S):
                while not self._ended and self._came <= MOST_BYTES:
                    await self.receive()
        except TimeoutError:
            pass

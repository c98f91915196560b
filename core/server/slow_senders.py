"""Those who send slowly, or nothing more: they keep no place from others, and the memory that they take is bounded."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10  # for the head of a request to come in; what follows has `photos.READ_S`


class IncomingBytes:
    """What all requests have sent that are still coming in. When it is too much, the one that began first must go.

    Args:
        most: Bytes, far more than one request may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._came: dict[asyncio.Timeout, int] = {}  # who began first is first

    @asynccontextmanager
    async def reading(self, seconds: float) -> AsyncIterator[Callable[[int], None]]:
        """Gives what is to be told of bytes that came; TimeoutError after these seconds, or when the room is needed."""
        async with asyncio.timeout(seconds) as patience:
            self._came[patience] = 0
            try:
                yield lambda n: self._count(patience, n)
            finally:
                self._came.pop(patience, None)

    def _count(self, patience: asyncio.Timeout, n: int) -> None:
        if patience in self._came:
            self._came[patience] += n
        while sum(self._came.values()) > self._most:
            first = next(iter(self._came))
            del self._came[first]
            first.reschedule(asyncio.get_running_loop().time())


class Impatient(H11Protocol):
    """Uvicorn's HTTP that closes a connection when HEAD_S passed without a whole head: by itself it waits for ever."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:  # the head isn't whole yet, be it the first of this connection or not
            self._expect_head()
        else:
            self._expect_nothing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

"""Those who send slowly, or nothing more: they keep no place from others, and the memory that they take is bounded."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10  # for the head of a request to come in; what follows has `photos.READ_S`
EXCHANGE_S = 180  # from then on until all is sent and read: longer than any request takes


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
    """Uvicorn's HTTP that ends a connection whose head, or exchange, isn't through in time: by itself it waits on.

    What else would keep a connection for ever: who sends the rest of a request that is answered already a byte at a
    time, and who never reads the answer.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._awaits_s = 0  # HEAD_S, EXCHANGE_S, or 0 for nothing
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect(HEAD_S)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect(self._what_is_missing())

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is not h11.SEND_BODY:
            self._expect(0)
            self._expect(self._what_is_missing())  # of the next request, where it is there already

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(0)
        super().connection_lost(exc)

    def _what_is_missing(self) -> int:
        if self.conn.their_state is h11.IDLE:  # the head isn't whole yet, be it the first of this connection or not
            return HEAD_S
        answered = self.cycle is None or self.cycle.response_complete
        return 0 if answered and self.conn.their_state is not h11.SEND_BODY else EXCHANGE_S

    def _expect(self, seconds: int) -> None:
        if seconds == self._awaits_s:
            return
        self._awaits_s = seconds
        if self._deadline is not None:
            self._deadline.cancel()
        # Not `close`, which waits until what was sent is read.
        self._deadline = self.loop.call_later(seconds, self.transport.abort) if seconds else None

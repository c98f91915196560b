"""A refused request is read to its end, so that its sender hears why."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 200_000_000
MOST_S = 10


class DrainBeforeRefusal:
    """Reads what is left of a request, keeping nothing, before a refusal is sent.

    A client that still sends when the connection is closed reads no answer but "connection reset". Whoever sends more
    than MOST_BYTES, or for longer than MOST_S, gets just that.

    Args:
        app: What answers.
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

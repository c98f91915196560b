"""Who keeps a connection, or the decoders, for longer than any request takes: that ends, and nothing more is begun."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from fastapi import HTTPException
from uvicorn.server import ServerState

from core.server import app as served
from core.server import slow_senders

HEAD = b"GET /labels HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("request_", "answer_bytes"),
    [
        (HEAD + b"Content-Length: 9\r\n\r\na", 2),  # is answered, and never sends the rest
        (HEAD + b"\r\n", 50_000_000),  # never reads its answer
    ],
)
def test_a_connection_ends_whose_exchange_never_does(monkeypatch, request_, answer_bytes):
    monkeypatch.setattr(slow_senders, "EXCHANGE_S", 0.2)

    async def answers(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(answer_bytes)})

    async def ask():
        ended = asyncio.Event()

        class Told(slow_senders.Impatient):
            def connection_lost(self, exc):
                super().connection_lost(exc)
                ended.set()

        config = uvicorn.Config(answers, lifespan="off", log_config=None, timeout_keep_alive=600)
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Told(config, ServerState(), {}), "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1)
            writer.write(request_)
            await asyncio.wait_for(ended.wait(), 30)
            writer.transport.abort()

    asyncio.run(ask())


def test_photos_that_take_too_long_are_left_and_those_behind_them_never_begun(monkeypatch):
    monkeypatch.setattr(served, "ANSWER_S", 0.2)
    monkeypatch.setattr(served, "usable", lambda photos, decoders: photos)
    may_end, begun = threading.Event(), []

    class Predictor:
        def answer(self, photo):
            begun.append(photo)
            may_end.wait(60)

    async def ask(pool):
        try:
            await served._answers([b"1", b"2", b"3"], Predictor(), None, pool)
        finally:
            may_end.set()

    with ThreadPoolExecutor(1) as pool, pytest.raises(HTTPException) as refused:
        asyncio.run(ask(pool))
    assert refused.value.status_code == 503
    assert refused.value.detail.startswith("There was no answer within 0.2 seconds. Send fewer photos at a time")
    assert begun == [b"1"]

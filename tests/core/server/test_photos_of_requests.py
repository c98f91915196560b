import asyncio

import pytest
from fastapi import HTTPException, Request

from core.server import guards, photos
from core.server.guards import DrainBeforeRefusal
from core.server.photos import photos_of
from core.server.slow_senders import IncomingBytes


def request_of(receive):
    return Request({"type": "http", "headers": [(b"content-type", b"image/png")]}, receive)


def refused(receive):
    with pytest.raises(HTTPException) as refusal:
        asyncio.run(photos_of(request_of(receive), IncomingBytes(1000)))
    return refusal.value.status_code


def test_who_sends_too_slowly_loses_the_place(monkeypatch):
    monkeypatch.setattr(photos, "READ_S", 0.05)
    assert refused(lambda: asyncio.sleep(60)) == 408


def test_who_leaves_while_sending_is_no_error_of_ours():
    async def leaves():
        return {"type": "http.disconnect"}

    assert refused(leaves) == 400


async def send_pieces(incoming, pieces, ended):
    """Count these bytes, a piece at a turn, then wait until `ended`; whether the room was taken away meanwhile."""
    try:
        async with incoming.reading(60) as count:
            for n in pieces:
                count(n)
                await asyncio.sleep(0)
            await ended.wait()
        return False
    except TimeoutError:
        return True


def test_where_too_much_comes_in_at_once_the_one_that_began_first_goes():
    async def all_of_them():
        incoming, ended = IncomingBytes(100), asyncio.Event()
        senders = [asyncio.create_task(send_pieces(incoming, pieces, ended)) for pieces in ([40], [30], [25, 10], [60])]
        await asyncio.sleep(0.05)
        ended.set()
        return await asyncio.gather(*senders)

    assert asyncio.run(all_of_them()) == [True, True, False, False]


def heard(status, messages):
    """What an app that reads nothing and answers with a status leaves of these messages."""
    left = list(messages)

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def receive():
        return left.pop(0) if left else await asyncio.sleep(60)

    async def send(message):
        pass

    asyncio.run(DrainBeforeRefusal(app)({"type": "http"}, receive, send))
    return left


PARTS = [{"body": b"abc", "more_body": True}] * 3 + [{"body": b"abc"}]


def test_a_client_is_heard_out_before_it_is_refused(monkeypatch):
    assert heard(401, PARTS) == []
    assert heard(200, PARTS) == PARTS
    monkeypatch.setattr(guards, "MOST_BYTES", 5)
    assert heard(401, PARTS) == PARTS[2:]


def test_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(guards, "MOST_S", 0.05)
    assert heard(401, PARTS[:3]) == []

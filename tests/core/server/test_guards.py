import asyncio
from types import SimpleNamespace

import pytest
from fastapi import HTTPException

from core.base.computer import is_loopback
from core.server import guards
from core.server.guards import RateLimit, RequestSemaphore, not_too_often


def test_a_client_may_ask_often_for_a_while_and_then_at_the_rate():
    limit = RateLimit(per_second=2, burst=3)
    assert [limit.wait_s("a", 10.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait_s("b", 10.0) == 0
    assert limit.wait_s("a", 10.4) == pytest.approx(0.1)
    assert limit.wait_s("a", 10.5) == 0
    assert limit.wait_s("a", 10.5) == pytest.approx(0.5)
    assert [limit.wait_s("a", 1000.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_only_so_many_clients_are_remembered(monkeypatch):
    monkeypatch.setattr(guards, "MAX_CLIENTS", 2)
    limit = RateLimit(per_second=1, burst=1)
    assert [limit.wait_s(client, 0.0) for client in "abc"] == [0, 0, 0]
    assert limit.wait_s("c", 0.0) == 1
    assert limit.wait_s("a", 0.0) == 0  # forgotten, since it asked longest ago


def test_who_asks_too_often_hears_when_to_come_again_unless_it_is_this_computer():
    guard = not_too_often(RateLimit(per_second=0.4, burst=1))

    def ask(host):
        asyncio.run(guard(SimpleNamespace(client=SimpleNamespace(host=host))))

    ask("203.0.113.7")
    with pytest.raises(HTTPException) as refused:
        ask("203.0.113.7")
    assert refused.value.status_code == 429
    assert refused.value.headers["Retry-After"] == "3"
    for _ in range(3):
        ask("127.0.0.1")
        ask("::1")


def test_a_place_is_free_again_also_after_an_error():
    semaphore = RequestSemaphore(1)
    with pytest.raises(KeyError), semaphore.place():
        raise KeyError
    with semaphore.place(), pytest.raises(HTTPException) as refused, semaphore.place():
        pass
    assert refused.value.status_code == 503
    with semaphore.place():
        pass


def test_what_is_loopback():
    assert is_loopback("127.0.0.1")
    assert is_loopback("127.8.8.8")
    assert is_loopback("::1")
    for other in ("0.0.0.0", "::", "192.168.1.2", "203.0.113.7", "localhost.evil.example", ""):
        assert not is_loopback(other)

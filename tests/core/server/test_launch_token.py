"""The token that whoever opens the app must bring, where one is set."""

import asyncio

import pytest

from core.base.errors import InputError
from core.server.launch_token import LaunchToken, token_guard

TOKEN = "correct horse battery"


def ask(path="/", query="", cookie="", kind="http"):
    """What is sent for a request: a status, its headers and body, or the app's own "inside"."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "inside"})

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost:8501"), *([(b"cookie", cookie.encode("latin-1"))] if cookie else [])]
    scope = {"type": kind, "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    asyncio.run(LaunchToken(app, TOKEN)(scope | {"server": ("127.0.0.1", 8501)}, None, send))
    return sent


def header(sent, name):
    return dict(sent[0]["headers"])[name].decode()


def test_without_a_token_in_the_environment_nobody_is_asked_and_a_short_one_is_refused():
    assert token_guard({}) == []
    assert len(token_guard({"ESPALIER_TOKEN": TOKEN})) == 1
    with pytest.raises(InputError, match="needs at least 12 characters"):
        token_guard({"ESPALIER_TOKEN": "short"})


@pytest.mark.parametrize("path", ["/", "/photos", "/media/a.png", "/_stcore/upload_file/a/b", "/pictures/a/1/small"])
def test_nothing_is_shown_without_it(path):
    for sent in (ask(path), ask(path, "token=wrong"), ask(path, "token="), ask(path, cookie="espalier_8501=wrong")):
        assert sent[0]["status"] == 401
        assert b"ESPALIER_TOKEN" in sent[1]["body"]
    assert ask(path, cookie="espalier_8501=\xe9; a:b")[0]["status"] == 401


def test_no_socket_is_opened_without_it():
    assert ask("/_stcore/stream", kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_who_brings_it_once_is_known_from_then_on():
    sent = ask("/photos", "project=a+b&token=correct+horse+battery")
    assert (sent[0]["status"], header(sent, b"location")) == (303, "/photos?project=a+b")
    kept = header(sent, b"set-cookie")
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    cookie = kept.split(";")[0]
    assert TOKEN not in cookie
    assert ask("/photos", cookie=cookie) == [{"type": "inside"}]
    assert ask("/_stcore/stream", cookie=cookie, kind="websocket") == [{"type": "inside"}]


def test_it_leads_to_no_other_computer():
    assert header(ask("//evil.example/a", "token=correct+horse+battery"), b"location") == "/evil.example/a"


def test_whether_the_app_runs_may_be_asked_by_anybody():
    assert ask("/_stcore/health") == [{"type": "inside"}]

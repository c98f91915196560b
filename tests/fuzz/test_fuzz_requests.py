"""Requests of strangers, asked of `serve` and of the app's own guards in this process: always an answer, never ours."""

import asyncio
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import strategies as st
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware

from core.photos.decoding import PhotoError, pixels_or_error
from core.projects.workspace import Workspace
from core.runs.predictor import Prediction
from core.server import guards
from core.server.app import build_app
from core.server.launch_token import LaunchToken
from core.server.same_origin import SameOriginOnly
from pages.components.pictures import addresses
from tests.fuzz.cases import DAMAGE, Bytes, cases, damaged, try_each

SAID = {200, 303, 307, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 503}  # statuses that are answers
TURNS = 10_000  # messages of one request that are read or sent: more is a circle
OURS = re.compile(rb"(localhost\.?|127(\.\d{1,3}){3}|\[::1\])(:\d*)?", re.IGNORECASE)
TOKEN = "correct horse battery"
FORM = "multipart/form-data; boundary=b"

HOSTS = ["localhost", "localhost:8501", "127.0.0.1", "[::1]:80", "evil.example", "localhost@evil", "", "127.0.0.1.evil"]
VALUES = st.one_of(
    st.sampled_from([*HOSTS, "http://localhost", "http://evil.example", "null", "http://[", "same-origin", "none"]),
    st.sampled_from(["cross-site", "navigate", "document", "iframe", "0", "-1", "9" * 5000, "1e9", "chunked", "\xff"]),
    st.sampled_from(["multipart/form-data", "multipart/form-data; boundary=", "image/png", "application/octet-stream"]),
    st.sampled_from([f"espalier_80={TOKEN}", "espalier_80=x; =; ;;", "gzip", "bytes=0-", "text/html"]),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=12),
)
NAMES = st.sampled_from(
    ["host", "origin", "referer", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "cookie", "x-api-key", "range"]
    + ["content-type", "content-length", "transfer-encoding", "content-encoding", "upgrade", "x-forwarded-host"]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
QUERIES = st.sampled_from(
    ["", "token=", f"token={TOKEN}", "token=%ff%00&token=2", "a=%zz&&=;", "&" * 99, "x=" + "1" * 999]
)


@pytest.fixture(scope="module")
def photo():
    whole = io.BytesIO()
    Image.new("RGB", (32, 24), (200, 40, 90)).save(whole, "PNG")
    return whole.getvalue()


def ask(app, scope, messages, stays=False):
    """What an app sends for a request, given these messages and then the end of the connection, unless that stays."""
    waiting, sent = list(messages), []

    async def receive():
        if stays and not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0) if waiting else {"type": f"{scope['type']}.disconnect", "code": 1006}

    async def send(message):
        sent.append(message)
        assert len(sent) < TURNS

    usual = {"query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"}}
    usual |= {
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 80),
        "raw_path": scope["path"].encode("utf-8", "replace"),
    }

    async def call():
        async with asyncio.timeout(60):
            await app({**usual, **scope}, receive, send)

    asyncio.run(call())
    return sent


def answer(sent):
    """Status, headers and body of an answer that is whole and one."""
    assert [each["type"] for each in sent].count("http.response.start") == 1
    assert sent[0]["type"] == "http.response.start"
    assert not sent[-1].get("more_body")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    assert not [value for value in headers.values() if re.search("[\r\n\0]", value)]
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


def encoded(headers):
    return [(name.encode(), value.encode("latin-1")) for name, value in headers]


def form(parts, boundary="b"):
    """A multipart body of (field, file name, kind, bytes)."""
    body = b""
    for field, name, kind, data in parts:
        file = f'; filename="{name}"' if name is not None else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"{file}\r\nContent-Type: {kind}\r\n\r\n'
        body += head.encode("utf-8", "surrogatepass") + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def pieces(body, cuts, ended):
    """The body as it may come in: in pieces, and perhaps never to its end."""
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    sent = [body[a:b] for a, b in pairwise(places)]
    return [
        {"type": "http.request", "body": each, "more_body": not ended or i < len(sent) - 1}
        for i, each in enumerate(sent)
    ]


class InHere:
    """Stands for the processes in which photos are decoded: what breaks those, their own tests show."""

    def call(self, function, *item):
        return function(*item)


class Answering:
    """Stands for a trained run: decodes for real, answers always the same."""

    class_names, threads = ["apple", "pe\udcffar <b>"], 1

    def answer(self, photo):
        found = photo if isinstance(photo, PhotoError) else pixels_or_error(photo, 16)
        return found if isinstance(found, PhotoError) else Prediction("apple", 0.75, {"apple": 0.75, "pear": 0.25})


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@cases(quick=300, long=3000)
def test_whatever_is_asked_of_a_served_run_is_answered_in_words(photo, monkeypatch, cases):
    monkeypatch.setattr(guards, "MOST_S", 1)
    names = st.sampled_from([None, "", "a.png", "../../x.png", "\ud800.png", 'q"uote.png', "x" * 5000, "a\r\nb"])
    datas = st.one_of(st.just(Bytes(photo)), st.builds(damaged, st.just(Bytes(photo)), st.lists(DAMAGE, max_size=2)))
    parts = st.lists(st.tuples(st.sampled_from(["photos", "photos", "other", ""]), names, VALUES, datas), max_size=4)
    bodies = st.one_of(
        datas, st.builds(damaged, st.builds(form, parts), st.lists(DAMAGE, max_size=2)), st.builds(form, parts)
    )
    kinds = st.sampled_from([FORM] * 4 + ["image/png"] * 3 + ["multipart/form-data", "text/plain", ""])
    paths = st.sampled_from(
        ["/predict"] * 14 + ["/labels", "/health", "/docs", "/openapi.json", "//", "/predict/", "/../x"]
    )
    methods = st.sampled_from(["POST"] * 20 + ["GET", "HEAD", "PUT", "OPTIONS", "X"])
    cuts = st.lists(st.integers(0, 10**6), max_size=3)
    with ThreadPoolExecutor(1) as pool:
        app = build_app(Answering(), InHere(), pool, None, [])

        def check(case):
            path, method, kind, headers, body, cuts, ended, local = case
            headers = [("content-type", kind), *([("host", "localhost")] if local else []), *headers]
            scope = {"type": "http", "method": method, "path": path, "headers": encoded(headers)}
            status, _, said = answer(ask(app, scope, pieces(body, cuts, ended)))
            assert status in SAID, (status, said)
            if status >= 400 and method != "HEAD":
                words = json.loads(said)["detail"] if said.startswith(b"{") else said.decode()
                assert isinstance(words, str)
                assert "Traceback" not in words
            return status

        usually = st.sampled_from([True] * 9 + [False])
        headers = st.one_of(st.just([]), HEADERS)
        shape = st.tuples(paths, methods, kinds, headers, bodies, cuts, usually, usually)
        outcomes = try_each(shape, cases, check)
    assert {200, 400, 403, 415, 422} <= set(outcomes)


@cases(quick=300, long=2500)
def test_only_this_computers_own_names_and_pages_get_past_the_guards(cases):
    async def inside(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-inside", b"yes")]})
            await send({"type": "http.response.body", "body": b"photos"})
        else:
            await send({"type": "websocket.accept"})

    same = SameOriginOnly(inside, list, "how")
    both = SameOriginOnly(partial(LaunchToken(inside, TOKEN)), list, "how")

    def check(case):
        kind, method, path, query, headers, local = case
        headers = [*([("host", "localhost")] if local else []), *headers]
        scope = {"type": kind, "method": method, "path": path, "headers": encoded(headers)}
        sent = ask(same, scope | {"query_string": query.encode()}, [])
        came_in = sent[0]["type"] == "websocket.accept" or sent[0].get("status") == 200
        hosts = [value for name, value in encoded(headers) if name == b"host"]
        if came_in:
            assert len(hosts) == 1
            assert OURS.fullmatch(hosts[0])
            assert all(
                value.split("//")[-1].lower() == hosts[0].decode().lower()
                for name, value in headers
                if name == "origin"
            )
        if kind == "http":
            _, told, _ = answer(sent)
            assert "frame-ancestors" in told["content-security-policy"]
        with_token = ask(both, scope | {"query_string": query.encode()}, [])
        assert path == "/_stcore/health" or with_token[0].get("status") != 200
        assert path == "/_stcore/health" or with_token[0]["type"] != "websocket.accept"
        location = dict(with_token[0].get("headers", [])).get(b"location", b"/")
        assert re.match(rb"/(?!/)", location)
        return came_in

    paths = st.sampled_from(
        ["/", "/_stcore/stream", "/media/a", "/_stcore/health", "//evil.example/a", "/\\evil", "/component/x"]
    )
    shape = st.tuples(
        st.sampled_from(["http", "http", "websocket"]),
        st.sampled_from(["GET", "POST", "PUT"]),
        paths,
        QUERIES,
        HEADERS,
        st.booleans(),
    )
    outcomes = try_each(shape, cases, check)
    assert min(outcomes[True], outcomes[False]) > cases // 20


@cases(quick=150, long=1500)
def test_pictures_are_asked_for_by_any_address_and_none_leads_out(tmp_path, monkeypatch, cases):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))
    project = Workspace(tmp_path / "home").create("Fruit")
    (tmp_path / "home" / "secret.txt").write_text("secret")
    app = Starlette(routes=addresses.routes(), middleware=[Middleware(SameOriginOnly, list, "how")])
    parts = st.one_of(
        st.sampled_from(
            [project.id, "..", ".", "", "\0", "\ufffd", "x" * 300, "con", "a/../../b", "%2e%2e", "gallery"]
        ),
        st.sampled_from(
            ["0", "1", "-1", str(2**63), str(2**64), "9" * 400, "9" * 5000, "\u0663", "1.5", "small", "large"]
        ),
        st.sampled_from(["photo_gallery.js", "../lent.py", "..\\lent.py"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4),  # a server decodes the path before
    )
    fixed = st.sampled_from(["/pictures", "/lent", "/gallery"])
    usual = st.builds(lambda a, b, c, d: f"{a}/{b}/{c}/{d}", fixed, parts, st.integers(0, 2**70) | parts, parts)

    def check(path):
        headers = encoded([("host", "localhost")])
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        status, _, said = answer(ask(app, scope, [], stays=True))
        assert status in SAID, (status, said)
        assert b"secret" not in said
        assert b"import " not in said or status != 200 or path.endswith(".js")
        return status

    assert 404 in try_each(usual, cases, check)

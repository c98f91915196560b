"""Who is let in by its Host, its Origin and what a browser says of where a request comes from."""

import pytest
from starlette.datastructures import Headers

from core.server.same_origin import comes_from_elsewhere, is_allowed

HERE = {"host": "localhost:8501"}


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "localhost.", "127.0.0.1:8501", "127.9.9.9", "[::1]:8501"]
)
def test_this_computers_own_names_are_let_in(host):
    assert is_allowed(host, [])


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5"),
        *(
            "localhost@evil.example",
            "evil.example/localhost",
            "localhost:port",
            "localhost#evil",
            "[::1",
            "0x7f.1",
            " ",
        ),
        *("localhost, evil.example", "2130706433", "local host"),
    ],
)
def test_other_names_are_not(host):
    assert not is_allowed(host, [])


def test_names_that_the_user_allows_are_let_in_too():
    allowed = ["box.example", "*.lab.example"]
    assert [
        is_allowed(host, allowed) for host in ("Box.example:80", "a.lab.example.", "lab.example", "a.box.example")
    ] == [*(True, True, False, False)]
    assert is_allowed("anything.example", ["*"])
    assert not is_allowed("", ["*"])


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("POST", {}),  # a program
        ("POST", {"origin": "http://localhost:8501", "sec-fetch-site": "same-origin"}),
        ("GET", {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}),  # typed in
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}),  # a link
    ],
)
def test_own_pages_programs_and_links_are_let_in(method, said):
    assert not comes_from_elsewhere(Headers(HERE | said), method)


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("GET", {"origin": "http://evil.example"}),
        ("GET", {"origin": "http://localhost:9999"}),
        ("POST", {"origin": "null"}),
        ("POST", {"origin": ""}),
        ("POST", {"origin": "http://["}),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}),
        ("GET", {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}),
        ("GET", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}),
        (
            "POST",
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
        ),  # a form
    ],
)
def test_what_another_web_page_asks_is_refused(method, said):
    assert comes_from_elsewhere(Headers(HERE | said), method)


def test_of_several_headers_none_may_name_another_page():
    two = [(b"host", b"localhost:8501"), (b"origin", b"http://localhost:8501"), (b"origin", b"http://evil.example")]
    assert comes_from_elsewhere(Headers(raw=two), "GET")
    assert not comes_from_elsewhere(Headers(raw=two[:2]), "GET")
    sites = [(b"host", b"localhost:8501"), (b"sec-fetch-site", b"none"), (b"sec-fetch-site", b"cross-site")]
    assert comes_from_elsewhere(Headers(raw=sites), "POST")

"""The app answers to this computer's own names and its own pages; a real browser is told of others."""

import http.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.conftest import CHROMIUM, FLAGS, serve, skip_or_fail

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
PLACES = ("/", "/photos", "/_stcore/health", "/_stcore/host-config", "/media/a.png", "/component/a.b/index.html")
SOCKET, UPLOADS = "/_stcore/stream", "/_stcore/upload_file/a/b"


@pytest.fixture
def server(shared_server):
    return shared_server


def ask(server, path, method="GET", **headers):
    """Status and headers of an answer; the Host is the server's own unless said otherwise."""
    address = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    for name, value in ({"Host": address} | headers).items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


def test_a_foreign_name_reaches_nothing(server):
    port = server.url.rsplit(":", 1)[1]
    for place in (*PLACES, "/pictures/a/1/small", "/lent/a/1/small", "/gallery/a/gallery.js"):
        assert ask(server, place, Host=f"evil.example:{port}")[0] == 403
    for method in ("PUT", "POST", "DELETE", "OPTIONS"):
        assert ask(server, UPLOADS, method, Host="evil.example")[0] == 403
    assert ask(server, SOCKET, **UPGRADE, Host="evil.example", Origin="http://evil.example")[0] == 403
    assert ask(server, SOCKET, **UPGRADE, Host="evil.example")[0] == 403
    assert ask(server, "/", Host=f"localhost:{port}")[0] == 200


def test_other_web_pages_reach_nothing_not_even_of_this_computer(server):
    for origin in ("http://evil.example", "http://localhost:9999", "http://127.0.0.1:9999", "null"):
        assert ask(server, SOCKET, **UPGRADE, Origin=origin)[0] == 403
        assert ask(server, UPLOADS, "PUT", Origin=origin)[0] == 403
        assert ask(server, "/media/a.png", Origin=origin)[0] == 403
    assert ask(server, "/media/a.png", Sec_Fetch_Site="same-site")[0] == 403
    assert ask(server, SOCKET, **UPGRADE, Origin=server.url)[0] == 101


def test_no_page_of_ours_is_shown_in_a_frame_but_streamlits_own(server):
    for place in PLACES:
        headers = ask(server, place)[1]
        who, old = ("self", "SAMEORIGIN") if place.startswith("/component/") else ("none", "DENY")
        assert headers["Content-Security-Policy"] == f"frame-ancestors '{who}'"
        assert headers["X-Frame-Options"] == old


def test_a_page_opened_by_its_address_on_a_server_that_has_just_begun_asks_no_other_computer(browser, tmp_path):
    asked: list[str] = []
    with serve(tmp_path) as begun:
        tab = browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{begun.url}/try_it")
        tab.get_by_text("There is no project yet.").wait_for()
        tab.wait_for_load_state("networkidle")
        ours = (begun.url, begun.url.replace("http", "ws", 1), "data:", "blob:")
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith(ours)] == []


class Evil(BaseHTTPRequestHandler):
    """Another web page, which frames the app, posts to it and opens its WebSocket, and says in its title what came."""

    def do_GET(self):
        app = self.path.partition("?")[2]
        page = f"""<title>waiting</title><iframe src="http://{app}/"></iframe><script>
            const socket = new WebSocket("ws://{app}{SOCKET}");
            const opened = new Promise((told) => {{
                socket.onopen = () => told("open");
                socket.onerror = () => told("shut");
            }});
            const read = fetch("http://{app}/_stcore/health").then(() => "read", () => "unread");
            Promise.all([opened, read]).then((came) => {{ document.title = came.join(" "); }});
        </script>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


def test_a_page_elsewhere_can_neither_frame_it_nor_talk_to_it(server):
    if CHROMIUM is None:
        skip_or_fail("Chromium is not installed on this machine")
    from playwright.sync_api import sync_playwright

    elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    Thread(target=elsewhere.serve_forever, daemon=True).start()
    rules = ["--host-resolver-rules=MAP evil.example 127.0.0.1"]
    with elsewhere, sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *rules])
        page = opened.new_page()
        app = server.url.removeprefix("http://")
        page.goto(f"http://evil.example:{elsewhere.server_port}/?{app}")
        page.wait_for_function("document.title !== 'waiting'")
        assert page.title() == "shut unread"
        assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
        foreign = page.goto(f"http://evil.example:{app.rsplit(':', 1)[1]}/")  # the app's own port by a foreign name
        assert foreign.status == 403
        assert "this computer's own names only" in page.inner_text("body")
        opened.close()
        elsewhere.shutdown()

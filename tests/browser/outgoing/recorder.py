"""Whatever asks anything of another computer while a test is in the browser: the browser, the server or a worker."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.outgoing.sitecustomize import RECORD

HERE = Path(__file__).resolve().parent
# What Chromium asks for itself, also on an empty page, whatever flags it is given; no part of the app knows these.
CHROMIUMS_OWN = (
    *("accounts.google.com", "android.clients.google.com", "clients1.google.com", "clients2.google.com"),
    *("www.google.com", "mtalk.google.com", "clientservices.googleapis.com", "content-autofill.googleapis.com"),
    *("optimizationguide-pa.googleapis.com", "safebrowsing.googleapis.com", "update.googleapis.com"),
    *("edgedl.me.gvt1.com", "redirector.gvt1.com"),
)


def guarded(record: Path) -> dict[str, str]:
    """The environment in which Python's processes write down in this file what they ask of other computers."""
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), RECORD: str(record)}


@contextmanager
def recording_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers nothing: its address, and what was asked of it, as it grows, but for Chromium's own.

    Chromium asks a proxy about all addresses but those of this computer.
    """
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            host = urlsplit(self.path if "://" in self.path else f"//{self.path}").hostname
            if host not in CHROMIUMS_OWN:
                asked.append(f"{self.command} {self.path}")
            self.send_error(502)

        do_CONNECT = do_GET = do_HEAD = do_POST = do_PUT = do_OPTIONS = refuse

        def log_message(self, *words: object) -> None:
            """Nothing: it is in `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()

"""Who may ask a server on this computer: not by a foreign name, not for another web page, and not from within a frame.

A web page on the internet can make a name of its own point to this computer and would then be of the same origin as the
app (DNS rebinding); and a page of any origin can send a form, open a WebSocket or show the app in a frame.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.base.computer import is_loopback

POLICY_VIOLATION = 1008  # the code with which a WebSocket is closed (RFC 6455, 7.4.1)
OWN_FRAMES = "/component/"  # what Streamlit shows in frames of the app's own pages


class SameOriginOnly:
    """ASGI middleware that refuses requests and WebSockets from elsewhere, and lets no other page frame the app.

    Args:
        app: What answers the others.
        allowed: Gives the names, beside this computer's own, by which it may be called: "app.example.com",
            "*.example.com", or "*" for any. Asked for each request.
        how: What to do to be let in by another name, in a sentence.
    """

    def __init__(self, app: ASGIApp, allowed: Callable[[], Sequence[str]], how: str) -> None:
        self._app, self._allowed, self._how = app, allowed, how

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        why = self._why_refused(headers, scope.get("method", ""))
        if scope["type"] == "websocket":
            if why:
                return await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": why})
            return await self._app(scope, receive, send)

        async def send_unframed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _keep_out_of_frames(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await (PlainTextResponse(why, 403) if why else self._app)(scope, receive, send_unframed)

    def _why_refused(self, headers: Headers, method: str) -> str:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_allowed(hosts[0], self._allowed()):
            return f"This is answered under this computer's own names only, such as localhost. {self._how}"
        if comes_from_elsewhere(headers, method):
            return "This is answered to its own pages only, not to other web pages."
        return ""


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a Host header names this computer ("localhost", or an address that only it reaches), or is allowed."""
    name = _name_in(host)
    if not name:
        return False
    if name == "localhost" or is_loopback(name):
        return True
    patterns = [pattern.strip().lower().rstrip(".").strip("[]") for pattern in allowed]
    return any(
        pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns
    )


def comes_from_elsewhere(headers: Headers, method: str) -> bool:
    """Whether a browser says that another web page asks. Programs say nothing of the kind; a link may be followed."""
    host = headers.get("host", "").lower()
    if any(_place_in(origin) != host for origin in headers.getlist("origin")):
        return True
    if all(site in ("none", "same-origin") for site in headers.getlist("sec-fetch-site")):
        return False
    opened = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return not (opened and method in ("GET", "HEAD"))


def _place_in(origin: str) -> str:
    """Name and port; "" where there are none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name_in(host: str) -> str:
    """The name without the port; "" where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises where it is no number
        if parts.netloc != host or "@" in host or parts.path or parts.query:
            return ""
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _keep_out_of_frames(headers: MutableHeaders, path: str) -> None:
    by, old = ("'self'", "SAMEORIGIN") if path.startswith(OWN_FRAMES) else ("'none'", "DENY")
    headers.append("Content-Security-Policy", f"frame-ancestors {by}")
    headers["X-Frame-Options"] = old
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"

"""A word that whoever opens the app must bring, for computers that several people use; off unless one is set.

As Jupyter has it: the first address of a visit holds the token, and a cookie stands for it from then on.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.base.errors import InputError

VARIABLE = "ESPALIER_TOKEN"  # of the environment
LEAST = 12  # characters: fewer can be guessed
HEALTH = "/_stcore/health"  # tells only that the app runs
REFUSED = 1008
ASKING = """<!doctype html><html lang="en"><title>Espalier</title><meta name="viewport" content="width=device-width">
<style>
body {{ font-family: sans-serif; max-width: 26rem; margin: 15vh auto; padding: 0 1rem; color-scheme: light dark }}
input, button {{ font: inherit; padding: .4rem .6rem }} input {{ width: 60% }}</style>
<h1>Espalier</h1><p>{words}</p>
<form action="/"><input name="token" type="password" aria-label="Token" autofocus required> <button>Open</button></form>
</html>"""
ASKS = "This app opens for those who have its token: the word in ESPALIER_TOKEN on the computer where it was started."
WRONG = "That is not its token. It is the word in ESPALIER_TOKEN on the computer where the app was started."


def token_guard(environment: Mapping[str, str]) -> list[Middleware]:
    """What asks for the token that the environment sets, or nothing where it sets none; InputError for a short one."""
    token = environment.get(VARIABLE, "")
    if not token:
        return []
    if len(token) < LEAST:
        raise InputError(f"{VARIABLE} needs at least {LEAST} characters, so that nobody guesses it.")
    return [Middleware(LaunchToken, token)]


class LaunchToken:
    """ASGI middleware that asks for a token once, then knows the browser by a cookie of this session."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, _digest(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH or self._is_known(scope):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": REFUSED})
        await self._answer(scope)(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        brought = HTTPConnection(scope).cookies.get(_name(scope), "")
        return hmac.compare_digest(brought.encode(), self._token.encode())

    def _answer(self, scope: Scope) -> Response:
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        brought = dict(asked).get("token")
        if brought is None or not hmac.compare_digest(_digest(brought), self._token):
            words = ASKS if brought is None else WRONG
            return HTMLResponse(ASKING.format(words=words), 401, {"Cache-Control": "no-store"})
        rest = urlencode([(name, value) for name, value in asked if name != "token"])
        opened = RedirectResponse(
            "/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else ""), 303, {"Cache-Control": "no-store"}
        )
        opened.set_cookie(_name(scope), self._token, httponly=True, samesite="strict")
        return opened


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _name(scope: Scope) -> str:
    """Of the cookie: browsers keep one jar for all ports of a name."""
    return f"espalier_{(scope.get('server') or ('', 0))[1]}"

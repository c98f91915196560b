"""Who could reach the app and a served run: what the doctor says of addresses, names, the token and the key."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from typing import Any

from core.base.computer import is_loopback
from core.base.records import JsonObject
from core.jobs.job import REPOSITORY
from core.server.address import HOST, PORT
from core.server.launch_token import LEAST, VARIABLE
from core.upkeep.finding import Finding

KEY = "ESPALIER_KEY"  # of the environment
APP_PORT = 8501  # Streamlit's own
EVERYWHERE = "0.0.0.0"  # noqa: S104  # where Streamlit listens when no address is set
STREAMLIT_S = 60
Settings = Mapping[str, Any]


def reach(environment: Mapping[str, str]) -> Finding:
    """What a start of the app and of `serve` would listen to now; what was said on their command lines isn't known."""
    return reach_of(configured(environment), environment)


def configured(environment: Mapping[str, str]) -> Settings:
    """Streamlit's settings of the server that differ from its own, out of all its files and variables.

    Raises:
        subprocess.SubprocessError: Streamlit can't tell.
    """
    command = [sys.executable, "-m", "streamlit", "config", "show"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=dict(environment), capture_output=True, text=True, timeout=STREAMLIT_S, check=True
    )
    return tomllib.loads(done.stdout[done.stdout.index("\n[") :]).get("server", {})


def reach_of(settings: Settings, environment: Mapping[str, str]) -> Finding:
    """What such settings and variables come to, as they stand."""
    address, port = settings.get("address") or EVERYWHERE, settings.get("port", APP_PORT)
    names, token = list(settings.get("allowedHosts", ())), environment.get(VARIABLE, "")
    app = {"address": address, "port": port, "this_computer_only": _is_here(address), "names": names}
    app |= {"token": bool(token)}
    key = bool(environment.get(KEY))
    serve = {"address": HOST, "port": PORT, "this_computer_only": True, "names": [], "key": key}
    worries = _worries(app, token)
    others = f", to {', '.join(names)}" if names else ""
    words = [
        f"The app listens on {address}, port {port}, and answers to this computer's own names{others}.",
        *worries,
        *([] if worries else ["Only this computer reaches it.", _of_token(token)]),
        f"`serve` listens on {HOST}, port {PORT}, unless --host says another; then it demands a key, and {KEY} sets "
        f"{'one' if key else 'none'}.",
    ]
    return Finding("reach", not worries, " ".join(words), {"app": app, "serve": serve})


def _is_here(address: str) -> bool:
    return address == "localhost" or is_loopback(address)


def _of_token(token: str) -> str:
    if token:
        return f"It asks whoever opens it for the token in {VARIABLE}."
    return f"It asks for no token: who else uses this computer can open it, unless {VARIABLE} sets one."


def _worries(app: JsonObject, token: str) -> list[str]:
    """Sentences on what lets in more people than the usual settings do."""
    found = []
    if not app["this_computer_only"]:
        who = "Whoever knows its token" if token else "Everybody"
        found.append(
            f"{who} in the network can reach your photos there, and nothing is encrypted on the way. Set "
            f"server.address in .streamlit/config.toml to {HOST}" + ("." if token else f", or a token in {VARIABLE}.")
        )
    if "*" in app["names"]:
        found.append(
            "Any name is allowed, so a web page from elsewhere can pass for the app. Name those that you need."
        )
    if token and len(token) < LEAST:
        found.append(f"The token in {VARIABLE} is shorter than {LEAST} characters, so the app won't start.")
    return found

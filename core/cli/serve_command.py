"""`python -m core serve`: a trained run answers other programs over HTTP until it is stopped."""

import argparse
import logging
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.base.computer import is_loopback
from core.base.errors import InputError
from core.cli.command import Command, Result, add_run, run_of
from core.photos.apart.decoders import Decoders
from core.runs.predictor import Predictor
from core.server.address import HOST, PORT

GRACE_S = 5  # for requests that are being answered when it is stopped


def serve(arguments: argparse.Namespace) -> Result:
    """Serve a run until SIGTERM or Ctrl-C; the address that it had."""
    with _bound(arguments.host, arguments.port) as listener:
        host, port = listener.getsockname()[:2]
        if not (is_loopback(host) or arguments.key):
            raise InputError(
                f"Other computers can reach {arguments.host}, so a key is needed: --key KEY, or ESPALIER_KEY in the "
                "environment."
            )
        hosts = [] if is_loopback(host) else ["*"]
        url = f"http://{_in_url(host)}:{port}"
        with Decoders() as decoders:
            predictor = Predictor(run_of(arguments), decoders)
            _serve(predictor, decoders, listener, arguments.key or None, hosts, url)
    return {"address": url}, "Stopped."


def _serve(
    predictor: Predictor, decoders: Decoders, listener: socket.socket, key: str | None, hosts: list[str], url: str
) -> None:
    import uvicorn

    from core.server.app import build_app
    from core.server.slow_senders import Impatient

    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a damaged form is the client's to hear of
    with ThreadPoolExecutor(predictor.threads) as pool:
        config = uvicorn.Config(
            build_app(predictor, decoders, pool, key, hosts),
            loop="asyncio",
            http=Impatient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # a client could say it is another
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = uvicorn.Server(config)
        _stop_in_peace(server)
        print(f"Serving at {url} (how to ask: {url}/docs). Ctrl-C stops it.", file=sys.stderr, flush=True)
        server.run(sockets=[listener])
        decoders.close()  # the pool waits for photos that are still being decoded


def _stop_in_peace(server: Any) -> None:
    """Make the signals that stop it end the process with status 0: Uvicorn raises them again when it has stopped."""

    def stop(*_: Any) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _bound(host: str, port: int) -> socket.socket:
    """A socket at this address that takes connections.

    Raises:
        InputError: The address isn't one of this computer, or is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # TCP is named, though nothing else is meant: else asyncio keeps Nagle's algorithm, and an answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        return listener
    except (OSError, TypeError) as error:  # the latter for a name that no computer can have
        why = getattr(error, "strerror", "no such address")
        raise InputError(f"{host}, port {port}, can't be used: {why}. See --host and --port.") from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _port(text: str) -> int:
    if not 0 <= int(text) <= 65_535:
        raise ValueError
    return int(text)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--port", type=_port, default=PORT, help=f"0 for any that is free (default: {PORT})")
    parser.add_argument("--host", default=HOST, help=f"whom it listens to (default: {HOST}, this computer only)")
    key = "which clients must send as X-API-Key; needed for other hosts (default: ESPALIER_KEY of the environment)"
    parser.add_argument("--key", default=os.environ.get("ESPALIER_KEY"), help=key)


SERVE = Command("serve", "let other programs ask a trained run over HTTP", serve, _add_arguments)

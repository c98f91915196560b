"""What the tests of a served run share: servers of it on free ports, each a real process."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
HEAVY = ("keras", "tensorflow", "sklearn", "optuna", "streamlit", "opentelemetry.sdk")
# As `python -m core`, but it says at its end which of the heavy libraries it had loaded, and has the patience of ten
# minutes with who asks nothing: a stop that waits for such a connection is a stop that never comes. Two seconds are
# enough for a request's head.
CORE = f"""
import atexit, sys
atexit.register(lambda: print("heavy:", [name for name in {HEAVY} if name in sys.modules], flush=True))
from core.cli import serve_command
from core.cli.main import main
from core.server import slow_senders
serve_command.GRACE_S = 600
slow_senders.HEAD_S = 2
sys.exit(main(sys.argv[1:]))
"""
KEY = "correct horse"  # of the guarded server


@pytest.fixture(scope="session")
def start_server(served_run, offline_environment):
    """Starts a server: its process and address."""

    @contextmanager
    def started(*options, **environment):
        process = subprocess.Popen(
            [sys.executable, "-c", CORE, "serve", str(served_run.folder), "--port", "0", *options],
            cwd=REPOSITORY,
            env={**offline_environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            patience = threading.Timer(60, process.kill)
            patience.start()
            try:
                line = process.stderr.readline()
                patience.cancel()
                assert line.startswith("Serving at "), line + process.stderr.read()
                yield process, line.split()[2]
            finally:
                process.kill()

    return started


@pytest.fixture(scope="session")
def server_url(start_server):
    """A server that all tests ask."""
    with start_server() as (_, address):
        yield address


@pytest.fixture(scope="session")
def guarded_url(start_server):
    """A server that other computers could reach, and so asks for a key."""
    with start_server("--host", "0.0.0.0", ESPALIER_KEY=KEY) as (_, address):
        yield address.replace("0.0.0.0", "127.0.0.1")

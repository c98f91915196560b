"""The kind of job "download": the weights of a base model, into the workspace."""

import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.base.events import FAILED, PHASE, PROGRESS
from core.jobs import kinds
from core.jobs.folder import JobFolder
from core.jobs.job import Job, State
from core.jobs.queue import Jobs
from core.jobs.worker import work
from core.models import download_job
from core.models.catalogue import base_model
from tests.waiting import await_that

CONTENT = b"weights" * 300_000  # 2.1 MB


@pytest.fixture
def served():
    """The address of a server on this computer that has one file."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_download_ends_in_the_workspace_and_tells_its_megabytes(served, tmp_path, monkeypatch):
    row = base_model("mobilenetv2")
    ours = replace(
        row.weights, url=served + row.weights.file, hash=hashlib.sha256(CONTENT).hexdigest(), bytes=len(CONTENT)
    )
    monkeypatch.setattr(download_job, "base_model", {"mobilenetv2": replace(row, weights=ours)}.get)
    folder = tmp_path / "downloads" / "mobilenetv2"
    folder.mkdir(parents=True)
    job = Job(folder)
    assert work(job, lambda: download_job.download(tmp_path, JobFolder(folder))) is True
    assert job.state() is State.FINISHED
    assert (tmp_path / "weights" / row.weights.file).read_bytes() == CONTENT
    events = job.events()
    assert events[0]["event"] == PHASE
    assert events[0]["words"] == "Downloading MobileNetV2"
    assert {event["total"] for event in events if event["event"] == PROGRESS} == {3}
    assert [event["done"] for event in events if event["event"] == PROGRESS][-1] == 2


def test_without_internet_a_worker_ends_with_a_clear_sentence(tmp_path, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody answers
    folder = tmp_path / "downloads" / "mobilenetv3-small"
    folder.mkdir(parents=True)
    job = Jobs(tmp_path).submit(kinds.DOWNLOAD, folder)
    await_that(lambda: job.state() is State.FAILED, seconds=60)
    message = next(event["message"] for event in job.events() if event["event"] == FAILED)
    assert message.startswith("The weights of MobileNetV3 Small can't be downloaded: the connection to the internet is")
    assert not (tmp_path / "weights" / base_model("mobilenetv3-small").weights.file).exists()

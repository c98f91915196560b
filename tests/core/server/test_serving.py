"""A run that is served, asked over HTTP; the servers are those of conftest.py."""

import io
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import requests
import tifffile
from PIL import Image

from core.photos.file_kinds import EMPTY
from core.runs.predictor import NEVER_SEEN, Predictor
from core.server.app import WAITING
from core.server.photos import MAX_BYTES, MAX_PHOTOS, MAX_PIXELS
from tests.core.server.conftest import KEY

REPOSITORY = Path(__file__).resolve().parents[3]


def ask(url, *files, **options):
    parts = [("photos", file) for file in files]
    return requests.post(f"{url}/predict", files=parts, timeout=60, **options)


def refused(answer, status):
    """The one sentence of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    (detail,) = answer.json().values()
    assert detail.endswith(".")
    assert "Traceback" not in detail
    return detail


def flat_png(side):
    """A picture of one colour: few bytes, many pixels."""
    data = io.BytesIO()
    Image.new("1", (side, side)).save(data, "PNG")
    return data.getvalue()


@pytest.mark.slow
def test_answers_are_those_of_the_command_line(server_url, served_run, served_photos, offline_environment):
    done = subprocess.run(
        [sys.executable, "-m", "core", "predict", str(served_run.folder), *map(str, served_photos), "--json"],
        cwd=REPOSITORY,
        env=offline_environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    expected = json.loads(done.stdout)
    rows = ask(server_url, *((str(path), path.read_bytes()) for path in served_photos)).json()
    assert [row["label"] for row in rows] == [path.parent.name for path in served_photos]
    for row, other in zip(rows, expected, strict=True):
        assert row.keys() == other.keys()
        assert row["label"] == other["label"]
        assert row["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)


def test_one_photo_can_be_the_whole_body(server_url, served_run, served_photos):
    expected = Predictor(served_run).answer(served_photos[0])
    for kind in ("image/jpeg", "application/octet-stream", "image/x-whatever; q=1"):
        answer = requests.post(
            f"{server_url}/predict", data=served_photos[0].read_bytes(), headers={"Content-Type": kind}, timeout=60
        )
        (row,) = answer.json()
        assert row["label"] == expected.label
        assert row["probabilities"] == pytest.approx(expected.probabilities, abs=1e-6)


def test_a_photo_that_cannot_be_read_is_a_row_with_its_error_and_the_rest_get_answers(server_url, served_photos):
    good = served_photos[0].read_bytes()
    files = [("a.jpg", good), ("b.jpg", b"no picture"), ("c.jpg", b""), ("d.png", flat_png(8001)), ("a.jpg", good)]
    rows = ask(server_url, *files).json()
    assert [row["path"] for row in rows] == ["a.jpg", "b.jpg", "c.jpg", "d.png", "a.jpg"]
    assert rows[0] == rows[4]
    assert [row.get("error") for row in rows[1:4]] == [
        "not an image, or of a kind that can't be read",
        EMPTY.reason,
        f"8,001 x 8,001 pixels, more than {MAX_PIXELS // 1_000_000} million",
    ]


def test_a_picture_of_a_depth_that_the_run_never_saw_has_a_note_and_no_other_has(server_url, served_photos):
    deep = io.BytesIO()
    tifffile.imwrite(deep, np.full((48, 48), 3000, np.uint16))
    plain, noted = ask(server_url, ("a.jpg", served_photos[0].read_bytes()), ("b.tif", deep.getvalue())).json()
    assert noted["note"] == f"16-bit picture; {NEVER_SEEN}"
    assert "note" not in plain


def test_garbage_alone_is_refused(server_url):
    said = refused(ask(server_url, ("a.jpg", b"no picture")), 422)
    assert said == "The photo can't be used: not an image, or of a kind that can't be read."
    assert "None of the 2 photos" in refused(ask(server_url, ("a.jpg", b"no"), ("b.jpg", b"")), 422)


def test_labels_and_health(server_url, served_run):
    assert requests.get(f"{server_url}/labels", timeout=60).json() == served_run.class_names()
    assert requests.get(f"{server_url}/health", timeout=60).json() == {"status": "ok"}


@pytest.mark.slow
def test_too_much_is_refused_in_a_sentence(server_url, served_photos):
    big = b"\0" * (MAX_BYTES + 1)
    assert f"up to {MAX_BYTES // 1_000_000} MB" in refused(ask(server_url, ("a.jpg", big)), 413)
    closing = {"Content-Type": "image/jpeg", "Connection": "close"}
    assert "MB" in refused(requests.post(f"{server_url}/predict", data=big, headers=closing, timeout=60), 413)
    unsaid = (big[: MAX_BYTES // 3] for _ in range(4))  # a body whose length no header says
    assert "MB" in refused(requests.post(f"{server_url}/predict", data=unsaid, headers=closing, timeout=60), 413)
    many = [("a.jpg", served_photos[0].read_bytes())] * (MAX_PHOTOS + 1)
    assert f"up to {MAX_PHOTOS} photos" in refused(ask(server_url, *many), 413)
    assert len(ask(server_url, *many[1:]).json()) == MAX_PHOTOS


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"abc", 415),
        ("application/x-www-form-urlencoded", b"photos=abc", 415),
        ("application/json", b"{}", 415),
        ("image/jpeg", b"", 400),
        ("multipart/form-data", b"abc", 400),
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"abc", 400),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="photos"\r\n\r\na\r\n--b--',
            422,
        ),
    ],
)
def test_what_holds_no_photo_is_refused(server_url, kind, body, status):
    refused(requests.post(f"{server_url}/predict", data=body, headers={"Content-Type": kind}, timeout=60), status)


def test_files_in_another_field_are_refused(server_url):
    answer = requests.post(f"{server_url}/predict", files={"image": b"abc"}, timeout=60)
    assert "in the field photos" in refused(answer, 422)


def test_names_are_only_said_back(server_url, served_photos, tmp_path):
    names = ["../../../etc/passwd", str(tmp_path / "a.jpg"), "..\\a.jpg", "ä 🍎.jpg", "a" * 2000]
    rows = ask(server_url, *((name, served_photos[0].read_bytes()) for name in names)).json()
    assert [row["path"] for row in rows] == names
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_key_is_asked_for(guarded_url, served_run, served_photos):
    photo = ("a.jpg", served_photos[0].read_bytes())
    for headers in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": ""}, {"X-API-Key": "é"}):
        assert "X-API-Key" in refused(ask(guarded_url, photo, headers=headers), 401)
        assert "X-API-Key" in refused(requests.get(f"{guarded_url}/labels", headers=headers, timeout=60), 401)
    large = ("a.jpg", b"\0" * 20_000_000)
    refused(ask(guarded_url, large, headers={"Connection": "close"}), 401)  # and not "connection reset"
    known = {"X-API-Key": KEY}
    assert ask(guarded_url, photo, headers=known).json()[0]["label"] == served_photos[0].parent.name
    assert requests.get(f"{guarded_url}/labels", headers=known, timeout=60).json() == served_run.class_names()
    assert requests.get(f"{guarded_url}/health", timeout=60).status_code == 200
    assert "X-API-Key" in requests.get(f"{guarded_url}/openapi.json", timeout=60).text


def test_a_name_that_points_here_from_outside_is_refused_on_loopback(server_url, guarded_url):
    def status(address, host):
        return requests.get(f"{address}/health", headers={"Host": host}, timeout=60).status_code

    assert status(server_url, "evil.example") == 403
    assert status(server_url, "127.0.0.1.evil.example:8600") == 403
    assert (
        status(server_url, "localhost:1234")
        == status(server_url, "127.0.0.1")
        == status(server_url, "[::1]:8600")
        == 200
    )
    assert status(guarded_url, "my-computer.local") == 200


def test_who_sends_slowly_keeps_nobody_else_from_an_answer(start_server, served_photos):
    head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 9\r\n\r\nabc"
    with start_server() as (_, url):
        address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        with ExitStack() as stack:
            for _ in range(WAITING + 4 * (os.cpu_count() or 2) + 8):
                stack.enter_context(socket.create_connection(address)).sendall(head.encode())
            half = stack.enter_context(socket.create_connection(address))
            half.sendall(b"GET /health HTTP/1.1\r\nHost: local")
            assert ask(url, ("a.jpg", served_photos[0].read_bytes())).status_code == 200
            half.settimeout(60)
            assert half.recv(100) == b""  # closed: its head never came


def test_few_bytes_that_hold_very_many_pixels_are_refused_at_once(server_url):
    one = flat_png(8000)
    said = refused(ask(server_url, *[("a.png", one)] * MAX_PHOTOS), 413)
    assert said.startswith(f"These photos have {64 * MAX_PHOTOS:,} million pixels together, and a request takes up to")


def test_a_form_on_another_web_page_gets_no_answer(server_url, served_photos):
    photo = ("a.jpg", served_photos[0].read_bytes())
    for said in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ask(server_url, photo, headers=said).status_code == 403
    assert ask(server_url, photo, headers={"Origin": server_url, "Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_the_page_that_explains_it_needs_no_internet(server_url):
    page = requests.get(f"{server_url}/docs", timeout=60).text
    asked = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert any("swagger-ui-bundle.js" in place for place in asked)
    for place in asked:
        assert place.startswith("/")
        assert len(requests.get(server_url + place, timeout=60).content) > 1000
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.slow
def test_stopped_by_a_signal_it_ends_at_once_with_status_0(start_server, served_photos, offline_environment):
    with start_server() as (process, url):
        ask(url, ("a.jpg", served_photos[0].read_bytes()))
        idle = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        process.terminate()
        said, complaints = process.communicate(timeout=60)  # far less than this server would wait for `idle`
        assert process.returncode == 0
        assert complaints == ""
        assert said.splitlines() == ["Stopped.", "heavy: []"]
        idle.close()
    assert not Path(offline_environment["NETWORK_LOG"]).exists()


REFUSED = [
    (("RUN", "--host", "0.0.0.0"), "a key is needed"),
    (("RUN", "--host", "0.0.0.0", "--key", ""), "a key is needed"),
    (("RUN", "--host", "ä" * 70), "can't be used: no such address"),
    (("RUN", "--port", "TAKEN"), "can't be used"),
    (("RUN", "--host", "203.0.113.1", "--key", "a"), "can't be used"),
    (("RUN", "--port", "65536"), "--port: invalid"),
    (("no run",), "no run has no finished model yet"),
]
ONE_AFTER_THE_OTHER = """
import io, json, sys
from contextlib import redirect_stderr
from core.cli.main import main
said = []
for arguments in json.load(sys.stdin):
    with redirect_stderr(io.StringIO()) as errors:
        try:
            status = main(["serve", *arguments])
        except SystemExit as end:
            status = end.code
    said.append([status, errors.getvalue()])
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def refusals(server_url, served_run, offline_environment):
    """By options the status and stderr of `serve`: all in one process, as a new one takes seconds to start."""
    filled = {"RUN": str(served_run.folder), "TAKEN": server_url.rsplit(":", 1)[1]}
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER],
        input=json.dumps([[filled.get(option, option) for option in options] for options, _ in REFUSED]),
        cwd=REPOSITORY,
        env=offline_environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(zip((options for options, _ in REFUSED), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("options", "words"), REFUSED)
def test_what_cannot_be_served_is_refused_in_a_line(refusals, options, words):
    status, said = refusals[options]
    assert status == 2
    assert words in said
    assert said.startswith("espalier: ")
    assert said.count("\n") == 1


HOOKS = """
import schemathesis
from hypothesis import strategies as st

red, green = (bytes.fromhex(text) for text in {pictures})
some = st.one_of(st.sampled_from([red, green]), st.binary(min_size=1))
schemathesis.openapi.format("binary", some)
schemathesis.openapi.media_type("image/*", some)
schemathesis.openapi.media_type("application/octet-stream", some)
"""
# OpenAPI has no words for "the bytes of a picture" (422), and the tool doesn't count 413 among refusals.
EXPECTED = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", 422]
negative_data_rejection.expected-statuses = [400, 404, 405, 413, 415, 422]
"""


@pytest.mark.slow
def test_hundreds_of_odd_requests_find_nothing_that_the_description_does_not_say(guarded_url, served_photos, tmp_path):
    pictures = [path.read_bytes().hex() for path in served_photos[:2]]
    (tmp_path / "hooks.py").write_text(HOOKS.format(pictures=pictures))
    (tmp_path / "schemathesis.toml").write_text(EXPECTED)
    options = ["--checks", "all", "--seed", "1", "--max-examples", "60", "--continue-on-failure", "--no-color"]
    options += ["-H", f"X-API-Key: {KEY}"]
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "run", f"{guarded_url}/openapi.json", *options],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "Tested: 3" in done.stdout

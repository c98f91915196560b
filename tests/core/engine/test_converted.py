"""A converted base is as it was written, or written anew."""

import pytest

from core.base import checksums
from core.engine.converted import converted_once
from core.engine.features import engine_of
from core.models.catalogue import BUILT_IN, base_model


class Writer:
    """Writes a model of two files, and counts."""

    def __init__(self):
        self.written = 0

    def __call__(self, target):
        self.written += 1
        target.with_suffix(".bin").write_bytes(bytes(range(256)))
        target.write_text("<net>")


@pytest.fixture
def made(tmp_path):
    writer, target = Writer(), tmp_path / "base" / "model.xml"
    assert converted_once(target, writer, never) == target
    return target, writer


def never(words):
    raise AssertionError(words)


def test_what_was_converted_once_is_not_converted_again(made):
    target, writer = made
    converted_once(target, writer, never)
    assert writer.written == 1


DAMAGES = {
    "zeros": ("model.bin", lambda path: path.write_bytes(bytes(256))),
    "nothing in it": ("model.bin", lambda path: path.write_bytes(b"")),
    "no weights": ("model.bin", lambda path: path.unlink()),
    "a bit": ("model.bin", lambda path: path.write_bytes(bytes([1, *range(1, 256)]))),
    "half a description": ("model.xml", lambda path: path.write_text("<n")),
    "no description": ("model.xml", lambda path: path.unlink()),
}


@pytest.mark.parametrize(("name", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_one_is_converted_anew_and_it_is_said(made, name, damage):
    target, writer = made
    damage(target.with_name(name))
    told = []
    converted_once(target, writer, told.append)
    assert writer.written == 2
    assert told == [f"The converted base model ({name}) was damaged on disk, so it was converted anew."]
    assert checksums.changed(target) == []
    converted_once(target, writer, never)
    assert writer.written == 2


def test_one_of_an_older_version_is_converted_anew_once_and_nothing_is_said(made):
    target, writer = made
    checksums.unseal(target)
    converted_once(target, writer, never)
    converted_once(target, writer, never)
    assert writer.written == 2


def test_a_conversion_that_fails_leaves_none_that_is_believed(made):
    target, writer = made
    target.with_suffix(".bin").write_bytes(b"")

    def fails(path):
        path.write_text("<half")
        raise OSError

    with pytest.raises(OSError):
        converted_once(target, fails, never)
    converted_once(target, writer, never)
    assert (writer.written, target.read_text()) == (2, "<net>")


def test_a_shared_model_is_read_once_for_its_checksum(places, monkeypatch):
    read, real = [], checksums.content_of
    monkeypatch.setattr(checksums, "content_of", lambda path: read.append(path.name) or real(path))
    engine_of(base_model(BUILT_IN), places)
    assert sorted(read) == ["model.bin", "model.xml"]

import hashlib

import pytest

from core.base import checksums
from core.base.errors import RunError

DATA = bytes(range(256))
DIGEST = b"a" * 64


@pytest.fixture
def target(tmp_path):
    """A file that another belongs to, both sealed."""
    path = tmp_path / "run" / "model.xml"
    path.parent.mkdir()
    path.write_bytes(DATA)
    path.with_suffix(".bin").write_bytes(DATA * 3)
    checksums.seal(path, path.with_suffix(".bin"))
    return path


def test_what_stays_as_it_was_is_not_changed(target):
    assert checksums.is_sealed(target)
    assert checksums.changed(target) == []
    checksums.refuse_changed(target, "The model")


def test_the_seal_is_as_sha256sum_writes_it(target):
    digests = [hashlib.sha256(data).hexdigest() for data in (DATA, DATA * 3)]
    text = f"{digests[0]}  model.xml\n{digests[1]}  model.bin\n"
    assert (target.parent / "model.xml.sha256").read_text() == text


@pytest.mark.parametrize("name", ["model.xml", "model.bin"])
def test_every_flipped_bit_is_found(target, name):
    path = target.with_name(name)
    whole = path.read_bytes()
    for at in range(len(whole)):
        data = bytearray(whole)
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        assert checksums.changed(target) == [name]
    path.write_bytes(whole)
    assert checksums.changed(target) == []


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA + b"\0", bytes(256)], ids=["empty", "cut", "longer", "zeros"])
def test_other_sizes_and_zeros_are_found(target, data):
    target.write_bytes(data)
    assert checksums.changed(target) == ["model.xml"]


def test_a_file_that_is_gone_has_changed_too(target):
    target.unlink()
    target.with_suffix(".bin").unlink()
    words = (
        r"^The model of Fruit is damaged on disk \(model.xml, model.bin have changed since it was saved\). Restore it"
    )
    with pytest.raises(RunError, match=words):
        checksums.refuse_changed(target, "The model of Fruit")


def test_one_is_said_in_words(target):
    target.with_suffix(".bin").write_bytes(DATA)
    with pytest.raises(RunError) as caught:
        checksums.refuse_changed(target, "The model of Fruit")
    assert str(caught.value) == (
        "The model of Fruit is damaged on disk (model.bin has changed since it was saved). Restore it from a backup or "
        "train again."
    )


def test_of_what_an_older_version_wrote_nothing_is_known_and_nothing_said(target):
    checksums.unseal(target)
    target.write_bytes(b"anything")
    assert checksums.changed(target) == []
    assert not checksums.is_sealed(target)


@pytest.mark.parametrize(
    "seal",
    [b"", bytes(150), b"no digest  model.xml\n", DIGEST + b"  ../model.xml\n", DIGEST + b"  other\n", b"x" * 20_000],
)
def test_a_damaged_seal_vouches_for_nothing(target, seal):
    checksums.seal_of(target).write_bytes(seal)
    assert checksums.changed(target) == ["model.xml.sha256"]


def test_what_appears_whole_is_sealed_with_it_and_anew_when_it_is_replaced(tmp_path):
    path = tmp_path / "model.keras"
    for data in (b"one", b"another"):
        with checksums.sealed(path) as beside:
            beside.write_bytes(data)
        assert (path.read_bytes(), checksums.changed(path)) == (data, [])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model.keras", "model.keras.sha256"]


def test_a_writer_that_fails_leaves_the_old_file_and_its_seal(tmp_path):
    path = tmp_path / "model.keras"
    with checksums.sealed(path) as beside:
        beside.write_bytes(b"one")

    def fails():
        with checksums.sealed(path) as beside:
            beside.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (path.read_bytes(), checksums.is_sealed(path), checksums.changed(path)) == (b"one", True, [])


def test_a_copy_is_held_against_what_its_source_was_not_what_it_is(tmp_path):
    source, copy = tmp_path / "model.keras", tmp_path / "start.keras"
    with checksums.sealed(source) as beside:
        beside.write_bytes(b"one")
    copy.write_bytes(b"one")
    source.write_bytes(b"two")  # damaged meanwhile
    checksums.carry_seal(source, copy)
    assert checksums.changed(copy) == []
    copy.write_bytes(b"two")
    assert checksums.changed(copy) == ["start.keras"]
    checksums.carry_seal(tmp_path / "unknown", tmp_path / "other")
    assert not checksums.is_sealed(tmp_path / "other")

import hashlib
import io
import os
import pickle
import sys
from collections import OrderedDict
from types import ModuleType

import numpy as np
import pytest

from core.base.errors import WeightsError
from core.models import torch_checkpoint as checkpoint
from core.models.catalogue import CATALOGUE
from core.models.torch_checkpoint import MAGIC_NUMBER, parse_checkpoint, read_checkpoint
from core.models.weights import find_weights


class FakeStorage:
    """Stands for a torch storage: pickled as a persistent id."""

    def __init__(self, key, array):
        self.key, self.array = key, array


class FakeTensor:
    """Pickled as PyTorch pickles a tensor: a call of `torch._utils._rebuild_tensor_v2`."""

    def __init__(self, storage, shape, strides, offset=0):
        self.arguments = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


class Pickler(pickle.Pickler):
    def persistent_id(self, item):
        if not isinstance(item, FakeStorage):
            return None
        kind = "FloatStorage" if item.array.dtype == np.float32 else "LongStorage"
        return ("storage", getattr(sys.modules["torch"], kind), item.key, "cpu", item.array.size, None)


@pytest.fixture
def torch_names(monkeypatch):
    """The names that a checkpoint's pickles ask for, in an empty `torch`, so that we can write one without PyTorch."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    exec("def _rebuild_tensor_v2(*arguments): ...", utils.__dict__)
    utils._rebuild_tensor_v2.__module__ = "torch._utils"
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def checkpoint_parts(tensors, storages):
    """The five pickles of a legacy checkpoint, as values."""
    return [MAGIC_NUMBER, 1001, {"little_endian": True}, OrderedDict(tensors), [storage.key for storage in storages]]


def written(parts, storages):
    stream = io.BytesIO()
    for part in parts:
        Pickler(stream, protocol=2).dump(part)
    for storage in storages:
        stream.write(np.int64(storage.array.size).tobytes() + storage.array.tobytes())
    return stream.getvalue()


@pytest.fixture
def small(torch_names):
    """Two storages, three tensors: one plain, one transposed view, one integer scalar."""
    floats, count = FakeStorage("10", np.arange(12, dtype="<f4")), FakeStorage("11", np.array([7], "<i8"))
    tensors = {
        "plain": FakeTensor(floats, (2, 3), (3, 1), offset=6),
        "transposed": FakeTensor(floats, (3, 2), (1, 3)),
        "count": FakeTensor(count, (), ()),
    }
    return checkpoint_parts(tensors, [floats, count]), [floats, count]


class Evil:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def evils(marker):
    return {
        "os.system": Evil(os.system, f"touch '{marker}'"),
        "builtins.eval": Evil(eval, f"open({str(marker)!r}, 'w').close()"),
        "builtins.exec": Evil(exec, f"open({str(marker)!r}, 'w').close()"),
        "os.mkdir": Evil(os.mkdir, str(marker)),
    }


def test_the_installed_weights_have_the_known_shapes_and_values():
    row = CATALOGUE[0]
    tensors = read_checkpoint(find_weights(row, {}), row.weights.sha256)
    assert len(tensors) == 296
    assert sum(tensor.size for tensor in tensors.values() if tensor.dtype == np.float32) == 4_694_024
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert tensors["_conv_stem.weight"].ravel()[:3] == pytest.approx([-1.1103361, -1.3087704, -0.0101569], abs=1e-6)
    assert tensors["_fc.weight"].shape == (1000, 1280)
    assert tensors["_fc.weight"].mean() == pytest.approx(-0.00036768, abs=1e-7)
    assert tensors["_bn0.num_batches_tracked"].dtype == np.int64
    assert tensors["_bn1.running_var"].mean() == pytest.approx(10.72011, abs=1e-4)


def test_views_and_scalars_are_read_as_they_were_saved(small):
    tensors = parse_checkpoint(written(*small))
    assert tensors["plain"].tolist() == [[6, 7, 8], [9, 10, 11]]
    assert tensors["transposed"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert tensors["count"] == 7
    assert tensors["plain"].dtype == np.float32
    assert tensors["count"].dtype == np.int64


def test_the_hash_is_checked_before_anything_is_read(small, tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    path.write_bytes(written(*small))
    parsed = []
    monkeypatch.setattr(checkpoint, "parse_checkpoint", parsed.append)
    with pytest.raises(WeightsError, match=r"weights\.pth is not the one this app was built for"):
        read_checkpoint(path, "0" * 64)
    assert parsed == []
    read_checkpoint(path, hashlib.sha256(path.read_bytes()).hexdigest())
    assert parsed == [path.read_bytes()]


def test_missing_weights_are_said_in_words(tmp_path):
    with pytest.raises(WeightsError, match=r"gone\.pth can't be read"):
        read_checkpoint(tmp_path / "gone.pth", "0" * 64)


@pytest.mark.parametrize("attack", ["os.system", "builtins.eval", "builtins.exec", "os.mkdir"])
@pytest.mark.parametrize("position", range(5))
def test_a_malicious_pickle_runs_nothing(small, tmp_path, attack, position):
    marker = tmp_path / "marker"
    parts, storages = small
    parts[position] = evils(marker)[attack]
    data = written(parts, storages)
    with pytest.raises(WeightsError, match="which no weights file needs"):
        parse_checkpoint(data)
    assert not marker.exists()


def test_the_malicious_pickles_of_these_tests_are_dangerous_to_pickle_itself(tmp_path):
    for name, evil in evils(tmp_path / "marker").items():
        pickle.loads(pickle.dumps(evil))
        marker = tmp_path / "marker"
        assert marker.exists(), name
        marker.rmdir() if marker.is_dir() else marker.unlink()


def test_a_call_hidden_among_the_tensors_runs_nothing(small, tmp_path):
    marker = tmp_path / "marker"
    parts, storages = small
    parts[3]["evil"] = evils(marker)["os.system"]
    with pytest.raises(WeightsError, match=r"system, which no weights file needs"):
        parse_checkpoint(written(parts, storages))
    assert not marker.exists()


@pytest.mark.parametrize(
    "opcode_name", ["torch\nFloatStorage.__class__", "torch._utils\n_rebuild_tensor_v2.__globals__"]
)
def test_no_attribute_of_an_allowed_name_can_be_reached(opcode_name):
    with pytest.raises(WeightsError, match="which no weights file needs"):
        parse_checkpoint(b"\x80\x02c" + opcode_name.encode() + b"\n.")


def test_every_truncation_is_refused(small):
    data = written(*small)
    for length in range(len(data)):
        with pytest.raises(WeightsError):
            parse_checkpoint(data[:length])


def test_a_damaged_byte_is_refused_or_harmless(small):
    data, refused = written(*small), 0
    whole = parse_checkpoint(data)
    for position in range(len(data) - 12 * 4 - 16):  # up to the numbers themselves, whose damage only the hash shows
        try:
            tensors = parse_checkpoint(data[:position] + b"\xff" + data[position + 1 :])
        except WeightsError:
            refused += 1
        else:
            assert all(tensors[name].shape == tensor.shape for name, tensor in whole.items() if name in tensors)
    assert refused > 200


def test_a_file_that_is_no_checkpoint_is_refused():
    with pytest.raises(WeightsError, match="not a PyTorch checkpoint"):
        parse_checkpoint(pickle.dumps({"weights": [1, 2, 3]}))


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((3, 5), (5, 1), 0),  # more rows than there are
        ((2, 3), (3, 1), 7),  # begins too late
        ((2, 3), (100, 1), 0),  # strides past the end
        ((2, 3), (-3, 1), 6),  # backwards
        ((12,), (1,), -1),  # before the beginning
        ((0, 3), (3, 1), 0),  # of no size
        ((-2, 3), (3, 1), 0),  # of negative size
        ((2, 3), (3,), 0),  # a stride is missing
    ],
)
def test_a_tensor_outside_its_storage_is_refused(torch_names, shape, strides, offset):
    storage = FakeStorage("1", np.arange(12, dtype="<f4"))
    parts = checkpoint_parts({"weight": FakeTensor(storage, shape, strides, offset)}, [storage])
    with pytest.raises(WeightsError, match="damaged"):
        parse_checkpoint(written(parts, [storage]))


def test_a_storage_shorter_than_it_claims_is_refused(torch_names):
    storage = FakeStorage("1", np.arange(12, dtype="<f4"))
    parts = checkpoint_parts({"weight": FakeTensor(storage, (12,), (1,))}, [storage])
    data = written(parts, [storage])
    claim = np.int64(12).tobytes()
    with pytest.raises(WeightsError, match="damaged"):
        parse_checkpoint(data.replace(claim, np.int64(10**12).tobytes()))
    with pytest.raises(WeightsError, match="damaged"):
        parse_checkpoint(data.replace(claim, np.int64(5).tobytes()))

"""Ways in which files are damaged, for tests that read them all the same: of any file, and more of records."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BAD_LINES = (
    b"[]",
    b"{}",
    b"null",
    b'{"event": 3, "time": 4}',
    b'{"time": 1}',
    b'{"event": "phase"}',
    b'{"event": "phase", "time": 1, "name": [], "words": {}}',
    b'{"event": "progress", "time": 2}',
    b'{"event": "progress", "time": 1, "done": "x", "total": []}',
    b'{"event": "epoch", "time": 1}',
    b'{"event": "note", "time": 1}',
    b'{"event": "failed", "time": "x"}',
    b'{"event": "cancelled", "time": NaN}',
    b'{"event": "finished"}',
    b"\xff\xfe",
    b"[" * 100_000,
)


def one_bit(data: bytes) -> bytes:
    """One bit in the middle is another."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "one bit": one_bit,
    "zeros": lambda data: bytes(len(data)),
    "half": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
}


def damages_of(path: Path) -> Iterator[tuple[str, bytes | None]]:
    """Each a name and the bytes that the file then has; None stands for a folder in its place."""
    data = path.read_bytes()
    yield from ((name, damage(data)) for name, damage in DAMAGES.items())
    yield "no text", b"\xff\xfe\x00" + data
    yield "a folder", None
    of_kind = {".json": _of_json, ".jsonl": _of_events, ".csv": _of_csv}.get(path.suffix)
    yield from of_kind(data) if of_kind else ()


def put(path: Path, data: bytes | None) -> None:
    """Put this in the file's place."""
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)


def _of_json(data: bytes) -> Iterator[tuple[str, bytes]]:
    value = json.loads(data)
    for other in ([], None, {}, 3, "x", True):
        yield f"holds {other!r}", json.dumps(other).encode()
    yield "too deep", b"[" * 100_000
    yield "a number too long", b"9" * 10_000
    yield "other types", json.dumps(_other(value)).encode()
    if isinstance(value, list):
        yield "longer", json.dumps([*value, "zzz"]).encode()
        yield "shorter", json.dumps(value[:-1]).encode()
        yield "numbers", json.dumps([1] * len(value)).encode()
    if isinstance(value, dict):
        for name in value:
            yield f"without {name}", json.dumps({key: each for key, each in value.items() if key != name}).encode()
            yield f"null as {name}", json.dumps({**value, name: None}).encode()


def _other(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _other(each) for key, each in value.items()}
    return {list: {"a": 1}, str: 7}.get(type(value), "x")


def _of_events(data: bytes) -> Iterator[tuple[str, bytes]]:
    lines = data.split(b"\n")
    for bad in BAD_LINES:
        yield f"{bad[:60]!r} in it", b"\n".join([*lines[:2], bad, *lines[2:]])
        yield f"{bad[:60]!r} at its end", data + bad + b"\n"
        yield f"{bad[:60]!r} alone", bad + b"\n"


def _of_csv(data: bytes) -> Iterator[tuple[str, bytes]]:
    lines = [line.rstrip(b"\r") for line in data.split(b"\n")]
    yield "its head alone", lines[0] + b"\n"
    yield "one column", b"\n".join(line.split(b",", 1)[0] for line in lines)
    yield "one more column", b"\n".join(line + b",x" for line in lines)
    yield "more cells than columns", b"\n".join([lines[0], *(line + b",x" for line in lines[1:])])
    yield "zeros within", data.replace(b"a", b"\0")
    yield "an open quote", lines[0] + b'\n"' + data

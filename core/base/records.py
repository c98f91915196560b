"""Records: frozen dataclasses that stand as JSON objects on disk and in what the command line prints."""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Self, TypeVar, get_args, get_origin, get_type_hints

from core.base.files import read_json, with_checksum, write_json

Made = TypeVar("Made")
JsonObject = dict[str, Any]  # of JSON values, as `json` reads and writes them
SCALARS = {str: (str,), bool: (bool,), int: (int,), float: (float, int), NoneType: (NoneType,)}
MOST = 2**63  # no number of ours is as large, and arithmetic with floats fails on what is far larger
DAMAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)  # of values that don't fit
LEFT_OUT = {"left_out": True}  # metadata of a field that is missing in JSON where it is its default


def keep(path: Path, value: Any) -> None:
    """Write a JSON value, whole or not at all, an object with a checksum that `kept` and `files.read_json` compare."""
    write_json(path, with_checksum(value) if isinstance(value, dict) else value)


def kept(path: Path, make: Callable[[Any], Made]) -> Made | None:
    """What a JSON file holds, as `make` makes it of the value; None where it is missing or damaged in any way.

    Args:
        make: Such as a record's `from_json`; may raise any of DAMAGE for a value that is none.
    """
    try:
        return make(read_json(path))
    except (FileNotFoundError, *DAMAGE):
        return None


def object_of(value: Any) -> JsonObject:
    """The same value; ValueError when it is no JSON object."""
    return _checked(value, dict)


def texts_of(value: Any) -> list[str]:
    """The same value; ValueError when it is no list of texts."""
    return [_checked(each, str) for each in _checked(value, list)]


def key(name: str) -> dict[str, str]:
    """Metadata of a field that JSON has under another name."""
    return {"key": name}


class Record:
    """A frozen dataclass, `kw_only` where fields with a default come first, of which the annotations say all.

    Fields are str, int, float, bool, another record, or lists, tuples of fixed length, dicts by str, and unions of
    those; `Any` for what is kept as it came. They are written in their order. The default of a field `schema` is the
    only value that is read.
    """

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The record that a JSON object holds; keys that it doesn't know are passed over.

        Raises:
            ValueError: It is none: a key is missing, a value is of another type, or another version wrote it.
        """
        if not isinstance(value, dict):
            raise ValueError(f"{cls.__name__} is a JSON object. Received: {type(value).__name__}.")
        given = {}
        for each, name, read in _fields(cls):
            if name in value:
                given[each.name] = read(value[name])
            elif each.default is MISSING and each.default_factory is MISSING:
                raise ValueError(f"{cls.__name__} has no {name}.")
        record = cls(**given)
        if getattr(record, "schema", None) != getattr(cls, "schema", None):
            raise ValueError(f"This {cls.__name__} was written by another version of the app.")
        return record

    def to_json(self) -> JsonObject:
        """JSON values, of which `from_json` makes the same record."""
        values = ((each, name, getattr(self, each.name)) for each, name, _ in _fields(type(self)))
        return {
            name: _plain(value)
            for each, name, value in values
            if value != each.default or not each.metadata.get("left_out", False)
        }


@cache
def _fields(kind: type[Record]) -> list[tuple[Field, str, Callable[[Any], Any]]]:
    """Each field with its key and what reads it."""
    types = get_type_hints(kind)
    return [(each, each.metadata.get("key") or each.name, _reader(types[each.name])) for each in fields(kind)]


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of this type from JSON, or raises ValueError."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value: value
    if origin is UnionType:
        return _one_of([_reader(each) for each in inner])
    if origin is list:
        read = _reader(inner[0])
        return lambda value: [read(each) for each in _checked(value, list)]
    if origin is dict:
        read = _reader(inner[1])
        return lambda value: {key: read(each) for key, each in _checked(value, dict).items()}
    if origin is tuple:
        readers = [_reader(each) for each in inner]
        return lambda value: tuple(r(each) for r, each in zip(readers, _checked(value, list), strict=True))
    if issubclass(kind, Record):
        return kind.from_json
    return _number(kind) if kind in (int, float) else lambda value: _checked(value, *SCALARS[kind])


def _number(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(_checked(value, *SCALARS[kind])) is int and not -MOST <= value < MOST:
            raise ValueError("Expected a number of 64 bits at most. Received: a larger one.")
        return value

    return read


def _one_of(readers: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        for each in readers[:-1]:
            try:
                return each(value)
            except ValueError:
                continue
        return readers[-1](value)

    return read


def _checked(value: Any, *kinds: type) -> Any:
    if type(value) not in kinds:
        raise ValueError(f"Expected {kinds[0].__name__}. Received: {type(value).__name__}.")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value

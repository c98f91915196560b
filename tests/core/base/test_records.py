from dataclasses import dataclass, field

import pytest

from core.base.files import write_json
from core.base.records import LEFT_OUT, Record, keep, kept, key


@dataclass(frozen=True)
class Point(Record):
    x: float
    y: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Shape(Record):
    schema: int = 1
    name: str
    class_names: list[str] = field(metadata=key("classes"))
    points: list[Point]
    span: tuple[float, float] | None
    counts: dict[str, int]
    centre: Point | None = None
    note: str | None = field(default=None, metadata=LEFT_OUT)
    maker: str = field(default="", metadata=LEFT_OUT)


SHAPE = Shape(name="bar", class_names=["a"], points=[Point(1, 2.5)], span=(0.0, 1.0), counts={"a": 3})
JSON = {
    "schema": 1,
    "name": "bar",
    "classes": ["a"],
    "points": [{"x": 1, "y": 2.5}],
    "span": [0.0, 1.0],
    "counts": {"a": 3},
    "centre": None,
}


def test_a_record_is_written_in_the_order_of_its_fields_and_read_again():
    assert SHAPE.to_json() == JSON
    assert list(SHAPE.to_json()) == list(JSON)
    assert Shape.from_json(JSON) == SHAPE


def test_what_is_left_out_stands_there_when_there_is_something():
    noted = Shape.from_json({**JSON, "note": "long", "centre": {"x": 0.5}, "maker": "me"})
    assert (noted.note, noted.centre, noted.maker) == ("long", Point(0.5), "me")
    assert noted.to_json() == {**JSON, "note": "long", "centre": {"x": 0.5, "y": 0.0}, "maker": "me"}
    assert Shape.from_json({**JSON, "note": ""}).to_json() == {**JSON, "note": ""}  # which is not its default


def test_keys_of_a_later_version_are_passed_over():
    assert Shape.from_json({**JSON, "colour": "red"}) == SHAPE


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 3},
        {"schema": True},
        {"classes": "a"},
        {"points": [{"y": 1.0}]},
        {"points": [1.0]},
        {"span": [0.0]},
        {"counts": {"a": "3"}},
        {"centre": []},
    ],
)
def test_what_is_of_another_form_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        Shape.from_json({**JSON, **wrong})
    with pytest.raises(ValueError, match="has no name"):
        Shape.from_json({key: value for key, value in JSON.items() if key != "name"})


@pytest.mark.parametrize("value", [JSON, {"a": {"1": [1e22, 0.1, 7, None, "ü\u2028"]}}, {}, ["a"], 3])
def test_what_was_kept_comes_back_without_its_checksum(value, tmp_path):
    keep(tmp_path / "value.json", value)
    assert kept(tmp_path / "value.json", lambda read: read) == value


def test_an_object_with_any_bit_turned_is_never_another_object(tmp_path):
    path = tmp_path / "value.json"
    keep(path, JSON)
    whole, found = path.read_bytes(), []
    for place in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            found.append(kept(path, Shape.from_json))
    assert len(found) > 1000
    assert all(each in (SHAPE, None) for each in found)
    assert found.count(None) > 0.8 * len(found)  # the others are white space and the name of the checksum


def test_an_object_without_a_checksum_is_an_earlier_versions_and_believed(tmp_path):
    write_json(tmp_path / "value.json", JSON)
    assert kept(tmp_path / "value.json", Shape.from_json) == SHAPE

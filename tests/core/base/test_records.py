from dataclasses import dataclass, field

import pytest

from core.base.records import LEFT_OUT, Record, key


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

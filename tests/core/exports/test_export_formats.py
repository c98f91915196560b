import pytest

from core.base.errors import InputError
from core.exports.formats import EXPORT_FORMATS, export_format_of, export_kinds, export_named


def test_each_format_has_its_own_name_and_is_found_by_it():
    names = [each.name for each in EXPORT_FORMATS]
    litert = ["litert-float32", "litert-float16", "litert-int8"]
    assert names == ["keras", "savedmodel", *litert, "onnx", "openvino", "recipe"]
    assert [export_named(name) for name in names] == list(EXPORT_FORMATS)
    assert [export_format_of(each.kind, each.precision) for each in EXPORT_FORMATS] == list(EXPORT_FORMATS)
    assert export_kinds() == ["keras", "savedmodel", "litert", "onnx", "openvino", "recipe"]


@pytest.mark.parametrize(
    ("kind", "precision", "words"),
    [("onnx", "int8", "Only litert can be had as float16 or int8"), ("coreml", "float32", "no format called coreml")],
)
def test_what_there_is_not_is_said(kind, precision, words):
    with pytest.raises(InputError, match=words):
        export_format_of(kind, precision)
    with pytest.raises(InputError, match="no export called"):
        export_named(f"{kind}-{precision}")

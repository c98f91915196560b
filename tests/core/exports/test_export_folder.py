"""Results of exports as the version before records kept them."""

import json

from core.exports.folder import ExportFolder
from core.exports.verdict import ExportResult, RightAnswers

NO_MORE = ("engine", "exact")  # told while the app answered in 16 bits
OLD = {
    "schema": 1,
    "format": "onnx",
    "precision": "float32",
    "drawn": False,
    "engine": "f32",
    "photos": 72,
    "same": 72,
    "largest_difference": 1.4428961533918816e-07,
    "exact": {"same": 72, "largest_difference": 1.4428961533918816e-07},
    "test": {"n": 12, "here": 3, "exported": 3},
    "passed": True,
    "words": "It answers the same as here on 72 of 72 photos, largest difference below 0.001.",
    "bytes": 1664896,
}
OLD_RECIPE = {"schema": 1, "format": "recipe", "bytes": 14_000_000, "words": "The recipe is written."}


def test_what_was_kept_before_is_read_and_would_be_kept_alike():
    for old in (OLD, OLD_RECIPE):
        result = ExportResult.from_json(old)
        assert result.to_json() == {name: value for name, value in old.items() if name not in NO_MORE}
        assert ExportResult.from_json(result.to_json()) == result
        assert result.bytes == old["bytes"]
    found = ExportResult.from_json(OLD).comparison
    assert (found.same, found.test) == (72, RightAnswers(12, 3, 3))
    assert ExportResult.from_json(OLD_RECIPE).comparison is None


def test_a_result_without_its_zip_or_damaged_is_none(tmp_path):
    folder = ExportFolder(tmp_path)
    folder.write(ExportResult.from_json(OLD))
    assert folder.read() is None
    folder.zip_path.touch()
    assert folder.read() == ExportResult.from_json(OLD)
    folder.result_path.write_text(json.dumps({**OLD, "test": None}))
    assert folder.read() is None

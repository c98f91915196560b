import numpy as np
import pytest

from core.exports.formats import export_format_of
from core.exports.verdict import Answers, RightAnswers, in_words, verdict

ONNX, INT8 = export_format_of("onnx"), export_format_of("litert", "int8")
EXACT = np.array([[0.9, 0.1]] * 60 + [[0.2, 0.8]] * 40)
TRUTH = np.array([0] * 60 + [1] * 40)


def judged(export_format, export, truth=TRUTH, drawn=False):
    return verdict(export_format, Answers(EXACT, np.array(export), truth), drawn)


def test_equal_answers_pass_and_the_sentence_counts_them():
    result = judged(ONNX, EXACT + [0.004, -0.004])
    assert result.passed
    assert result.test == RightAnswers(100, 100, 100)
    assert in_words(ONNX, result) == "It answers the same as here on 100 of 100 photos, largest difference 0.004."


@pytest.mark.parametrize(
    "export",
    [
        np.concatenate([EXACT[:2, ::-1], EXACT[2:]]),  # 2 of 100 photos turned
        EXACT + [-0.02, 0.02],  # the same answers, other probabilities
        np.full_like(EXACT, np.nan),
        EXACT[:, ::-1],
    ],
)
def test_other_answers_fail_and_no_download_is_promised(export):
    result = judged(ONNX, export)
    assert not result.passed
    assert in_words(ONNX, result).endswith("So it is not kept. Another format may do.")


def test_two_classes_as_probable_as_each_other_may_change_places():
    tied = np.array([[0.503, 0.497]] * 100)
    found = verdict(ONNX, Answers(tied, tied[:, ::-1], TRUTH), drawn=False)
    assert found.passed
    assert found.same == 0


@pytest.mark.parametrize(("turned", "passed"), [(0, True), (2, True), (3, False)])
def test_eight_bits_may_lose_two_in_a_hundred_test_photos(turned, passed):
    export = np.concatenate([EXACT[:turned, ::-1], EXACT[turned:]])
    result = judged(INT8, export)
    assert result.passed is passed
    assert f"it got {100 - turned} of 100 test photos right" in in_words(INT8, result)
    assert ("Take 16 bits instead" in in_words(INT8, result)) is not passed


def test_eight_bits_without_a_single_test_photo_prove_nothing():
    assert not judged(INT8, EXACT, truth=np.full(100, -1)).passed


def test_drawn_pictures_are_called_that():
    result = judged(ONNX, EXACT, truth=np.full(100, -1), drawn=True)
    assert result.passed
    assert in_words(ONNX, result) == (
        "It answers the same as here on 100 of 100 drawn pictures, largest difference below 0.001. "
        "The photos themselves are no longer where they were."
    )

"""Our numpy metrics against scikit-learn's, which the web process may not import."""

from dataclasses import astuple

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as oracle

from core.evaluation.metrics import (
    ClassMetrics,
    averages,
    classification_metrics,
    cohen_kappa,
    confusion_matrix,
    log_loss,
    mcnemar_exact,
    wilson_interval,
)


def answers(n, n_classes, seed):
    """Labels and float32 probabilities that are right more often than not."""
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])
    scores = rng.normal(size=(n, n_classes)) + 1.5 * np.eye(n_classes)[truth]
    probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    return truth, probabilities.astype(np.float32)


@pytest.mark.parametrize(("n", "n_classes", "seed"), [(10, 2, 0), (60, 4, 1), (500, 3, 2), (3000, 10, 3)])
def test_all_numbers_equal_those_of_scikit_learn(n, n_classes, seed):
    truth, probabilities = answers(n, n_classes, seed)
    classes = [f"class {i}" for i in range(n_classes)]
    given = probabilities.argmax(1)
    result = classification_metrics(truth, probabilities, classes)
    assert result.n == n
    assert result.accuracy == pytest.approx(oracle.accuracy_score(truth, given))
    assert result.confusion == oracle.confusion_matrix(truth, given).tolist()
    assert result.kappa == pytest.approx(oracle.cohen_kappa_score(truth, given))
    exact = probabilities.astype(np.float64) / probabilities.astype(np.float64).sum(1, keepdims=True)
    assert result.log_loss == pytest.approx(oracle.log_loss(truth, exact), rel=1e-5)
    if n_classes > 2:
        top2 = oracle.top_k_accuracy_score(truth, probabilities, k=2, labels=np.arange(n_classes))
        assert result.top2_accuracy == pytest.approx(top2)
    else:
        assert result.top2_accuracy == 1.0
    table = np.array([astuple(row) for row in result.per_class.values()])
    assert list(result.per_class) == classes
    assert pytest.approx(np.array(oracle.precision_recall_fscore_support(truth, given))) == table.T
    for kind, mean in averages(result.per_class).items():
        known = oracle.precision_recall_fscore_support(truth, given, average=kind)[:3]
        assert pytest.approx(known) == [mean["precision"], mean["recall"], mean["f1"]]


def test_a_class_never_answered_or_never_present_counts_zero():
    truth = np.array([0, 0, 1])
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.8, 0.1, 0.1]])
    result = classification_metrics(truth, probabilities, ["a", "b", "c"])
    assert result.per_class["a"] == ClassMetrics(0.5, 0.5, 0.5, 2)
    assert result.per_class["b"] == ClassMetrics(0.0, 0.0, 0.0, 1)
    assert result.per_class["c"] == ClassMetrics(0.0, 0.0, 0.0, 0)


def test_a_class_that_was_not_judged_is_no_part_of_the_averages():
    a, b = ClassMetrics(0.5, 1.0, 2 / 3, 3), ClassMetrics(1.0, 0.5, 2 / 3, 1)
    means = averages({"a": a, "b": b, "c": ClassMetrics(0.0, 0.0, 0.0, 0)})
    assert means["macro"] == pytest.approx({"precision": 0.75, "recall": 0.75, "f1": 2 / 3})
    assert means["weighted"] == pytest.approx({"precision": 0.625, "recall": 0.875, "f1": 2 / 3})


def test_confusion_has_the_truth_in_its_rows():
    assert confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 2).tolist() == [[0, 2], [0, 1]]


def test_a_sure_mistake_costs_much_but_not_infinitely():
    loss = log_loss(np.array([0]), np.array([[0.0, 1.0]], np.float32))
    assert loss == pytest.approx(oracle.log_loss([0], np.array([[0.0, 1.0]], np.float32), labels=[0, 1]), rel=1e-4)
    assert 15 < loss < 17


def test_kappa_is_zero_where_there_is_only_one_class_to_agree_on():
    assert cohen_kappa(np.array([[5, 0], [0, 0]])) == 0.0


def test_kappa_is_below_zero_for_worse_than_chance():
    assert cohen_kappa(np.array([[0, 5], [5, 0]])) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (57, 60, 0.8630, 0.9829),
        (0, 10, 0.0, 0.2775),  # the known value for nothing out of ten
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_gives_the_published_intervals(right, n, low, high):
    assert wilson_interval(right, n) == pytest.approx((low, high), abs=6e-5)


def test_the_wilson_interval_holds_the_share_and_shrinks_with_more_photos():
    widths = []
    for n in (10, 100, 1000, 10_000):
        low, high = wilson_interval(n * 9 // 10, n)
        assert 0 <= low < 0.9 < high <= 1
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("only_first", [0, 1, 3, 10, 47, 600])
@pytest.mark.parametrize("only_second", [0, 1, 5, 12, 50, 700])
def test_mcnemars_test_is_the_exact_binomial_one(only_first, only_second):
    p = mcnemar_exact(only_first, only_second)
    tosses = only_first + only_second
    assert p == pytest.approx(binomtest(only_first, tosses).pvalue if tosses else 1.0, rel=1e-9)
    assert p == mcnemar_exact(only_second, only_first)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (3, 12, 0.03515625),  # 2 * (1 + 15 + 105 + 455) / 2 ** 15
        (0, 5, 0.0625),
        (0, 6, 0.03125),
        (7, 7, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemars_test_gives_the_values_that_are_counted_by_hand(only_first, only_second, p):
    assert mcnemar_exact(only_first, only_second) == p

import os
import signal
import subprocess
import sys

import pytest

from core.base.errors import InputError
from core.base.processes import AT_ONCE, in_processes


def square(number):
    return number * number, os.getpid()


def end_at_nine(number):
    if number == 9:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return number


def test_results_come_in_the_order_of_the_items_from_other_processes():
    results = list(in_processes(square, range(100), processes=2))
    assert [result for result, _ in results] == [n * n for n in range(100)]
    assert os.getpid() not in {process for _, process in results}


def test_items_are_taken_a_little_ahead_only():
    taken = []

    def items():
        for n in range(10_000):
            taken.append(n)
            yield n

    results = in_processes(square, items(), processes=2)
    for _ in range(50):
        next(results)
    assert len(taken) <= 50 + AT_ONCE * 8
    results.close()


def test_a_process_that_dies_is_told_in_words_and_the_rest_does_not_hang():
    results = in_processes(end_at_nine, range(1000), processes=1)
    with pytest.raises(InputError, match=r"Reading the photos ended unexpectedly"):
        list(results)


def test_an_error_reaches_the_reader():
    with pytest.raises(TypeError):
        list(in_processes(square, [1, "no number"], processes=1))


MAKING = """
import gc
{first}
kept = [[] for _ in range(500_000)]
print(sum(each["collections"] for each in gc.get_stats()))
"""


def test_a_process_that_collects_seldom_looks_through_its_objects_a_few_times_only():
    def collections(first):
        made = [sys.executable, "-c", MAKING.format(first=first)]
        return int(subprocess.run(made, capture_output=True, text=True, check=True).stdout)

    seldom = collections("from core.base.processes import start_quickly; start_quickly()")
    assert seldom < collections("pass") / 10


def test_keras_comes_without_scikit_learn_and_scikit_learn_without_harm():
    first = "from core.base.processes import start_quickly; start_quickly(); import keras, sys; "
    then = "print('sklearn' in sys.modules); from sklearn.svm import LinearSVC; print(LinearSVC.__name__)"
    made = subprocess.run([sys.executable, "-c", first + then], capture_output=True, text=True, check=True)
    assert made.stdout.split() == ["False", "LinearSVC"]

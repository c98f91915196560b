import subprocess
import sys

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

import threading

import pytest

from core.base.threads import in_threads


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_the_order_of_the_items(threads):
    assert list(in_threads(lambda n: n * n, range(50), threads)) == [n * n for n in range(50)]


def test_no_more_than_a_few_items_are_taken_ahead_of_the_reader():
    taken = []

    def items():
        for n in range(1000):
            taken.append(n)
            yield n

    results = in_threads(lambda n: n, items(), threads=2)
    for read in range(1, 101):
        next(results)
        assert len(taken) <= read + 4 * 2
    results.close()
    assert len(taken) < 200


def test_work_is_really_done_at_the_same_time():
    together = threading.Barrier(3)
    assert list(in_threads(lambda n: together.wait(timeout=30) >= 0, range(3), threads=3)) == [True] * 3


def test_an_error_reaches_the_reader():
    results = in_threads(lambda n: 1 // n, [1, 0, 1], threads=2)
    with pytest.raises(ZeroDivisionError):
        list(results)

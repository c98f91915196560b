import os
import signal
import subprocess
import sys
import threading
from functools import partial

import pytest

from core.photos.apart.child import NO_MEMORY
from core.photos.apart.children import ENDED, LATE, REPOSITORY, Children, LostItemError
from tests.core.photos.apart import deeds
from tests.core.photos.apart.deeds import ITEM_S, MEMORY
from tests.waiting import await_that

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes aren't held to a bound of memory")


@pytest.fixture
def two():
    with Children(2, 30.0, MEMORY) as children:
        yield children


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def whys(results):
    """Results, in place of a lost one why it was lost."""
    return [result.why if isinstance(result, LostItemError) else result for result in results]


def test_results_come_in_the_order_of_the_items_from_a_few_processes(two):
    results = list(two.each(deeds.square, range(100)))
    assert [result for result, _ in results] == [n * n for n in range(100)]
    assert len({process for _, process in results} - {os.getpid()}) == 2


def test_the_processes_stay_for_the_next_ones(two):
    first, second = two.call(deeds.square, 3), two.call(deeds.square, 4)
    assert (first[0], second[0]) == (9, 16)
    assert first[1] == second[1]


@pytest.mark.parametrize("wanted", [0, 9, 49])
def test_an_item_that_aborts_is_lost_and_no_other(two, wanted):
    results = whys(two.each(partial(deeds.abort_at, wanted), range(50)))
    assert results == [ENDED if n == wanted else n for n in range(50)]


def test_items_that_abort_one_after_the_other_are_each_lost(two):
    results = [whys(two.each(partial(deeds.abort_at, n), [n, n, n + 1])) for n in range(2)]
    assert results == [[ENDED, ENDED, 1], [ENDED, ENDED, 2]]


def test_an_item_is_not_to_blame_for_what_ended_a_process_once(two, tmp_path):
    assert list(two.each(partial(deeds.abort_once, tmp_path / "mark"), range(20))) == [*range(20)]
    assert (tmp_path / "mark").exists()


def test_an_item_that_takes_too_long_is_lost_and_no_other():
    with Children(1, ITEM_S, MEMORY) as children:
        assert whys(children.each(partial(deeds.sleep_at, 3), range(6))) == [0, 1, 2, LATE, 4, 5]


@linux
def test_an_item_that_takes_all_memory_is_lost_and_no_other(two):
    assert whys(two.each(partial(deeds.eat_at, 3), range(9))) == [0, 1, 2, NO_MEMORY, 4, 5, 6, 7, 8]


def test_what_a_function_raises_is_raised_here(two):
    with pytest.raises(TypeError, match="multiply"):
        two.call(deeds.square, "no number")
    assert [type(each) for each in two.each(deeds.square, ["no number"])] == [TypeError]


def test_what_a_library_prints_is_no_answer(two):
    assert list(two.each(deeds.talk, range(3))) == [0, 1, 2]


def test_more_threads_than_processes_wait_for_each_other(two):
    found = []
    threads = [threading.Thread(target=lambda n=n: found.append(two.call(deeds.square, n))) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result for result, _ in found) == [n * n for n in range(12)]
    assert len({process for _, process in found}) <= 2


def test_closed_they_are_gone_also_a_busy_one(two):
    _, idle = two.call(deeds.square, 1)
    lost = []

    def wait():
        try:
            two.call(deeds.sleep_at, 1, 1)
        except LostItemError as error:
            lost.append(error.why)

    waiting = threading.Thread(target=wait)
    waiting.start()
    busy = await_that(lambda: [child for child in two._alive if child not in two._idle], 20)
    two.close()
    waiting.join(20)
    assert lost == [ENDED]
    assert not any(map(is_alive, [idle, *(child._process.pid for child in busy)]))
    with pytest.raises(LostItemError):
        two.call(deeds.square, 1)


def test_who_stops_reading_waits_for_nothing():
    children = Children(1, 1000.0, MEMORY)
    results = children.each(partial(deeds.sleep_at, 9), range(40))
    assert next(results) == 0
    results.close()
    assert children._alive == set()


@linux
def test_they_end_with_a_parent_that_is_killed_whatever_they_do():
    code = f"from tests.core.photos.apart.deeds import start_and_say; start_and_say({ITEM_S})"
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with parent:
        processes = [int(parent.stdout.readline()), *(int(parent.stderr.readline()) for _ in range(2))]
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert len({*processes}) >= 2
    await_that(lambda: not any(map(is_alive, processes)), 30, "the children to end")

"""Estimates of the time that is left, from made steps and made logs: no clock is asked."""

import pytest

from core.base.events import FAILED, FINISHED, PHASE, PROGRESS, QUEUED
from core.jobs.job import Job
from core.jobs.pace import KnownPaces, Left, Pace, known_paces, seconds_since_click
from core.jobs.progress import Progress

HOUR = 3600.0


def pace_of(*steps):
    pace = Pace()
    for done, seconds in steps:
        pace.step(done, seconds)
    return pace


def steadily(n, per_second, began=0.0, done=0.0):
    return [(done + per_second * second, began + second) for second in range(1, n + 1)]


def test_nothing_is_said_before_there_is_ground_for_it():
    assert pace_of().left(10) is None
    assert pace_of((1, 30.0)).left(99) is None  # the first step loads and compiles
    assert pace_of((1, 30.0), (2, 32.0)).left(98) is None
    assert pace_of((1, 30.0), (2, 30.3), (3, 30.6)).left(97) is None  # less than a second of work
    assert pace_of((1, 30.0), (2, 31.0), (3, 32.0)).left(97) == Left(97.0, 97.0, 97.0)


def test_a_slow_first_step_makes_no_hour_of_a_second():
    steps = [(1, 5.0), *((1 + n, 5.0 + 0.01 * n) for n in range(1, 201))]  # of 700 photos
    assert pace_of(*steps).left(499).most < 6


def test_only_the_last_seconds_count():
    slow, quick = steadily(100, 1.0), steadily(30, 10.0, began=100.0, done=100.0)
    assert pace_of(*slow, *quick).left(100) == Left(10.0, 10.0, 10.0)


def test_steps_longer_than_the_window_count_all_the_same():
    assert pace_of((1, 60.0), (2, 120.0), (3, 180.0), (4, 240.0)).left(2).likely == pytest.approx(120)


def test_a_pace_that_swings_gives_a_range():
    left = pace_of(*steadily(8, 10.0), *steadily(8, 2.0, began=8.0, done=80.0)).left(96)
    assert (left.least, left.most) == (pytest.approx(96 / 9), pytest.approx(48.0))
    assert left.least < left.likely < left.most


def test_a_thousand_steps_a_second_take_no_memory():
    pace = pace_of(*((n, n / 1000) for n in range(1, 60_001)))
    assert pace.left(1000).likely == pytest.approx(1, rel=0.02)
    assert pace.per_second == pytest.approx(1000, rel=0.02)


def said(folder):
    return [event for event in Job(folder).events() if event["event"] == PROGRESS]


def test_progress_says_nothing_at_first_and_0_at_the_end(tmp_path):
    progress = Progress(Job(tmp_path).event_log(), every_s=0)
    for done, seconds in ((1, 9.0), (2, 10.0), (3, 11.0), (4, 12.0)):
        progress(done, 4, seconds)
    assert [event["seconds_left"] for event in said(tmp_path)] == [None, None, 1.0, 0.0]
    assert not any("seconds_left_range" in event for event in said(tmp_path))


def test_what_may_end_sooner_is_told_as_a_range(tmp_path):
    progress = Progress(Job(tmp_path).event_log(), every_s=0)
    for epoch in range(1, 7):
        progress(epoch, 66, 10.0 * epoch, soonest=epoch + 3)
    last = said(tmp_path)[-1]
    assert (last["seconds_left"], last["seconds_left_range"]) == (600.0, [30.0, 600.0])
    progress(7, 66, 70.0, soonest=7)  # it may end at any moment
    assert said(tmp_path)[-1]["seconds_left_range"] == [0.0, 590.0]


def test_a_night_asleep_changes_no_estimate(tmp_path):
    progress = Progress(Job(tmp_path).event_log(), every_s=0)
    for done, seconds in ((1, 2.0), (2, 4.0), (3, 6.0), (4, 6.0 + 8 * HOUR), (5, 8.0 + 8 * HOUR)):
        progress(done, 10, seconds)
    assert said(tmp_path)[-1]["seconds_left"] == 10.0


def log(*events):
    return [{"time": time, "event": event, **told} for time, event, told in events]


LOOKING, SAVING = {"name": "features", "words": "Looking"}, {"name": "save", "words": "Saving"}


def at(done, total=100):
    return {"done": done, "total": total, "seconds_left": None}


def test_what_earlier_work_took_is_known_by_the_words_of_its_phases():
    events = log(
        (0.0, QUEUED, {}),
        (5.0, PHASE, LOOKING),
        (15.0, PROGRESS, at(10)),  # the first ten came with the loading
        (24.0, PROGRESS, at(100)),
        (24.0, PHASE, SAVING),
        (31.0, FINISHED, {}),
    )
    assert known_paces(events) == KnownPaces(each={"Looking": 0.1}, whole={"Looking": 19.0, "Saving": 7.0})
    assert known_paces([]) == KnownPaces()


def test_the_last_time_counts_and_a_killed_worker_tells_no_whole():
    first = log((0.0, PHASE, LOOKING), (1.0, PROGRESS, at(1)), (3.0, PROGRESS, at(2)), (4.0, FAILED, {}))
    killed = log((9.0, PHASE, LOOKING), (9.5, PROGRESS, at(1)), (10.5, PROGRESS, at(2)), (9999.0, QUEUED, {}))
    assert known_paces([*first, *killed]) == KnownPaces(each={"Looking": 1.0}, whole={"Looking": 4.0})


def test_a_clock_that_was_set_back_tells_no_pace():
    events = log((9.0, PHASE, LOOKING), (8.0, PROGRESS, at(1)), (3.0, PROGRESS, at(2)), (1.0, FINISHED, {}))
    assert known_paces(events) == KnownPaces(whole={"Looking": 0.0})


def test_waiting_counts_from_the_last_click():
    events = log((0.0, QUEUED, {}), (50.0, FAILED, {}), (60.0, QUEUED, {}), (70.0, PHASE, SAVING), (78.0, FINISHED, {}))
    assert seconds_since_click(events) == 18.0
    assert seconds_since_click(events[3:]) == 0.0
    assert seconds_since_click(log((60.0, QUEUED, {}), (10.0, FINISHED, {}))) == 0.0

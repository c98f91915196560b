"""What is said of how far a job is, from made logs and a made time."""

from core.base.events import CANCELLED, PHASE, PROGRESS, QUEUED
from core.jobs.pace import KnownPaces
from pages.components.shared.progress_words import progress

LOOKING = {"name": "features", "words": "Looking"}
LEARNING = {"name": "fine-tune", "words": "Learning"}


def log(*events):
    return [{"time": time, "event": event, **told} for time, event, told in events]


def at(done, total=100, left=None, **more):
    return {"done": done, "total": total, "seconds_left": left, **more}


def test_without_ground_no_time_is_promised():
    events = log((0.0, QUEUED, {}), (1.0, PHASE, LOOKING), (2.0, PROGRESS, at(0)))
    assert progress(events, now=3.0) == (0.0, "Looking: 0 of 100 photos")
    assert progress(events, now=75.0) == (0.0, "Looking: 0 of 100 photos, 1 minute so far")


def test_a_phase_that_counts_nothing_says_how_long_it_has_been_at_work():
    events = log((0.0, QUEUED, {}), (1.0, PHASE, LOOKING))
    assert progress(events, now=2.0) == (0.0, "Looking")
    assert progress(events, now=9.0) == (0.0, "Looking, 8 seconds so far")
    assert progress(events, now=9.0, uncounted=" ...") == (0.0, "Looking ... 8 seconds so far")
    assert progress(events, now=-99.0) == (0.0, "Looking")  # the clock was set back


def test_an_earlier_attempt_tells_how_long_it_takes():
    before = log((0.0, QUEUED, {}), (10.0, PHASE, LOOKING), (50.0, CANCELLED, {}))
    now = log((90.0, QUEUED, {}), (100.0, PHASE, LOOKING))
    assert progress([*before, *now], now=110.0) == (
        0.25,
        "Looking, 10 seconds so far; the last time it took 40 seconds",
    )
    assert progress([*before, *now], now=1000.0)[0] == 0.95  # it takes longer than then


def test_other_work_like_it_tells_too_until_there_is_ground():
    known = KnownPaces(each={"Looking": 0.5})
    events = log((0.0, QUEUED, {}), (1.0, PHASE, LOOKING), (2.0, PROGRESS, at(20)))
    assert progress(events, 3.0, known=known)[1] == (
        "Looking: 20 of 100 photos, about 40 seconds left, going by the last time"
    )
    events += log((4.0, PROGRESS, at(40, left=12.0)))
    assert progress(events, 5.0, known=known)[1] == "Looking: 40 of 100 photos, about 12 seconds left"


def test_a_time_that_swings_or_may_be_shorter_is_a_range():
    events = log((0.0, PHASE, LEARNING), (9.0, PROGRESS, at(20, left=3480.0, seconds_left_range=[45.0, 3480.0])))
    assert progress(events, 9.0)[1] == ("Learning: 20 of at most 100 photos, between 45 seconds and 58 minutes left")
    alike = log((0.0, PHASE, LOOKING), (9.0, PROGRESS, at(20, left=62.0, seconds_left_range=[60.0, 64.0])))
    assert progress(alike, 9.0)[1] == "Looking: 20 of 100 photos, about 1 minute left"
    for damaged in ("soon", [1], [None, 2.0], {"a": 1}):
        events = log((0.0, PHASE, LOOKING), (9.0, PROGRESS, at(20, left=30.0, seconds_left_range=damaged)))
        assert progress(events, 9.0)[1] == "Looking: 20 of 100 photos, about 30 seconds left"


def test_saving_for_the_first_time_goes_by_how_long_converting_took():
    events = log(
        (0.0, QUEUED, {}),
        (1.0, PHASE, LOOKING),
        (2.0, PHASE, {"name": "convert", "words": "Converting"}),
        (12.0, PHASE, LOOKING),
        (20.0, PHASE, {"name": "save", "words": "Saving"}),
        (20.0, PROGRESS, at(0, total=3)),
    )
    assert progress(events, 21.0)[1] == (
        "Saving: 0 of 3 steps, between 4 seconds and 19 seconds left, going by how long converting took"
    )
    assert progress(events, 39.5)[1] == "Saving: 0 of 3 steps, about 1 second left, going by how long converting took"
    assert progress(events, 45.0)[1] == "Saving: 0 of 3 steps, 25 seconds so far"
    known = KnownPaces(each={"Saving": 2.0})
    assert progress(events, 21.0, known=known)[1] == (
        "Saving: 0 of 3 steps, about 6 seconds left, going by the last time"
    )
    assert progress([events[0], *events[4:]], 25.0)[1] == "Saving: 0 of 3 steps, 5 seconds so far"


def test_what_is_done_has_no_time_left():
    events = log((0.0, PHASE, LOOKING), (9.0, PROGRESS, at(100, left=0.0)))
    assert progress(events, 9.0) == (1.0, "Looking: 100 of 100 photos")

"""Two browsers, a worker and the command line in one project at once, killed again and again: one order explains it."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from core.jobs.job import Job, State
from tests.faults.actors import edit_for_a_while, logged, replayed, rows
from tests.faults.case import fruit, prepare
from tests.faults.holdings import check_whole, holdings
from tests.faults.quick_jobs import IMPORT_PLACE, import_ready, of_folder, work
from tests.faults.run import in_child, launched
from tests.faults.shim import KILL, NONE, Fault

EDITS = 12


@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        pytest.param(1, 1, marks=pytest.mark.slow),
        *(pytest.param(seed, 5, marks=pytest.mark.endurance) for seed in range(2, 9)),
    ],
)
def test_one_order_explains_the_log_whoever_was_killed(seed, rounds, tmp_path):
    prepare(tmp_path)
    home, draw = tmp_path / "home", random.Random(seed)
    before, log_before, photos = rows(fruit(home)), logged(fruit(home)), holdings(home)["Fruit"].contents
    import_ready(of_folder, home)
    told = [tmp_path / "first browser.jsonl", tmp_path / "second browser.jsonl"]
    for _ in range(rounds):
        all_at_once(home, draw, told)
        check_whole(home)
    in_child(partial(work, IMPORT_PLACE), home, Fault(NONE))
    assert Job(home / IMPORT_PLACE).state() is State.FINISHED
    check_whole(home)
    log = logged(fruit(home))
    assert [row[:3] for row in log[: len(log_before)]] == [row[:3] for row in log_before], "an older edit is lost"
    assert replayed(as_before_all(before, log_before), rows(fruit(home)), log) == rows(fruit(home))
    check_told(told, log)
    assert photos < holdings(home)["Fruit"].contents


def all_at_once(home: Path, draw: random.Random, told: list[Path]) -> None:
    """Each in a process of its own, and each but the command line is killed at some operation."""
    deeds = [partial(edit_for_a_while, draw.randrange(10**9), EDITS, lines) for lines in told]
    deeds.append(partial(work, IMPORT_PLACE))
    faults = [Fault(KILL, draw.randint(5, 150)) for _ in deeds]
    packed = ["core", "pack", str(fruit(home).folder), str(home.parent / f"{draw.random()}.zip")]
    with ThreadPoolExecutor() as pool:
        started = [pool.submit(in_child, deed, home, fault) for deed, fault in zip(deeds, faults, strict=True)]
        started.append(pool.submit(launched, packed, home, Fault(KILL, 40)))
    for each in started:
        assert each.result().unexpected == ""


def as_before_all(now: dict, log: list) -> dict:
    """The state before the first edit of a log."""
    state = {photo: dict(values) for photo, values in now.items()}
    for *_, changes, _ in reversed(log):
        for photo, column, found, _ in changes:
            if column in state[photo]:
                state[photo][column] = found
    return state


def check_told(told: list[Path], log: list) -> None:
    """What a browser was told is in the log: each edit, and each edit that was undone, as undone."""
    by_number = {number: (what, undone) for number, what, _, undone in log}
    confirmed = [json.loads(line) for lines in told if lines.exists() for line in lines.read_text().splitlines()]
    assert len(confirmed) > 0
    for number, what, is_undo in confirmed:
        assert by_number[number][0] == what
        assert by_number[number][1] or not is_undo

"""Each deed under each kind of fault, at its first operation on the disk, its second, third ... until none is left."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.base.events import FINISHED
from core.jobs.job import Job
from tests.faults.deeds import DEEDS, GROWING, Deed
from tests.faults.holdings import Holdings, check_whole, holdings
from tests.faults.quick_jobs import DOWNLOAD_PLACE, IMPORT_PLACE, OPEN_PLACE, PACK_PLACE
from tests.faults.run import Ended, in_child
from tests.faults.shim import CLOCKS, CUT, ERROR, FAIL_THEN_KILL, FULL, KILL, NONE, Fault
from tests.power_cut import EMPTY, HALF, LOST

WAYS_TO_FAIL = [(ERROR, ""), (FAIL_THEN_KILL, ""), (FULL, ""), (KILL, ""), (CUT, LOST), (CUT, EMPTY), (CUT, HALF)]
CASES = [(name, *fails) for name in DEEDS for fails in WAYS_TO_FAIL]
SAMPLE = CASES[::9]  # of all deeds, and of all ways to fail


@dataclass(frozen=True)
class Course:
    """A deed that went well: how many operations it took, and what there was before and after.

    Args:
        case: Where it is done, in a copy of `ready`: always the same place, since requests name places.
    """

    case: Path
    ready: Path
    operations: int
    before: dict[str, Holdings]
    after: dict[str, Holdings]


@pytest.fixture(scope="module")
def courses(prepared, tmp_path_factory):
    """Gives the course of a deed by its name."""
    known: dict[str, Course] = {}

    def course(name: str) -> Course:
        if name not in known:
            case = shutil.copytree(prepared, tmp_path_factory.mktemp("course") / "case")
            home = case / "home"
            DEEDS[name].ready(home)
            shutil.copytree(case, ready := case.with_name("ready"))
            before = holdings(home)
            ended = in_child(DEEDS[name].do, home, Fault(NONE))
            assert ended.said == ""
            check_whole(home)
            known[name] = Course(case, ready, ended.operations, before, holdings(home))
        return known[name]

    return course


@pytest.mark.endurance
@pytest.mark.parametrize(("name", "kind", "way"), CASES)
def test_a_fault_at_every_operation_loses_nothing(name, kind, way, courses):
    for at in range(1, courses(name).operations + (2 if kind == CUT else 1)):  # also when all is done
        under(Fault(kind, at), way, name, courses(name))


@pytest.mark.endurance
@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("name", DEEDS)
def test_the_clock_may_be_set_meanwhile(name, kind, courses):
    for at in sorted({1, courses(name).operations // 2} - {0}):
        under(Fault(kind, at), "", name, courses(name))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind", "way"), SAMPLE)
def test_a_fault_at_some_operations_loses_nothing(name, kind, way, courses):
    operations = courses(name).operations
    for at in sorted({1, operations // 2, operations} - {0}):
        under(Fault(kind, at), way, name, courses(name))


def under(fault: Fault, way: str, name: str, course: Course) -> None:
    """Do a deed under a fault, look at what is left, and do it again."""
    deed = DEEDS[name]
    shutil.rmtree(course.case)
    home = shutil.copytree(course.ready, course.case) / "home"
    ended = in_child(deed.do, home, fault, way)
    about = f"{name}, {fault} {way}: {ended}"
    assert ended.met or fault.at > ended.operations, about  # how often progress is told depends on the time
    assert not ended.unexpected, about
    try:
        check_whole(home, small_too=fault.kind != CUT)
        now = holdings(home)
        look_between(now, ended, deed, course, home)
        if now != course.after or not (is_finished(home) or deed.adds_again):
            assert in_child(deed.do, home, Fault(NONE)).said == "", "it can't be done again"
            check_whole(home)
            now = holdings(home)
        assert now == course.after
    except Exception as error:
        raise AssertionError(about) from error


def look_between(now: dict[str, Holdings], ended: Ended, deed: Deed, course: Course, home: Path) -> None:
    """Nothing that was there is lost, and nothing is there that nobody asked for; what ended well is done."""
    if not ended.died and not ended.said and is_finished(home):
        assert now == course.after, "it ended well, and is not done"
    if deed.step != GROWING:
        assert now in (course.before, course.after), "it is half done"
        return
    for project, before in course.before.items():
        assert before.photos <= now[project].photos <= course.after[project].photos
        assert now[project].edits == before.edits
        kept = {content for content, _ in now[project].feedback} | now[project].contents
        assert {content for content, _ in before.feedback} <= kept, "a photo of the feedback is lost"
        assert now[project].runs == before.runs


def is_finished(home: Path) -> bool:
    """Whether the deed's job says so; what is no job has no more to say than that it ended."""
    for place in (IMPORT_PLACE, PACK_PLACE, OPEN_PLACE, DOWNLOAD_PLACE):
        if (home / place).exists():
            events = Job(home / place).events()
            return bool(events) and events[-1]["event"] == FINISHED
    return True

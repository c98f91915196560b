import hashlib

from core.projects.alike import COPIES, DIFFERENT, as_answered, asked_about, in_stretches, taken_apart, with_answer
from core.projects.split import ALL_APART, TAKEN_APART, Attempt, Shares, assign_or_next_best

CONTENTS = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(60)]
LABELS = ["sound"] * 30 + ["scratched"] * 30
ONE = ["g"] * 60


def test_a_group_across_classes_or_of_much_of_one_is_asked_about_until_it_is_answered():
    assert asked_about(LABELS, ONE, CONTENTS, [""] * 60) == {"g"}
    small = ["g"] * 4 + CONTENTS[4:]
    assert asked_about(LABELS, small, CONTENTS, [""] * 60) == set()
    of_one_class = ["g"] * 5 + CONTENTS[5:]
    assert asked_about(LABELS, of_one_class, CONTENTS, [""] * 60) == {"g"}
    assert asked_about(LABELS, ONE, CONTENTS, [COPIES] + [""] * 59) == set()
    assert asked_about(LABELS, ONE, [CONTENTS[0]] * 60, [""] * 60) == set()  # equal files are copies


def test_different_things_are_on_their_own_and_a_new_photo_is_covered_by_what_was_said_of_the_others():
    kept = [f"blurred {DIFFERENT}"] * 59 + [""]
    assert len(set(as_answered(ONE, kept, CONTENTS, [None] * 60))) == 60
    assert as_answered(ONE, [COPIES] * 60, CONTENTS, [None] * 60) == ONE
    assert with_answer(f"blurred {DIFFERENT} near-copies", COPIES) == f"blurred near-copies {COPIES}"
    assert with_answer(f"blurred {DIFFERENT}", "") == "blurred"


def test_bursts_and_equal_files_stay_together_when_things_are_taken_apart():
    contents = [*CONTENTS[:4], CONTENTS[0]]
    apart = taken_apart(["g"] * 5, {"g"}, contents, [10.0, 12.0, 20.0, None, 10.0])
    assert apart[0] == apart[1] == apart[4]
    assert len(set(apart)) == 3


def test_a_split_that_would_leave_a_part_empty_takes_apart_what_may_be_different_and_says_so():
    apart = taken_apart(ONE, {"g"}, CONTENTS, [None] * 60)
    attempts = [Attempt(ONE), Attempt(apart, TAKEN_APART), Attempt(CONTENTS, ALL_APART)]
    for given in ([""] * 60, ["train"] * 60):  # an earlier version gave all of them to the training
        subsets, cost = assign_or_next_best(LABELS, CONTENTS, attempts, given, 0, Shares())
        assert {subset: subsets.count(subset) for subset in set(subsets)} == {"train": 42, "validation": 8, "test": 10}
        assert cost == TAKEN_APART.format("for validation")
    alone = [Attempt(CONTENTS), Attempt(apart, TAKEN_APART)]
    assert assign_or_next_best(LABELS, CONTENTS, alone, [""] * 60, 0, Shares())[1] == ""


def test_only_a_class_that_is_one_burst_is_cut_into_stretches_of_time():
    labels = ["film"] * 20 + ["photos"] * 20
    taken = [float(i // 10) for i in range(20)] + [0.0] * 20
    groups = ["burst"] * 20 + [f"own {i // 5}" for i in range(20)]
    cut = in_stretches(labels, groups, taken, least=3)
    assert cut == ["burst/0"] * 10 + ["burst/1"] * 10 + groups[20:]
    assert in_stretches(labels, groups, [None] * 40, least=3) == groups  # near-copies that nobody filmed
    assert in_stretches(labels[:20], ["a"] * 10 + ["b"] * 5 + ["c"] * 5, taken[:20], least=3) == [
        *["a"] * 10, *["b"] * 5, *["c"] * 5,
    ]  # fmt: skip

from dataclasses import replace

import pytest

from core.base.errors import InputError
from core.base.files import write_json
from core.models.config import CROSS_VALIDATION, TEST_PART, TrainConfig
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.photos.labelled_photo import LabelledPhoto
from core.projects.workspace import Workspace
from core.runs.choosing.in_use import PINNED, finished_runs, model_in_use, photos_of, pin, run_meant, unpin
from core.runs.report import Epoch
from core.runs.run import Run
from core.runs.trash import move_to_trash, restore, trashed_runs
from tests.core.reports import a_report, metrics_of

CLASSES = ["apple", "pear"]
FOUR = [("apple", "1" * 64), ("apple", "2" * 64), ("pear", "3" * 64), ("pear", "4" * 64)]


def epoch(accuracy, number=1, loss=0.5):
    return Epoch(number, "head", 0.1, 1.0, loss, accuracy, 0.2)


@pytest.fixture
def finish(project):
    """Makes a finished run, newer than those before, that had this share of its validation photos right."""

    def make(name, validation, photos=FOUR, **told):
        listed = [LabelledPhoto(f"/{content}.jpg", label, "train", content) for label, content in photos]
        run = Run.create(project.runs_folder / name, TrainConfig(), listed)
        values = {"epochs": [epoch(validation)], "test": metrics_of(CLASSES), **told}
        write_json(run.report_path, a_report(CLASSES, **values).to_json())
        return run

    return make


def used(project):
    found = model_in_use(project)
    return found and found.run.name


def test_without_a_finished_run_there_is_none(project, finish):
    assert model_in_use(project) is None
    Run.create(project.runs_folder / "begun", TrainConfig(), [])
    assert model_in_use(project) is None
    finish("first", 0.5)
    found = model_in_use(project)
    assert (found.run.name, found.is_pinned, found.why) == ("first", False, "It is the only finished run.")


def test_a_poor_run_that_was_stopped_takes_the_place_of_no_better_one(project, finish):
    finish("good", 0.94)
    finish("poor", 0.67)
    found = model_in_use(project)
    assert (found.run.name, found.is_pinned) == ("good", False)
    assert found.why == "It is the best on the validation photos of 2 runs of the same photos."


def test_the_test_has_no_say(project, finish):
    finish("lucky in the test", 0.8, test=metrics_of(CLASSES, right=10))
    finish("better on validation", 0.9, test=metrics_of(CLASSES, right=2))
    assert used(project) == "better on validation"


def test_the_epoch_counts_whose_weights_were_kept(project, finish):
    finish("peak not kept", 0, epochs=[epoch(0.99, 1), epoch(0.7, 2)], best_epoch=2)
    finish("even", 0, epochs=[epoch(0.8, 1), epoch(0.75, 2)], best_epoch=1)
    assert used(project) == "even"


def test_of_equals_that_with_the_lower_loss_is_used_and_of_equals_the_newer(project, finish):
    finish("first", 0, epochs=[epoch(0.9, loss=0.2)])
    finish("surer", 0, epochs=[epoch(0.9, loss=0.1)])
    finish("third", 0, epochs=[epoch(0.9, loss=0.2)])
    assert used(project) == "surer"
    finish("again", 0, epochs=[epoch(0.9, loss=0.1)])
    assert used(project) == "again"


def test_runs_of_other_photos_are_not_compared_with_the_newest(project, finish):
    finish("of three", 0.99, photos=FOUR[:3])
    finish("otherwise called", 0.99, photos=[("pear", FOUR[0][1]), *FOUR[1:]])
    finish("of four", 0.7)
    found = model_in_use(project)
    assert (found.run.name, found.why) == ("of four", "It is the newest.")
    finish("in another order", 0.8, photos=FOUR[::-1])
    assert used(project) == "in another order"


def test_by_cross_validation_all_photos_count_when_each_run_has_it(project, finish):
    poor, fair = metrics_of(CLASSES, right=5), metrics_of(CLASSES, right=8)
    finish("fair", 0.7, estimate=CROSS_VALIDATION, test=fair)
    finish("poor", 0.9, estimate=CROSS_VALIDATION, test=poor)
    found = model_in_use(project)
    assert (found.run.name, found.why) == ("fair", "It is the best by cross-validation of 2 runs of the same photos.")
    finish("tested", 0.8, estimate=TEST_PART, test=metrics_of(CLASSES, right=10))
    assert used(project) == "poor"  # all three have validation photos, only two have folds


def test_a_pinned_run_is_used_whatever_is_better_until_it_is_let_go_of(project, finish):
    poor = finish("poor", 0.6)
    finish("good", 0.9)
    pin(project, poor)
    finish("better", 0.95)
    found = model_in_use(project)
    assert (found.run.name, found.is_pinned, found.why, found.lost_pin) == ("poor", True, "You pinned it.", "")
    unpin(project)
    assert used(project) == "better"


def test_only_a_finished_run_of_the_project_can_be_pinned(project, finish, tmp_path):
    finish("good", 0.9)
    begun = Run.create(project.runs_folder / "begun", TrainConfig(), [])
    with pytest.raises(InputError, match="begun can't be used: it is not a finished run"):
        pin(project, begun)
    with pytest.raises(InputError, match="not a finished run of this project"):
        pin(project, Run(tmp_path / "elsewhere"))
    assert project.setting(PINNED) == ""


def test_a_pin_waits_while_its_run_is_in_the_trash(project, finish):
    pinned = finish("2026-11-22 09.00.00 aaaa", 0.6)
    finish("good", 0.9)
    pin(project, pinned)
    move_to_trash(project, pinned)
    found = model_in_use(project)
    assert (found.run.name, found.is_pinned) == ("good", False)
    assert found.lost_pin == (
        "The run that you pinned, New head, 80 %, is in the trash. Until it comes back, the best of the others is used."
    )
    restore(project, trashed_runs(project)[0])
    assert used(project) == pinned.name


def test_a_pin_of_a_run_that_can_not_be_read_is_told(project, finish):
    pinned = finish("pinned", 0.6)
    finish("good", 0.9)
    pin(project, pinned)
    pinned.report_path.write_bytes(b"{")
    found = model_in_use(project)
    assert (found.run.name, found.lost_pin[:42]) == ("good", "The run that you pinned is no longer there")


def test_a_pin_comes_along_in_a_packed_project(project, finish, tmp_path):
    pin(project, finish("poor", 0.6))
    finish("good", 0.9)
    archive = tmp_path / "project.zip"
    pack(project, archive)
    opened = unpack(archive, Workspace(tmp_path / "there"), tmp_path)
    assert used(opened) == "poor"
    assert model_in_use(opened).is_pinned


def test_damaged_lists_of_photos_say_nothing(project, finish):
    good = finish("good", 0.9)
    poor = finish("poor", 0.6)
    for damage in (b"", b"path,label\n", b"sha256,label\n1\n", b"\x00" * 40):
        good.photos_path.write_bytes(damage)
        assert photos_of(good) == ""
        assert used(project) == poor.name
    good.photos_path.unlink()
    assert photos_of(good) == ""


def test_a_report_without_its_best_epoch_is_the_last_choice(project, finish):
    finish("fair", 0.3)
    untold = finish("untold", 0.9)
    write_json(untold.report_path, replace(untold.report(), best_epoch=7).to_json())
    assert used(project) == "fair"


def test_a_projects_folder_stands_for_its_model_in_use(project, finish, tmp_path):
    with pytest.raises(InputError, match="has no finished run yet"):
        run_meant(project.folder)
    finish("good", 0.9)
    finish("poor", 0.6)
    assert run_meant(project.folder).name == "good"
    assert run_meant(tmp_path / "any run").folder == tmp_path / "any run"
    assert [run.name for run, _ in finished_runs(project)] == ["poor", "good"]


def test_a_run_that_keeps_photos_of_its_own_is_no_project(tmp_path):
    run = Run.create(tmp_path / "run", TrainConfig(), [])
    (run.folder / "photos").mkdir()
    assert run_meant(run.folder).folder == run.folder

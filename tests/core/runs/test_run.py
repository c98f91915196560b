import json
import time
from dataclasses import replace

import pytest

from core.base import checksums
from core.base.errors import InputError, RunError
from core.base.events import EPOCH, PHASE
from core.base.files import write_json
from core.evaluation.folds import estimate_for
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import BEFORE, DECODER, USUAL, PictureSettings
from core.runs.report import WORST, Epoch, best_epoch, best_score
from core.runs.run import MAX_REMARK, MAX_TITLE, Run, list_runs, new_run_name
from tests.core.reports import a_report

PATHS = [
    "/photos/plain.jpg",
    "/photos/comma, and; semicolon.jpg",
    "/photos/quote \" and '.jpg",
    "/photos/new\nline\r\nand\rreturn.jpg",
    "/photos/🍎 梨 Größe.jpg",
    "/photos/bytes \udcff\udc80.jpg",
    "/photos/ spaces .jpg",
    "/photos/line\u2028separator\x85.jpg",
    "-1",
    "=cmd()",
]


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "runs" / "one", TrainConfig(epochs=3), [])


def test_the_photos_come_back_as_they_were_given(tmp_path):
    photos = [
        LabelledPhoto(path, 'label, "x"\n', part, "0" * 64, group)
        for path, part, group in zip(PATHS, ["train", ""] * 5, ["", "7"] * 5, strict=True)
    ]
    run = Run.create(tmp_path / "run", TrainConfig(), photos)
    assert run.photos() == photos
    assert Run.create(tmp_path / "empty", TrainConfig(), []).photos() == []


def test_a_run_keeps_how_its_pictures_are_read_and_an_older_one_knows_no_profiles(run, tmp_path):
    assert run.pictures() == USUAL
    settings = PictureSettings((("uint16", 0.0, 4095.0),), (3, 2, 1), 1, profiles=False)
    other = Run.create(tmp_path / "other", TrainConfig(), [], settings)
    assert Run(other.folder).pictures() == settings
    assert json.loads(other.pictures_path.read_text())["decoder"] == DECODER
    other.pictures_path.write_text('{"page": -7}')
    with pytest.raises(RunError, match=r"picture settings of other \(pictures.json\) are damaged"):
        other.pictures()
    other.pictures_path.unlink()
    assert other.pictures() == BEFORE


def test_a_new_run_has_its_settings_and_no_result(run):
    assert run.config() == TrainConfig(epochs=3)
    assert run.report() is None
    assert run.epochs() == []
    assert run.name == "one"


def test_a_folder_that_holds_something_is_refused(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file"):
        with pytest.raises(RunError, match=f"folder {name} is not empty. Choose a new one"):
            Run.create(tmp_path / name, TrainConfig(), [])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "mine.txt"]


def test_an_empty_folder_is_taken(tmp_path):
    assert Run.create(tmp_path, TrainConfig(), []).config() == TrainConfig()


@pytest.mark.parametrize("text", [None, "", "{", '{"schema": 1, "unknown": 2}', '{"schema": 1, "optimizer": 2}', "[]"])
def test_a_folder_without_readable_settings_is_no_run(tmp_path, text):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(RunError, match=r"holds no training run"):
        Run(tmp_path).config()


def test_settings_of_another_version_are_told(tmp_path):
    write_json(tmp_path / "config.json", {"schema": 2})
    with pytest.raises(InputError, match=r"another version of the app"):
        Run(tmp_path).config()


def test_a_report_is_read_when_it_is_there_and_whole(run):
    run.report_path.write_text('{"half')
    assert run.report() is None
    report = a_report(estimate="cross-validation")
    write_json(run.report_path, report.to_json())
    assert run.report() == report


def test_a_list_of_photos_from_before_groups_is_read(run):
    checksums.unseal(run.photos_path)
    run.photos_path.write_text("path,label,split,sha256\n/a.jpg,apple,train,00\n")
    assert run.photos() == [LabelledPhoto("/a.jpg", "apple", "train", "00", group="")]


@pytest.mark.parametrize("damage", [lambda data: data.replace(b"apple", b"apqle", 1), lambda data: b""])
def test_a_list_of_photos_that_a_disk_changed_is_refused(damage, tmp_path):
    run = Run.create(tmp_path / "run", TrainConfig(), [LabelledPhoto("/a.jpg", "apple", "train", "00")])
    run.photos_path.write_bytes(damage(run.photos_path.read_bytes()))
    with pytest.raises(RunError, match=r"photos\.csv"):
        run.photos()
    checksums.unseal(run.photos_path)
    run.photos_path.write_bytes(bytes(50))  # nor can one of an earlier version be empty
    with pytest.raises(RunError, match=r"photos\.csv"):
        run.photos()


def some_photos(n, label):
    return [LabelledPhoto(f"/{label}/{i}.jpg", label, "", f"{label} {i}") for i in range(n)]


def test_a_class_too_small_for_a_test_part_asks_for_cross_validation():
    assert estimate_for(some_photos(20, "apple") + some_photos(300, "pear"), test_given=False) == "test"
    small = some_photos(19, "apple") + some_photos(300, "pear")
    assert estimate_for(small, test_given=False) == "cross-validation"
    assert estimate_for(small, test_given=True) == "test"
    fed = [replace(photo, origin="feedback", sha256=f"fed {photo.sha256}") for photo in some_photos(50, "apple")]
    assert (
        estimate_for(small + fed, test_given=False) == "cross-validation"
    )  # a test of so few says no more than before


def test_a_class_of_one_group_cannot_be_cross_validated_and_one_of_two_can():
    apples, pears = some_photos(5, "apple"), some_photos(30, "pear")
    near = [replace(photo, group="7") for photo in apples]
    equal = [replace(photo, sha256="00") for photo in apples]
    for photos, estimate in ((near, "test"), (equal, "test"), (near[:4] + apples[4:], "cross-validation")):
        assert estimate_for(photos + pears, test_given=False) == estimate


def test_an_unfinished_run_has_no_labels_and_says_so(run):
    for path in (None, run.labels_path):
        if path:
            write_json(path, ["a", "b"])
        with pytest.raises(RunError, match=r"one has no finished model yet. Train it to the end first"):
            run.class_names()
    run.engine_path.write_text("<net/>")
    assert run.class_names() == ["a", "b"]


def test_epochs_are_the_epoch_events(run):
    run.job.event_log().write(PHASE, name="fit")
    for number, loss in enumerate((0.9, 0.4, 0.4, 0.7), 1):
        run.job.event_log().write(EPOCH, **Epoch(number, "head", 0.5, 0.8, loss, 0.7, 0.1).to_json())
    assert [epoch.number for epoch in run.epochs()] == [1, 2, 3, 4]
    assert best_epoch(run.epochs()) == 2
    assert best_epoch(run.epochs(), "val_accuracy") == 2  # all are as accurate, so the loss decides


def test_the_most_accurate_epoch_is_the_best_where_accuracy_is_monitored():
    rows = [(0.9, 0.6), (0.4, 0.7), (0.6, 0.8), (0.5, 0.8), (0.5, 0.8)]
    epochs = [Epoch(number, "head", 0.5, 0.9, *row, 0.1) for number, row in enumerate(rows, 1)]
    assert (best_epoch(epochs), best_epoch(epochs, "val_accuracy")) == (2, 4)
    assert best_score(epochs, "val_accuracy") == (-0.8, 0.5) < best_score(epochs[:3], "val_accuracy")
    assert best_score([], "val_loss") == WORST > best_score(epochs, "val_loss")


def test_runs_are_listed_newest_first_and_other_folders_are_none(tmp_path):
    assert list_runs(tmp_path / "none") == []
    for name in ("2026-11-22 09.00.00 aaaa", "2026-11-22 10.00.00 0000", "2025-01-01 00.00.00 ffff"):
        Run.create(tmp_path / name, TrainConfig(), [])
    (tmp_path / "not a run").mkdir()
    (tmp_path / "file").write_text("x")
    assert [run.name[:13] for run in list_runs(tmp_path)] == ["2026-11-22 10", "2026-11-22 09", "2025-01-01 00"]


def test_new_names_sort_by_time_and_differ():
    names = {new_run_name() for _ in range(50)}
    assert len(names) == 50
    for name in names:
        assert abs(time.mktime(time.strptime(name[:19], "%Y-%m-%d %H.%M.%S")) - time.time()) < 60
        assert not set(name) & set('<>:"/\\|?*')


def made_run(project, name, title=""):
    run = Run.create(project.runs_folder / name, TrainConfig(), [])
    if title:
        run.describe(title, "")
    return run


def test_a_run_is_called_by_its_time_until_it_has_a_title(project):
    run = made_run(project, "2026-11-22 09.00.00 aaaa")
    assert (run.title, run.remark) == ("2026-11-22 09.00.00", "")
    run.describe("  More\n dropout ", " 0.7, and\nit shows 🍎 ")
    again = Run(run.folder)
    assert (again.title, again.remark) == ("More dropout", "0.7, and\nit shows 🍎")
    run.describe("", "")
    assert (run.title, run.remark) == ("2026-11-22 09.00.00", "")


def test_a_damaged_title_is_none(project):
    run = made_run(project, "2026-11-22 09.00.00 aaaa", "Mine")
    for text in ("", "{", "[1]", "5"):
        run.about_path.write_text(text)
        assert run.title == "2026-11-22 09.00.00"


def test_a_title_that_is_taken_or_endless_is_refused(project):
    made_run(project, "2026-11-22 09.00.00 aaaa", "Best")
    run = made_run(project, "2026-11-22 10.00.00 bbbb")
    for title in ("best", " BEST "):
        with pytest.raises(InputError, match=r"There is already a run called .* Choose another name"):
            run.describe(title, "")
    with pytest.raises(InputError, match=r"Received: 61 and 501"):
        run.describe("x" * (MAX_TITLE + 1), "y" * (MAX_REMARK + 1))
    run.describe("x" * MAX_TITLE, "y" * MAX_REMARK)
    run.describe("x" * MAX_TITLE, "its own title may stay")


def test_a_title_that_can_not_be_read_is_kept_beside_the_next_one(tmp_path):
    run = Run.create(tmp_path / "r", TrainConfig(), [])
    run.about_path.write_bytes(b'{"title": "Morn')
    run.describe("Noon", "")
    assert run.title == "Noon"
    assert (run.folder / "damaged" / "about.json").read_bytes() == b'{"title": "Morn'

"""An import that asks first: nothing is stored before the answer, which may read otherwise, rename and leave out."""

import shutil
import zipfile

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.base.errors import InputError, StopRequested
from core.base.events import FINISHED
from core.projects import edits
from core.projects.imports import ASKS, FOLDER, UPLOAD, ZIP, ImportFolder, ImportRequest, waiting_import
from core.projects.project import NO_CLASS
from core.sources.archives import keep_upload
from core.sources.readings import LayoutQuestion
from tests.importing import bring


@pytest.fixture
def two_levels(tmp_path, fill):
    """Owls and foxes in a city and in a wood: either may be the classes."""
    for seed, place in enumerate(("city", "wood")):
        fill(tmp_path / "seen" / place, {"owl": 3, "fox": 2}, first_seed=10 * seed)
    return tmp_path / "seen"


@pytest.fixture
def kaggle(tmp_path, fill):
    """Class folders in a training set, and photos without a class to be asked about."""
    fill(tmp_path / "set" / "training_set", {"apple": 3, "pear": 3})
    fill(tmp_path / "set", {"single_prediction": 2}, first_seed=50)
    return tmp_path / "set"


def ask(project, request):
    this = ImportFolder.create(project)
    bring(project, request, this)
    return this


def answer(project, this, layout, names=None):
    this.answer(layout, names or {})
    return bring(project, this.request(), this)


def test_samples_beyond_8_bits_are_stretched_alike(project, tmp_path):
    for label, top in (("dark", 1000), ("bright", 4000)):
        (tmp_path / "deep" / label).mkdir(parents=True)
        for i in range(2):
            tifffile.imwrite(tmp_path / "deep" / label / f"{i}.tif", np.full((32, 32), top + i, np.uint16))
    this = ask(project, ImportRequest(FOLDER, str(tmp_path / "deep"), asks=True))
    (shown,) = (reading.samples for reading in this.question().readings if reading.layout == "folders")
    levels = {label: np.asarray(Image.open(this.samples / files[0])).mean() for label, files in shown.items()}
    assert levels == {"dark": pytest.approx(62, abs=2), "bright": pytest.approx(249, abs=2)}  # of 4,095


def test_nothing_is_stored_before_the_answer(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    question = this.question()
    assert (question.title, [reading.layout for reading in question.readings]) == ("seen", ["folders:1", "folders:2"])
    assert not any(reading.is_clear for reading in question.readings)
    assert question.readings[1].classes == {"fox": {"": 4}, "owl": {"": 6}}
    assert this.job.events()[-1]["event"] == FINISHED
    assert this.job.events()[-1][ASKS]
    assert project.photos() == []
    assert not any(project.photos_folder.iterdir())


def test_each_class_has_three_samples_that_can_be_shown(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    for reading in this.question().readings:
        assert {label: len(samples) for label, samples in reading.samples.items()} == dict.fromkeys(reading.classes, 3)
        for samples in reading.samples.values():
            assert all(Image.open(this.samples / sample).size == (64, 48) for sample in samples)


def test_the_answer_chooses_the_reading_and_names_and_leaves_out(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    summary = answer(project, this, "folders:2", {"owl": "  barn   owl ", "fox": ""})
    assert project.class_counts() == {"barn owl": 6}
    assert (summary.added, summary.classes) == (6, 1)
    assert summary.words.startswith("2 classes by folders: fox (4), owl (6)")
    assert this.question() is None
    assert not this.samples.exists()


def test_two_classes_of_one_name_become_one(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    answer(project, this, "folders:1", {"city": "place", "wood": "place"})
    assert project.class_counts() == {"place": 10}


def test_an_answer_that_names_no_class_is_refused_and_the_question_stays(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    with pytest.raises(InputError, match="No class is left to bring in"):
        this.answer("folders:1", {"city": "", "wood": ""})
    with pytest.raises(InputError, match="1 to 100 characters"):
        this.answer("folders:1", {"city": "x" * 101})
    assert this.question() is not None


def test_some_of_the_classes_may_be_left_out_and_the_others_keep_their_names(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    answer(project, this, "folders:1", {"city": ""})
    assert project.class_counts() == {"wood": 5}


def test_without_a_question_what_can_be_read_in_two_ways_is_refused(project, two_levels):
    with pytest.raises(LayoutQuestion, match="--layout folders:2"):
        bring(project, ImportRequest(FOLDER, str(two_levels)))


def test_an_archive_is_unpacked_once_for_question_and_answer(project, two_levels, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "seen"), "zip", two_levels)
    this = ask(project, ImportRequest(ZIP, archive, asks=True))
    (tmp_path / "seen.zip").unlink()
    assert answer(project, this, "folders:1").added == 10
    assert not this.unpacked.exists()


def test_what_an_import_that_was_killed_had_unpacked_is_not_used_again(project, two_levels, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "seen"), "zip", two_levels)
    this = ask(project, ImportRequest(ZIP, archive, asks=True))
    this.answer("folders:1", {})
    this.gathered.unlink()  # as storing begins with it, and moves photos away
    next(this.unpacked.iterdir()).unlink()
    assert bring(project, this.request(), this).added == 10


def test_a_question_that_is_cancelled_leaves_nothing(project, two_levels, tmp_path):
    this = ImportFolder.create(project)
    names = dict(
        keep_upload(this.incoming, n, path.relative_to(tmp_path).as_posix(), path.read_bytes())
        for n, path in enumerate(sorted(two_levels.rglob("*.jpg")))
    )
    bring(project, ImportRequest(UPLOAD, names=names, asks=True), this)
    this.discard()
    assert not this.folder.exists()
    assert len(list(two_levels.rglob("*.jpg"))) == 10


def test_a_table_in_a_zip_tells_the_classes(project, tmp_path, jpeg):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("set/train.csv", "id,label\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(6)))
        for n in range(6):
            archive.writestr(f"set/images/{n}.jpg", jpeg(n))
    this = ask(project, ImportRequest(ZIP, str(tmp_path / "a.zip"), asks=True))
    (reading,) = this.question().readings
    assert (reading.layout, reading.is_clear, reading.by) == (
        "table:train.csv",
        True,
        "by the column label of train.csv",
    )
    answer(project, this, reading.layout)
    assert project.class_counts() == {"a": 3, "b": 3}


def test_photos_without_a_class_are_kept_apart_out_of_all_counts(project, kaggle):
    summary = bring(project, ImportRequest(FOLDER, str(kaggle)))
    assert (summary.added, summary.without_class, summary.set_aside) == (6, 2, 0)
    assert project.class_counts() == {"apple": 3, "pear": 3}
    apart = project.photos_set_aside()
    assert {(photo.label, photo.set_aside, photo.split) for photo in apart} == {("", NO_CLASS, "")}
    for photo in apart:
        assert project.path(photo).parent.relative_to(project.folder).as_posix() == "set-aside/without a class"
        assert project.thumbnail(photo).exists()


def test_photos_without_a_class_that_come_again_are_not_doubled(project, kaggle):
    bring(project, ImportRequest(FOLDER, str(kaggle)))
    again = bring(project, ImportRequest(FOLDER, str(kaggle)))
    assert (again.added, again.without_class, again.already_there) == (0, 0, 8)


def test_a_photo_without_a_class_takes_part_once_it_is_put_into_one_and_undo_takes_that_back(project, kaggle):
    bring(project, ImportRequest(FOLDER, str(kaggle)))
    before = project.photos_set_aside()
    edits.move(project, [before[0].id], "apple")
    assert project.class_counts() == {"apple": 4, "pear": 3}
    (moved,) = project.photos_with_ids([before[0].id])
    assert (moved.label, moved.set_aside, moved.file.split("/")[:2]) == ("apple", "", ["photos", "apple"])
    assert project.path(moved).exists()
    edits.undo(project)
    assert project.photos_set_aside() == before
    assert project.path(before[0]).exists()


def test_a_photo_without_a_class_can_not_be_restored_into_none(project, kaggle):
    bring(project, ImportRequest(FOLDER, str(kaggle)))
    with pytest.raises(InputError, match=r"1 photo of these had no class yet\. Move them into one instead"):
        edits.restore(project, [project.photos_set_aside()[0].id])


def test_an_answer_to_what_was_answered_or_taken_back_is_refused_in_words(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    answer(project, this, "folders:1")
    with pytest.raises(InputError, match="answered or taken back already"):
        this.answer("folders:2", {})
    other = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    other.discard()
    with pytest.raises(InputError, match="answered or taken back already"):
        other.answer("folders:2", {})
    assert not other.folder.exists()


def test_what_changed_since_the_question_and_is_not_read_so_any_more_says_so(project, two_levels):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    for number, path in enumerate(sorted(two_levels.rglob("*.jpg"))):
        path.rename(two_levels / f"{number}.jpg")
    with pytest.raises(InputError, match=r"seen has changed since you were asked .* Bring it in again"):
        answer(project, this, "folders:2")
    assert project.photos() == []


def test_a_question_is_still_asked_when_another_import_came_after_it(project, two_levels, kaggle):
    this = ask(project, ImportRequest(FOLDER, str(two_levels), asks=True))
    bring(project, ImportRequest(FOLDER, str(kaggle)))
    assert waiting_import(project).folder == this.folder
    answer(project, this, "folders:1")
    assert waiting_import(project) is None


def test_a_stop_while_it_looks_is_heard_and_going_on_asks(project, two_levels):
    this = ImportFolder.create(project)
    this.job.request_stop(keep=True)
    with pytest.raises(StopRequested):
        bring(project, ImportRequest(FOLDER, str(two_levels), asks=True), this)
    assert this.question() is None
    this.job.forget_stop()
    bring(project, this.request(), this)
    assert len(this.question().readings) == 2

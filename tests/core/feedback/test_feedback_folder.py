import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.base.errors import InputError, StorageError
from core.feedback import folder as feedback_module
from core.feedback.entry import ModelAnswer
from core.feedback.folder import FeedbackFolder, feedback_of
from core.jobs import kinds
from core.jobs.job import State
from core.jobs.queue import Jobs
from core.photos.decoding import PhotoError
from core.projects import imports
from core.projects.imports import ImportFolder, run_import
from tests.importing import bring_folder
from tests.waiting import await_that

SURE_APPLE = ModelAnswer("a run", {"apple": 0.9, "pear": 0.07, "plum": 0.03}, in_distribution_score=0.4, known=True)
NEW = 100  # the first seed of pictures that the project has not


@pytest.fixture
def project(project, tmp_path, fill):
    """Four apples and three pears, all different."""
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 4, "pear": 3}))
    return project


def kept_files(project):
    folder = project.folder / "feedback"
    return sorted(path.name for kind in ("photos", "thumbs") for path in folder.glob(f"{kind}/*"))


def put(project, rows):
    this = feedback_of(project).put_into_project(rows)
    return run_import(project, this, workers=1)


def test_what_was_said_comes_back_with_what_the_model_said_and_the_original(project, jpeg):
    feedback = feedback_of(project)
    row = feedback.add('müll, "1".JPG', jpeg(NEW), SURE_APPLE, "pear")
    assert feedback_of(project).waiting() == [row]
    assert (row.name, row.label, row.answer, row.second, row.run) == ('müll, "1".JPG', "pear", "apple", "pear", "a run")
    assert (row.probability, row.in_distribution_score, row.known, row.was_wrong) == (0.9, 0.4, True, True)
    assert row.margin == pytest.approx(0.83)
    assert feedback.original(row).read_bytes() == jpeg(NEW)
    assert feedback.original(row).name == f"{row.sha256}.jpg"
    assert row.time > 1_600_000_000


def test_a_large_photo_gets_a_small_picture_and_a_small_one_is_its_own(project, jpeg):
    feedback = feedback_of(project)
    small, large = (
        feedback.add("a.jpg", jpeg(NEW + i, size), SURE_APPLE, "apple") for i, size in enumerate([(64, 48), (900, 700)])
    )
    assert feedback.picture(small) == feedback.original(small)
    assert feedback.picture(large).read_bytes() != jpeg(NEW + 1, (900, 700))


def test_the_last_word_counts_and_the_photo_is_kept_once(project, jpeg):
    feedback = feedback_of(project)
    for said in ("apple", "", "pear"):
        feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, said)
    feedback.add("b.jpg", jpeg(NEW + 1), SURE_APPLE, "apple")
    assert [(row.name, row.label) for row in feedback.waiting()] == [("a.jpg", "pear"), ("b.jpg", "apple")]
    assert len(kept_files(project)) == 2
    feedback.change({feedback.waiting()[1].sha256: "pear"})
    assert [(row.name, row.label, row.was_wrong) for row in feedback.waiting()][1] == ("b.jpg", "pear", True)


def test_taking_it_back_forgets_the_photo_too(project, jpeg):
    feedback = feedback_of(project)
    first = feedback.add("a.jpg", jpeg(NEW, (900, 700)), SURE_APPLE, "pear")
    second = feedback.add("b.jpg", jpeg(NEW + 1), SURE_APPLE, "pear")
    feedback.take_back(first.sha256)
    assert feedback.waiting() == [second]
    assert kept_files(project) == [f"{second.sha256}.jpg"]


def test_what_was_taken_back_can_be_said_again_until_it_is_tidied(project, jpeg):
    feedback = feedback_of(project)
    entry = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    feedback.change({entry.sha256: None})
    assert feedback.all() == {}
    feedback.change({entry.sha256: ""})
    assert [(row.name, row.label) for row in feedback.waiting()] == [("a.jpg", "")]
    feedback.change({entry.sha256: None})
    feedback.tidy()
    assert kept_files(project) == []
    with pytest.raises(InputError, match="no longer there"):
        feedback.change({entry.sha256: "pear"})


def test_half_a_line_left_by_a_kill_and_lines_of_others_cost_nothing(project, jpeg):
    feedback = feedback_of(project)
    first = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    line = json.loads(feedback.log_path.read_text())
    del line["checksum"]  # as earlier versions wrote it
    outside = {**line, "sha256": "../../" + "0" * 58}
    elsewhere = {**line, "sha256": "0" * 64, "suffix": "/../../../project.db"}
    other = {"time": 1, "event": "said", "sha256": "1" * 64, "stars": 5}
    with feedback.log_path.open("a") as log:
        log.write("\n".join(json.dumps(each) for each in (outside, elsewhere, other, {**line, "phash": "zz"})))
    # the last of these is a half line: it has no line end, so what comes next begins a line of its own
    second = feedback.add("b.jpg", jpeg(NEW + 1), SURE_APPLE, "pear")
    assert feedback.all().keys() == {second.sha256}  # the damaged line about the first photo was its last word
    feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    assert {row.sha256 for row in feedback.waiting()} == {first.sha256, second.sha256}


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:1] + [lines[1].replace(b'"pear"', b'"qear"', 1)] + lines[2:],
        lambda lines: lines[:1] + [lines[1].replace(b'":', b'";', 1)] + lines[2:],
        lambda lines: lines[:1],
        lambda lines: [b"\0" * 100],
    ],
    ids=["one letter", "no json", "the end is cut off", "zeros"],
)
def test_words_that_a_disk_lost_are_told_and_their_photos_kept(damage, project, jpeg):
    feedback = feedback_of(project)
    for n in range(4):
        feedback.add(f"{n}.jpg", jpeg(NEW + n), SURE_APPLE, "pear")
    assert not feedback.lost_words
    kept = kept_files(project)
    feedback.log_path.write_bytes(b"".join(damage(feedback.log_path.read_bytes().splitlines(keepends=True))))
    feedback.tidy()
    assert feedback.lost_words
    assert kept_files(project) == kept
    for n in range(4):
        feedback.add(f"{n}.jpg", jpeg(NEW + n), SURE_APPLE, "apple")
    assert [row.label for row in feedback.waiting()] == ["apple"] * 4


def test_half_a_line_and_a_photo_left_by_a_kill_are_no_lost_words(project, jpeg):
    feedback = feedback_of(project)
    for n in range(2):
        feedback.add(f"{n}.jpg", jpeg(NEW + n), SURE_APPLE, "pear")
    feedback.log_path.write_bytes(feedback.log_path.read_bytes()[:-40])
    assert not feedback.lost_words
    feedback.tidy()
    assert len(kept_files(project)) == 1


@pytest.mark.parametrize("data", [b"", b"no photo", "cut"])
def test_what_is_no_photo_is_refused_and_not_kept(project, jpeg, data):
    with pytest.raises(PhotoError):
        feedback_of(project).add("a.jpg", jpeg(NEW, (400, 300))[:900] if data == "cut" else data, SURE_APPLE, "pear")
    assert feedback_of(project).all() == {}
    assert kept_files(project) == []


def test_a_class_that_there_is_not_is_refused(project, jpeg):
    feedback = feedback_of(project)
    with pytest.raises(InputError, match=r"no class called plum in this project. Add photos of it on the Photos page"):
        feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "plum")
    row = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    with pytest.raises(InputError, match=r"no longer there"):
        feedback.change({row.sha256: "plum"})


def test_no_more_wait_than_can_be_held(project, jpeg, monkeypatch):
    feedback = feedback_of(project)
    monkeypatch.setattr(feedback_module, "MOST_WAITING", 2)
    for i in range(2):
        feedback.add(f"{i}.jpg", jpeg(NEW + i), SURE_APPLE, "pear")
    feedback.add("1.jpg", jpeg(NEW + 1), SURE_APPLE, "apple")  # it waits already
    with pytest.raises(InputError, match=r"2 photos with feedback wait already: no more can be kept. Put them into"):
        feedback.add("2.jpg", jpeg(NEW + 2), SURE_APPLE, "pear")
    assert len(kept_files(project)) == 2


def test_a_full_disk_is_told_and_leaves_what_was_said_before(project, jpeg, monkeypatch):
    feedback = feedback_of(project)
    first = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")

    def full(*paths):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("core.base.files.os.replace", full)
        with pytest.raises(StorageError, match=r"disk is full: it ran out of space while keeping what you said"):
            feedback.add("b.jpg", jpeg(NEW + 1), SURE_APPLE, "pear")
    assert feedback.waiting() == [first]
    assert kept_files(project) == [f"{first.sha256}.jpg"]


def test_photos_come_into_the_project_as_teachers_marked_as_feedback(project, jpeg):
    feedback = feedback_of(project)
    feedback.add("same name.jpg", jpeg(NEW), SURE_APPLE, "pear")
    feedback.add("same name.jpg", jpeg(NEW + 1), SURE_APPLE, "apple")
    summary = put(project, feedback.waiting())
    assert (summary.added, summary.set_aside, summary.already_there) == (2, 0, 0)
    added = project.photos()[-2:]
    assert [(photo.label, photo.split, photo.origin) for photo in added] == [
        ("pear", "train", "feedback"),
        ("apple", "train", "feedback"),
    ]
    assert [project.path(photo).read_bytes() for photo in added] == [jpeg(NEW), jpeg(NEW + 1)]
    assert {photo.origin for photo in project.photos()[:-2]} == {""}
    assert feedback.waiting() == []
    assert [row.name for row in feedback.all().values()] == ["same name.jpg"] * 2  # what was said is remembered
    feedback.tidy()
    assert kept_files(project) == []
    assert project.thumbnail(added[0]).exists()


def test_an_import_that_was_killed_can_go_on(project, jpeg, monkeypatch):
    feedback = feedback_of(project)
    for i in range(3):
        feedback.add(f"{i}.jpg", jpeg(NEW + i), SURE_APPLE, "pear")
    this = feedback.put_into_project(feedback.waiting())
    with monkeypatch.context() as patch:
        patch.setattr(imports, "compare_photos", lambda project, job: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_import(project, this, workers=1)
    summary = run_import(project, ImportFolder(this.folder), workers=1)
    assert (summary.added, summary.already_there) == (0, 3)
    assert [photo.origin for photo in project.photos()] == [""] * 7 + ["feedback"] * 3


def test_a_class_that_is_gone_meanwhile_is_told_and_nothing_comes_in(project, jpeg):
    feedback = feedback_of(project)
    row = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    with project.database() as db:
        db.execute("update photos set label = 'quince' where label = 'pear'")
    with pytest.raises(InputError, match=r"no class called pear any more. Say again what these photos show"):
        feedback.put_into_project([row])
    with pytest.raises(InputError, match=r"no photo to add"):
        feedback.put_into_project([])
    assert len(imports.imports(project)) == 1


def test_a_photo_of_the_project_is_not_kept_again(project, jpeg):
    feedback = feedback_of(project)
    row = feedback.add("0.jpg", jpeg(0), SURE_APPLE, "pear")
    assert kept_files(project) == []
    assert feedback.waiting() == []
    assert feedback.all() == {row.sha256: row}


def test_a_photo_that_was_left_by_a_kill_before_anything_was_noted_goes(project, jpeg):
    feedback = feedback_of(project)
    row = feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    (feedback.folder / "photos" / f"{'0' * 64}.jpg").write_bytes(jpeg(NEW + 1))
    feedback.tidy()
    assert kept_files(project) == [f"{row.sha256}.jpg"]


def test_two_windows_say_things_at_once_and_nothing_is_lost(project, jpeg):
    feedback = feedback_of(project)
    with ThreadPoolExecutor(4) as windows:
        said = list(windows.map(lambda i: feedback.add(f"{i}.jpg", jpeg(NEW + i), SURE_APPLE, "pear"), range(12)))
    assert {row.name for row in feedback.waiting()} == {row.name for row in said} == {f"{i}.jpg" for i in range(12)}


@pytest.mark.slow
def test_the_job_brings_them_in_and_lets_go_of_what_the_project_holds(project, jpeg, tmp_path):
    feedback = feedback_of(project)
    feedback.add("a.jpg", jpeg(NEW), SURE_APPLE, "pear")
    later = feedback.add("b.jpg", jpeg(NEW + 1), SURE_APPLE, "")
    this = feedback.put_into_project([row for row in feedback.waiting() if row.label])
    job = Jobs(tmp_path / "home").submit(kinds.IMPORT, this.folder)
    await_that(lambda: job.state() is State.FINISHED, 60)
    await_that(lambda: not job.is_alive(), 60)
    assert [photo.name for photo in project.photos() if photo.origin] == ["a.jpg"]
    assert kept_files(project) == [f"{later.sha256}.jpg"]


def test_without_feedback_nothing_is_made(project):
    feedback = FeedbackFolder(project)
    feedback.tidy()
    assert feedback.waiting() == []
    assert not feedback.folder.exists()

import numpy as np
import pytest

from core.base.files import write_json
from core.evaluation.metrics import classification_metrics
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.feedback.gain import accuracies_in_words, corrections_in_words, corrections_learned, gain_of, untaught
from core.models.config import TrainConfig
from core.projects.imports import run_import
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.runs.photo_places import run_photos
from core.runs.predictions import write_predictions
from core.runs.run import Run
from tests.core.reports import a_report
from tests.importing import bring_folder

CLASSES = ["apple", "pear"]


@pytest.fixture
def project(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 40, "pear": 40}))
    return project


@pytest.fixture
def finish(project):
    """Makes a finished run that was right on so many of its test photos, the first ones."""

    def make(name, right, config=TrainConfig(), is_complete=True):  # noqa: B008  a frozen record
        photos = run_photos(project, split_photos(project, 0, Shares()))
        run = Run.create(project.runs_folder / name, config, photos)
        test = sorted((photo for photo in photos if photo.split == "test"), key=lambda photo: photo.sha256)
        truth = np.array([CLASSES.index(photo.label) for photo in test])
        answers = np.where(np.arange(len(test)) < right, truth, 1 - truth)
        probabilities = np.eye(2, dtype=np.float32)[answers]
        write_predictions(run.predictions_path, {"test": test}, {"test": probabilities}, CLASSES)
        if is_complete:
            test = classification_metrics(truth, probabilities, CLASSES)
            write_json(run.report_path, a_report(CLASSES, test=test).to_json())
        return run

    return make


def feed(project, jpeg, seeds, said="pear"):
    feedback = feedback_of(project)
    answer = ModelAnswer("2026-01-01", {"apple": 0.9, "pear": 0.1})
    for seed in seeds:
        feedback.add(f"{seed}.jpg", jpeg(seed), answer, said)
    run_import(project, feedback.put_into_project(feedback.waiting()), workers=1)


def test_the_run_before_is_the_newest_that_had_not_seen_the_new_feedback(project, finish, jpeg):
    finish("2026-01-01", right=2)
    assert gain_of(project) is None
    assert untaught(project) == 0
    before = finish("2026-01-02", right=4)
    feed(project, jpeg, range(1000, 1003))
    assert gain_of(project) is None
    assert untaught(project) == 3
    finish("2026-01-03", right=12, is_complete=False)
    assert untaught(project) == 3
    after = finish("2026-01-04", right=12)
    gain = gain_of(project)
    assert (gain.before.name, gain.after.name, len(gain.photos), gain.same_settings) == (
        before.name,
        after.name,
        3,
        True,
    )
    assert (gain.compared.n, gain.compared.only_first, gain.compared.only_second) == (12, 0, 8)
    assert gain.compared.is_more_than_chance
    assert untaught(project) == 0
    again = finish("2026-01-05", right=12)  # nothing new: what the feedback brought is still told
    assert (gain_of(project).before.name, gain_of(project).after.name) == (before.name, again.name)
    feed(project, jpeg, range(1003, 1004))
    assert untaught(project) == 1
    finish("2026-01-06", right=12, config=TrainConfig(epochs=7))
    gain = gain_of(project)
    assert (gain.before.name, len(gain.photos), gain.same_settings) == (again.name, 1, False)
    assert not gain.compared.is_more_than_chance


def test_the_test_photos_stay_the_same_whatever_feedback_comes(project, finish, jpeg):
    before = finish("2026-01-01", right=5)
    feed(project, jpeg, range(1000, 1030))
    after = finish("2026-01-02", right=5)
    judged = [[p.sha256 for p in run.photos() if p.split in ("test", "validation")] for run in (before, after)]
    assert judged[0] == judged[1]
    assert sum(photo.only_teaches for photo in after.photos()) == 30


def test_accuracies_come_with_their_intervals(project, finish, jpeg):
    finish("2026-01-01", right=6)
    feed(project, jpeg, [1000])
    finish("2026-01-02", right=12)
    assert accuracies_in_words(gain_of(project)) == [
        "Before: 6 of 12 test photos right (50 %, likely between 25 and 75 %).",
        "After: 12 of 12 test photos right (100 %, likely between 76 and 100 %).",
    ]


def test_what_was_learned_of_corrections_counts_corrected_photos_only(project, jpeg):
    feed(project, jpeg, range(1000, 1004))
    feed(project, jpeg, [1004], said="apple")
    said = list(feedback_of(project).all().values())
    answers = {row.sha256: answer for row, answer in zip(said[1:], ["pear", "apple", "pear", "apple"], strict=True)}
    assert corrections_learned(said, answers) == (2, 3)
    words = corrections_in_words(2, 3)
    assert words.startswith("Of 3 photos that it had got wrong and you corrected, 2 are right now. That is no proof")
    assert "it has learned from these very photos" in words

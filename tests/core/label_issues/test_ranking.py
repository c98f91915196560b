import hashlib
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.wrong_labels import plant, precision_at_cut
from core.base.errors import InputError, StopRequested
from core.base.events import PROGRESS
from core.engine.features import features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.label_issues.folder import LabelIssuesFolder, SearchedLabels
from core.label_issues.ranking import estimated_wrong, find_label_issues, judge_labels, nearest_of_class
from core.models.catalogue import BUILT_IN, base_model
from core.photos.labelled_photo import LabelledPhoto
from tests.core.conftest import run_photos

WIDTH = 24


def clouds(n, n_classes, seed=0, spread=0.25):
    """Features in clouds that a straight line parts, and their classes."""
    rng = np.random.default_rng(seed)
    class_ids = np.arange(n) % n_classes
    middles = np.abs(rng.normal(0, 1, (n_classes, WIDTH)))
    return np.abs(middles[class_ids] + rng.normal(0, spread, (n, WIDTH))).astype(np.float32), class_ids


def alone(n):
    return [str(i) for i in range(n)]


def found(features, class_ids, groups=None, on_step=lambda done, total: None):
    return find_label_issues(features, class_ids, groups or alone(len(class_ids)), 0, on_step)


def test_all_planted_labels_and_no_others_are_found_between_clouds_that_lie_apart():
    features, class_ids = clouds(240, 4)
    noisy, wrong = plant(class_ids, 4, 1)
    issues = found(features, noisy)
    assert set(issues.order[: wrong.sum()].tolist()) == set(np.flatnonzero(wrong).tolist())
    assert np.array_equal(issues.suspect, wrong)
    assert np.array_equal(issues.looks_like[wrong], class_ids[wrong])
    assert (issues.agree[wrong] >= 8).all()
    assert issues.score.min() >= 0
    assert issues.score.max() <= 1


def test_right_labels_are_not_suspected():
    features, class_ids = clouds(120, 3)
    assert not found(features, class_ids).suspect.any()


def test_near_copies_of_a_wrongly_labelled_photo_do_not_vouch_for_it():
    features, class_ids = clouds(120, 3)
    copies = features[[0]] + np.random.default_rng(1).normal(0, 0.01, (12, WIDTH)).astype(np.float32)
    features, class_ids = np.concatenate([features, copies]), np.concatenate([class_ids, np.full(12, 1)])
    class_ids[0] = 1  # as its copies: in truth all are 0
    told = found(features, class_ids, [*alone(120)[:1], *alone(120)[1:], *["0"] * 12])
    copied = [0, *range(120, 132)]
    assert set(told.order[:13].tolist()) == set(copied)
    assert (told.agree[copied] == 10).all()
    not_told = found(features, class_ids)
    assert (not_told.agree[copied] == 0).all()


def test_the_same_photos_give_the_same_answer():
    features, class_ids = clouds(80, 2, spread=0.6)
    assert np.array_equal(found(features, class_ids).score, found(features, class_ids).score)


def test_a_class_that_is_one_picture_is_not_judged():
    features, class_ids = clouds(60, 3)
    groups = ["one" if k == 2 else str(i) for i, k in enumerate(class_ids)]
    issues = found(features, class_ids, groups)
    assert (issues.score[class_ids == 2] == 0).all()
    assert not issues.suspect.any()


def test_the_confident_joint_counts_what_lies_off_its_diagonal():
    own = np.array([0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9], np.float32)
    class_ids = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    probabilities = np.stack([np.where(class_ids == 0, own, 1 - own), np.where(class_ids == 1, own, 1 - own)], axis=1)
    assert estimated_wrong(probabilities, class_ids) == 1


def test_the_nearest_shown_are_of_that_class_and_no_near_copies():
    x = np.array([[1, 0], [1, 0.01], [1, 0.1], [1, 0.11], [1, 0.5], [0, 1]], np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    class_ids, group = np.array([0, 0, 0, 0, 0, 1]), np.array([0, 0, 1, 1, 2, 3])
    assert nearest_of_class(x, class_ids, group, 0, 0, 3) == [2, 4]
    assert nearest_of_class(x, class_ids, group, 0, 1, 3) == [5]


def cached(tmp_path, features, class_ids):
    """Photos whose features are known already, so that no engine is loaded."""
    row = base_model(BUILT_IN)
    places = Places(tmp_path / "cache", tmp_path / "engine")
    contents = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(len(class_ids))]
    wide = np.zeros((len(class_ids), row.feature_width), np.float32)
    wide[:, : features.shape[1]] = features
    places.features(row).add(contents, wide)
    job = Job(tmp_path / "labels")
    job.folder.mkdir()
    photos = [LabelledPhoto(f"{i}.jpg", f"class {k}", "", contents[i]) for i, k in enumerate(class_ids)]
    return photos, places, job


def test_the_job_writes_a_whole_table_with_the_nearest_photos(tmp_path):
    features, class_ids = clouds(90, 3)
    noisy, wrong = plant(class_ids, 3, 0)
    photos, places, job = cached(tmp_path, features, noisy)
    labels = LabelIssuesFolder(job.folder)
    labels.write(*judge_labels([*photos, replace(photos[0], path="copy.jpg")], places, job), "[90, 90, 0, null]")
    assert labels.about() == SearchedLabels(90, int(wrong.sum()), [], "[90, 90, 0, null]")
    suspects = labels.suspects()
    assert set(suspects["sha256"]) == {photos[i].sha256 for i in np.flatnonzero(wrong)}
    assert suspects["score"].is_monotonic_decreasing
    label_of = {photo.sha256: photo.label for photo in photos}
    first = suspects.iloc[0]
    assert {label_of[each] for each in first["near_own"]} == {first["label"]}
    assert {label_of[each] for each in first["near_other"]} == {first["looks_like"]}
    assert [event["done"] for event in job.events() if event["event"] == PROGRESS] == list(range(1, 12))


def test_another_order_of_the_photos_changes_nothing(tmp_path):
    photos, places, job = cached(tmp_path, *clouds(90, 3, spread=0.6))
    order = np.random.default_rng(3).permutation(90)
    first, about = judge_labels(photos, places, job)
    second, about_second = judge_labels([photos[i] for i in order], places, job)
    assert first.equals(second)
    assert about == about_second


def test_the_job_stops_when_it_is_asked_to_and_writes_nothing(tmp_path):
    photos, places, job = cached(tmp_path, *clouds(60, 2))
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        judge_labels(photos, places, job)
    assert LabelIssuesFolder(job.folder).about() is None


def test_too_few_photos_are_refused_in_words(tmp_path):
    photos, places, job = cached(tmp_path, *clouds(60, 2))
    with pytest.raises(InputError, match="only one class"):
        judge_labels(photos[::2], places, job)
    with pytest.raises(InputError, match="class 1 \\(2\\)"):
        judge_labels([*photos[::2], photos[1], photos[3]], places, job)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"), [("cats_and_dogs", 0.93), pytest.param("cifar10_small", 0.72, marks=pytest.mark.endurance)]
)
def test_planted_labels_among_real_photos_are_found(name, least, places, shared_data, tmp_path):
    import zipfile

    with zipfile.ZipFile(shared_data(f"{name}.zip")) as archive:
        archive.extractall(tmp_path / "photos")
    job = Job(tmp_path / "job")
    job.folder.mkdir()
    photos = [photo for photo in run_photos(tmp_path / "photos") if "/train/" in photo.path]
    known = features_of(base_model(BUILT_IN), photos, places, job)
    reached = []
    for seed in range(2):
        noisy, wrong = plant(known.class_ids, len(known.class_names), seed)
        reached.append(precision_at_cut(found(known.rows, noisy).order, wrong))
    assert np.mean(reached) >= least

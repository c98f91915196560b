import zipfile

import numpy as np
import pytest

from benchmarks.drawn_sets import write_drawn
from core.advice import measuring as advising
from core.advice.similarity import Similarity, imagenet_answers, measure_similarity
from core.engine.features import features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.photos.labelled_photo import sample_by_share
from tests.core.conftest import run_photos

pytestmark = pytest.mark.slow  # together a minute and more: the default suite is for between two edits

ROW = base_model(BUILT_IN)


@pytest.fixture(scope="module")
def head():
    return advising.imagenet_head(ROW)


@pytest.fixture(scope="module")
def measured_set(places, head, tmp_path_factory):
    """Gives features, classes and names of a sample of the photos in a folder."""
    own = Places(cache=tmp_path_factory.mktemp("cache"), engine=places.engine)

    def measured(folder, at_most):
        job = Job(tmp_path_factory.mktemp("job"))
        photos = [photo for photo in run_photos(folder) if photo.path.endswith((".jpg", ".png"))]
        known = features_of(ROW, sample_by_share(photos, at_most), own, job)
        return known.rows, known.class_ids, known.groups

    return measured


@pytest.fixture(scope="module")
def fruit(measured_set, shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fruit")
    with zipfile.ZipFile(shared_data("fruit.zip")) as archive:
        archive.extractall(folder)
    return measured_set(folder, 2000)


@pytest.fixture(scope="module")
def pets(measured_set, shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pets")
    with zipfile.ZipFile(shared_data("cats_and_dogs.zip")) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if "test" in name.lower()])
    return measured_set(folder, 400)


@pytest.fixture(scope="module")
def lines(measured_set, tmp_path_factory):
    return measured_set(write_drawn(tmp_path_factory.mktemp("lines"), "line drawings", 80), 2000)


@pytest.mark.parametrize(("name", "low", "high"), [("fruit", 0.7, 0.85), ("pets", 0.6, 0.8), ("lines", 0.2, 0.4)])
def test_photos_of_things_are_similar_and_line_drawings_are_not(request, head, name, low, high):
    similarity = measure_similarity(*request.getfixturevalue(name), head, seed=0)
    assert low <= similarity.value <= high
    assert similarity.parts.interval[0] <= similarity.value <= similarity.parts.interval[1]
    assert similarity.parts.n == len(similarity.by_photo)


@pytest.mark.parametrize("name", ["fruit", *(pytest.param(n, marks=pytest.mark.endurance) for n in ("pets", "lines"))])
def test_it_is_steady_over_seeds_and_over_halves_of_the_photos(request, head, name):
    features, classes, groups = request.getfixturevalue(name)
    whole = measure_similarity(features, classes, groups, head, seed=0).value
    for seed in (1, 2):
        assert measure_similarity(features, classes, groups, head, seed).value == pytest.approx(whole, abs=0.05)
        order = np.random.default_rng(seed).permutation(len(classes))
        order = order[np.argsort(classes[order], kind="stable")]
        for half in (order[::2], order[1::2]):
            value = measure_similarity(features[half], classes[half], [groups[i] for i in half], head, seed).value
            assert value == pytest.approx(whole, abs=0.05)


def test_the_head_answers_as_the_network_with_its_top_does(keras_answers, head):
    answers = imagenet_answers(keras_answers["features"], head)
    assert answers.shape == (100, 1000)
    assert np.abs(answers - keras_answers["probabilities"]).max() < 1e-4
    assert np.allclose(answers.sum(1), 1, atol=1e-5)


def test_its_own_photos_are_what_sureness_is_measured_by(keras_answers, head):
    features = keras_answers["features"]
    similarity = measure_similarity(features, np.arange(100) % 2, [str(i) for i in range(100)], head, 0)
    assert similarity.by_photo.mean() == pytest.approx(1, abs=0.05)
    assert similarity.parts.kinds > 50  # each is of another class
    assert isinstance(similarity, Similarity)
    assert similarity.value < 0.3  # but nobody can tell odd from even ones


def test_labels_without_meaning_bring_it_down(head, pets):
    features, classes, groups = pets
    shuffled = np.random.default_rng(0).permutation(classes)
    assert measure_similarity(features, shuffled, groups, head, 0).value < 0.15

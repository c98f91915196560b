import numpy as np
import pytest

from core.base.errors import StopRequested
from core.base.events import PROGRESS
from core.evaluation.probe import principal_components
from core.photo_map.folder import PhotoMapFolder
from core.photo_map.layout import TOTAL_STEPS, draw_map, lay_out
from tests.core.label_issues.test_ranking import cached, clouds


@pytest.fixture(scope="module")
def laid_out():
    features, classes = clouds(120, 4)
    steps = []
    return features, classes, lay_out(features, 0, steps.append), steps


@pytest.mark.parametrize("layout", [0, 1])
def test_clusters_stay_together(laid_out, layout):
    _, classes, layouts, _ = laid_out
    places = layouts[layout]
    apart = ((places[:, None] - places[None]) ** 2).sum(-1)
    np.fill_diagonal(apart, np.inf)
    assert (classes[apart.argmin(1)] == classes).mean() >= 0.95
    assert places.shape == (120, 2)
    assert places.dtype == np.float32


def test_the_second_layout_draws_groups_tighter(laid_out):
    """Within a class photos lie nearer to each other, measured by how far the classes lie apart."""
    _, classes, layouts, _ = laid_out

    def width(places):
        middles = np.stack([places[classes == k].mean(0) for k in range(4)])
        within = np.sqrt(((places - middles[classes]) ** 2).sum(1).mean())
        return within / np.sqrt(((middles - middles.mean(0)) ** 2).sum(1).mean())

    assert width(layouts[1]) < 0.9 * width(layouts[0])


def test_the_same_seed_gives_the_same_map(laid_out):
    features, _, layouts, _ = laid_out
    for places, again in zip(layouts, lay_out(features, 0, lambda done: None), strict=True):
        assert np.array_equal(places, again)


def test_it_says_how_far_it_is_to_the_end(laid_out):
    *_, steps = laid_out
    assert steps == list(range(25, TOTAL_STEPS + 1, 25))


def test_as_few_photos_as_a_project_may_have_can_be_laid_out():
    assert np.isfinite(lay_out(clouds(10, 2)[0], 0, lambda done: None)).all()  # both layouts


def test_principal_components_keep_distances_when_none_is_dropped():
    x = np.random.default_rng(0).normal(0, 1, (30, 8)).astype(np.float32)
    kept = principal_components(x, 50)
    assert kept.shape == (30, 8)
    assert np.linalg.norm(kept[0] - kept[1]) == pytest.approx(np.linalg.norm(x[0] - x[1]), rel=1e-4)
    assert (np.diff(kept.var(0)) <= 1e-6).all()


def test_the_job_places_each_content_once_and_keeps_the_map_whole(tmp_path):
    photos, places, job = cached(tmp_path, *clouds(20, 2))
    this = PhotoMapFolder(job.folder)
    this.write(draw_map([*photos, photos[0]], places, job))
    assert this.read()["sha256"].tolist() == [photo.sha256 for photo in photos]
    assert job.events()[-1]["event"] == PROGRESS
    assert job.events()[-1]["done"] == job.events()[-1]["total"]


def test_stopping_leaves_the_map_that_was_there(tmp_path):
    photos, places, job = cached(tmp_path, *clouds(20, 2))
    this = PhotoMapFolder(job.folder)
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        this.write(draw_map(photos, places, job))
    assert this.read() is None

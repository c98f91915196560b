from pathlib import Path

import numpy as np
import pytest

from core.background_test.testing import photos_to_test, run_background_test
from core.background_test.verdict import BACKGROUND, MIDDLE, judge
from core.base.errors import InputError, RunError, StopRequested
from core.base.files import write_json
from core.jobs.job import Job
from core.models.config import CROSS_VALIDATION, TEST_PART
from core.photos.decoding import read_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import Run
from tests.core.drawn_scenes import write_scenes
from tests.core.reports import a_report
from tests.core.small_runs import run_on

LARGE = {"reach": (0.31, 0.45), "margin": 0.42}  # creatures as in the demo, near the middle


def silent(done, total, seconds):
    pass


@pytest.mark.slow
@pytest.mark.parametrize(("told_by", "verdict"), [("object", MIDDLE), ("background", BACKGROUND)])
def test_it_warns_where_the_background_tells_the_class_and_only_there(told_by, verdict, tmp_path, base_engine_path):
    photos = write_scenes(tmp_path / "photos", told_by, classes=3, train=10, test=14, **LARGE)
    run = run_on(tmp_path, photos, base_engine_path)
    seen = []
    result = run_background_test(run, photos_to_test(run), lambda done, total, seconds: seen.append((done, total)))
    found = judge(result.rows)
    assert found.n == 42
    assert found.whole >= 30  # it has learned something
    assert found.kind == verdict
    assert all(row.other != row.truth for row in result.rows)
    assert seen == [(n, 168) for n in range(1, 169)]


@pytest.mark.endurance
@pytest.mark.parametrize("classes", [2, 4, 6])
def test_backgrounds_of_any_number_of_classes(classes, tmp_path, base_engine_path):
    for told_by, verdict in (("object", MIDDLE), ("background", BACKGROUND)):
        creatures = min(classes, 4) if told_by == "object" else classes
        photos = write_scenes(tmp_path / told_by, told_by, creatures, train=12, test=20, **LARGE)
        run = run_on(tmp_path / f"{told_by} run", photos, base_engine_path)
        assert judge(run_background_test(run, photos_to_test(run), silent).rows).kind == verdict


@pytest.mark.slow
def test_a_stop_ends_it(trained, tmp_path):
    job = Job(tmp_path)
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        run_background_test(trained.run, photos_to_test(trained.run), lambda *progress: job.check_stop())


@pytest.mark.slow
def test_photos_that_are_gone_are_left_out(trained, tmp_path):
    photos = photos_to_test(trained.run)
    gone = LabelledPhoto(str(tmp_path / "gone.jpg"), photos[0].label, "test", "0")
    result = run_background_test(trained.run, [gone, *photos], silent)
    assert [row.sha256 for row in result.rows] == [photo.sha256 for photo in photos]
    pixels = [read_pixels(Path(photo.path), 224) for photo in photos]
    assert result.fill == pytest.approx(np.mean(pixels, (0, 1, 2)), abs=1)
    one_class = [photo for photo in photos if photo.label == photos[0].label]
    for too_few in ([gone], one_class):
        with pytest.raises(InputError, match="readable photos of two classes"):
            run_background_test(trained.run, too_few, silent)


def run_with(tmp_path, estimate, counts):
    run = Run(tmp_path / estimate)
    run.folder.mkdir()
    run.write_photos(
        [
            LabelledPhoto(f"{label}{part}{i}", label, part, f"{i:04d}")
            for (label, part), n in counts.items()
            for i in range(n)
        ]
    )
    write_json(run.report_path, a_report(estimate=estimate).to_json())
    return run


def test_it_asks_about_test_photos_of_all_classes_by_their_share(tmp_path):
    counts = {("a", "test"): 600, ("b", "test"): 200, ("a", "train"): 50, ("b", "validation"): 50}
    chosen = photos_to_test(run_with(tmp_path, TEST_PART, counts))
    assert {photo.split for photo in chosen} == {"test"}
    assert len({photo.path for photo in chosen}) == 200
    assert sum(photo.label == "a" for photo in chosen) == pytest.approx(150, abs=1)
    assert photos_to_test(run_with(tmp_path, CROSS_VALIDATION, {("a", "train"): 9, ("a", "validation"): 2})) != []
    with pytest.raises(RunError, match="not finished"):
        photos_to_test(Run(tmp_path))

"""What the model looked at, and whether its answer depends on the background."""

from pathlib import Path

import pytest

from core.background_test.folder import background_test_of
from core.background_test.testing import photos_to_test
from core.background_test.verdict import BACKGROUND, BOTH, MIDDLE, BackgroundTest, SwappedPhoto, judge, numbers_in_words
from core.projects import edits
from core.runs.photo_places import still_so
from core.runs.run import list_runs
from pages.components.results import background_test
from tests.pages.screen import press
from tests.waiting import await_that


def looked(app):
    return next(toggle for toggle in app.toggle if toggle.label == "What it looked at")


@pytest.mark.slow
def test_try_it_shows_what_speaks_for_each_class(trained, open_page, words):
    run = list_runs(trained.runs_folder)[0]
    data = Path(run.photos()[0].path).read_bytes()
    app = open_page("try_it")
    app.file_uploader[0].upload("one.png", data)
    app.run()
    before = len(app.get("image"))
    looked(app).set_value(True).run()
    assert not app.exception
    assert len(app.get("image")) == before + 2
    choice = next(box for box in app.selectbox if box.label == "What speaks for")
    assert sorted(choice.options) == ["cross", "disc"]
    assert choice.value == choice.options[0]
    assert f"### {choice.value}" in words(app)
    choice.set_value(choice.options[1]).run()
    assert not app.exception
    assert f"for **{choice.options[1]}**" in words(app)


@pytest.mark.slow
def test_the_plate_test_runs_in_a_worker_and_its_result_is_shown(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    app = open_page("results")
    press(app, "Swap the backgrounds")
    assert not app.exception
    test = background_test_of(run)
    await_that(lambda: test.job.events() and not test.job.state().is_active, 60)
    result = test.read()
    assert result, test.job.log_tail()
    assert len(result.rows) == len(photos_to_test(run))
    app.run()
    assert not app.exception
    assert numbers_in_words(judge(result.rows)) in words(app)
    assert "Swap the backgrounds" not in [button.label for button in app.button]


def test_a_model_that_hangs_on_the_background_gets_a_warning(own, open_page):
    run = list_runs(own.runs_folder)[0]
    contents = [photo.sha256 for photo in run.photos()][:20]
    rows = [
        SwappedPhoto(content, truth, truth, other, truth, joined=other, other=other, edge_of=contents[0])
        for content, (truth, other) in zip(contents, [("disc", "cross"), ("cross", "disc")] * 10, strict=True)
    ]
    background_test_of(run).prepare()
    background_test_of(run).write(BackgroundTest(fill=[9.0, 9.0, 9.0], rows=rows))
    app = open_page("results")
    assert any("depends on the background" in warning.value for warning in app.warning)
    telling = [background_test.telling(rows, kind) for kind in (BACKGROUND, MIDDLE, BOTH)]
    assert telling == [rows[:18:6], [], rows[:18:6]]
    (background_test_of(run).folder / "plate-test.json").write_text("half of")
    assert background_test_of(run).read() is None


def test_photos_that_were_moved_or_set_aside_since_take_no_part(own):
    run = list_runs(own.runs_folder)[0]
    photos = photos_to_test(run)
    ids = {photo.sha256: photo.id for label in ("cross", "disc") for photo in own.photos(label)}
    edits.set_aside(own, [ids[photos[0].sha256]])
    edits.move(own, [ids[photos[1].sha256]], "another class")
    left = still_so(own, photos)
    assert [photo.sha256 for photo in left] == [photo.sha256 for photo in photos[2:]]
    assert all(Path(photo.path).is_relative_to(own.folder) for photo in left)

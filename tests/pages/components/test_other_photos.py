import shutil

import pytest

from core.batches.folder import BatchFolder, BatchRequest, batches
from core.batches.job import answer_batch
from core.jobs.queue import Jobs
from core.runs.run import list_runs
from pages.components.results import other_photos
from tests.pages.conftest import draw_photos
from tests.pages.screen import gallery


@pytest.fixture
def asked(own):
    """The run was asked about a folder."""

    def ask(folder, title):
        run, batch = list_runs(own.runs_folder)[0], BatchFolder.create(own)
        batch.write_request(BatchRequest(run.name, title, str(folder)))
        answer_batch(batch, run)

    return ask


@pytest.mark.slow
def test_photos_in_class_folders_judge_the_run(asked, tmp_path, open_page, words):
    draw_photos(tmp_path / "market", per_class=4)
    (tmp_path / "market" / "durian").mkdir()
    shutil.copy(tmp_path / "market" / "disc" / "disc 0.png", tmp_path / "market" / "durian" / "x.png")
    asked(tmp_path / "market", "market.zip")
    page = open_page("results")
    said = words(page)
    assert "of 8 photos right" in said
    assert "of market.zip; on more photos like these likely between" in said
    assert "Left out, since it does not know these classes: durian (1)." in said
    assert [box.label for box in page.selectbox].count("True class") == 2  # the run's own matrix, and this one
    next(box for box in page.selectbox if box.label == "1 photo in “durian” may be of").set_value("disc").run()
    said = words(page)
    assert "of 9 photos right" in said
    assert "“durian” as “disc”" in said
    [box for box in page.selectbox if box.label == "True class"][1].set_value("disc").run()
    shown = gallery(page, "Photos asked about")["photos"]
    assert (len(shown), all(photo["said"].startswith("disc, ") for photo in shown)) == (5, True)


@pytest.mark.slow
def test_the_newest_is_shown_first_and_only_what_is_chosen_is_judged(
    own, asked, tmp_path, open_page, words, monkeypatch
):
    judged = []
    evaluate = other_photos.evaluate_batch
    monkeypatch.setattr(other_photos, "evaluate_batch", lambda *given: judged.append(given) or evaluate(*given))
    for per_class in (3, 4):
        draw_photos(tmp_path / str(per_class), per_class)
        asked(tmp_path / str(per_class), f"market {per_class}")
    page = open_page("results")
    assert "of 8 photos right" in words(page)
    assert len(judged) == 1
    photos = next(box for box in page.selectbox if box.label == "Photos")
    assert [title.split(",")[0] for title in photos.options] == ["market 4", "market 3"]
    photos.set_value(batches(own)[1].folder.name).run()
    assert "of 6 photos right" in words(page)
    assert len(judged) == 2


def test_loose_photos_can_judge_nothing_and_the_page_says_what_is_missing(asked, tmp_path, open_page, words):
    draw_photos(tmp_path / "all")
    shutil.copytree(tmp_path / "all" / "disc", tmp_path / "loose")
    asked(tmp_path / "loose", "loose")
    assert "lie in folders named like its classes: cross, disc." in words(open_page("results"))


def test_a_path_that_does_not_exist_is_said_in_words(trained, open_page, words):
    page = open_page("results")
    next(box for box in page.text_input if box.label.startswith("Path of a folder")).set_value("/nowhere/at/all")
    next(button for button in page.button if button.label == "Ask about them").click()
    assert "There is no folder, zip or photo called /nowhere/at/all" in words(page.run())


def test_a_path_begins_a_job(own, tmp_path, open_page, monkeypatch):
    submitted = []
    monkeypatch.setattr(Jobs, "submit", lambda self, kind, folder: submitted.append((kind.name, BatchFolder(folder))))
    draw_photos(tmp_path / "market", per_class=2)
    page = open_page("results")
    next(box for box in page.text_input if box.label.startswith("Path of a folder")).set_value(str(tmp_path / "market"))
    next(button for button in page.button if button.label == "Ask about them").click()
    page.run()
    assert [(work, batch.request().path) for work, batch in submitted] == [("predict", str(tmp_path / "market"))]

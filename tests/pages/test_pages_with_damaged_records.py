"""Every page that reads a file opens whatever happens to that file, and says what is wrong."""

import pytest

from core.advice.folder import advice_of
from core.base.events import FINISHED
from core.base.files import write_json
from core.label_issues.folder import labels_of
from core.photo_map.folder import map_of
from core.projects.imports import imports
from core.runs.run import list_runs
from core.search.folder import search_of
from tests.damages import damages_of, put
from tests.pages.screen import labels

PAGES = {
    "config.json": ["train", "results", "try_it"],
    "pictures.json": ["results", "try_it"],
    "photos.csv": ["results", "take_away"],
    "report.json": ["train", "results", "runs"],
    "labels.json": ["results", "try_it"],
    "about.json": ["results"],
    "events.jsonl": ["train"],
    "predictions.parquet": ["results"],
    "novelty.npz": ["try_it"],
}


def most_damages(path):
    """Less those of single values, which `tests/core/jobs/test_damaged_records.py` goes through."""
    return [data for name, data in damages_of(path) if not name.startswith(("without", "null as"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_whatever_happened_to_a_file_of_a_run(own, open_page, name):
    (run,) = list_runs(own.runs_folder)
    run.keep_about("Mine", "a note")
    write_json(run.folder / "job.json", {"work": "train", "submitted": 1.0, "pid": 1})
    for data in most_damages(run.folder / name):
        put(run.folder / name, data)
        for page in PAGES[name]:
            open_page(page)  # fails on any exception


@pytest.mark.slow
@pytest.mark.parametrize("name", ["request.json", "events.jsonl", "job.json"])
def test_the_photos_page_opens_whatever_happened_to_an_import(own, open_page, words, name):
    this = imports(own)[0]
    write_json(this.folder / "job.json", {"work": "import", "submitted": 1.0, "pid": 1})
    for data in most_damages(this.folder / name):
        put(this.folder / name, data)
        assert "cross" in words(open_page("photos"))


LOST = {"advice": advice_of, "search": search_of, "labels": labels_of, "photo_map": map_of}


@pytest.mark.parametrize("page", LOST)
def test_a_result_that_can_not_be_read_any_more_is_told(own, open_page, words, page):
    this = LOST[page](own)
    this.prepare()
    this.result_path.write_bytes(b'{"half')
    this.job.event_log().write(FINISHED)
    said = words(open_page(page))
    assert f"can't be read any more: {this.result_path.name} is damaged on disk" in said


def test_a_cut_report_is_called_damaged_and_no_memory_is_blamed(own, open_page, words):
    (run,) = list_runs(own.runs_folder)
    run.report_path.write_bytes(run.report_path.read_bytes()[:500])
    said = words(open_page("train"))
    assert "(report.json) is damaged. Train it again." in said
    assert "memory" not in said
    assert "Go to training" not in labels(open_page("runs"))


@pytest.mark.slow
def test_every_page_of_a_run_that_came_without_its_model_opens_and_says_so(own, open_page, words):
    (run,) = list_runs(own.runs_folder)
    for path in (run.keras_path, run.engine_path, run.engine_path.with_suffix(".bin")):
        path.unlink()
    for page in ("train", "results", "runs", "explore", "photos", "search", "feedback", "take_away"):
        app = open_page(page)
        assert [each.value for each in app.error] == []
    (error,) = open_page("try_it").error
    assert "has no model here: its file was removed, or did not come along in the zip of its project" in error.value
    assert "right" in words(open_page("results"))

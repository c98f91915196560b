"""The page on which a model is taken away: what it says before, while and after a zip is made."""

import zipfile
from dataclasses import replace

import pytest

from core.base import checksums
from core.base.errors import InputError
from core.base.events import FAILED, PHASE, PROGRESS, QUEUED
from core.exports.folder import export_of
from core.exports.formats import EXPORT_FORMATS, export_format_of
from core.exports.verdict import Comparison, ExportResult, RightAnswers, in_words
from core.jobs.active import active_jobs
from core.jobs.job import State
from core.jobs.kinds import EXPORT
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from core.runs.run import list_runs
from core.runs.trash import move_to_trash
from tests.core.exports.dummy_format import DUMMY_RUNTIME, add_dummy
from tests.waiting import await_that

ONNX, RECIPE = export_format_of("onnx"), export_format_of("recipe")
COMPARED = Comparison(
    precision="float32",
    drawn=False,
    photos=40,
    same=40,
    largest_difference=0.0041,
    test=RightAnswers(6, 6, 6),
    passed=True,
)
RESULT = ExportResult(format="onnx", comparison=COMPARED, words="x", bytes=13_000_000)


def choose(app, row):
    app.radio[0].set_value(row.name).run()
    assert not app.exception
    return app


def test_without_a_run_the_page_says_where_to_begin(project, open_page, words):
    assert "There is no finished run yet" in words(open_page("take_away"))


def test_every_format_is_offered_and_none_can_be_downloaded_before_it_was_checked(own, open_page, words):
    app = open_page("take_away")
    assert len(app.radio[0].options) == len(EXPORT_FORMATS)
    assert [button.label for button in app.button] == ["Make the zip"]
    assert "12 of your photos" in words(app)
    run = list_runs(own.runs_folder)[0]
    export = export_of(run, EXPORT_FORMATS[0])
    export.prepare()
    export.write(RESULT)  # a result whose zip is gone
    app = open_page("take_away")
    assert [button.label for button in app.button] == ["Make the zip"]
    assert not app.get("download_button")


def test_a_zip_that_passed_is_offered_with_its_sentence(own, open_page, words):
    export = export_of(list_runs(own.runs_folder)[0], ONNX)
    export.prepare()
    with zipfile.ZipFile(export.zip_path, "w") as archive:
        archive.writestr("README.md", "x")
    export.write(replace(RESULT, words=in_words(ONNX, COMPARED)))
    app = choose(open_page("take_away"), ONNX)
    assert "It answers the same as here on 40 of 40 photos, largest difference 0.004." in words(app)
    assert [button.label for button in app.get("download_button")] == ["Download (13 MB)"]
    assert "python check.py" in words(app)
    assert not [button for button in app.button if button.label == "Make the zip"]


def test_a_zip_that_was_damaged_since_it_was_checked_is_not_offered(own, open_page, words):
    export = export_of(list_runs(own.runs_folder)[0], ONNX)
    export.prepare()
    export.zip_path.write_bytes(b"a model and its files")
    checksums.seal(export.zip_path)
    export.write(replace(RESULT, words=in_words(ONNX, COMPARED)))
    assert choose(open_page("take_away"), ONNX).get("download_button")
    export.zip_path.write_bytes(b"a model and its fires")
    app = choose(open_page("take_away"), ONNX)
    assert not app.get("download_button")
    assert app.warning[0].value == "This zip was damaged on the disk since it was made. Make it again."
    assert [button.label for button in app.button] == ["Make the zip"]


def test_while_it_is_made_its_run_stays_and_afterwards_a_failure_is_said(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    export = export_of(run, ONNX)
    export.prepare()
    log = export.job.event_log()
    with export.job.alive_lock():
        log.write(QUEUED)
        log.write(PHASE, name="export", words="Writing it as ONNX")
        log.write(PROGRESS, done=3, total=4, seconds_left=None)
        assert [kind for kind, _ in active_jobs(own.folder)] == [EXPORT]
        app = choose(open_page("take_away"), ONNX)
        assert [button.label for button in app.button] == ["Stop"]
        with pytest.raises(InputError, match="is being exported"):
            move_to_trash(own, run)
    log.write(FAILED, message="The exported model answers too differently.")
    assert export.job.state() is State.FAILED
    app = choose(open_page("take_away"), ONNX)
    assert "The exported model answers too differently." in words(app)
    assert [button.label for button in app.button] == ["Make the zip"]
    assert list(active_jobs(own.folder)) == []
    move_to_trash(own, run)


def test_a_recipe_is_offered_with_how_to_run_it(own, open_page, words):
    app = choose(open_page("take_away"), RECIPE)
    assert "none of your photos" in words(app)
    export = export_of(list_runs(own.runs_folder)[0], RECIPE)
    export.prepare()
    export.zip_path.write_bytes(b"a zip")
    export.write(
        ExportResult(
            format="recipe", words="The recipe is written. In the app: 6 of 6 test photos right.", bytes=14_000_000
        )
    )
    app = choose(open_page("take_away"), RECIPE)
    assert "In the app: 6 of 6 test photos right." in words(app)
    assert "python recipe.py FOLDER" in words(app)
    assert "check.py" not in words(app)
    assert [button.label for button in app.get("download_button")] == ["Download (14 MB)"]


@pytest.mark.endurance
def test_a_format_that_was_added_is_made_from_the_page_and_can_be_made_again_where_the_project_is_opened(
    own, open_page, words, tmp_path, monkeypatch
):
    dummy = add_dummy(monkeypatch, tmp_path)
    app = choose(open_page("take_away"), dummy)
    assert "Dummy" in app.radio[0].options
    app.button[0].click().run()
    export = export_of(list_runs(own.runs_folder)[0], dummy)
    await_that(lambda: not export.job.state().is_active, seconds=120)
    assert export.job.state() is State.FINISHED, export.job.events()
    app = choose(open_page("take_away"), dummy)
    assert "It answers the same as here on 40 of 40 photos" in words(app)
    with zipfile.ZipFile(export.zip_path) as archive:
        assert archive.read("runtime.py").decode() == DUMMY_RUNTIME
    pack(own, tmp_path / "project.zip")
    elsewhere = Workspace(tmp_path / "elsewhere")
    (elsewhere.home / "staging").mkdir(parents=True)
    opened = unpack(tmp_path / "project.zip", elsewhere, elsewhere.home / "staging")
    monkeypatch.setenv("ESPALIER_HOME", str(elsewhere.home))
    again = export_of(list_runs(opened.runs_folder)[0], dummy)
    assert not again.folder.exists()  # what can be made again isn't taken along
    app = choose(open_page("take_away"), dummy)
    assert [button.label for button in app.button] == ["Make the zip"]

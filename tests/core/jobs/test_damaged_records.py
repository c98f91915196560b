"""Whatever happens to a file of a run or a job, who reads it gets what is left, or an error in words."""

import json
from contextlib import suppress

import pytest

from core.base.errors import EspalierError, InputError, RunError
from core.base.events import EPOCH, FAILED, FINISHED, PHASE, PROGRESS
from core.base.files import write_json
from core.jobs.active import active_jobs
from core.jobs.folder import JobFolder
from core.jobs.job import State
from core.models.config import TrainConfig
from core.packing.folder import packing_of
from core.photos.labelled_photo import LabelledPhoto
from core.projects.augmentation_answers import answers
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, imports
from core.projects.picture_settings import pictures_now
from core.projects.plan import kept_plan, next_plan
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.learned import known_hashes
from core.runs.photo_places import listed_photos
from core.runs.predictions import probabilities_of, read_answers, read_predictions
from core.runs.run import Run, list_runs
from tests.core.reports import a_report
from tests.damages import damages_of, put

CLASSES = ["apple", "pear"]
FILES = ["config.json", "pictures.json", "photos.csv", "report.json", "labels.json", "about.json", "sources.json"]
FILES += ["job.json", "events.jsonl", "predictions.parquet", "hashes.npz"]


@pytest.fixture
def run(project: Project) -> Run:
    """A run that has all that a finished one has, but for the model."""
    photos = [LabelledPhoto(f"/photos/{i}.jpg", CLASSES[i % 2], "test", f"{i:064x}") for i in range(4)]
    run = Run.create(project.runs_folder / "one", TrainConfig(), photos)
    for path in (run.engine_path, run.predictions_path, run.hashes_path):
        path.write_bytes(b"not what it should be" * 20)
    write_json(run.labels_path, CLASSES)
    write_json(run.report_path, a_report(CLASSES).to_json())
    run.keep_about("Mine", "a note")
    write_json(run.sources_path, ["/photos"])
    write_json(run.folder / "job.json", {"work": "train", "submitted": 1.0, "pid": 1})
    log = run.job.event_log()
    log.write(PHASE, name="fit", words="Learning")
    log.write(PROGRESS, done=1, total=2)
    log.write(EPOCH, **a_report().epochs[0].to_json())
    log.write(FINISHED)
    return run


@pytest.mark.parametrize("name", FILES)
def test_whatever_happens_to_a_file_of_a_run_is_told_in_words(project, run, name):
    other = Run.create(project.runs_folder / "another", TrainConfig(), [])
    readers = {
        "title": lambda: f"{run.title} {run.remark}".encode(),
        "config": run.config,
        "pictures": run.pictures,
        "photos": run.photos,
        "listed": lambda: listed_photos(run),
        "report": lambda: run.report() or run.finished_report(),
        "class names": run.class_names,
        "earlier names": run.earlier_class_names,
        "epochs": run.epochs,
        "notes": run.notes,
        "state": run.job.state,
        "kind": run.job.kind,
        "kill": run.job.kill,
        "stop": run.job.stop_requested,
        "log": run.job.log_tail,
        "active": lambda: list(active_jobs(project.folder)),
        "hashes": lambda: known_hashes(run),
        "predictions": lambda: read_predictions(run.predictions_path, "test"),
        "answers": lambda: read_answers(run.predictions_path, "test", CLASSES, 1.0),
        "probabilities": lambda: probabilities_of(run.predictions_path, "0" * 64, CLASSES, 1.0),
    }
    path = run.folder / name
    for damage, data in list(damages_of(path)) if path.suffix != ".npz" else [("empty", b""), ("a folder", None)]:
        put(path, data)
        for reader, read in readers.items():
            try:
                with suppress(EspalierError):
                    read()
            except Exception as error:
                raise AssertionError(f"{name} {damage}: {reader} raises {error!r}") from error
        assert other.name in [each.name for each in list_runs(project.runs_folder)]
        for each in list_runs(project.runs_folder):
            assert each.title


@pytest.mark.parametrize("names", [[], ["apple"], ["apple", "pear", "plum"], ["pear", "apple"], ["apple", 1], {"a": 1}])
def test_class_names_that_are_not_those_of_the_model_are_refused(run, names):
    write_json(run.labels_path, names)
    with pytest.raises(RunError, match=r"class names of Mine \(labels.json\) are damaged"):
        run.class_names()


def test_a_list_of_photos_that_is_cut_is_refused_and_not_taken_for_the_whole(run):
    whole = run.photos_path.read_bytes()
    run.photos_path.write_bytes(whole[: whole.index(b"/photos/2") + 12])
    with pytest.raises(RunError, match=r"list of photos of Mine \(photos.csv\) is missing or damaged"):
        run.photos()
    assert listed_photos(run) == []


def test_a_report_of_another_kind_of_value_is_damaged_and_not_unfinished(run):
    run.report_path.write_text("[]")
    with pytest.raises(RunError, match=r"report of Mine \(report.json\) is damaged. Train it again."):
        run.finished_report()


def test_a_damaged_line_hides_neither_what_came_before_nor_how_it_ended(run):
    with run.job.folder.joinpath("events.jsonl").open("a") as file:
        file.write('[]\n{"time": 1}\n{"event": "failed"}\n')
    assert len(run.epochs()) == 1
    assert run.job.state() is State.FAILED
    assert run.job.events()[-1] == {
        "event": FAILED,
        "time": 0.0,
        "message": "It ended, and why can't be read any more.",
    }


@pytest.mark.parametrize("pid", [-1, 0, 1, True, "3", None, 2**80])
def test_a_damaged_record_of_a_job_ends_no_other_process(run, pid, monkeypatch):
    ended = []
    monkeypatch.setattr("os.kill", lambda *given: ended.append(given) if given[0] < 2**31 else int("x"))
    write_json(run.folder / "job.json", {"work": "train", "pid": pid})
    with run.job.alive_lock(), suppress(ValueError):
        run.job.kill()
    assert ended == []


def test_a_request_that_is_damaged_is_told_and_the_other_imports_are_read(project):
    for path in ("a", "b"):
        ImportFolder.create(project).write_request(ImportRequest(FOLDER, path))
    newest, older = imports(project)
    for damage, data in list(damages_of(newest.request_path)):
        put(newest.request_path, data)
        with suppress(InputError):
            newest.request()
        assert older.request().path == "a", damage
        assert imports(project)[0].question() is None


def test_a_request_that_lacks_what_is_needed_is_told(tmp_path):
    this = JobFolder(tmp_path)
    this.keep_request({"run": "one", "seconds": "many"})
    assert this.asked_for(run=str) == ["one"]
    for lacking in ({"plan": dict}, {"seconds": float}):
        with pytest.raises(InputError, match=r"What was asked for here \(request.json\) can't be read"):
            this.asked_for(**lacking)


def test_a_packing_whose_request_is_damaged_leaves_the_list_of_projects_whole(project):
    transfer = packing_of(Workspace(project.folder.parents[1]), project)
    transfer.prepare()
    for value in (b"[]", b"null", b'{"title": 3}', b"\xff"):
        transfer.request_path.write_bytes(value)
        assert transfer.archive.suffix == ".zip"
        assert transfer.outcome() == ""


SETTINGS = ["plan", "augmentation_answers", "mirrored_classes", "pictures", "pictures_coming", "costly", "moving_files"]


@pytest.mark.parametrize(
    "value", ["[]", "null", "3", "{", "[" * 100_000, '"x"', "[[1]]", "[3]", '{"of": []}', "9" * 9_999]
)
def test_a_setting_of_a_project_that_is_damaged_counts_as_none(project, value):
    for name in SETTINGS:
        project.keep_setting(name, value)
    assert kept_plan(project) is None
    assert next_plan(project).base == TrainConfig().base
    assert answers(project) == []
    assert pictures_now(project).page == 0
    assert json.loads(json.dumps(project.photo_state()))

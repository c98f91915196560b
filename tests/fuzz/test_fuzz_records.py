"""Records as a disk damages them or a stranger writes them: who reads them gets a value, or an error in words."""

import io
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from core.advice.folder import advice_of
from core.background_test.folder import background_test_of
from core.background_test.verdict import BackgroundTest, SwappedPhoto
from core.base import checksums, files, records
from core.base.errors import EspalierError
from core.batches.folder import BatchFolder, BatchRequest, batches
from core.engine.out_of_distribution import OutOfDistributionDetector
from core.exports.folder import export_of
from core.exports.formats import EXPORT_FORMATS
from core.exports.verdict import ExportResult
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.label_issues.folder import SearchedLabels, labels_of
from core.models.config import TrainConfig
from core.photo_map.folder import map_of
from core.projects.imports import imports
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.recipes.folder import new_tutorial, tutorials_of
from core.recipes.record import Decision, MapFacts, TutorialResult
from core.runs.learned import kept_hashes
from core.runs.model_card import model_card
from core.runs.photo_places import listed_photos
from core.runs.predictions import probabilities_of, read_answers, read_predictions
from core.runs.report_page import report_page
from core.runs.run import Run, list_runs
from core.search.folder import search_of
from core.teachable_machine.folder import external_models, new_external_model
from core.training.checkpoints import CheckpointError, Reached, State, Terms, read_reached, read_state, write_checkpoint
from tests.core.advices import some_advice
from tests.fuzz.cases import DAMAGE, PLACE, cases, damaged, try_each
from tests.pages.test_search_page import TABLE

CHECKPOINT = "checkpoint.npz"
ODD = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.sampled_from([0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 10**400, 0.0, 1e308, float("nan"), float("inf")]),
        st.sampled_from(["", "x", "../..", "\0", "\ud800", "cross", "NaN", "9" * 5000, "a" * 300]),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["", "cross", "x"]), inner, max_size=2),
    max_leaves=3,
)
CHANGE = st.tuples(st.sampled_from(["other", "other", "without", "twice"]), PLACE, ODD)


def one_project(home: Path) -> Project:
    return Workspace(home).projects()[0]


@pytest.fixture(scope="module")
def home(trained_home, tmp_path_factory) -> Path:
    """A workspace with a trained run and a record of every kind beside it, as the app's own writers write them."""
    home = shutil.copytree(trained_home, tmp_path_factory.mktemp("records") / "home")
    project = one_project(home)
    (run,) = list_runs(project.runs_folder)
    photos = project.photos()
    run.keep_about("Mine", "a note")
    files.write_json(run.sources_path, ["/photos"])
    records.keep(run.folder / "job.json", {"work": "train", "submitted": 1.0, "pid": 1})
    reached = {
        "epoch": 1,
        "epochs": 4,
        "earlier": 0,
        "best": (0.5, 0.0),
        "own_best": (0.5, 0.0),
        "waited": 0,
        "over": False,
    }
    terms = Terms({}, {}, "", "", "", "3")
    state = State([np.ones((2, 3), np.float32)], [], [np.ones(2)], [np.ones(2, np.uint32)])
    write_checkpoint(run.folder / CHECKPOINT, Reached(terms=terms, seconds=run.report().seconds, **reached), state)
    for this in (advice_of(project), search_of(project), map_of(project), labels_of(project), background_test_of(run)):
        this.prepare()
    advice_of(project).write(some_advice(measured_on="then"))
    search_of(project).write_request(60.0, TrainConfig())
    search_of(project).write(TABLE)
    contents = [photo.sha256 for photo in photos]
    map_of(project).write(pd.DataFrame({"sha256": contents, "x": 0.5, "y": 0.25, "tight_x": 0.0, "tight_y": 0.0}))
    rows = pd.DataFrame({"sha256": contents, "label": "disc", "suspect": True, "looks_like": "cross"})
    labels_of(project).write(rows, SearchedLabels(40, 40, []), "[40]")
    labels_of(project).decide(contents[0], "disc", "kept", "1.png")
    swapped = [SwappedPhoto(contents[0], *["disc", "cross"] * 3, contents[1])]
    background_test_of(run).write(BackgroundTest(fill=[9.0, 9.0, 9.0], rows=swapped))
    export = export_of(run, EXPORT_FORMATS[0])
    export.prepare()
    export.zip_path.write_bytes(b"")
    export.write(ExportResult(format=EXPORT_FORMATS[0].name, words="The same.", bytes=3))
    batch = BatchFolder.create(project)
    batch.write_request(BatchRequest(run.name, "holiday.zip", "/photos"))
    answer = ModelAnswer(run.name, {"cross": 0.6, "disc": 0.4}, 0.5, True)
    feedback_of(project).add("said.png", project.path(photos[0]).read_bytes(), answer, "disc")
    tutorial = new_tutorial(project)
    tutorial.prepare()
    tutorial.write(
        TutorialResult("bananas", map=MapFacts("vgg16", 9, 0.9), decision=Decision(4, "Keep it", "vgg16", ["Few."]))
    )
    tutorial.write_map(pd.DataFrame({"x": [0.5], "y": [0.5], "label": ["disc"]}))
    external = new_external_model(project, "theirs.zip")
    external.name("theirs.zip")
    external.write_request(run, None)
    files.write_json(external.labels_path, ["disc", "cross"])
    external.add_answers(pd.DataFrame({"sha256": contents[:2], "answer": "disc", "sure": 0.5}))
    return home


def readings(home: Path) -> dict[str, dict[str, Callable[[], Any]]]:
    """All that pages and jobs read of such a project, by the folder in which what they read lies."""
    project = one_project(home)
    run = Run(next(project.runs_folder.iterdir()))
    predictions = run.predictions_path
    return {
        "runs": {
            **{
                name: partial(_of_run, run, name)
                for name in ("config", "pictures", "photos", "notes", "epochs", "names")
            },
            "report": lambda: _all_of_a_report(run),
            "title": lambda: (run.title, run.remark, run.lost_name, run.number),
            "state": lambda: (run.job.state(), run.job.kind(), run.job.events(), run.job.log_tail()),
            "listed": lambda: listed_photos(run),
            "runs": lambda: [each.title for each in list_runs(project.runs_folder)],
            "temperature": run.temperature,
            "hashes": lambda: kept_hashes(run),
            "detector": lambda: OutOfDistributionDetector.load(run.detector_path),
            "answers": lambda: read_answers(predictions, "test", ["cross", "disc"], 0.7),
            "predictions": lambda: read_predictions(predictions, "test"),
            "of one": lambda: probabilities_of(predictions, "0" * 64, ["cross", "disc"], 1.0),
            "plate test": lambda: background_test_of(run).read(),
            "export": lambda: export_of(run, EXPORT_FORMATS[0]).read(),
            "checkpoint": lambda: read_reached(run.folder / CHECKPOINT).next_in_words,
            "its numbers": lambda: read_state(run.folder / CHECKPOINT),
        },
        "advice": {"advice": lambda: advice_of(project).read()},
        "search": {"search": lambda: (search_of(project).read(), search_of(project).request())},
        "map": {"map": lambda: map_of(project).read()},
        "labels": {
            "labels": lambda: labels_of(project).about() and labels_of(project).suspects(),
            "decisions": lambda: (labels_of(project).decisions(), labels_of(project).lost_words),
        },
        "batches": {
            "batches": lambda: [(each.begun, each.title, each.way, each.dated_title) for each in batches(project)],
            "batch": lambda: batches(project)[0].request(),
        },
        "feedback": {"feedback": lambda: (feedback_of(project).waiting(), feedback_of(project).lost_words)},
        "tutorials": {"tutorial": lambda: [(each.read(), each.read_map()) for each in tutorials_of(project)]},
        "foreign": {
            "elsewhere": lambda: [(each.title, each.request(), each.answers()) for each in external_models(project)],
            "its classes": lambda: external_models(project)[0].class_names(),
        },
        "imports": {
            "imports": lambda: [(each.question(), each.job.state()) for each in imports(project)],
            "import": lambda: imports(project)[0].request(),
        },
    }


def _of_run(run: Run, name: str) -> Any:
    return (run.class_names if name == "names" else getattr(run, name))()


def _all_of_a_report(run: Run) -> None:
    """What is said of a report everywhere."""
    report = run.report()
    if report is not None:
        assert report.outcome_in_words
        assert report.right_in_words
        assert report.accuracy_in_words
        model_card("title", 0.0, report, TrainConfig())
        report_page("title", 0.0, report, TrainConfig(), [])


def changed(value: Any, kind: str, place: int, odd: Any) -> Any:
    """The same JSON value with one part another, gone or there twice."""
    places = list(_places(value))
    if not places:
        return odd
    holder, at = places[place % len(places)]
    if kind == "without":
        del holder[at]
    elif kind == "twice" and isinstance(holder, list):
        holder.insert(at, holder[at])
    else:
        holder[at] = odd
    return value


def _places(value: Any) -> Any:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for at, each in inner:
        yield value, at
        yield from _places(each)


def mutated(path: Path, data: bytes, changes: list[tuple[str, int, Any]]) -> bytes:
    """A record as a stranger might write it, its checksum right."""
    if path.suffix == ".json":
        value = json.loads(data)
        for change in changes:
            value = changed(value, *change)
        return json.dumps(_sealed(value)).encode()
    if path.suffix == ".jsonl":
        lines = [json.loads(line) for line in data.splitlines()]
        for change in changes:
            lines = changed(lines, *change)
        told = lines if isinstance(lines, list) else [lines]
        return b"".join(json.dumps(_sealed(each)).encode() + b"\n" for each in told)
    kind, place, odd = changes[0]
    if path.suffix == ".parquet":
        return _other_table(pd.read_parquet(io.BytesIO(data)), kind, place, odd)
    if path.suffix == ".npz":
        return _other_arrays(dict(np.load(io.BytesIO(data))), kind, place, odd)
    rows = [line.split(b",") for line in data.splitlines()]
    for _, place, odd in changes:
        row = rows[place % len(rows)]
        row[place % len(row)] = json.dumps(odd).encode()
    return b"\r\n".join(b",".join(row) for row in rows)


def _sealed(value: Any) -> Any:
    """With its checksum anew."""
    if not isinstance(value, dict):
        return value
    return files.with_checksum({key: each for key, each in value.items() if key != "checksum"})


def _other_table(table: pd.DataFrame, kind: str, place: int, odd: Any) -> bytes:
    name = table.columns[place % len(table.columns)]
    if kind == "without":
        table = table.drop(columns=[name])
    elif kind == "twice":
        table = pd.concat([table, table.head(place % 3)])
    else:
        odd = json.dumps(odd) if isinstance(odd, dict | str) else odd
        table[name] = pd.Series([odd] * len(table), dtype=object)
    whole = io.BytesIO()
    try:
        table.to_parquet(whole, **checksums.PAGES_SEALED)
    except Exception:  # pyarrow holds no such number
        table.astype(str).to_parquet(whole, **checksums.PAGES_SEALED)
    return whole.getvalue()


def _other_arrays(arrays: dict[str, np.ndarray], kind: str, place: int, odd: Any) -> bytes:
    name = sorted(arrays)[place % len(arrays)]
    if kind == "without":
        del arrays[name]
    elif kind == "twice":
        arrays[name] = np.stack([arrays[name]] * 2)
    elif isinstance(odd, str | list | dict) or odd is None:
        arrays[name] = np.array(str(odd).encode("utf-8", "replace"))
    else:
        number = float(str(odd * 1)[:300])  # of the largest its beginning
        arrays[name] = np.full(arrays[name].shape[: place % 3], number, [np.float64, np.float16][place % 2])
    whole = io.BytesIO()
    np.savez(whole, **arrays)
    return whole.getvalue()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@cases(quick=500, long=4000)
def test_every_reader_of_records_gives_a_value_or_says_in_words_what_is_wrong(home, cases):
    project = one_project(home)
    kinds = (".json", ".jsonl", ".npz", ".parquet", ".csv")
    places = [path for path in sorted(project.folder.rglob("*")) if path.suffix in kinds]
    paths = {str(path.relative_to(project.folder)): path for path in places}
    assert len(paths) > 25
    whole = {name: path.read_bytes() for name, path in paths.items()}
    reads = readings(home)
    paths = {name: path for name, path in paths.items() if name.split("/")[0] in reads}
    for name, read in ((name, read) for readers in reads.values() for name, read in readers.items()):
        assert read() is not None or name == "report", name
    before = everything(project)
    changes = st.lists(CHANGE, min_size=1, max_size=3) | st.lists(DAMAGE, min_size=1, max_size=3).map(tuple)

    def check(case):
        name, how = case
        path, data = paths[name], whole[name]
        as_damage = isinstance(how, tuple)
        path.write_bytes(damaged(data, list(how)) if as_damage else mutated(path, data, how))
        seals = [each for each in (checksums.seal_of(path),) if each.exists()]
        sealed = [(each, each.read_bytes()) for each in seals]
        if seals and not as_damage:
            checksums.seal(path)
        try:
            refused = [each for each, read in reads[name.split("/")[0]].items() if is_refused(read)]
            assert everything(project) == before
            return bool(refused)
        finally:
            path.write_bytes(data)
            for seal, was in sealed:
                seal.write_bytes(was)

    outcomes = try_each(st.tuples(st.sampled_from(sorted(paths)), changes), cases, check)
    assert min(outcomes[True], outcomes[False]) > cases // 20


def everything(project: Project) -> set[Path]:
    """All files of a project, but for the photos and what SQLite keeps beside its own."""
    folders = [each for each in project.folder.iterdir() if each.is_dir() and each.name not in ("photos", "thumbs")]
    return {*folders, *(path for folder in folders for path in folder.rglob("*"))}


def is_refused(read: Callable[[], Any]) -> bool:
    try:
        read()
    except (EspalierError, CheckpointError):
        return True
    return False

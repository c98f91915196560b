"""Files that a disk gives back otherwise than they were written, and what the app reads of a workspace then."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.advice.folder import advice_of
from core.base.errors import EspalierError
from core.batches.answers import AS_THEY_CAME
from core.batches.folder import batches
from core.feedback.folder import feedback_of
from core.label_issues.folder import labels_of
from core.photo_map.folder import map_of
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.grad_cam import HeatMapper
from core.runs.predictions import read_answers
from core.runs.predictor import Predictor, as_row
from core.runs.run import Run
from core.teachable_machine.folder import ExternalModelFolder, external_models
from core.teachable_machine.job import ask
from tests.damages import DAMAGES
from tests.faults.heavy import OLD_RUN

RUN = f"projects/Shapes/runs/{OLD_RUN}"
FILES = {  # by a pattern below the home; of several files the first
    "database": "projects/Shapes/project.db",
    "photo": "projects/Shapes/photos/*/*.jpg",
    "feedback": "projects/Shapes/feedback/said.jsonl",
    "photo of the feedback": "projects/Shapes/feedback/photos/*.jpg",
    "run's settings": f"{RUN}/config.json",
    "run's picture settings": f"{RUN}/pictures.json",
    "run's photos": f"{RUN}/photos.csv",
    "run's events": f"{RUN}/events.jsonl",
    "run's job": f"{RUN}/job.json",
    "run's report": f"{RUN}/report.json",
    "run's classes": f"{RUN}/labels.json",
    "run's name": f"{RUN}/about.json",
    "Keras model": f"{RUN}/model.keras",
    "model": f"{RUN}/model.xml",
    "model's weights": f"{RUN}/model.bin",
    "tested Keras model": f"{RUN}/tested.keras",
    "tested model": f"{RUN}/tested.xml",
    "tested model's weights": f"{RUN}/tested.bin",
    "detector": f"{RUN}/novelty.npz",
    "predictions": f"{RUN}/predictions.parquet",
    "advice": "projects/Shapes/advice/advice.json",
    "labels": "projects/Shapes/labels/labels.parquet",
    "decisions": "projects/Shapes/labels/decisions.json",
    "map": "projects/Shapes/map/map.parquet",
    "answers": "projects/Shapes/batches/*/answers.db",
    "batch's request": "projects/Shapes/batches/*/request.json",
    "model from elsewhere": "projects/Shapes/foreign/*/model.bin",
    "its classes": "projects/Shapes/foreign/*/labels.json",
    "its answers": "projects/Shapes/foreign/*/answers.parquet",
}
CACHES = {
    "features": "projects/Shapes/cache/features/*.f16",
    "features' keys": "projects/Shapes/cache/features/*.index",
    "engine": "engine/*/*.xml",
    "engine's weights": "engine/*/*.bin",
    "photo": "projects/Shapes/photos/*/*.jpg",
}


def damage(home: Path, pattern: str, how: str) -> Path:
    """Damage a file; it keeps its time."""
    path = min(home.glob(pattern))
    path.write_bytes(DAMAGES[how](path.read_bytes()))
    return path


def read_all(home: Path) -> None:
    """Write beside the home what each reading of it gives: its value, None, or in what words it was refused."""
    found = {name: _read(reading, home) for name, reading in READINGS.items()}
    (home.parent / "read.json").write_text(json.dumps(found, default=str))


def _read(reading: Callable[[Path], Any], home: Path) -> dict[str, Any]:
    try:
        return {"value": reading(home)}
    except EspalierError as error:
        return {"refused": str(error)}
    except Exception as error:
        return {"bug": f"{type(error).__name__}: {error}"}


def _run(home: Path) -> Run:
    return Run(home / RUN)


def _answers(home: Path) -> Any:
    photos = sorted((home.parent / "source").rglob("*.jpg"))
    return [
        as_row(path.name, answer) for path, answer in zip(photos, Predictor(_run(home)).predict(photos), strict=True)
    ]


def _looked_at(home: Path) -> Any:
    """What the tested model looked at, as Results shows it."""
    run, photo = _run(home), min((home.parent / "source").rglob("*.jpg"))
    label = run.class_names()[0]
    return HeatMapper(run, tested=True).maps(photo, [label])[label].round(4).tolist()


def _projects(home: Path) -> Any:
    """Those that can't be opened too: each is one line of the page, with what is wrong."""
    projects, troubled = Workspace(home).projects_and_troubled()
    return sorted(each.id for each in [*projects, *(trouble.project for trouble in troubled if trouble.words)])


def _photos(home: Path, name: str = "Shapes") -> Any:
    project = open_project(home / "projects" / name)
    return [
        [photo.id, photo.label, photo.file, photo.sha256, photo.set_aside] for photo in project.photos_where("true")
    ]


def _report(home: Path) -> Any:
    report = _run(home).report()
    return report and report.to_json()


def _predictions(home: Path) -> Any:
    run = _run(home)
    return read_answers(run.predictions_path, "test", run.class_names(), 1.0).astype(str).values.tolist()


def _advice(home: Path) -> Any:
    advice = advice_of(open_project(home / "projects" / "Shapes")).read()
    return advice and advice.to_json()


def _suspects(home: Path) -> Any:
    labels = labels_of(open_project(home / "projects" / "Shapes"))
    return labels.about() and [labels.about().to_json(), labels.suspects().astype(str).values.tolist()]


def _decisions(home: Path) -> Any:
    labels = labels_of(open_project(home / "projects" / "Shapes"))
    return None if labels.lost_words else [str(each) for each in labels.decisions()]


def _feedback(home: Path) -> Any:
    feedback = feedback_of(open_project(home / "projects" / "Shapes"))
    return None if feedback.lost_words else [str(each) for each in feedback.waiting()]


def _name(home: Path) -> Any:
    run = _run(home)
    return None if run.lost_name else [run.title, run.remark]


def _map(home: Path) -> Any:
    places = map_of(open_project(home / "projects" / "Shapes")).read()
    return None if places is None else places.astype(str).values.tolist()


def _batch(home: Path) -> Any:
    (batch,) = batches(open_project(home / "projects" / "Shapes"))
    page = batch.answers.page("", "", AS_THEY_CAME, 0.05, 100, 0)
    return [batch.request().run, [[row.name, as_row("", row.answer)] for row in page]]


def _elsewhere(home: Path) -> ExternalModelFolder:
    (model,) = external_models(open_project(home / "projects" / "Shapes"))
    return model


def _from_elsewhere(home: Path) -> Any:
    project = open_project(home / "projects" / "Shapes")
    return ask(_elsewhere(home), project, project.photos()[-3:], lambda *_: None).astype(str).values.tolist()


def _answers_from_elsewhere(home: Path) -> Any:
    answers = _elsewhere(home).answers()
    return answers.astype(str).values.tolist() or None


READINGS: dict[str, Callable[[Path], Any]] = {
    "list of projects": _projects,
    "photos": _photos,
    "photos of the other project": lambda home: _photos(home, "Other"),
    "feedback": _feedback,
    "report": _report,
    "settings": lambda home: _run(home).config().to_json(),
    "picture settings": lambda home: str(_run(home).pictures()),
    "classes": lambda home: _run(home).class_names(),
    "photos of the run": lambda home: [[p.label, p.split, p.sha256] for p in _run(home).photos()],
    "name": _name,
    "answers": _answers,
    "heat map": _looked_at,
    "predictions": _predictions,
    "advice": _advice,
    "suspects": _suspects,
    "decisions": _decisions,
    "map": _map,
    "batch": _batch,
    "model from elsewhere": _from_elsewhere,
    "answers from elsewhere": _answers_from_elsewhere,
}
# Their page offers to make them anew where there is nothing to read.
MADE_AGAIN = ("advice", "suspects", "map", "answers from elsewhere")
TOLD = ("decisions", "feedback", "name")  # their page says that they are lost where there is nothing to read

"""A photo to ask a run about, and what it says of it."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.batches.answering import small_jpeg
from core.photos.decoding import PhotoError
from core.runs.answer_table import Answer
from core.runs.predictor import Predictor
from core.runs.run import Run

ANSWERS = "try_answers"  # of the photos on the page; each drawing of the page asks only about new ones


@dataclass(frozen=True)
class NewPhoto:
    """A photo on the page.

    Args:
        id: No other photo on the page has it, also when the same file comes twice.
        name: What it is called.
        data: The bytes of the file.
    """

    id: str
    name: str
    data: bytes


@dataclass(frozen=True)
class AnsweredPhoto:
    """A photo with what a run says.

    Args:
        id: Unique on the page.
        name: What it is called.
        source: The file or its bytes.
        answer: Of the run, or why there is none.
        thumbnail: A small JPEG, None for what can't be read.
    """

    id: str
    name: str
    source: Path | bytes
    answer: Answer
    thumbnail: bytes | None


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def _predictor(folder: str, changed: float) -> Predictor:
    return Predictor(Run(Path(folder)))


def load(run: Run) -> Predictor:
    """The run's model on the engine, loaded once; another model file, another predictor."""
    return _predictor(*_version(run))


def _version(run: Run) -> tuple[str, float]:
    return str(run.folder), run.engine_path.stat().st_mtime if run.engine_path.exists() else 0.0


def answers(run: Run, photos: list[NewPhoto]) -> list[AnsweredPhoto]:
    """The photos with their answers, those of an earlier drawing of the page kept."""
    model, version = load(run), _version(run)
    before = st.session_state.get(ANSWERS, {})
    keys = [(*version, photo.id) for photo in photos]
    fresh = {key: photo for key, photo in zip(keys, photos, strict=True) if key not in before}
    new = model.predict([photo.data for photo in fresh.values()])
    pictures = (_thumbnail(photo, answer) for photo, answer in zip(fresh.values(), new, strict=True))
    known = {**before, **dict(zip(fresh, zip(new, pictures, strict=True), strict=True))}
    st.session_state[ANSWERS] = {key: known[key] for key in keys}
    return [
        AnsweredPhoto(photo.id, photo.name, photo.data, *known[key]) for key, photo in zip(keys, photos, strict=True)
    ]


def _thumbnail(photo: NewPhoto, answer: Answer) -> bytes | None:
    return None if isinstance(answer, PhotoError) else small_jpeg(photo.data)

"""A photo to ask a run about, and what it says of it: in words, and large with what it looked at."""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.threads import in_threads
from core.base.words import percent
from core.batches.answers import THUMBNAIL_SIDE, BatchRow
from core.batches.folder import BatchFolder
from core.photos.apart.decoders import Decoders
from core.photos.decoding import KnownFile, PhotoError, Source
from core.photos.inspection import screen_picture, small_jpeg
from core.photos.pictures import USUAL, PictureSettings
from core.projects.project import Project
from core.runs.answer_table import Answer
from core.runs.predictor import Prediction, Predictor
from core.runs.run import Run
from pages.components.asking import feedback_controls as feedback
from pages.components.pictures import large
from pages.components.pictures.apart import decoders
from pages.components.shared import charts
from pages.components.shared.markdown import plain

ANSWERS = "try_answers"  # of the photos of all tabs; each drawing of the page asks only about new ones
MOST_REMEMBERED = 200  # of these, each with a small picture
WIDEST, HIGHEST = 900, 640  # pixels of the picture in its window
BESIDE = 480  # pixels of the picture beside its answer on the page
MOST_CLASSES = 20  # bars that can still be read
NOT_SURE = "Not sure what this is"


@dataclass(frozen=True)
class NewPhoto:
    """A photo on the page: a file's name and bytes."""

    id: str  # no other photo on the page has it, also when the same file comes twice
    name: str
    data: bytes


@dataclass(frozen=True)
class AnsweredPhoto:
    """A photo with what a run says of it, or why it says nothing."""

    id: int  # unique on the page, and the same whenever it is drawn
    name: str
    source: Path | bytes
    answer: Answer
    thumbnail: bytes | None  # a small JPEG, None for what can't be read
    sha256: str  # hex digest of what was answered, "" where that isn't known

    @property
    def content(self) -> Source:
        """What was answered: of a file only while it holds that."""
        return self.source if isinstance(self.source, bytes) else KnownFile(self.source, self.sha256)


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def _predictor(folder: str, changed: float) -> Predictor:
    return Predictor(Run(Path(folder)), decoders())


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
    pictures = in_threads(partial(_picture, decoders(), model.pictures), fresh.values(), model.threads)  # meanwhile
    new = model.predict([photo.data for photo in fresh.values()])
    found = map(_seen, fresh.values(), new, pictures)
    known = {**before, **dict(zip(fresh, found, strict=True))}
    others = {key: answer for key, answer in known.items() if key not in keys}
    kept = [*others.items(), *((key, known[key]) for key in keys)][-MOST_REMEMBERED:]
    st.session_state[ANSWERS] = dict(kept)
    return [
        AnsweredPhoto(_number(photo), photo.name, photo.data, *known[key])
        for key, photo in zip(keys, photos, strict=True)
    ]


def of_batch(batch: BatchFolder, rows: list[BatchRow]) -> list[AnsweredPhoto]:
    """What a batch's answers say of some of its photos."""
    ids = [row.id for row in rows]
    pictures, contents = batch.answers.thumbnails(ids), batch.answers.seen(ids)
    return [
        AnsweredPhoto(row.id, row.name, row.path, row.answer, pictures.get(row.id), contents.get(row.id, ("", b""))[0])
        for row in rows
    ]


def _number(photo: NewPhoto) -> int:
    """Its id as a number that JavaScript keeps as it is."""
    return int(hashlib.sha256(photo.id.encode()).hexdigest()[:13], 16)


def _picture(apart: Decoders, settings: PictureSettings, photo: NewPhoto) -> bytes | None:
    try:
        return apart.call(small_jpeg, photo.data, THUMBNAIL_SIDE, settings)
    except PhotoError:
        return None


def _seen(photo: NewPhoto, answer: Answer, picture: bytes | None) -> tuple[Answer, bytes | None, str]:
    """The last three fields of an `AnsweredPhoto`."""
    return answer, None if isinstance(answer, PhotoError) else picture, hashlib.sha256(photo.data).hexdigest()


def show_closer(key: str, run: Run | None, photo: AnsweredPhoto, threshold: float) -> None:
    """Open a photo over the page, with its answer as `show_answer` tells it; without a run no more is asked."""
    st.dialog("One photo", width="large")(_show_beside)(f"{key}_closer", run, photo, threshold, (WIDEST, HIGHEST))


def show_answer(key: str, project: Project, run: Run, photo: AnsweredPhoto, threshold: float) -> None:
    """A photo beside what the run says, when asked for what it looked at, and what the user says of it.

    Up to the threshold, an in-distribution score of 0..1, an answer counts as not sure.
    """
    words = _show_beside(key, run, photo, threshold, (BESIDE, BESIDE))
    if isinstance(photo.answer, Prediction):
        with words:
            feedback.show(f"{key}_{photo.id}_feedback", project, run, photo.name, photo.source, photo.answer)


def _show_beside(
    key: str, run: Run | None, photo: AnsweredPhoto, threshold: float, size: tuple[int, int]
) -> DeltaGenerator:
    """Gives the place of the words. The size is the most pixels; a run of None is gone."""
    key = f"{key}_{photo.id}"
    picture, words = st.columns([3, 2] if size == (WIDEST, HIGHEST) else [1, 2], vertical_alignment="center")
    if not isinstance(photo.answer, Prediction):
        words.warning(f"{plain(photo.name)} can't be used: {plain(str(photo.answer))}.", icon=":material/warning:")
        return words
    source = photo.source if isinstance(photo.source, bytes) or photo.source.is_file() else photo.thumbnail or b""
    try:
        image = decoders().call(screen_picture, source, size, run.pictures() if run else USUAL)
    except PhotoError:
        picture.markdown(":material/broken_image: The file can't be opened any more.")
        image = None
    with picture:
        if image:
            st.image(image, caption=plain(photo.name))
    with words:
        show_words(photo.answer, threshold)
        charts.show_probabilities(f"{key}_chart", photo.answer.probabilities, MOST_CLASSES)
        looked = run and image and st.toggle("What it looked at", key=f"{key}_looked")
    if looked:
        large.show_heat_map(f"{key}_speaks", run, source, image, photo.answer.label)
    return words


def show_words(answer: Prediction, threshold: float) -> None:
    """What the run says of one photo, large; the threshold as for `show_answer`."""
    if answer.note:
        st.caption(f":material/info: {plain(answer.note)}.")
    if answer.known(threshold) is False:
        none_of_these = answer.known(0.0) is False
        like = "like the photos that are none of your classes" if none_of_these else "unlike the photos it learned from"
        st.markdown(f"### {NOT_SURE}")
        st.caption(f"It looks {like}. Closest: {plain(answer.label)}, {percent(answer.probability)}.")
        return
    st.markdown(f"### {plain(answer.label)}")
    st.caption(f"{percent(answer.probability)} sure, of the classes it knows.")

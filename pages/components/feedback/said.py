"""What the photos from feedback brought, no more than two runs show, and those that are in the project."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.base.words import counted, percent
from core.feedback.folder import FeedbackFolder, feedback_of
from core.feedback.gain import Gain, accuracies_in_words, corrections_in_words, corrections_learned, gain_of
from core.photos.labelled_photo import FEEDBACK
from core.projects.project import Project
from core.runs.choosing.names import short_names
from core.runs.comparing import compared_in_words
from core.runs.photo_places import photos_evaluated
from core.runs.predictor import Prediction, Predictor
from core.runs.run import Run
from pages.components.pictures import gallery, listings
from pages.components.pictures.actions import USUAL, staying
from pages.components.pictures.apart import decoders
from pages.components.pictures.listings import Listed
from pages.components.shared.markdown import plain

FROM_FEEDBACK = "origin = ?"


def show_gain(project: Project) -> None:
    """Show it; nothing where no run has learned from feedback yet."""
    gain = gain_of(project)
    if gain is None:
        return
    st.subheader("What it brought")
    names = short_names((run, run.report()) for run in (gain.before, gain.after))
    before, after = (plain(names[run.name]) for run in (gain.before, gain.after))
    n = counted(len(gain.photos), "photo")
    st.markdown(f"**{after}** learned from {n} from feedback that **{before}** had not seen.")
    st.markdown("\n".join(f"- {plain(line)}" for line in accuracies_in_words(gain)))
    is_better = gain.compared.only_second > gain.compared.only_first
    show_verdict = st.info if not gain.compared.is_more_than_chance else st.success if is_better else st.warning
    show_verdict(compared_in_words(f"**{before}**", f"**{after}**", gain.compared), icon=":material/balance:")
    if not gain.same_settings:
        st.caption("The two were trained with other settings too, so a difference may be their doing.")
    right, n_corrected = _corrections_learned(project, gain)
    if n_corrected:
        st.markdown(plain(corrections_in_words(right, n_corrected)))
    st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")


def _corrections_learned(project: Project, gain: Gain) -> tuple[int, int]:
    """Of the photos that were corrected, how many the new run has right, and of how many."""
    entries = feedback_of(project).all().values()
    corrected = [entry for entry in entries if entry.was_wrong and entry.sha256 in gain.photos]
    photos = photos_evaluated(project, [(entry.sha256, entry.label) for entry in corrected])
    paths = {photo.sha256: str(project.path(photo)) for photo in photos if photo}
    changed = gain.after.engine_path.stat().st_mtime if gain.after.engine_path.exists() else 0.0
    return corrections_learned(corrected, _answers(str(gain.after.folder), changed, paths) if paths and changed else {})


@st.cache_data(max_entries=4, show_spinner="Asking the new model about the photos that you corrected")
def _answers(run: str, changed: float, paths: dict[str, str]) -> dict[str, str]:
    """What a run says of photos, by content; those that can't be read are left out."""
    answers = Predictor(Run(Path(run)), decoders()).predict([Path(path) for path in paths.values()])
    return {
        sha256: answer.label for sha256, answer in zip(paths, answers, strict=True) if isinstance(answer, Prediction)
    }


def show_in_project(key: str, project: Project, feedback: FeedbackFolder) -> None:
    """The photos that the project holds from feedback, in the gallery, with what the model had said of them."""
    if not project.photos_where(FROM_FEEDBACK, FEEDBACK, limit=1):
        return
    st.subheader("From feedback, in the project")
    these, entries = listings.where(project, FROM_FEEDBACK, FEEDBACK), feedback.all()

    def listed(limit: int, offset: int) -> Listed:
        shown = these(limit, offset)
        known = {photo.id: entries[photo.sha256] for photo in shown.photos if photo.sha256 in entries}
        said = {photo: f"was called {each.answer}, {percent(each.probability)} sure" for photo, each in known.items()}
        return replace(shown, said=said)

    look = gallery.Look(title="Photos from feedback", with_class=True)
    gallery.show(f"{key}_in_project", project, listed, staying(*USUAL), look)

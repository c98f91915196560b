"""Judge a run on photos from outside the project: another day, another place, another camera."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.base.names import told_apart
from core.base.words import counted, percent
from core.batches.evaluation import BatchEvaluation, evaluate_batch, is_labelled
from core.batches.folder import BatchFolder, batches
from core.evaluation.class_matching import unknown_in_words, written_otherwise_in_words
from core.evaluation.learned_from import known_in_words, not_compared_in_words
from core.evaluation.metrics import wilson_interval
from core.evaluation.rare_classes import beside_accuracy
from core.jobs.job import State
from core.projects.project import Project
from core.runs.learned import learned_photos
from core.runs.predictions import most_wrong_first
from core.runs.run import Run
from pages.components.asking import asked_gallery, batch_inputs
from pages.components.results import confusion_matrix, mistakes
from pages.components.shared import job_monitor
from pages.components.shared.markdown import plain

MOST_ASKED = 6  # folders that are no class of the run


def show(key: str, project: Project, run: Run) -> None:
    """What came of labelled photos that this complete run was asked about, and the way to bring some."""
    asked = [batch for batch in batches(project) if batch.run_name == run.name]
    if asked and asked[0].job.state().is_active:
        words = job_monitor.JobWords("The answers so far stay on Try it.")
        job_monitor.show_progress(key, asked[0].job, words, keep=True)
        return
    finished = [batch for batch in asked if batch.job.state() is State.FINISHED]
    labelled = {batch.folder.name: batch for batch in finished if _has_labels(*_version(batch))}
    if labelled:
        _show_judged(key, project, run, labelled)
    elif asked:
        st.info(
            "None of the photos that this run was asked about lie in folders named like its classes: "
            f"{plain(', '.join(run.class_names()))}.",
            icon=":material/info:",
        )
    with st.expander("Judge it on other photos", expanded=not labelled, icon=":material/fact_check:"):
        st.markdown(
            "It was judged on photos of the same folders as those it learned from. Photos of another day, place or "
            "camera say more about how it will do there: one folder per class, named like its classes."
        )
        batch_inputs.show_folder_and_zip(f"{key}_in", project, run)
        batch_inputs.show_path(f"{key}_in", project, run)


def _version(batch: BatchFolder) -> tuple[str, float]:
    return str(batch.folder), batch.answers.path.stat().st_mtime


@st.cache_data(max_entries=100, show_spinner=False)
def _has_labels(folder: str, changed: float) -> bool:
    return is_labelled(BatchFolder(Path(folder)).answers)


@st.cache_data(max_entries=8, show_spinner=False)
def _judged(
    folder: str, changed: float, run_folder: str, meant: tuple[tuple[str, str], ...] = ()
) -> BatchEvaluation | None:
    learned = learned_photos(Run(Path(run_folder)), look=False)
    return evaluate_batch(BatchFolder(Path(folder)).answers, learned, dict(meant))


def _show_judged(key: str, project: Project, run: Run, labelled: dict[str, BatchFolder]) -> None:
    names = list(labelled)
    chosen, titles = names[0], told_apart({name: batch.dated_title for name, batch in labelled.items()})
    if len(names) > 1:
        chosen = st.selectbox("Photos", names, format_func=titles.get, key=f"{key}_of_{len(names)}", width=320)
    found = _judged(*_version(labelled[chosen]), str(run.folder))
    if found is None:
        st.info(f"None of the photos of {plain(titles[chosen])} can be used.", icon=":material/info:")
        return
    if meant := _ask_what_is_meant(f"{key}_{chosen}", found):
        found = _judged(*_version(labelled[chosen]), str(run.folder), meant)
    _show_numbers(labelled[chosen], found)
    _show_mistakes(f"{key}_{chosen}", project, run, labelled[chosen], found)


def _ask_what_is_meant(key: str, found: BatchEvaluation) -> tuple[tuple[str, str], ...]:
    """A choice for each folder that is no class of the run: (folder, class) of those that the user says mean one."""
    meant = []
    for number, (label, n) in enumerate(list(found.unknown.items())[:MOST_ASKED]):
        perhaps = found.matched.perhaps.get(label)
        hint = f"perhaps {perhaps}" if perhaps else "none of its classes"
        words = f"{counted(n, 'photo')} in “{plain(label)}” may be of"
        name = st.selectbox(words, found.class_names, None, key=f"{key}_means_{number}", placeholder=hint, width=320)
        if name:
            meant.append((label, name))
    return tuple(meant)


def _show_numbers(batch: BatchFolder, found: BatchEvaluation) -> None:
    n, right = found.metrics.n, int(found.answers["right"].sum())
    low, high = wilson_interval(right, n)
    st.markdown(f"#### {plain(_headline(found))}")
    st.markdown(
        f"In all {right:,} of {counted(n, 'photo')} right, **{percent(right / n)}** of {plain(batch.title)}; on more "
        "photos like these likely between "
        f"**{100 * low:.0f} and {100 * high:.0f} %**. Cohen's kappa {found.metrics.kappa:.2f}, log loss "
        f"{found.metrics.log_loss:.3f}, right in two guesses {percent(found.metrics.top2_accuracy)}."
    )
    if found.learned and found.learned.n:
        st.warning(plain(known_in_words(found.metrics, found.learned, "photo")), icon=":material/warning:")
    notes = (not_compared_in_words(found.learned), written_otherwise_in_words(found.matched))
    for words in filter(None, (*notes, unknown_in_words(found.matched))):
        st.caption(plain(words))
    if found.loose:
        st.caption(f"{counted(found.loose, 'photo')} in no class folder left out.")
    if found.unreadable:
        st.caption(f"{counted(found.unreadable, 'photo')} can't be used; Try it lists them with the reasons.")


def _headline(found: BatchEvaluation) -> str:
    """How many are right of the photos that it had not learned from, if any are left, and of a rare class."""
    learned = found.learned.without if found.learned and found.learned.n else None
    test, kind = (learned, "new photo") if learned else (found.metrics, "photo")
    right = f"{test.n_right:,} of {counted(test.n, kind)} right"
    return "; ".join(filter(None, (right, beside_accuracy(test))))


def _show_mistakes(key: str, project: Project, run: Run, batch: BatchFolder, found: BatchEvaluation) -> None:
    truth, answer = confusion_matrix.show(key, found.class_names, found.metrics.confusion)
    rows = most_wrong_first(found.answers, truth, answer)
    if rows.empty:
        st.markdown("No photo is there.")
        return
    said = {row.id: mistakes.in_text(row) for row in rows.itertuples()}
    ids = list(said)
    asked = asked_gallery.of_batch(
        batch, len(ids), lambda limit, offset: batch.answers.rows(ids[offset : offset + limit])
    )
    asked = replace(asked, said=lambda photo, label: said[photo.id])
    asked_gallery.show(f"{key}_{truth}_{answer}", project, run, asked, 0.0)

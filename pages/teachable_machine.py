"""Compare a run with a model that was trained with Teachable Machine, on the run's own test photos."""

from pathlib import Path

import streamlit as st

from core.base.names import told_apart
from core.jobs import kinds
from core.jobs.job import State
from core.projects.project import Project
from core.runs.comparing import answers_on_test
from core.runs.run import Run
from core.teachable_machine.comparison import compare_with, unanswered
from core.teachable_machine.folder import ExternalModelFolder, external_models, new_external_model
from pages.components.shared import current, heading, job_monitor, run_choice
from pages.components.shared.uploads import choose_path, fresh, store
from pages.components.teachable_machine import comparison as versus

COMPARING = job_monitor.JobWords(
    after_stop="What it answered so far is not kept.",
    cancelled="The comparison was stopped before it had a result.",
    lost="The comparison ended without a word: its process was ended from outside. Start it again.",
)

GONE = (
    "The model itself did not come along when this project was opened from a zip. What it answered before is shown; "
    "bring its export in again to ask it more."
)


def bring_in(key: str, project: Project, run: Run, has_one: bool) -> None:
    """The ways to bring an export in."""
    with st.expander("Bring in a model", icon=":material/upload:", expanded=not has_one):
        st.markdown(
            "In Teachable Machine: **Export Model**, the tab **Tensorflow**, **Keras**, **Download my model**. The zip "
            "holds `keras_model.h5` and `labels.txt`; it is read layer by layer, and nothing in it is run."
        )
        if upload := st.file_uploader("Zip of the export", "zip", key=fresh(f"{key}_zip")):
            with heading.errors_in_words():
                external = new_external_model(project, upload.name)
                store(f"{key}_zip", upload, external.upload, "receiving the model")
                start(external, run, external.upload)
        label, example = "Or its path on this computer", "/home/me/converted_keras.zip"
        if path := choose_path(f"{key}_path", label, "Read this model", "zip", example):
            with heading.errors_in_words():
                start(new_external_model(project, path.name), run, path.resolve())


def start(external: ExternalModelFolder, run: Run, archive: Path | None) -> None:
    """Let a process of its own read the model and ask it."""
    external.write_request(run, archive)
    current.start(kinds.EXTERNAL_MODEL, external)


def show_model(key: str, project: Project, run: Run, external: ExternalModelFolder) -> None:
    """One model from elsewhere: how the reading goes, then the comparison."""
    if job_monitor.show(key, external.job, COMPARING):
        return
    if external.engine_path.exists() or len(external.answers()):
        show_answers(key, project, run, external)
    if st.button("Remove this model", key=f"{key}_remove", icon=":material/delete:"):
        external.remove()
        st.rerun()


def show_answers(key: str, project: Project, run: Run, external: ExternalModelFolder) -> None:
    """How it compares with the run, and the way to ask it about photos that it has not seen, where it is here."""
    tested, answers = answers_on_test(run), external.answers()
    was_asked = external.request()[0] == run.name and external.job.state() is State.FINISHED and len(answers) > 0
    if not external.engine_path.exists():
        st.info(GONE, icon=":material/info:")
    elif not was_asked and unanswered(external, project, run):
        st.markdown("It has not been asked about the test photos of this run yet.")
        if st.button("Ask it", type="primary", key=f"{key}_ask"):
            start(external, run, None)
    if tested["sha256"].isin(answers["sha256"]).any():
        names = versus.choose_names(f"{key}_{external.folder.name}", external.class_names(), run.class_names())
        versus.show(project, run, external, compare_with(tested, answers, names))


heading.show(
    "Teachable Machine",
    "Bring in an image model that you trained there, and let it and a run of yours answer the same photos.",
)
project = current.project_or_stop()
with heading.errors_in_words():
    page_key = f"foreign_{project.id}"
    chosen_run = run_choice.choose_run(page_key, project)
    models = external_models(project)
    bring_in(page_key, project, chosen_run, bool(models))
    if models:
        titles = told_apart({model.folder.name: model.title for model in models})
        picked = st.selectbox("Model", list(titles), key=f"{page_key}_model", format_func=titles.get)
        show_model(page_key, project, chosen_run, next(model for model in models if model.folder.name == picked))
    st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")

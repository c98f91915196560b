"""Take it away: the trained model as a zip for other programs, offered once it has proved to answer as here."""

from functools import partial
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from core.base.names import safe_name
from core.exports.folder import ExportFolder, export_of
from core.exports.formats import INT8, RECIPE, TO_TAKE_AWAY, ExportFormat, export_named
from core.jobs import kinds
from core.projects.project import Project
from core.runs.run import Run
from pages.components.shared import current, heading, job_monitor, run_picker

MODEL_HOLDS = (
    "The zip stands alone: the model, its classes, a page on how good it is and what not to use it for, a script "
    "that asks it, and **12 of your photos** to check it with. Before you get it, that script is run here, and "
    "its answers are compared with the app's."
)
RECIPE_HOLDS = (
    "The zip stands alone: a script in plain Keras, under 100 lines, the run's settings, and the base model as it was "
    "before. It holds **none of your photos**, but knows them again: it learns from the same ones and is tested on the "
    "same ones."
)

EXPORTING = job_monitor.JobWords(
    stop="Stop",
    after_stop="The export ends without a zip.",
    cancelled="The export was stopped. Your model is untouched.",
    lost="The export ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "Your model is untouched. Make the zip again.",
)


def choose_format(key: str, run: Run) -> ExportFormat:
    """The format that is chosen."""
    titles = {row.name: row.title for row in TO_TAKE_AWAY}
    uses = [_in_words(export_of(run, row), row) for row in TO_TAKE_AWAY]
    return export_named(st.radio("As what?", list(titles), format_func=titles.get, captions=uses, key=f"{key}_format"))


def _in_words(export: ExportFolder, row: ExportFormat) -> str:
    """What it is good for, and whether it is there."""
    words = f"{row.use[0].upper()}{row.use[1:]}."
    return f":material/check: **Ready.** {words}" if export.read() else words


def show_start(key: str, export: ExportFolder, row: ExportFormat) -> None:
    """What the zip will hold, and the button that makes it."""
    st.markdown(RECIPE_HOLDS if row is RECIPE else MODEL_HOLDS)
    if row.precision == INT8:
        st.caption(
            "Rounding to 8 bits is set by some of the photos that it learned from, and tested on the test photos."
        )
    if st.button("Make the zip", type="primary", icon=":material/inventory_2:", key=f"{key}_start"):
        export.prepare()
        current.jobs().submit(kinds.EXPORT, export.folder)
        st.rerun()


def show_ready(key: str, project: Project, export: ExportFolder, row: ExportFormat, result: dict) -> None:
    """How it compared, the download, and how to run it."""
    st.success(result["words"], icon=":material/check:" if row is RECIPE else ":material/verified:")
    st.download_button(
        f"Download ({result['bytes'] / 1e6:,.0f} MB)",
        partial(opened, export.zip_path),
        f"{safe_name(project.title)} {row.name}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        key=f"{key}_download",
        on_click="ignore",
    )
    if row is RECIPE:
        st.markdown("On any computer with Python, in the folder that it unpacks to; FOLDER holds your photos:")
        st.code("pip install -r requirements.txt\npython recipe.py FOLDER", language="shell")
        return
    if not result["drawn"]:
        st.caption("It holds 12 of your photos, in the folder samples. Remove them before you pass it on to strangers.")
    st.markdown("On any computer with Python, in the folder that it unpacks to:")
    st.code("pip install -r requirements.txt\npython check.py\npython check.py PHOTO...", language="shell")
    st.caption("README.md in the zip says what the model takes and gives, for programs of your own.")


def opened(path: Path) -> BinaryIO:
    """The zip, opened when it is asked for."""
    return path.open("rb")


def show_export(key: str, project: Project, export: ExportFolder, row: ExportFormat) -> None:
    """One format: being made, ready, or to be made."""
    if job_monitor.show(key, export.job, EXPORTING):
        return
    if result := export.read():
        show_ready(key, project, export, row, result)
        return
    if export.job.events():
        job_monitor.show_log(export.job)
    show_start(key, export, row)


heading.show("Take it away", "Your model for other programs: a zip that proved to answer as it does here.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_picker.show("take_away_run", project)
    key = f"take_away_{project.id}_{run.name}"
    row = choose_format(key, run)
    show_export(f"{key}_{row.name}", project, export_of(run, row), row)

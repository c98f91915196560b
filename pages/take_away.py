"""Take it away: the trained model as a zip for other programs, offered once it has proved to answer as here."""

from functools import partial

import streamlit as st

from core.base.names import safe_name
from core.exports import formats
from core.exports.folder import ExportFolder, export_of
from core.exports.formats import ExportFormat, export_named
from core.exports.verdict import ExportResult
from core.jobs import kinds
from core.projects.project import Project
from core.runs.run import Run
from pages.components.shared import buttons, current, heading, job_monitor, remembered, run_choice
from pages.components.shared.markdown import plain

EXPORTING = job_monitor.JobWords(
    after_stop="The export ends without a zip.",
    cancelled="The export was stopped. Your model is untouched.",
    lost="The export ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "Your model is untouched. Make the zip again.",
)


def choose_format(key: str, run: Run) -> ExportFormat:
    """The format that is chosen."""
    titles = {each.name: each.title for each in formats.EXPORT_FORMATS}
    uses = [_in_words(export_of(run, each), each) for each in formats.EXPORT_FORMATS]
    name = st.radio("As what?", list(titles), format_func=titles.get, captions=uses, key=f"{key}_format")
    return export_named(name)


def _in_words(export: ExportFolder, export_format: ExportFormat) -> str:
    words = f"{export_format.use[0].upper()}{export_format.use[1:]}."
    return f":material/check: **Ready.** {words}" if export.read() else words


def show_start(key: str, export: ExportFolder, export_format: ExportFormat) -> None:
    """What the zip will hold, and the button that makes it."""
    st.markdown(export_format.zip.holds)
    if export_format.calibrated:
        st.caption(
            "Rounding to 8 bits is set by some of the photos that it learned from, and tested on the test photos."
        )
    words, icon = "Make the zip", ":material/inventory_2:"
    buttons.show_start(words, kinds.EXPORT, export, type="primary", icon=icon, key=f"{key}_start")


def show_ready(
    key: str, project: Project, export: ExportFolder, export_format: ExportFormat, result: ExportResult
) -> None:
    """How it compared, the download, and how to run it."""
    st.success(plain(result.words), icon=":material/verified:" if export_format.zip.proved else ":material/check:")
    st.download_button(
        f"Download ({result.bytes / 1e6:,.0f} MB)",
        partial(export.zip_path.open, "rb"),  # not before it is asked for
        f"{safe_name(project.title)} {export_format.name}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        key=f"{key}_download",
        on_click="ignore",
    )
    if export_format.zip.proved and result.comparison and not result.comparison.drawn:
        st.caption("It holds 12 of your photos, in the folder samples. Remove them before you pass it on to strangers.")
    st.markdown(export_format.zip.usage)
    st.code(export_format.zip.commands, language="shell")
    if export_format.zip.more:
        st.caption(export_format.zip.more)


def show_export(key: str, project: Project, export: ExportFolder, export_format: ExportFormat) -> None:
    """One format: being made, ready, or to be made."""
    if job_monitor.show(key, export.job, EXPORTING):
        return
    if result := export.read():
        if remembered.is_whole(export.zip_path):
            show_ready(key, project, export, export_format, result)
            return
        st.warning("This zip was damaged on the disk since it was made. Make it again.")
    if export.job.events():
        job_monitor.show_log(export.job)
    show_start(key, export, export_format)


heading.show("Take it away", "Your model for other programs: a zip that proved to answer as it does here.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_choice.choose_run("take_away_run", project)
    key = f"take_away_{project.id}_{run.name}"
    if about := run.finished_report().about_model:
        st.caption(plain(about))
    export_format = choose_format(key, run)
    show_export(f"{key}_{export_format.name}", project, export_of(run, export_format), export_format)

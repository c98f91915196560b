"""Results: how good is it, on photos it has never seen, and where does it err?"""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.base.subsets import TEST, VALIDATION
from core.projects.project import Project
from core.runs.predictions import read_answers
from core.runs.report import Report
from core.runs.report_page import page_of_run
from core.runs.run import Run
from pages.components.results import background_test, mistakes, numbers, other_photos, sureness
from pages.components.shared import buttons, current, heading, run_choice
from pages.components.shared.markdown import plain


def answers_of(run: Run, report: Report, split: str) -> pd.DataFrame:
    """The table of `read_answers` with the run's temperature: of the "test" or the "validation" photos, maybe none."""
    path = run.predictions_path
    changed = path.stat().st_mtime if path.exists() else 0.0
    return _answers(str(path), changed, split, tuple(report.class_names), report.temperature)


@st.cache_data(max_entries=6, show_spinner=False)
def _answers(path: str, changed: float, split: str, class_names: tuple[str, ...], temperature: float) -> pd.DataFrame:
    return read_answers(Path(path), split, list(class_names), temperature)


def show_ways_on(project: Project, run: Run, report: Report) -> None:
    """The report for others, and the next steps."""
    with st.container(horizontal=True, vertical_alignment="center"):
        buttons.show_way_on("Try it on new photos", "pages/try_it.py")
        st.download_button(
            "Report for a colleague (HTML)",
            lambda: page_of_run(project, run, report, answers_of(run, report, TEST)).encode("utf-8"),
            "report.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
            help="One file to read, mail or print, with the numbers, the mistakes and what not to use the model for.",
        )
        st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")
        st.page_link("pages/labels.py", label="Are the labels right?", icon=":material/label:")
        st.page_link("pages/photo_map.py", label="Map of the photos", icon=":material/scatter_plot:")


heading.show("Results", "How good it is, on photos it has never seen, and where it errs.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_choice.choose_run("results_run", project)
    report = run.report()
    key = f"results_{project.id}_{run.name}"
    answers = answers_of(run, report, TEST)
    numbers.show_accuracy(report)
    mistakes.show(key, project, run, report, answers)
    st.subheader("Does the answer depend on the background?")
    background_test.show(f"{key}_plate", project, run)
    numbers.show_numbers(report)
    numbers.show_classes(report)
    st.subheader("How far its sureness can be trusted")
    sureness.show_calibration(f"{key}_sureness", answers, report.calibration, report.final)
    sureness.show_threshold(f"{key}_threshold", answers)
    st.subheader("Which mistakes hurt")
    sureness.show_costly(f"{key}_costly", project, report.class_names, answers_of(run, report, VALIDATION), answers)
    st.subheader("On photos from elsewhere")
    other_photos.show(f"{key}_other", project, run)
    for item in report.set_aside:
        st.caption(plain(f"Left out, {item.why}: {item.path}"))
    show_ways_on(project, run, report)

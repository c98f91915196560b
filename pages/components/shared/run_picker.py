"""Choose one of a project's finished runs."""

import streamlit as st

from core.projects.project import Project
from core.runs.run import Run, list_runs


def show(key: str, project: Project) -> Run:
    """The chosen run, the newest unless another is picked; without any, the page says so and ends here."""
    finished = {run.name: (run, report) for run in list_runs(project.runs_folder) if (report := run.report())}
    if not finished:
        st.info("There is no finished run yet. Train one first.")
        st.page_link("pages/train.py", label="Go to training", icon=":material/arrow_back:")
        st.stop()
    names = list(finished)
    if len(names) == 1:
        return finished[names[0]][0]
    words = {name: _in_words(run, report.outcome_in_words) for name, (run, report) in finished.items()}
    return finished[st.selectbox("Run", names, key=f"{key}_{project.id}", format_func=words.get)][0]


def _in_words(run: Run, outcome: str) -> str:
    return " · ".join(filter(None, (run.title, outcome, " ".join(run.remark.split()))))

"""Choose one of a project's finished runs."""

import streamlit as st

from core.data.project import Project
from core.data.runs import Run, judged_in_words, list_runs
from core.records.words import percent


def show(key: str, project: Project) -> Run:
    """The chosen run, the newest unless another is picked; without any, the page says so and ends here."""
    reports = {run.name: report for run in list_runs(project.runs_folder) if (report := run.report())}
    if not reports:
        st.info("There is no finished run yet. Train one first.")
        st.page_link("pages/train.py", label="Go to training", icon=":material/arrow_back:")
        st.stop()
    names = list(reports)
    if len(names) == 1:
        return Run(project.runs_folder / names[0])

    def words(name: str) -> str:
        return f"{name[:16]} · {percent(reports[name]['test']['accuracy'])} of {judged_in_words(reports[name])} right"

    return Run(project.runs_folder / st.selectbox("Run", names, key=f"{key}_{project.id}", format_func=words))

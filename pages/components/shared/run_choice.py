"""The run that a page is about: the model in use, unless another is looked at; and the way to pin one for all pages."""

import streamlit as st

from core.projects.project import Project
from core.runs.choosing.in_use import Finished, ModelInUse, finished_runs, model_in_use, pin, unpin
from core.runs.choosing.names import lines_of, short_names
from core.runs.run import Run
from pages.components.shared import heading
from pages.components.shared.markdown import plain


def choose_run(key: str, project: Project) -> Run:
    """The chosen run, at first the model in use; without any, the page says so and ends here."""
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    if used is None:
        st.info("There is no finished run yet. Train one first.")
        st.page_link("pages/train.py", label="Go to training", icon=":material/arrow_back:")
        st.stop()
    show_lost_pin(used)
    if len(finished) == 1:
        return used.run
    runs = {run.name: run for run, _ in finished}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = show_menu(f"{key}_{project.id}", finished, used)
        show_pin(f"{key}_{project.id}", project, runs[name], used)
    if name == used.run.name:
        st.caption(f"In use on all pages. {plain(used.why)}")
    else:
        title = plain(short_names(finished)[used.run.name])
        st.caption(f"You look at this one here; in use on all pages is {title}.")
    return runs[name]


def show_menu(key: str, finished: list[Finished], used: ModelInUse) -> str:
    """The menu of all finished runs; the name of the chosen one's folder."""
    words, names = lines_of(finished), [run.name for run, _ in finished]
    for run, _ in finished:
        is_used = "in use" if run.name == used.run.name else ""
        words[run.name] = " · ".join(filter(None, (words[run.name], is_used, " ".join(run.remark.split()))))
    # A menu of its own for each model in use: when that changes, the menu shows it.
    return st.selectbox(
        "Model", names, names.index(used.run.name), format_func=words.get, key=f"{key}_{used.run.name}", width=520
    )


def show_pin(key: str, project: Project, run: Run, used: ModelInUse | None) -> None:
    """The button that makes a complete run the model in use, keeps it so, or lets go of it."""
    is_used = used is not None and used.run.name == run.name
    if is_used and used.is_pinned:
        do, words, icon = unpin, "Let go of it", ":material/keep_off:"
        about = "The best by validation is used again, also when a later run is better."
    else:
        do, words, icon = pin, "Keep using it" if is_used else "Use this one", ":material/keep:"
        about = "All pages use it, also when a later run is better, until you choose another."
    given = (project,) if do is unpin else (project, run)
    st.button(words, f"{key}_pin_{run.name}", about, heading.in_words(do), given, icon=icon)


def show_lost_pin(used: ModelInUse | None) -> None:
    """Say when the run that the user pinned is not there any more."""
    if used is not None and used.lost_pin:
        st.info(plain(used.lost_pin), icon=":material/keep_off:")

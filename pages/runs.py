"""Runs: all of them side by side, what differed between two, and whether one is surely better."""

from functools import partial
from pathlib import Path

import streamlit as st

from core.runs import trash as run_trash
from core.runs.choosing.in_use import model_in_use
from core.runs.choosing.names import RunName, short_names
from core.runs.comparing import compare, compared_in_words, different_photos, different_settings
from core.runs.run import Run, list_runs
from pages.components.runs import charts as run_charts
from pages.components.runs import listing
from pages.components.shared import buttons, current, heading
from pages.components.shared.markdown import plain


def show_differences(first: Run, second: Run, names: dict[str, str]) -> None:
    """What was not the same when the two were trained: settings, then photos; `names` as of `short_names`."""
    st.subheader("What differed")
    st.caption(f"From {plain(names[first.name])} to {plain(names[second.name])}.")
    settings = different_settings(first, second)
    photos = photo_changes(str(first.folder), str(second.folder))
    lines = [f"{plain(what)}: **{plain(before)}** → **{plain(after)}**" for what, before, after in settings]
    lines += [plain(sentence) for sentence in photos]
    if not lines:
        st.markdown("Nothing: the same settings and the same photos, each in the same part.")
    st.markdown("\n".join(f"- {line[0].upper()}{line[1:]}" for line in lines))


@st.cache_data(max_entries=16, show_spinner=False)
def photo_changes(first: str, second: str) -> list[str]:
    """As `different_photos`; kept, since the lists of two finished runs stay as they are."""
    return different_photos(Run(Path(first)), Run(Path(second)))


def show_verdict(first: Run, second: Run, names: dict[str, str]) -> None:
    """Whether one of the two may be called better; `names` as of `short_names`."""
    st.subheader("Is one of them better?")
    compared = compare(first, second)
    words = compared_in_words(*(f"**{plain(names[run.name])}**" for run in (first, second)), compared)
    show = st.success if compared.is_more_than_chance else st.info
    show(words, icon=":material/balance:")
    st.caption(
        "Only photos on which exactly one of them is right tell them apart (McNemar's exact test). Called more than "
        "chance when p is below 0.05: of twenty comparisons of equally good models, one would say so by luck."
    )


heading.show(
    "Compare runs", "All runs of this project side by side: which settings did what, and is one surely better?"
)
project = current.project_or_stop()
with heading.errors_in_words():
    listed = [(run, run.report()) for run in list_runs(project.runs_folder)]
    finished = [(run, report) for run, report in listed if report]
    used, names = model_in_use(project, finished), short_names(listed)
    if not listed:
        st.info("There is no run yet. Train one first.")
        st.page_link("pages/train.py", label="Go to training", icon=":material/arrow_back:")
    else:
        if finished:
            listing.show_used(used, names)
            run_charts.show_accuracies("accuracies", [(RunName.of(*each), each[1]) for each in finished])
        chosen = [listed[place] for place in listing.choose_runs(f"runs_{project.id}", listed, used, names)]
        st.caption("Select runs by the boxes on the left: two, to compare them photo by photo.")
        pair = [run for run, report in reversed(chosen) if report]  # the older one first
        curves = [(names[run.name], epochs) for run, _ in reversed(chosen) if (epochs := run.epochs())]
        if curves:
            run_charts.show_overlaid("curves", curves)
        if len(pair) == 2:
            show_differences(*pair, names)
            show_verdict(*pair, names)
        for run, report in listing.with_interrupted(chosen, listed):
            listing.show_card(project, run, report, used)
    st.page_link("pages/teachable_machine.py", label="Compare with Teachable Machine", icon=":material/school:")
    buttons.show_trash(
        {run.name: run for run in run_trash.trashed_runs(project)},
        "Nothing here is deleted. A run comes back just as it was.",
        partial(run_trash.restore, project),
    )

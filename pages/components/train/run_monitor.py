"""A run as it goes: where it is, how long still, the curves, what they say, and two ways to end it."""

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from core.base.events import CANCELLED, EPOCH, FAILED, SVM
from core.base.words import duration, percent
from core.jobs.job import State
from core.runs.live_advice import Hint, advice_on, after_run
from core.runs.report import Epoch, best_epoch
from core.runs.run import Run
from pages.components.shared import job_monitor
from pages.components.shared.charts import LEAF, QUIET, TRAINING, VALIDATION
from pages.components.shared.markdown import plain

EPOCH_AXIS, TRY_AXIS = "epoch (one pass over the training photos)", "try (from a soft margin to a hard one)"


@st.fragment(run_every=0.5)
def show_live(key: str, run: Run) -> None:
    """Show a run that waits or works; the whole page is drawn anew once it has ended."""
    if not run.job.state().is_active:
        st.rerun()
    job_monitor.show_queue_or_progress(run.job, " ...")
    show_curves(f"{key}_live", run)
    _show_stop(key, run)  # above what comes and goes, so that the buttons stay where they are
    said = advice_on(run.epochs(), _n_classes(str(run.folder)))
    _show_said(run.notes(), [said] if said else [])


@st.cache_data(max_entries=8, show_spinner=False)
def _n_classes(folder: str) -> int:
    """How many classes a run tells apart; kept, since the page is drawn twice a second."""
    return len({photo.label for photo in Run(Path(folder)).photos()})


def _show_said(notes: list[str], hints: list[Hint]) -> None:
    """What the run told the user, and what its curves and its report say."""
    for note in notes:
        st.warning(plain(note), icon=":material/warning:")
    for each in hints:
        st.info(f"**{plain(each.sentence)}** {each.do}", icon=":material/lightbulb:")


def show_curves(key: str, run: Run) -> None:
    """The curves so far and the best epoch in words; a quiet place until the first epoch."""
    epochs = run.epochs()
    if not epochs:
        st.caption("The curves begin with the first epoch.")
        return
    best = best_epoch(epochs)
    chosen = epochs[best - epochs[0].number]
    st.markdown(
        f"Best so far: {'try' if are_tries(epochs) else 'epoch'} **{best}**, "
        f"{percent(chosen.val_accuracy)} of the validation photos right. "
        "Its weights are the ones that are kept."
    )
    _show_both(key, epochs, best)


def _show_stop(key: str, run: Run) -> None:
    request = run.job.stop_requested()
    if request:
        st.info("Stopping: the best so far will be kept and tested." if request == "keep" else "Cancelling ...")
        if st.button("End it at once", key=f"{key}_kill", help="If it does not answer."):
            run.job.kill()
        return
    learning = any(event["event"] == EPOCH for event in run.job.events())
    stop = run.job.request_stop
    with st.container(horizontal=True):
        st.button("Stop and keep the best so far", f"{key}_keep", on_click=stop, args=(True,), disabled=not learning)
        st.button("Cancel and discard", f"{key}_discard", on_click=stop, args=(False,))


def show_outcome(run: Run) -> None:
    """How a run ended, in words, with what to do next."""
    state, report = run.job.state(), run.report()
    if report is not None:
        st.success(
            f"Done in {duration(report.seconds.total)}: {report.test.n_right} of {report.photos_in_words} right.",
            icon=":material/check_circle:",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("See the results", type="primary", icon=":material/arrow_forward:", icon_position="right"):
                st.switch_page("pages/results.py")
            st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")
        show_curves("outcome", run)
        _show_said(report.notes, after_run(report))
    elif state is State.CANCELLED:
        message = next(e["message"] for e in reversed(run.job.events()) if e["event"] == CANCELLED)
        st.info(f"The last run was stopped. {message}", icon=":material/info:")
    elif state is State.FAILED:
        st.error(
            next(e["message"] for e in reversed(run.job.events()) if e["event"] == FAILED), icon=":material/error:"
        )
    else:
        st.error(
            "The training ended without a word: its process was ended from outside, perhaps because memory ran out. "
            "Your photos are untouched, and what it had learned about them is kept. Train again to start over.",
            icon=":material/error:",
        )
    if report is None:
        job_monitor.show_log(run.job)


def are_tries(epochs: list[Epoch]) -> bool:
    """Whether these are not epochs but tries side by side, as a linear SVM has."""
    return epochs[-1].phase == SVM


def _show_both(key: str, epochs: list[Epoch], best: int) -> None:
    """Accuracy and loss of at least one epoch, the best one marked; the same key redraws in place."""
    left, right = st.columns(2)
    with left:
        _curves(f"{key}_accuracy", epochs, best, "accuracy", "Share of photos right", percent_axis=True)
    with right:
        _curves(f"{key}_loss", epochs, best, "loss", "Loss: how wrong it is", percent_axis=False)


def _curves(key: str, epochs: list[Epoch], best: int, what: str, title: str, percent_axis: bool) -> None:
    numbers = [epoch.number for epoch in epochs]
    figure = go.Figure()
    for name, field, colour in (("training photos", what, TRAINING), ("validation photos", f"val_{what}", VALIDATION)):
        values = [getattr(epoch, field) for epoch in epochs]
        mode = "lines+markers" if len(epochs) < 40 else "lines"
        figure.add_scatter(x=numbers, y=values, name=name, mode=mode, line={"color": colour, "width": 2.5})
    if best:
        figure.add_vline(best, line={"color": LEAF, "dash": "dot"}, annotation_text=f"best: {best}")
    figure.update_layout(
        title=title,
        xaxis={"title": TRY_AXIS if are_tries(epochs) else EPOCH_AXIS, "range": [0.5, max(8, len(epochs)) + 0.5]},
        yaxis={"tickformat": ".0%"} if percent_axis else {"title": "log loss", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.3},
        height=340,
        margin={"t": 50, "b": 10},
        uirevision=key,  # zoom and hidden lines survive the next epoch
    )
    st.plotly_chart(figure, key=key, config=QUIET)

"""A run as it goes: where it is, how long still, the curves, what they say, and two ways to end it."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.base.events import CANCELLED, EPOCH, FAILED, PHASE, PROGRESS
from core.base.words import counted, duration, percent
from core.jobs.job import State
from core.runs.live_advice import Advice, advice_on, after_run
from core.runs.run import Run, best_epoch, judged_in_words
from pages.components.shared import current
from pages.components.shared.markdown import plain
from pages.components.train import curves

UNITS = {
    "fit": ("epoch",),
    "svm": ("try", "tries"),
    "evaluate": ("round",),
}  # what a phase counts; the first counts photos


@st.fragment(run_every=0.5)
def show_live(key: str, run: Run) -> None:
    """Show a run that waits or works; the whole page is drawn anew once it has ended."""
    state = run.job.state()
    if not state.is_active:
        st.rerun()
    events = run.job.events()
    if state is State.QUEUED and (ahead := current.jobs().waiting_ahead(run.folder)):
        st.info(f"Waiting for {counted(ahead, 'other job')} to end first; place {ahead + 1} in the queue.")
    else:
        share, words = _progress(events)
        st.progress(share, text=words)
    show_curves(f"{key}_live", run)
    _show_stop(key, run)  # above what comes and goes, so that the buttons stay where they are
    said = advice_on(run.epochs(), _n_classes(str(run.folder)))
    _show_said(run.notes(), [said] if said else [])


@st.cache_data(max_entries=8, show_spinner=False)
def _n_classes(folder: str) -> int:
    """How many classes a run tells apart; kept, since the page is drawn twice a second."""
    return len({photo.label for photo in Run(Path(folder)).photos()})


def _show_said(notes: list[str], advice: list[Advice]) -> None:
    """What the run told the user, and what its curves and its report say."""
    for note in notes:
        st.warning(plain(note), icon=":material/warning:")
    for each in advice:
        st.info(f"**{plain(each.sentence)}** {each.do}", icon=":material/lightbulb:")


def _progress(events: list[dict[str, Any]]) -> tuple[float, str]:
    """How much of the present phase is done, 0..1, and the words for it."""
    words = next((e["words"] for e in reversed(events) if e["event"] == PHASE), "Starting")
    last = next((e for e in reversed(events) if e["event"] in (PHASE, PROGRESS)), None)
    if last is None or last["event"] == PHASE or not last["total"]:
        return 0.0, f"{words} ..."
    left = f", about {duration(last['seconds_left'])} left" if last.get("seconds_left") else ""
    phase = next(e["name"] for e in reversed(events) if e["event"] == PHASE)
    unit = UNITS.get(phase, ("photo",))
    at_most = "at most " if phase == "fit" else ""  # early stopping usually ends it sooner
    return last["done"] / last["total"], f"{words}: {last['done']:,} of {at_most}{counted(last['total'], *unit)}{left}"


def show_curves(key: str, run: Run) -> None:
    """The curves so far and the best epoch in words; a quiet place until the first epoch."""
    epochs = run.epochs()
    if not epochs:
        st.caption("The curves begin with the first epoch.")
        return
    best = best_epoch(epochs)
    chosen = epochs[best - epochs[0]["epoch"]]
    st.markdown(
        f"Best so far: {'try' if curves.are_tries(epochs) else 'epoch'} **{best}**, "
        f"{percent(chosen['val_accuracy'])} of the validation photos right. "
        "Its weights are the ones that are kept."
    )
    curves.show_curves(key, epochs, best)


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
        n, accuracy = report["test"]["n"], report["test"]["accuracy"]
        st.success(
            f"Done in {duration(report['seconds']['total'])}: "
            f"{round(n * accuracy)} of {judged_in_words(report)} right.",
            icon=":material/check_circle:",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("See the results", type="primary", icon=":material/arrow_forward:", icon_position="right"):
                st.switch_page("pages/results.py")
            st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")
        show_curves("outcome", run)
        _show_said(report["notes"], after_run(report))
    elif state is State.CANCELLED:
        message = next(e["message"] for e in reversed(run.job.events()) if e["event"] == CANCELLED)
        st.info(f"The last run was stopped. {message}", icon=":material/info:")
    elif state is State.FAILED:
        st.error(
            next(e["message"] for e in reversed(run.job.events()) if e["event"] == FAILED), icon=":material/error:"
        )
        _show_log(run)
    else:
        st.error(
            "The training ended without a word: its process was ended from outside, perhaps because memory ran out. "
            "Your photos are untouched, and what it had learned about them is kept. Train again to start over.",
            icon=":material/error:",
        )
        _show_log(run)


def _show_log(run: Run) -> None:
    tail = run.job.log_tail()
    with st.expander("For whoever helps you: the end of the log"):
        st.code(tail or "The worker had printed nothing.", language=None)

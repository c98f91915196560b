"""A run as it goes: where it is, how long still, the curves, what they say, and two ways to end it."""

from pathlib import Path

import streamlit as st

from core.base.events import FINAL, FOLDED, LOADING, PHASE, SAVING, TRIES
from core.base.words import counted, duration, percent
from core.jobs.job import State
from core.jobs.pace import KnownPaces, seconds_since_click
from core.models.config import TrainConfig
from core.models.heads import head_named
from core.projects.project import Project
from core.runs.choosing.alike import known_by_runs
from core.runs.choosing.in_use import finished_runs, model_in_use
from core.runs.choosing.names import short_names
from core.runs.live_advice import Hint, advice_on, after_run
from core.runs.report import Epoch, Report, best_epoch
from core.runs.run import Run, damaged_report
from pages.components.shared import buttons, charts, current, going_on, heading, job_monitor, run_choice
from pages.components.shared.charts import EPOCH_AXIS, TRAINING, VALIDATION
from pages.components.shared.markdown import plain

WAITED_S = 30  # seconds from which on waiting is told apart


@st.fragment(run_every=0.5)
@heading.in_words
def show_live(key: str, run: Run) -> None:
    """Show a run that waits or works; the whole page is drawn anew once it has ended."""
    if not run.job.state().is_active:
        st.rerun()
    show_progress(run)
    show_curves(f"{key}_live", run)
    show_stop(key, run)  # above what comes and goes, so that the buttons stay where they are
    said = advice_on(run.epochs(), _n_classes(str(run.folder)), run.config().monitor)
    _show_said(run.notes(), [said] if said else [])


def show_progress(run: Run) -> None:
    """Where a run is, and how long still, also by what an earlier one took."""
    job_monitor.show_queue_or_progress(run.job, " ...", _known(str(run.folder)))


@st.cache_data(max_entries=8, show_spinner=False)
def _known(folder: str) -> KnownPaces:
    """What an earlier run like this one took; of another project's, what doesn't hang on the photos. Kept likewise."""
    run = Run(Path(folder))
    known = known_by_runs(run.folder.parent, run.config())
    for project in () if known.whole else current.workspace().projects():
        known = known_by_runs(project.runs_folder, run.config(), (LOADING, SAVING))
        if known.whole:
            break
    return known


@st.cache_data(max_entries=8, show_spinner=False)
def _n_classes(folder: str) -> int:
    """How many classes a run tells apart; kept, since the page is drawn twice a second."""
    return len({photo.label for photo in Run(Path(folder)).photos()})


def _show_said(notes: list[str], hints: list[Hint]) -> None:
    for note in notes:
        st.warning(plain(note), icon=":material/warning:")
    for each in hints:
        st.info(f"**{plain(each.sentence)}** {plain(each.do)}", icon=":material/lightbulb:")


def show_curves(key: str, run: Run) -> None:
    """The curves so far and the best epoch in words; a quiet place until the first epoch."""
    epochs = run.epochs()
    if not epochs:
        st.caption("The curves begin with the first epoch.")
        return
    config = run.config()
    best = best_epoch(epochs, config.monitor)
    chosen = next(epoch for epoch in epochs if epoch.number == best)  # a damaged line may be missing among them
    right = f"{percent(chosen.val_accuracy)} of the validation photos right"
    if chosen.phase == FOLDED:
        right = (
            f"{percent(chosen.accuracy)} of the training photos right, each answered by a model that had not seen it "
            "(cross-validation)"
        )
    kept = "Its weights are the ones that are kept."
    st.markdown(f"Best so far: {'try' if are_tries(epochs) else 'epoch'} **{best}**, {right}. {kept}")
    charts.show_epochs(
        key,
        {"accuracy": "Share of photos right", "loss": "Loss: how wrong it is"},
        [
            ("training photos", epochs, "", {"color": TRAINING}),
            ("validation photos", epochs, "val_", {"color": VALIDATION}),
        ],
        best,
        xaxis={"title": _axis(config, epochs), "range": [0.5, max(8, len(epochs)) + 0.5]},
        uirevision=key,  # zoom and hidden lines survive the next epoch
    )


def show_stop(key: str, run: Run) -> None:
    """The two ways to end a run that works; once one was chosen, what comes of it."""
    request, phases = run.job.stop_requested(), [e["name"] for e in run.job.events() if e["event"] == PHASE]
    is_tested = FINAL in phases  # the best is, and learns once more
    if request:
        kept = "the tested model will be kept." if is_tested else "the best so far will be kept and tested."
        st.info(f"Stopping: {kept}" if request == "keep" else "Cancelling ...")
        if st.button("End it at once", key=f"{key}_kill", help="If it does not answer."):
            run.job.kill()
        return
    learning = bool(run.epochs())
    stop = heading.in_words(run.job.request_stop)
    with st.container(horizontal=True):
        about = "The model that was tested is kept." if is_tested else "What it has learned so far is kept and tested."
        st.button("Stop and keep the best so far", f"{key}_keep", about, stop, (True,), disabled=not learning)
        st.button("Cancel and discard", f"{key}_discard", on_click=stop, args=(False,))


def show_outcome(run: Run) -> None:
    """How a run ended, in words, with what to do next."""
    state, report = run.job.state(), run.report()
    if report is not None:
        st.success(
            f"Done in {_took(run, report)}: {plain(report.right_in_words)}.",
            icon=":material/check_circle:",
        )
        if report.final:
            st.caption(plain(report.whose_figures))
        with st.container(horizontal=True, vertical_alignment="center"):
            buttons.show_way_on("See the results", "pages/results.py")
            st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")
        show_curves("outcome", run)
        _show_said(report.notes, after_run(report, run.config().monitor))
    elif state is State.CANCELLED:
        st.info(f"The last run was stopped. {plain(run.job.events()[-1]['message'])}", icon=":material/info:")
    elif state is State.FAILED:
        st.error(plain(run.job.events()[-1]["message"]), icon=":material/error:")
    elif run.report_path.exists():
        st.error(plain(damaged_report(run)), icon=":material/error:")
    else:
        st.error(
            "The training ended without a word: its process was ended from outside, perhaps because memory ran out. "
            "Your photos are untouched, and what it had learned about them is kept.",
            icon=":material/error:",
        )
    if report is None:
        going_on.show(f"go_on_{run.name}", run)
        job_monitor.show_log(run.job)


def _took(run: Run, report: Report) -> str:
    """How long it took from the click, and how much of that it waited for others."""
    whole = max(report.seconds.total, seconds_since_click(run.job.events()))
    waited = whole - report.seconds.total
    if waited < WAITED_S:
        return duration(whole)
    return f"{duration(whole)}, of which {duration(waited)} waiting and getting ready"


def show_use(project: Project, run: Run) -> None:
    """Whether a run that has ended is now the model that all pages use; nothing where there is no other."""
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    if used is None or len(finished) < 2:
        return
    run_choice.show_lost_pin(used)
    is_used, title = used.run.name == run.name, plain(short_names(finished)[used.run.name])
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "This model is in use on all pages." if is_used else f"In use on all pages stays **{title}**."
        st.markdown(f":material/keep: {words} {plain(used.why)}", width="content")
        if run.name in [each.name for each, _ in finished]:
            run_choice.show_pin("outcome", project, run, used)


def _axis(config: TrainConfig, epochs: list[Epoch]) -> str:
    """What the curves' epochs are."""
    if are_tries(epochs):
        return f"try ({head_named(config.head).tries})"
    return f"epoch ({counted(config.steps_per_epoch, 'step')})" if config.steps_per_epoch else EPOCH_AXIS


def are_tries(epochs: list[Epoch]) -> bool:
    """Whether these are not epochs but tries side by side, as a head has that is solved at once."""
    return epochs[-1].phase in TRIES

"""Train: choose little, press one button, watch it learn."""

import os
from dataclasses import replace

import streamlit as st

from core.advice.folder import advice_of
from core.advice.quadrants import expected_seconds
from core.base.subsets import TEST
from core.base.words import counted, duration
from core.checks.readiness import setting_warnings
from core.models.catalogue import base_model
from core.models.config import (
    AUGMENTS,
    CROSS_VALIDATION,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FOLDS,
    FROM_BASE,
    FROM_SCRATCH,
    MIN_PHOTOS_TO_TEST,
    TrainConfig,
    with_head,
)
from core.models.heads import HEADS, head_named
from core.models.plan_words import plan_in_words
from core.models.weights import find_weights
from core.photos.augmentation import in_words
from core.projects.plan import forget_plan, kept_plan
from core.projects.project import Project
from core.projects.project_split import given_subsets, preview_split, split_photos
from core.projects.split import Shares
from core.runs.run import Run, estimate_for, list_runs, new_run_name, run_photos
from pages.components.shared import blockers, current, heading
from pages.components.train import run_monitor

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
FINE_TUNE_RATES = (0.0001, 0.0003, 0.001)
NEAR_COPIES_AT_ONCE = 20_000  # photos for which the page compares all while it is drawn: about two seconds


def show_plan(project: Project) -> TrainConfig:
    """What will be done, in words, and the details for those who want them."""
    counts = project.class_counts()
    n = sum(counts.values())
    kept = kept_plan(project)
    plan = replace(kept or TrainConfig(), test_given=TEST in given_subsets(project))
    st.markdown(f"{plan_in_words(plan, len(counts), os.environ)} {_split_in_words(project, counts, plan)}")
    if plan.augment not in AUGMENTS:
        st.caption(f"Varied photos (augmentation): {in_words(plan.augment)}.")
    _show_source(project, is_kept=kept is not None)
    if plan.initial == FROM_BASE:
        find_weights(base_model(plan.base), os.environ)
    chosen = _show_details(plan)
    for warning in setting_warnings(chosen, n):
        st.warning(warning, icon=":material/warning:")
    if n <= NEAR_COPIES_AT_ONCE and (words := _near_copies_in_words(project.id, n)):
        st.caption(words)
    st.caption(_expected_time(project, chosen, n))
    return chosen


def _show_source(project: Project, is_kept: bool) -> None:
    """Where the plan comes from, and the way to another."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_kept:
            st.caption("This is the plan that you chose.", width="content")
            st.button("Use the usual plan", type="tertiary", on_click=forget_plan, args=(project,))
        else:
            st.caption("This is the usual plan.", width="content")
        st.page_link("pages/advice.py", label="Look at the advice", icon=":material/explore:")
        st.page_link("pages/augmentation.py", label="Vary the photos", icon=":material/filter_vintage:")
        st.page_link("pages/search.py", label="Search for better settings", icon=":material/manage_search:")


def _show_details(plan: TrainConfig) -> TrainConfig:
    """The plan with what is set in the fold."""
    with st.expander("Details", icon=":material/tune:"):
        words = {row.name: row.words for row in HEADS if row.from_scratch or plan.strategy != FROM_SCRATCH}
        chosen = list(words).index(plan.head)
        head = st.radio("Head (what is learned on top)", list(words), chosen, format_func=words.get)
        plan = _show_layer(plan if head == plan.head else with_head(plan, head))
        if not head_named(plan.head).solved_at_once:
            plan = _show_epochs(plan)
        if plan.strategy == FINE_TUNE:
            more = st.number_input("Epochs at most with the thawed blocks", 1, 1000, plan.fine_tune_epochs)
            slow = _choose_rate("Learning rate of the thawed blocks", FINE_TUNE_RATES, plan.fine_tune_rate)
            plan = replace(plan, fine_tune_epochs=int(more), fine_tune_rate=slow)
    return plan


def _show_layer(plan: TrainConfig) -> TrainConfig:
    """The plan with the width of its hidden layer, where its head has one."""
    if not head_named(plan.head).hidden_layer:
        return plan
    units = st.number_input("Width of the hidden layer (units)", 1, 8192, plan.units, key=f"units_{plan.head}")
    dropout = st.slider(
        "Share of it hidden at random in each step (dropout)", 0.0, 0.95, plan.dropout, 0.05, key=f"dropout_{plan.head}"
    )
    return replace(plan, units=int(units), dropout=dropout)


def _show_epochs(plan: TrainConfig) -> TrainConfig:
    epochs = st.number_input("Epochs at most (passes over the photos)", 1, 1000, plan.epochs)
    rate = _choose_rate("Learning rate", RATES, plan.learning_rate)
    patience = st.number_input("Stop after so many epochs without progress", 1, 1000, plan.patience)
    return replace(plan, epochs=int(epochs), learning_rate=rate, patience=int(patience))


def _choose_rate(words: str, usual: tuple[float, ...], planned: float) -> float:
    return float(st.select_slider(words, sorted({*usual, planned}), planned))


def _split_in_words(project: Project, counts: dict[str, int], plan: TrainConfig) -> str:
    """Which photos do what."""
    if TEST in given_subsets(project):
        return "Your test folder is kept as it is, for one final test. Some other photos say when to stop (validation)."
    heads_alone = plan.strategy == FEATURE_EXTRACTION  # five whole networks more would take hours
    counts = project.own_counts() or counts  # photos from feedback only teach
    if heads_alone and min(counts.values()) < MIN_PHOTOS_TO_TEST and _differ_enough(project):
        least = min(counts, key=counts.get)
        return (
            f"{least} has only {counted(counts[least], 'photo')}: too few to keep some for a test that says much. So "
            f"after the training every photo is judged once by a model that has not seen it ({FOLDS}-fold "
            "cross-validation). The model you keep learns from about 70 % of the photos; 15 % say when to stop."
        )
    return (
        "Of each class about 70 % of the photos teach, 15 % say when to stop (validation) and 15 % are kept for one "
        "final test. Photos once given a part keep it, also when you add more."
    )


def _differ_enough(project: Project) -> bool:
    """Whether the photos of each class can be divided, so that its small classes can be cross-validated."""
    photos = project.photos()
    return estimate_for(run_photos(project, photos), test_given=False) == CROSS_VALIDATION


@st.cache_data(max_entries=8, show_spinner=False)
def _near_copies_in_words(project_id: str, n: int) -> str:
    """What near-copies would have done to the test; found anew when the number of photos changes."""
    report = preview_split(current.workspace().open(project_id), TrainConfig().seed, Shares())
    if not report.groups:
        return ""
    words = f"{counted(report.photos_in_groups, 'photo')} are near-copies of others or from one burst. "
    if not report.leaked_by_random:
        return words + "They stay on one side, so that the test is honest."
    leaked = counted(report.leaked_by_random, "test photo")
    return words + f"They stay on one side: split by chance, {leaked} would have a near-copy among the training photos."


def _expected_time(project: Project, plan: TrainConfig, n: int) -> str:
    """What is known of the time, from a run like this one or from the advice, both on this computer."""
    for run in list_runs(project.runs_folder):
        report = run.report()
        if report and (report["base"], report["strategy"]) == (plan.base, plan.strategy):
            return f"The last run like this one took {duration(report['seconds']['total'])} on this computer."
    for tried in (advice_of(project).read() or {"bake_off": []})["bake_off"]:
        if tried["base"] == plan.base:
            seconds = expected_seconds(plan, n, tried["photos_per_second"])
            return f"It will take about {duration(seconds)} on this computer."
    return f"{counted(n, 'photo')}: the first run also looks at each photo once; later runs are faster."


def start(project: Project, config: TrainConfig) -> None:
    """Write the run's settings and photos, and start its worker."""
    photos = split_photos(project, config.seed, Shares(config.validation_share, config.test_share))
    run = Run.create(project.runs_folder / new_run_name(), config.check(), run_photos(project, photos))
    current.jobs().submit("train", run.folder, waits=True)
    st.rerun()


heading.show("Train", "Press the button and watch it learn. You can close this page meanwhile: it goes on.")
project = current.project_or_stop()
with heading.errors_in_words():
    if blockers.show(project.class_counts()):
        st.stop()
    runs = list_runs(project.runs_folder)
    active = [run for run in runs if run.job.state().is_active]
    for run in reversed(active):
        run_monitor.show_live(f"run_{run.name}", run)
    if runs and not active:
        run_monitor.show_outcome(runs[0])
    config = show_plan(project)
    words = "Train" if not runs else "Train again" if not active else "Queue another run"
    kind = "secondary" if active or (runs and runs[0].report()) else "primary"
    if st.button(words, type=kind, icon=":material/model_training:"):
        start(project, config)

"""Train: choose little, press one button, watch it learn."""

import os

import streamlit as st

from core.advice.advice_words import expected_time_in_words
from core.base.device import learns_on
from core.checks.readiness import setting_warnings
from core.models.catalogue import base_model
from core.models.config import AUGMENTS, FROM_BASE, TrainConfig
from core.models.plan_words import plan_in_words
from core.models.weights import refuse_missing
from core.photos.augmentation import in_words
from core.photos.sides import heights_matter, shape_warnings, sides_in_words, view_warnings
from core.projects.picture_settings import goes_beyond
from core.projects.plan import forget_plan, kept_plan, next_plan, sides_of
from core.projects.project import Project
from core.projects.project_split import photos_asked_about, preview_split, split_cost
from core.projects.split import Shares, near_copies_in_words
from core.runs.photo_places import split_in_words
from core.runs.run import list_runs
from pages.components.photos import picture_reading
from pages.components.quick_start import preview
from pages.components.shared import current, heading, remembered
from pages.components.shared.markdown import plain
from pages.components.train import details, run_monitor, starting, tutorials

NEAR_COPIES_AT_ONCE = 20_000  # photos for which the page compares all while it is drawn: about two seconds


def show_plan(project: Project) -> TrainConfig:
    """What will be done, in words, and the details for those who want them."""
    counts = project.class_counts()
    n = sum(counts.values())
    plan = next_plan(project)
    st.markdown(f"{plan_in_words(plan, len(counts), os.environ)} {plain(split_in_words(project, plan))}")
    show_views(project, plan)
    show_source(project, is_kept=kept_plan(project) is not None)
    if plan.initial == FROM_BASE:
        refuse_missing(base_model(plan.base), os.environ)
    chosen = details.show(plan, sides_of(project))
    for warning in setting_warnings(chosen, n):
        st.warning(plain(warning), icon=":material/warning:")
    show_beyond(project)
    if n <= NEAR_COPIES_AT_ONCE:
        show_near_copies(project)
    st.caption(plain(f"{expected_time_in_words(project, chosen, n)} {learns_on(os.environ)}"))
    return chosen


def show_views(project: Project, plan: TrainConfig) -> None:
    """How photos are varied where that is not the usual way; and what it means where sides or shapes tell classes."""
    if plan.augment not in AUGMENTS:
        st.caption(f"Varied photos (augmentation): {plain(in_words(plan.augment))}.")
    sides, counts = sides_of(project), project.class_counts()
    if words := sides_in_words(plan.augment, sides):
        st.caption(f"{plain(words)} Vary the photos to have it otherwise.")
    warnings = view_warnings(plan.augment, sides, heights_matter(counts)) + shape_warnings(plan.augment, counts)
    for warning in warnings:
        st.warning(plain(warning), icon=":material/warning:")


def show_source(project: Project, is_kept: bool) -> None:
    """Where the plan comes from, and the way to another."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_kept:
            st.caption("This is the plan that you chose.", width="content")
            st.button("Use the usual plan", type="tertiary", on_click=heading.in_words(forget_plan), args=(project,))
        else:
            st.caption("This is the usual plan.", width="content")
        st.page_link("pages/advice.py", label="Look at the advice", icon=":material/explore:")
        st.page_link("pages/augmentation.py", label="Vary the photos", icon=":material/filter_vintage:")
        st.page_link("pages/search.py", label="Search for better settings", icon=":material/manage_search:")


def show_beyond(project: Project) -> None:
    """That some pictures are shown clipped, and where that is put right; they are learned from whole."""
    if goes_beyond(project):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{picture_reading.BEYOND} Training takes all of them as they are.", width="content")
            st.page_link("pages/photos.py", label="Read them again", icon=":material/filter:")


def show_near_copies(project: Project) -> None:
    """What near-copies do to the split, and the question that is open about them."""
    words, cost, n_asked = remembered.of_photos(_near_copies, project)
    if words:
        st.caption(plain(words))
    if cost:
        st.warning(plain(cost), icon=":material/warning:")
    if n_asked:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{n_asked:,} photos look alike: copies of one another, or different things?", width="content")
            st.page_link("pages/findings.py", label="Look at them", icon=":material/fact_check:")


def _near_copies(project: Project) -> tuple[str, str, int]:
    """What near-copies would have done to the test, and do to the split, in words, and how many are asked about."""
    plan = (TrainConfig().seed, Shares())
    return near_copies_in_words(preview_split(project, *plan)), split_cost(project, *plan), photos_asked_about(project)


heading.show("Train", "Press the button and watch it learn. You can close this page meanwhile: it goes on.")
project = current.project_or_stop()
with heading.errors_in_words():
    if current.show_blockers(project.class_counts()):
        st.stop()
    runs = list_runs(project.runs_folder)
    active = [run for run in runs if run.job.state().is_active]
    for run in reversed(active):
        run_monitor.show_live(f"run_{run.name}", run)
    if runs and not active:
        run_monitor.show_outcome(runs[0])
        run_monitor.show_use(project, runs[0])
        if runs[0].report():
            with st.container(border=True):
                st.subheader("Try it here", anchor=False)
                preview.show(f"try_{runs[0].name}", runs[0])
    config = show_plan(project)
    words = "Train" if not runs else "Train again" if not active else "Queue another run"
    kind = "secondary" if active or (runs and runs[0].report()) else "primary"
    if st.button(words, type=kind, icon=":material/model_training:"):
        starting.start(project, config)
        st.rerun()
    tutorials.show(f"tutorial_{project.id}", project)

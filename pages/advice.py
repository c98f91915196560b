"""Advice: measure the photos, show where they lie and why, and make the plan for the training."""

import os
from functools import partial

import streamlit as st

from core.advice.advice_words import recommendation, seconds_by_advice
from core.advice.folder import AdviceFolder, advice_of
from core.advice.record import Advice
from core.jobs import kinds
from core.models.config import NO_VIEWS
from core.models.plan_words import plan_lines
from core.models.weights import bases_here
from core.projects.plan import keep_plan, kept_plan, sides_of
from core.projects.project import Project
from pages.components.advice import matrix, measured, plan_changes
from pages.components.pictures import grid as photo_grid
from pages.components.shared import buttons, current, heading, job_monitor
from pages.components.shared.markdown import plain

MEASURING = job_monitor.JobWords(
    stop="Stop measuring",
    after_stop="What it has seen so far is kept for the next time.",
    cancelled="The measuring was stopped. Your photos are untouched.",
    lost="The measuring ended without a word: its process was ended from outside, perhaps because memory ran "
    "out. Your photos are untouched. Try again.",
)


def show_measuring(key: str, project: Project, folder: AdviceFolder, advice: Advice | None) -> None:
    """How the measuring is getting on, or the way to begin it."""
    if job_monitor.show(key, folder.job, MEASURING):
        return
    if advice is None:
        job_monitor.show_lost(folder)
        st.markdown(
            "It looks at each photo once through the built-in base model, and says which base model to start from and "
            "how much of it to train. You can close this page meanwhile."
        )
        buttons.show_start("Measure my photos", kinds.ADVISE, folder, type="primary", icon=":material/straighten:")
    elif advice.measured_on != project.photo_state():
        st.info("The photos have changed since this was measured.", icon=":material/update:")
        buttons.show_start("Measure again", kinds.ADVISE, folder, icon=":material/straighten:", key=f"{key}_again")


def show_reasons(project: Project, advice: Advice) -> None:
    """The photos it knows and those it does not, and what was measured."""
    st.subheader("Why", anchor=False)
    examples = {"It finds these familiar": advice.examples.familiar, "... and these strange": advice.examples.strange}
    for words, contents in examples.items():
        st.markdown(f"**{words}**")
        photo_grid.show_strip([(project.thumbnail_of(sha256), "") for sha256 in contents], width=112)
    st.markdown("\n".join(f"- {plain(reason)}" for reason in advice.reasons))


def show_plan(key: str, project: Project, advice: Advice, quadrant: int) -> None:
    """The plan in words, its parts to change, and the button that keeps it."""
    st.subheader("The plan", anchor=False)
    counts = project.class_counts()
    words = st.container()
    kept = kept_plan(project)
    varied, sides = kept.augment if kept else NO_VIEWS, sides_of(project)
    plan = plan_changes.show(f"{key}_plan", advice, quadrant, counts, (varied, sides))
    seconds = seconds_by_advice(plan, advice, sum(counts.values()))
    words.markdown("\n".join(plan_lines(plan, seconds, os.environ)))
    buttons.show_way_on("Use this plan", "pages/train.py", before=partial(keep_plan, project, plan))


def show_bake_off(key: str, advice: Advice, folder: AdviceFolder) -> None:
    """The base models that were tried, those that are here but were not, and those that could be had."""
    st.subheader("Base models tried on your photos (bake-off)", anchor=False)
    measured.show_bake_off(f"{key}_bake_off", advice.bake_off)
    st.markdown(plain(recommendation(advice)))
    untried = [base.title for name, base in bases_here(os.environ).items() if advice.trial_of(name) is None]
    if untried and not folder.job.state().is_active:
        st.info(f"Here by now, but not yet tried on your photos: {', '.join(untried)}.", icon=":material/update:")
        words, icon = "Measure again to try them", ":material/straighten:"
        buttons.show_start(words, kinds.ADVISE, folder, icon=icon, key=f"{key}_try")
    measured.show_missing(f"{key}_missing")


def show_learning_curve(key: str, advice: Advice) -> None:
    """Whether more photos would help, and of which class."""
    st.subheader("Would more photos help? (learning curve)", anchor=False)
    measured.show_learning_curve(f"{key}_curve", advice.learning_curve.points)
    st.markdown(plain(" ".join(advice.learning_curve.words)))


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    if current.show_blockers(project.class_counts()):
        return
    folder = advice_of(project)
    advice = folder.read()
    show_measuring(key, project, folder, advice)
    if advice is None:
        return
    quadrant = matrix.choose_quadrant(key, advice, project.class_counts())
    show_reasons(project, advice)
    show_plan(key, project, advice, quadrant)
    show_bake_off(key, advice, folder)
    show_learning_curve(key, advice)


heading.show_page(
    "Advice",
    "What to train, measured on your photos: how many there are, and how similar to what the base model knows.",
    "advice",
    show_all,
)

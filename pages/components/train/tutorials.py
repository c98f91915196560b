"""Follow a tutorial, in a fold: choose an article, see what it sets and what is otherwise here, change it, begin."""

import os
from dataclasses import replace

import streamlit as st

from core.jobs import kinds
from core.jobs.job import State
from core.models.config import FINE_TUNE, FROM_SCRATCH, TrainConfig
from core.models.heads import head_named
from core.photos.sides import heights_matter, view_warnings
from core.projects.plan import sides_of
from core.projects.project import Project
from core.recipes.catalogue import TRAIN, TUTORIALS, Tutorial, tutorial_named
from core.recipes.folder import TutorialFolder, new_tutorial, tutorials_of
from core.recipes.planning import PlannedStep, plan_of, request_of
from core.recipes.words import what_differs, what_it_sets
from core.runs.run import new_run_name
from pages.components.shared import buttons, current, heading, job_monitor
from pages.components.shared.markdown import plain
from pages.components.train import tutorial_outcome

FOLLOWING = job_monitor.JobWords(
    stop="Stop the tutorial",
    after_stop="Runs that are done stay, and it can go on later with the one that was stopped.",
    cancelled="The tutorial was stopped. Runs that are done stay; it can go on with the next.",
    lost="The tutorial ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "Runs that are done stay, and your photos are untouched.",
)


def show(key: str, project: Project) -> None:
    """The fold: the tutorial that is followed or was followed last, and the choice of another."""
    last = next(iter(tutorials_of(project)), None)
    busy = last is not None and last.job.state().is_active
    # Who has seen it work sees what came of it: the fold would close at the end.
    st.session_state[f"{key}_seen"] = busy or st.session_state.get(f"{key}_seen", False)
    with st.expander("Follow a tutorial", icon=":material/school:", expanded=st.session_state[f"{key}_seen"]):
        if last is not None:
            _show_last(f"{key}_last", project, last)
        if busy:
            return
        if last is not None:
            st.divider()
        st.markdown("Well-known articles teach transfer learning by example. Do as one of them does, on your photos.")
        titles = {tutorial.name: tutorial.title for tutorial in TUTORIALS}
        name = st.radio(
            "Tutorial",
            list(titles),
            index=None,
            format_func=titles.get,
            captions=[tutorial.about for tutorial in TUTORIALS],
            key=f"{key}_name",
        )
        if name:
            _show_chosen(f"{key}_{name}", project, tutorial_named(name))


def _show_last(key: str, project: Project, this: TutorialFolder) -> None:
    """How far the tutorial of the project is, or how it ended, with what came of it so far."""
    state = this.job.state()
    if state.is_active:
        _show_live(key, project, this)
    else:
        job_monitor.show_end(this.job, FOLLOWING)
        job_monitor.show_log(this.job)
    if result := this.read():
        tutorial_outcome.show(key, project, this, result, is_done=state is State.FINISHED)
    else:
        job_monitor.show_lost(this)  # "Go on" makes it anew of the runs that are there
    is_done = state is State.FINISHED and not this.lost_result
    if not state.is_active and not is_done and this.request_path.exists():
        buttons.show_start("Go on", kinds.TUTORIAL, this, icon=":material/play_arrow:", key=f"{key}_on")


@st.fragment(run_every=1.0)
@heading.in_words
def _show_live(key: str, project: Project, this: TutorialFolder) -> None:
    """A tutorial that waits or works; the page is drawn anew when it ends, and when another of its runs begins."""
    begun = sum((project.runs_folder / name).exists() for name in this.run_names if name)
    if not this.job.state().is_active or st.session_state.setdefault(f"{key}_begun", begun) != begun:
        st.session_state[f"{key}_begun"] = begun
        st.rerun()
    step = this.step_words()
    if not job_monitor.progress(this.job.events())[1].startswith(step):  # what the step does has words of its own
        st.markdown(f"**{plain(step)}**")
    job_monitor.show_queue_or_progress(this.job)
    job_monitor.show_stop(key, this.job, FOLLOWING, keep=False)


def _show_chosen(key: str, project: Project, tutorial: Tutorial) -> None:
    """One tutorial: what it sets, step by step, what is otherwise here, and the button."""
    st.markdown(f"After an article about {tutorial.article}.")
    plan = [_show_step(key, each) for each in plan_of(tutorial, os.environ)]
    plan = [each for each in plan if each is not None]
    st.markdown(
        "**What is otherwise than in the article**\n" + _lines([plain(each) for each in what_differs(tutorial, plan)])
    )
    if any(each.stands_in_for for each in plan):
        st.page_link("pages/advice.py", label="Download other base models", icon=":material/download:")
    _show_warnings(project, plan)
    if st.button("Follow this tutorial", icon=":material/school:", key=f"{key}_follow"):
        request = request_of(tutorial, plan, new_run_name(), [each.step.name for each in plan])
        this = new_tutorial(project)
        this.ask(request)
        current.start(kinds.TUTORIAL, this)


def _show_step(key: str, planned: PlannedStep) -> PlannedStep | None:
    """A step with what is changed in it; None where it is left out."""
    step, key = planned.step, f"{key}_{planned.step.name}"
    if step.optional and not st.checkbox(f"{step.words} (as you like)", value=True, key=f"{key}_wanted"):
        return None
    if not step.optional:
        st.markdown(f"**{step.words}**")
    if planned.config and step.does == TRAIN:
        with st.expander("Change this step", icon=":material/tune:"):
            planned = replace(planned, config=_changed(key, planned.config, step.decided))
    if settings := what_it_sets(planned):
        st.markdown(_lines([s.line if s.of_article else f"{s.line} :small[· not the article's]" for s in settings]))
    return planned


def _changed(key: str, config: TrainConfig, decided: bool) -> TrainConfig:
    """The settings of a step as they are set here."""
    if head_named(config.head).solved_at_once and not decided:
        return config
    batch = st.number_input("Photos a step (batch size)", 1, 4096, config.batch_size, key=f"{key}_batch")
    config = replace(config, batch_size=int(batch))
    if config.strategy != FINE_TUNE:
        epochs = st.number_input("Epochs at most (passes over the photos)", 1, 1000, config.epochs, key=f"{key}_epochs")
        rate = _rate("Learning rate", f"{key}_rate", config.learning_rate, 1.0)
        config = replace(config, epochs=int(epochs), learning_rate=rate)
    if config.strategy == FINE_TUNE or decided:
        words = "Epochs at most with the thawed blocks"
        epochs = st.number_input(words, 1, 1000, config.fine_tune_epochs, key=f"{key}_more")
        rate = _rate("Learning rate of the thawed blocks", f"{key}_slow", config.fine_tune_rate, 0.1)
        config = replace(config, fine_tune_epochs=int(epochs), fine_tune_rate=rate)
    if head_named(config.head).hidden_layer and config.strategy != FROM_SCRATCH:
        dropout = st.slider("Hidden at random in each step (dropout)", 0.0, 0.95, config.dropout, 0.05, key=f"{key}_d")
        config = replace(config, dropout=dropout)
    return config


def _rate(words: str, key: str, usual: float, most: float) -> float:
    return float(st.number_input(words, 1e-7, most, usual, step=usual / 10, format="%g", key=key))


def _show_warnings(project: Project, plan: list[PlannedStep]) -> None:
    """That views would show a photo of one class as one of another, where that is so."""
    sides, heights = sides_of(project), heights_matter(project.class_counts())
    augments = dict.fromkeys(each.config.augment for each in plan if each.config)
    warnings = [words for augment in augments for words in view_warnings(augment, sides, heights)]
    for warning in dict.fromkeys(warnings):
        st.warning(plain(warning), icon=":material/warning:")


def _lines(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)

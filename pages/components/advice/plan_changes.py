"""Changing parts of a plan, and what each change risks."""

import os
from dataclasses import replace

import streamlit as st

from core.advice.advice_words import plan_risks
from core.advice.quadrants import base_for, plan_for
from core.advice.record import Advice
from core.models.catalogue import BESIDE, BUILT_IN, MOST_BESIDE, base_model
from core.models.config import AUGMENTS, AUTO_VIEWS, FEATURE_EXTRACTION, FINE_TUNE, NO_VIEWS, TrainConfig, usual_config
from core.models.plan_words import STRATEGY_WORDS, thawed_in_words
from core.models.planned_epochs import with_planned_epochs
from core.models.weights import bases_here
from core.photos import augmentation
from core.photos.sides import chosen_views, sides_in_words, usual_views
from pages.components.shared.markdown import plain


def show(key: str, advice: Advice, quadrant: int, counts: dict[str, int], views: tuple[str, str]) -> TrainConfig:
    """The plan of a quadrant (1..4) with the parts that were changed, in a fold; below it what the changes risk.

    Args:
        key: Of the widgets, which begin anew when the quadrant changes.
        views: The `augment` of the plan that the project keeps, of which a text of options stays as it is; and why
            photos must not be mirrored, from `sides_matter`.
    """
    with st.expander("Change parts of it", icon=":material/tune:"):
        base = _choose_base(f"{key}_{quadrant}", base_for(quadrant, advice.bake_off))
        suggested = plan_for(quadrant, counts, base, advice.photo_side)
        suggested = replace(suggested, ask_mirror=advice.plan.ask_mirror and not views[1])
        plan = _change(f"{key}_{quadrant}_{base}", suggested, counts, views)
    if words := sides_in_words(plan.augment, views[1]):
        st.caption(plain(words))
    # What the quadrant itself would suggest: several side by side have but one plan.
    alone = plan_for(quadrant, counts, base_model(base).singles[0].name, advice.photo_side)
    for risk in plan_risks(plan, replace(alone, base=base), advice, counts, views[1]):
        st.warning(plain(risk), icon=":material/warning:")
    return plan


def _choose_base(key: str, first: str) -> str:
    """A base model of those that are here, and others that look at each photo beside it; the name of them all.

    Args:
        first: What is chosen before the user chooses.
    """
    bases = bases_here(os.environ) or {BUILT_IN: base_model(BUILT_IN)}
    here = {name: base.title for name, base in bases.items()}
    before = [name for name in first.split(BESIDE) if name in here] or list(here)[:1]
    words, chosen = "It starts from (base model)", list(here).index(before[0])
    base = st.selectbox(words, list(here), chosen, format_func=here.get, key=f"{key}_base")
    others = [name for name in here if name != base]
    if not others:
        return base
    beside = st.multiselect(
        "And beside it (a head learns from what all of them see)",
        others,
        [name for name in before[1:] if name in others],
        format_func=here.get,
        max_selections=MOST_BESIDE - 1,
        placeholder="no other",
        key=f"{key}_{base}_beside",
    )
    return base_model(BESIDE.join([base, *beside])).name


def _change(key: str, suggested: TrainConfig, counts: dict[str, int], views: tuple[str, str]) -> TrainConfig:
    """All parts but the base."""
    several = base_model(suggested.base).parts
    names = [FEATURE_EXTRACTION] if several else list(STRATEGY_WORDS)
    strategy = st.radio(
        "What learns (strategy)",
        names,
        names.index(suggested.strategy),
        format_func=STRATEGY_WORDS.get,
        key=f"{key}_strategy",
    )
    if several:
        st.caption("Base models side by side stay as they are. To train more of one, take it alone.")
    plan = suggested
    if strategy != suggested.strategy:
        plan = replace(usual_config(strategy, suggested.base), class_weights=suggested.class_weights)
        plan = replace(with_planned_epochs(plan, counts), ask_mirror=suggested.ask_mirror)
    if strategy == FINE_TUNE:
        base = base_model(plan.base)
        blocks = {block.name: thawed_in_words(base, block.name) for block in base.blocks}
        thaw_from = st.selectbox(
            "From which block on (where thawing begins)",
            list(blocks),
            list(blocks).index(plan.thaw_from),
            format_func=blocks.get,
            key=f"{key}_thaw",
        )
        plan = replace(plan, thaw_from=thaw_from)
    augment = _vary(f"{key}_{strategy}_augment", plan.augment, *views)
    weighted = st.toggle(
        "Photos of rare classes count more (class weights)", plan.class_weights, key=f"{key}_{strategy}_weights"
    )
    asks = st.toggle(
        "Ask about the mirror image too, in twice the time (test-time augmentation)",
        plan.ask_mirror,
        key=f"{key}_{strategy}_ask_mirror",
        disabled=bool(views[1]),
    )
    return replace(plan, augment=augment, class_weights=weighted, ask_mirror=asks and not views[1])


def _vary(key: str, suggested: str, varied: str, sides: str) -> str:
    """How the photos are varied: what the user set on the page for it, else mirrored or not; and the way there."""
    only_mirrored = chosen_views(AUTO_VIEWS, sides)
    with st.container(horizontal=True, vertical_alignment="center"):
        if varied in (*AUGMENTS, only_mirrored):
            begins = usual_views(suggested, sides) == AUTO_VIEWS or (bool(sides) and varied == only_mirrored)
            mirrored = st.toggle("Mirrored photos too (augmentation)", begins, key=key)
            varied = only_mirrored if mirrored else NO_VIEWS
        else:
            st.markdown(f"Varied photos (augmentation): {plain(augmentation.in_words(varied))}.", width="content")
        st.page_link("pages/augmentation.py", label="Vary the photos", icon=":material/filter_vintage:")
    return varied

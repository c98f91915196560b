"""The settings of a training that can be changed before it starts, in a fold."""

from dataclasses import replace

import streamlit as st

from core.models import heads
from core.models.catalogue import base_model
from core.models.config import (
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    MONITORS,
    MOST_MOMENTUM,
    MOST_STEPS,
    NO_FINAL,
    OPTIMIZERS,
    SGD,
    SGD_RATE,
    USUAL_SIZE,
    WITH_ALL,
    WITH_VALIDATION,
    TrainConfig,
    with_head,
    with_optimizer,
)
from core.models.heads import head_named
from core.models.image_sizes import image_size_of, image_sizes
from core.models.plan_words import MONITOR_WORDS, OPTIMIZER_ABOUT, OPTIMIZER_WORDS
from pages.components.shared.markdown import plain

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
ASKING_TWICE = (
    "Each answer is then the mean over the photo and its mirror image, which is right a little more often where the "
    "base model knows little of such pictures. It costs time: the base model is asked twice about each photo, so an "
    "answer takes about twice as long, here and wherever you take the model."
)
FINE_TUNE_RATES = (0.0001, 0.0003, 0.001)


def show(plan: TrainConfig, sides: str) -> TrainConfig:
    """The plan with what is set in the fold; `sides` is why photos must not be mirrored, from `sides_matter`."""
    with st.expander("Details", icon=":material/tune:"):
        words = {head.name: head.words for head in heads.HEADS if _suits(head, plan)}
        chosen = list(words).index(plan.head)
        head = st.radio("Head (what is learned on top)", list(words), chosen, format_func=words.get)
        plan = _show_layer(plan if head == plan.head else with_head(plan, head))
        plan = _show_optimizer(plan) if plan.learns_in_steps else replace(plan, steps_per_epoch=0)
        if not head_named(plan.head).solved_at_once:
            plan = _show_epochs(plan)
        plan = _show_best(plan)
        if plan.strategy == FINE_TUNE:
            more = st.number_input("Epochs at most with the thawed blocks", 1, 1000, plan.fine_tune_epochs)
            slow = _choose_rate("Learning rate of the thawed blocks", FINE_TUNE_RATES, plan.fine_tune_rate, plan)
            plan = replace(plan, fine_tune_epochs=int(more), fine_tune_rate=slow)
        plan = _show_final(_show_asking(_show_size(plan), sides))
    return plan


def _show_asking(plan: TrainConfig, sides: str) -> TrainConfig:
    words = "Ask about the mirror image too (test-time augmentation)"
    asks = st.checkbox(words, plan.ask_mirror, key=f"ask_mirror_{plan.ask_mirror}", disabled=bool(sides))
    st.caption(f"Not for these classes: {plain(sides)}." if sides else ASKING_TWICE)
    return replace(plan, ask_mirror=asks and not sides)


def _suits(head: heads.Head, plan: TrainConfig) -> bool:
    """Whether a head can be learned with the plan's base and strategy."""
    if plan.strategy == FROM_SCRATCH:
        return head.from_scratch
    return not (head.on_whole_map and base_model(plan.base).parts)


def _show_final(plan: TrainConfig) -> TrainConfig:
    """Whether, and from which photos, the model learns once more that is taken away."""
    words = "After the test, train once more with the validation photos too, and take that model away (final model)"
    if not st.toggle(words, plan.final != NO_FINAL):
        return replace(plan, final=NO_FINAL)
    about = "It learns from all you have. But no photo is left by which anybody could test it."
    with_all = st.checkbox("With the test photos as well", plan.final == WITH_ALL, help=about)
    if plan.strategy != FEATURE_EXTRACTION:
        st.caption("That takes about as long again as the training itself.")
    return replace(plan, final=WITH_ALL if with_all else WITH_VALIDATION)


def _show_size(plan: TrainConfig) -> TrainConfig:
    """The size of the network's input; the usual one stays the base's own, whatever that is."""
    sizes, words = image_sizes(plan.base), "Size at which it sees photos (input size, pixels)"
    key = f"image_size_{plan.base}_{plan.image_size}"  # another plan brings its own
    size = int(st.number_input(words, sizes.least, sizes.most, image_size_of(plan), key=key))
    st.caption(sizes.in_words)
    return replace(plan, image_size=USUAL_SIZE if size == sizes.usual else size)


def _show_layer(plan: TrainConfig) -> TrainConfig:
    if not head_named(plan.head).hidden_layer:
        return plan
    units = st.number_input("Width of the hidden layer (units)", 1, 8192, plan.units, key=f"units_{plan.head}")
    dropout = st.slider(
        "Share of it hidden at random in each step (dropout)", 0.0, 0.95, plan.dropout, 0.05, key=f"dropout_{plan.head}"
    )
    return replace(plan, units=int(units), dropout=dropout)


def _show_optimizer(plan: TrainConfig) -> TrainConfig:
    words = {name: f"{OPTIMIZER_WORDS[name]}: {OPTIMIZER_ABOUT[name]}" for name in OPTIMIZERS}
    title, chosen = "Optimizer (how it takes its steps)", OPTIMIZERS.index(plan.optimizer)
    plan = with_optimizer(plan, st.radio(title, OPTIMIZERS, chosen, format_func=words.get))
    if plan.optimizer != SGD:
        return plan
    st.caption(f"With SGD the usual learning rates are {SGD_RATE} times as high.")
    title = "Share of each step that goes on in the next (momentum)"
    return replace(plan, momentum=st.slider(title, 0.0, MOST_MOMENTUM, plan.momentum, 0.01))


def _show_best(plan: TrainConfig) -> TrainConfig:
    if plan.learns_in_steps:
        steps = st.number_input("Steps in an epoch (0: all photos once)", 0, MOST_STEPS, plan.steps_per_epoch)
        plan = replace(plan, steps_per_epoch=int(steps))
    title, chosen = "What the best epoch is chosen by (monitor)", MONITORS.index(plan.monitor)
    monitor = st.radio(title, MONITORS, chosen, format_func=MONITOR_WORDS.get, horizontal=True)
    return replace(plan, monitor=monitor)


def _show_epochs(plan: TrainConfig) -> TrainConfig:
    epochs = st.number_input("Epochs at most (passes over the photos)", 1, 1000, plan.epochs)
    rate = _choose_rate("Learning rate", RATES, plan.learning_rate, plan)
    patience = st.number_input("Stop after so many epochs without progress", 1, 1000, plan.patience)
    return replace(plan, epochs=int(epochs), learning_rate=rate, patience=int(patience))


def _choose_rate(words: str, usual: tuple[float, ...], planned: float, plan: TrainConfig) -> float:
    if plan.optimizer == SGD:
        usual = tuple(round(SGD_RATE * rate, 7) for rate in usual)
    return float(st.select_slider(words, sorted({*usual, planned}), planned))

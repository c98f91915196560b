"""The settings of a training that can be changed before it starts, in a fold."""

from dataclasses import replace

import streamlit as st

from core.models import heads
from core.models.config import FINE_TUNE, FROM_SCRATCH, USUAL_SIZE, TrainConfig, with_head
from core.models.heads import head_named
from core.models.image_sizes import image_size_of, image_sizes

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03)
FINE_TUNE_RATES = (0.0001, 0.0003, 0.001)


def show(plan: TrainConfig) -> TrainConfig:
    """The plan with what is set in the fold."""
    with st.expander("Details", icon=":material/tune:"):
        words = {head.name: head.words for head in heads.HEADS if head.from_scratch or plan.strategy != FROM_SCRATCH}
        chosen = list(words).index(plan.head)
        head = st.radio("Head (what is learned on top)", list(words), chosen, format_func=words.get)
        plan = _show_layer(plan if head == plan.head else with_head(plan, head))
        if not head_named(plan.head).solved_at_once:
            plan = _show_epochs(plan)
        if plan.strategy == FINE_TUNE:
            more = st.number_input("Epochs at most with the thawed blocks", 1, 1000, plan.fine_tune_epochs)
            slow = _choose_rate("Learning rate of the thawed blocks", FINE_TUNE_RATES, plan.fine_tune_rate)
            plan = replace(plan, fine_tune_epochs=int(more), fine_tune_rate=slow)
        plan = _show_size(plan)
    return plan


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


def _show_epochs(plan: TrainConfig) -> TrainConfig:
    epochs = st.number_input("Epochs at most (passes over the photos)", 1, 1000, plan.epochs)
    rate = _choose_rate("Learning rate", RATES, plan.learning_rate)
    patience = st.number_input("Stop after so many epochs without progress", 1, 1000, plan.patience)
    return replace(plan, epochs=int(epochs), learning_rate=rate, patience=int(patience))


def _choose_rate(words: str, usual: tuple[float, ...], planned: float) -> float:
    return float(st.select_slider(words, sorted({*usual, planned}), planned))

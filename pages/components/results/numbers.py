"""How good a run is, in numbers: the main one with its doubt, those that the field uses, and class by class."""

from functools import partial

import pandas as pd
import streamlit as st

from core.base.words import duration, percent
from core.evaluation.leaks import leak_in_words
from core.evaluation.metrics import averages
from core.runs.report import Report, unevaluated_in_words
from pages.components.shared.markdown import plain


def show_accuracy(report: Report) -> None:
    """The main number with its doubt, in words."""
    test = report.test
    right, _, beside = report.right_in_words.partition("; ")
    st.markdown(f"## {plain(right)}")
    st.markdown(report.accuracy_in_words)
    if beside:
        st.markdown(plain(f"{beside[0].upper()}{beside[1:]}."))
    if test.n < 100:
        st.caption("The interval is wide because the photos are few. More photos make the answer surer.")
    for words in filter(None, (unevaluated_in_words(test), leak_in_words(report.near_copies_across))):
        st.warning(plain(words), icon=":material/warning:")


def show_numbers(report: Report) -> None:
    """The numbers that the field uses, each with its meaning."""
    st.subheader("In numbers")
    test = report.test
    columns = st.columns(4)
    columns[0].metric("Cohen's kappa", f"{test.kappa:.2f}", help="Agreement beyond chance: 0 = guessing, 1 = perfect.")
    columns[1].metric("Log loss", f"{test.log_loss:.3f}", help="How wrong its probabilities are; 0 is perfect.")
    columns[2].metric(
        "Right in two guesses", percent(test.top2_accuracy), help="The true class is among its two best (top-2)."
    )
    columns[3].metric("Time", duration(report.seconds.total), help="From start to saved and checked model.")
    if report.device:
        st.caption(f"{plain(report.device_in_words)}.")


def show_classes(report: Report) -> None:
    """Precision, recall and F1 of each class, recall with its doubt, and their averages."""
    st.subheader("Class by class")
    per_class = report.test.per_class
    table = pd.DataFrame({"class": name, **row.to_json()} for name, row in per_class.items())
    bounds = [row.recall_interval for row in per_class.values()]
    table["likely"] = [f"{100 * low:.0f} to {100 * high:.0f} %" for low, high in bounds]
    shares = {"recall": "found (recall)", "precision": "right when it says so (precision)", "f1": "both (F1)"}
    table[list(shares)] *= 100
    bar = partial(st.column_config.ProgressColumn, format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(
        table[["class", "recall", "likely", "precision", "f1", "n"]],
        hide_index=True,
        column_config={
            "class": "class",
            **{name: bar(words) for name, words in shares.items()},
            "likely": st.column_config.TextColumn("found, likely", help="95 % interval by Wilson"),
            "n": st.column_config.NumberColumn("photos judged", format="%d"),
        },
    )
    means = averages(per_class)
    st.markdown(
        f"On average over the classes (macro): found {_three(means['macro'])}. "
        f"Each class weighted by its photos: found {_three(means['weighted'])}."
    )


def _three(mean: dict[str, float]) -> str:
    words = f"{percent(mean['recall'])}, right {percent(mean['precision'])}, both {percent(mean['f1'])}"
    return words.replace(" %", "\N{NO-BREAK SPACE}%")

"""Results: how good is it, on photos it has never seen, and where does it err?"""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.data.arrange import TEST
from core.data.predictions import most_wrong, read_predictions
from core.data.project import Project
from core.data.runs import Run, judged_in_words, unjudged_in_words
from core.records.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS, TEST_PART
from core.records.words import counted, duration, percent
from pages.components import charts, current, heading, photo_strip, run_picker

SHOWN = 12  # of the photos it got wrong
HOW = {
    TEST_PART: "The test photos took no part in the training and were used once, for this.",
    CROSS_VALIDATION: f"{CROSS_VALIDATION_WORDS} Your model learned in the same way, from most of them.",
}


def show_accuracy(report: dict[str, Any]) -> None:
    """The main number with its doubt, in words."""
    test = report["test"]
    low, high = test["accuracy_interval"]
    right = round(test["n"] * test["accuracy"])
    st.markdown(f"## {right} of {judged_in_words(report)} right")
    st.markdown(
        f"That is **{percent(test['accuracy'])}**; on new photos like these likely between "
        f"**{100 * low:.0f} and {100 * high:.0f} %** (95 % interval by Wilson). {HOW[report['estimate']]}"
    )
    if test["n"] < 100:
        st.caption("The interval is wide because the photos are few. More photos make the answer surer.")
    if words := unjudged_in_words(report):
        st.warning(words, icon=":material/warning:")


def show_numbers(report: dict[str, Any]) -> None:
    """The numbers that the field uses, each with its meaning."""
    test = report["test"]
    columns = st.columns(4)
    columns[0].metric(
        "Cohen's kappa", f"{test['kappa']:.2f}", help="Agreement beyond chance: 0 = guessing, 1 = perfect."
    )
    columns[1].metric("Log loss", f"{test['log_loss']:.3f}", help="How wrong its probabilities are; 0 is perfect.")
    columns[2].metric(
        "Right in two guesses", percent(test["top2_accuracy"]), help="The true class is among its two best (top-2)."
    )
    columns[3].metric("Time", duration(report["seconds"]["total"]), help="From start to saved and checked model.")


def show_classes(report: dict[str, Any]) -> None:
    """Precision, recall and F1 of each class."""
    st.subheader("Class by class")
    table = pd.DataFrame(report["test"]["per_class"]).T.reset_index(names="class")
    shares = {"recall": "found (recall)", "precision": "right when it says so (precision)", "f1": "both (F1)"}
    table[list(shares)] *= 100
    bar = partial(st.column_config.ProgressColumn, format="%.0f %%", min_value=0, max_value=100)
    st.dataframe(
        table[["class", *shares, "n"]],
        hide_index=True,
        column_config={
            "class": "class",
            **{name: bar(words) for name, words in shares.items()},
            "n": st.column_config.NumberColumn("photos judged", format="%d"),
        },
    )


def show_mistakes(project: Project, run: Run) -> None:
    """The photos it got wrong, the surest mistakes first."""
    wrong = most_wrong(read_predictions(run.predictions_path, TEST))
    if wrong.empty:
        st.markdown("It made **no mistake** on these photos.")
        return
    st.subheader(f"The {counted(len(wrong), 'photo')} it got wrong, the surest mistakes first")
    photo_strip.show(
        [
            (project.thumbnail_of(row.sha256), f"{row.truth}, taken for {row.answer} ({percent(row.sure)})")
            for row in wrong.head(SHOWN).itertuples()
        ],
        width=160,
    )


heading.show("Results", "How good it is, on photos it has never seen, and where it errs.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_picker.show("results_run", project)
    report = run.report()
    show_accuracy(report)
    show_mistakes(project, run)
    charts.show_confusion("confusion", report["classes"], report["test"]["confusion"])
    show_numbers(report)
    show_classes(report)
    for item in report["set_aside"]:
        st.caption(f"Left out, {item['why']}: {item['path']}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Try it on new photos", type="primary", icon=":material/arrow_forward:", icon_position="right"):
            st.switch_page("pages/try_it.py")
        st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")

"""Results: how good is it, on photos it has never seen, and where does it err?"""

from functools import partial

import pandas as pd
import streamlit as st

from core.base.subsets import TEST, VALIDATION
from core.base.words import counted, duration, percent
from core.evaluation.leaks import leak_in_words
from core.evaluation.metrics import averages
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS, TEST_PART
from core.projects import edits
from core.projects.project import Project
from core.runs.predictions import most_wrong_first
from core.runs.report import Report, unevaluated_in_words
from core.runs.report_page import EXAMPLES, Example, report_page
from core.runs.run import Run
from pages.components.results import background_test as plate
from pages.components.results import calibration as sureness
from pages.components.results import confusion_matrix as confusion
from pages.components.results import costly_mistakes as costly
from pages.components.results import mistakes as photo_gallery
from pages.components.results import other_photos
from pages.components.results import prediction_table as run_answers
from pages.components.shared import current, heading, run_picker
from pages.components.shared.markdown import plain

HOW = {
    TEST_PART: "The test photos took no part in the training and were used once, for this.",
    CROSS_VALIDATION: f"{CROSS_VALIDATION_WORDS} Your model learned in the same way, from most of them.",
}


def show_accuracy(report: Report) -> None:
    """The main number with its doubt, in words."""
    test = report.test
    low, high = test.accuracy_interval
    st.markdown(f"## {test.n_right:,} of {report.photos_in_words} right")
    st.markdown(
        f"That is **{percent(test.accuracy)}**; on new photos like these likely between "
        f"**{100 * low:.0f} and {100 * high:.0f} %** (95 % interval by Wilson). {HOW[report.estimate]}"
    )
    if test.n < 100:
        st.caption("The interval is wide because the photos are few. More photos make the answer surer.")
    for words in filter(None, (unevaluated_in_words(test), leak_in_words(report.near_copies_across))):
        st.warning(words, icon=":material/warning:")


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
    return f"{percent(mean['recall'])}, right {percent(mean['precision'])}, both {percent(mean['f1'])}"


def show_mistakes(key: str, project: Project, run: Run, report: Report, answers: pd.DataFrame) -> None:
    """The confusion matrix, and the photos behind whatever is chosen in it."""
    edits.repair(project)
    st.subheader("Where it errs")
    truth, answer = confusion.show(key, report.class_names, report.test.confusion)
    rows = most_wrong_first(answers, truth, answer)
    if truth is None and answer is None and rows.empty:
        st.markdown("It made **no mistake** on these photos.")
        return
    st.markdown(f"#### {_chosen_in_words(truth, answer, len(rows))}")
    if not rows.empty:
        photo_gallery.show(f"{key}_{truth}_{answer}", project, run, report, rows)


def _chosen_in_words(truth: str | None, answer: str | None, n: int) -> str:
    """What the gallery shows."""
    photos = counted(n, "photo")
    if truth is None and answer is None:
        return f"The {photos} it got wrong, the surest mistakes first"
    if answer is None:
        return f"{photos} of {plain(truth or '')}, mistakes first"
    if truth is None:
        return f"{photos} called {plain(answer)}, mistakes first"
    return f"{photos} of {plain(truth)} called {plain(answer)}"


def report_for_download(project: Project, run: Run, report: Report) -> bytes:
    """The report as one file, made when it is asked for."""
    wrong = most_wrong_first(run_answers.answers(run, report, TEST), None, None).head(EXAMPLES)
    examples = [
        Example(project.thumbnail_of(row.sha256), row.truth, row.answer, row.sure) for row in wrong.itertuples()
    ]
    title, finished = f"{project.title}: {run.title}", run.report_path.stat().st_mtime
    return report_page(title, finished, report, run.config(), examples).encode("utf-8")


def show_ways_on(project: Project, run: Run, report: Report) -> None:
    """The report for others, and the next steps."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Try it on new photos", type="primary", icon=":material/arrow_forward:", icon_position="right"):
            st.switch_page("pages/try_it.py")
        st.download_button(
            "Report for a colleague (HTML)",
            partial(report_for_download, project, run, report),
            "report.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
            help="One file to read, mail or print, with the numbers, the mistakes and what not to use the model for.",
        )
        st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")
        st.page_link("pages/labels.py", label="Are the labels right?", icon=":material/label:")
        st.page_link("pages/photo_map.py", label="Map of the photos", icon=":material/scatter_plot:")


heading.show("Results", "How good it is, on photos it has never seen, and where it errs.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_picker.show("results_run", project)
    report = run.report()
    key = f"results_{project.id}_{run.name}"
    answers = run_answers.answers(run, report, TEST)
    show_accuracy(report)
    show_mistakes(key, project, run, report, answers)
    st.subheader("Does the answer hang on the background?")
    plate.show(f"{key}_plate", project, run)
    show_numbers(report)
    show_classes(report)
    st.subheader("How far its sureness can be trusted")
    sureness.show_calibration(f"{key}_sureness", answers, report.calibration)
    sureness.show_threshold(f"{key}_threshold", answers)
    st.subheader("Which mistakes hurt")
    costly.show(f"{key}_costly", project, report.class_names, run_answers.answers(run, report, VALIDATION), answers)
    st.subheader("On photos from elsewhere")
    other_photos.show(f"{key}_other", project, run)
    for item in report.set_aside:
        st.caption(plain(f"Left out, {item.why}: {item.path}"))
    show_ways_on(project, run, report)

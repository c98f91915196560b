"""Train: choose little, press one button, watch it learn."""

from dataclasses import replace

import streamlit as st

from core.data.arrange import TEST
from core.data.project import Photo, Project
from core.data.readiness import problems
from core.data.runs import Run, RunPhoto, estimate_for, list_runs, new_run_name
from core.data.split import Shares
from core.records.catalogue import base_model
from core.records.config import CROSS_VALIDATION, FOLDS, MIN_PHOTOS_TO_TEST, TrainConfig
from core.records.words import counted, duration
from pages.components import current, heading, run_monitor

HEAD_WORDS = {
    "gap": "Simple: one layer on the pooled features (softmax)",
    "fc": "Larger: one hidden layer before it (fully connected)",
}

NEAR_COPIES_AT_ONCE = 20_000  # photos for which the page compares all while it is drawn: about two seconds


def show_plan(project: Project) -> TrainConfig:
    """What will be done, in words, and the details for those who want them."""
    defaults = TrainConfig(test_given=TEST in project.given_parts())
    base = base_model(defaults.base)
    counts = project.class_counts()
    n = sum(counts.values())
    st.markdown(
        f"It starts from what **{base.title}** (the base model, built in) already knows from a million photos, keeps "
        f"that frozen, and learns your {counted(len(counts), 'class', 'classes')} on top of it "
        f"(feature extraction). {_split_in_words(project, counts)}"
    )
    with st.expander("Details", icon=":material/tune:"):
        head = st.radio("Head (what is learned on top)", list(HEAD_WORDS), format_func=HEAD_WORDS.get)
        epochs = st.number_input("Epochs at most (passes over the photos)", 1, 1000, defaults.epochs)
        rate = st.select_slider("Learning rate", [0.0003, 0.001, 0.003, 0.01, 0.03], defaults.learning_rate)
        patience = st.number_input("Stop after so many epochs without progress", 1, 100, defaults.patience)
    if n <= NEAR_COPIES_AT_ONCE and (words := _near_copies_in_words(project.id, n)):
        st.caption(words)
    st.caption(_expected_time(project, n))
    chosen = {"head": head, "epochs": int(epochs), "learning_rate": float(rate), "patience": int(patience)}
    return replace(defaults, **chosen)


def _split_in_words(project: Project, counts: dict[str, int]) -> str:
    """Which photos do what."""
    if TEST in project.given_parts():
        return "Your test folder is kept as it is, for one final test. Some other photos say when to stop (validation)."
    if min(counts.values()) < MIN_PHOTOS_TO_TEST and _differ_enough(project):
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
    return estimate_for(_run_photos(project, photos), test_given=False) == CROSS_VALIDATION


@st.cache_data(max_entries=8, show_spinner=False)
def _near_copies_in_words(project_id: str, n: int) -> str:
    """What near-copies would have done to the test; found anew when the number of photos changes."""
    report = current.workspace().open(project_id).split_report(TrainConfig().seed, Shares())
    if not report.groups:
        return ""
    words = f"{counted(report.photos_in_groups, 'photo')} are near-copies of others or from one burst. "
    if not report.leaked_by_random:
        return words + "They stay on one side, so that the test is honest."
    leaked = counted(report.leaked_by_random, "test photo")
    return words + f"They stay on one side: split by chance, {leaked} would have a near-copy among the training photos."


def _expected_time(project: Project, n: int) -> str:
    """What is known of the time, from runs on this computer."""
    for run in list_runs(project.runs_folder):
        report = run.report()
        if report:
            return f"The last run of this project took {duration(report['seconds']['total'])} on this computer."
    return f"{counted(n, 'photo')}: the first run also looks at each photo once; later runs are faster."


def _run_photos(project: Project, photos: list[Photo]) -> list[RunPhoto]:
    return [
        RunPhoto(str(project.path(photo)), photo.label, photo.split, photo.sha256, str(group))
        for photo, group in zip(photos, project.near_copies(photos), strict=True)
    ]


def start(project: Project, config: TrainConfig) -> None:
    """Write the run's settings and photos, and start its worker."""
    photos = project.split_photos(config.seed, Shares(config.validation_share, config.test_share))
    run = Run.create(project.runs_folder / new_run_name(), config.check(), _run_photos(project, photos))
    current.jobs().submit("train", run.folder, waits=True)
    st.rerun()


heading.show("Train", "Press the button and watch it learn. You can close this page meanwhile: it goes on.")
project = current.project_or_stop()
with heading.errors_in_words():
    hindrances = problems(project.class_counts())
    for hindrance in hindrances:
        st.warning(hindrance, icon=":material/warning:")
    if hindrances:
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
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

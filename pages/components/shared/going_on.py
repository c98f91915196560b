"""The way on with a run that was interrupted, wherever one is shown."""

import streamlit as st

from core.jobs import kinds
from core.jobs.active import refuse_run_changes
from core.jobs.job import State
from core.runs.run import Run
from core.training.continuing import is_interrupted, reached_by
from pages.components.shared import current, heading

BEGINS_ANEW = (
    "The same run, from its beginning: nothing of its epochs is kept, but what was learned about the photos is."
)
GOES_ON = "The same run, from the last epoch that was kept. It ends as if it had not been interrupted."


def show(key: str, run: Run) -> None:
    """The button that goes on with a run; nothing where there is no way on, or only to the same failure."""
    if not is_interrupted(run):
        return
    reached = reached_by(run)
    if reached is None and run.job.state() is not State.LOST:
        return
    label = f"Go on from {reached.next_in_words}" if reached else "Start it again"
    if st.button(label, key=key, icon=":material/resume:", help=GOES_ON if reached else BEGINS_ANEW):
        with heading.errors_in_words():
            refuse_run_changes(run.folder.parents[1], run.folder, run.title)
            current.jobs().submit(kinds.TRAIN, run.folder)
            st.switch_page("pages/train.py")

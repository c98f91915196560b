"""What a run answered, read from its table once: each click on the page asks again."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.runs.predictions import read_answers
from core.runs.report import Report
from core.runs.run import Run


def answers(run: Run, report: Report, split: str) -> pd.DataFrame:
    """The table of `read_answers`, with the run's temperature.

    Args:
        run: A finished one.
        report: Its report.
        split: "test" or "validation"; empty where no photos were judged under this name.

    Raises:
        RunError: The table is missing or damaged.
    """
    path = run.predictions_path
    changed = path.stat().st_mtime if path.exists() else 0.0
    return _answers(str(path), changed, split, tuple(report.class_names), report.temperature)


@st.cache_data(max_entries=6, show_spinner=False)
def _answers(path: str, changed: float, split: str, class_names: tuple[str, ...], temperature: float) -> pd.DataFrame:
    return read_answers(Path(path), split, list(class_names), temperature)

"""Good news goes away: it is shown when it is new, and no more once the user has seen it and gone on."""

import time
from contextlib import suppress

import streamlit as st

from core.base.errors import EspalierError
from core.base.files import disk_errors_in_words
from core.base.records import keep, kept, object_of
from core.jobs.folder import JobFolder

SEEN = "seen.json"  # in the job's folder: when its end was shown first, so that other tabs and later days know
READ_S = 30.0  # for which it stays on a page that draws itself anew, as pages do unasked
VISIT, PAGE, SHOWN = "news_visit", "news_page", "news_shown"  # in session state


def turn_to(page: str) -> None:
    """Say which page the tab is at: news that was shown on another is old."""
    if st.session_state.get(PAGE) != page:
        st.session_state[PAGE] = page
        st.session_state[VISIT] = st.session_state.get(VISIT, 0) + 1


def is_new(job: JobFolder) -> bool:
    """Whether to show how a job ended: nobody has seen it yet, or this page has just begun to show it.

    A job that was begun anew since has news again.
    """
    now, visit, shown = time.time(), st.session_state.get(VISIT, 0), st.session_state.setdefault(SHOWN, {})
    events = job.job.events()
    ended = events[-1]["time"] if events else 0.0
    seen = (kept(job.folder / SEEN, object_of) or {}).get("at")
    if not isinstance(seen, int | float) or seen < ended:
        seen = now
        shown[str(job.folder)] = visit
        with suppress(EspalierError, OSError), disk_errors_in_words("noting what was seen"):
            keep(job.folder / SEEN, {"at": now})
    return shown.get(str(job.folder)) == visit and abs(now - seen) < READ_S

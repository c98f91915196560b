"""What is done once when the server of the app begins."""

import gc
import logging
from pathlib import Path

import streamlit as st

from core.base.errors import EspalierError
from core.upkeep.sweeping import sweep


@st.cache_resource(show_spinner=False)
def sweep_once(home: str) -> None:
    """Sweep the workspace once a process: the first tab does, and others that come meanwhile wait that moment."""
    try:
        sweep(Path(home))
    except (EspalierError, OSError):  # the page says what can't be written as soon as that is needed
        return
    except Exception:  # whatever lies there: no page is lost for it
        logging.getLogger(__name__).exception("the leftovers could not be swept")


@st.cache_resource(show_spinner=False)
def leave_modules_alone() -> None:
    """Take what the first page has loaded out of the search for garbage, once a process.

    After each run of a page, also of the part that shows twice a second how far a job is, Streamlit lets Python look
    through all objects: 75 ms, most of what such a run takes, for modules that stay anyway (docs/log.md).
    """
    gc.collect()
    gc.freeze()

"""The background test of a run: a button, how far it is, and what it found, with examples."""

import numpy as np
import streamlit as st
from PIL import Image

from core.background_test import verdict as verdicts
from core.background_test.folder import BackgroundTestFolder, background_test_of
from core.background_test.testing import alone, joined
from core.background_test.verdict import BackgroundTest, SwappedPhoto
from core.jobs import kinds
from core.photos.decoding import PhotoError, open_photo
from core.photos.pictures import USUAL
from core.projects.project import Project
from core.runs.run import Run
from pages.components.shared import buttons, job_monitor
from pages.components.shared.markdown import plain

EXAMPLES = 3
SIDE = 160  # pixels of each picture: four stand side by side
SEEN = {"whole": "Whole", "middle": "Middle alone", "edge": "Edge alone", "joined": "New edge"}

TESTING = job_monitor.JobWords(
    after_stop="The test ends without a result.",
    cancelled="The test was stopped before it had a result.",
    lost="The test ended without a word: its process was ended from outside. Start it again.",
)


def show(key: str, project: Project, run: Run) -> None:
    """Show the background test of a complete run and, where it was never made, what it is for."""
    background_test = background_test_of(run)
    if job_monitor.show(key, background_test.job, TESTING):
        return
    result = background_test.read()
    if result is None:
        job_monitor.show_lost(background_test)
        _show_start(key, background_test)
    else:
        _show_result(project, result)


def _show_start(key: str, background_test: BackgroundTestFolder) -> None:
    st.markdown(
        "Does it know the apple, or the plate under it? The plate test takes photos that the model did not learn from, "
        "puts the middle of each onto the edge of a photo of another class, and asks again. It takes seconds."
    )
    words, icon = "Swap the backgrounds", ":material/swap_horiz:"
    buttons.show_start(words, kinds.BACKGROUND_TEST, background_test, icon=icon, key=f"{key}_start")


def _show_result(project: Project, result: BackgroundTest) -> None:
    verdict = verdicts.judge(result.rows)
    if verdict.kind == verdicts.BACKGROUND:
        st.warning(verdicts.WORDS[verdict.kind], icon=":material/warning:")
    else:
        st.markdown(verdicts.WORDS[verdict.kind])
    st.markdown(plain(verdicts.numbers_in_words(verdict)))
    st.caption(
        "The middle is an ellipse of half the photo's area, so this test says little where objects lie at the edge. "
        f"Middle against edge: p = {verdict.p_value:.2g} (McNemar's exact test)."
    )
    for row in telling(result.rows, verdict.kind):
        _show_example(project, row, np.array(result.fill))


def telling(rows: list[SwappedPhoto], kind: str) -> list[SwappedPhoto]:
    """A few photos, spread over the classes, that went the way the verdict says; where neither side won, any."""
    wanted = {verdicts.BACKGROUND: "other", verdicts.MIDDLE: "truth"}.get(kind)
    chosen = [row for row in rows if wanted is None or row.joined == getattr(row, wanted)]
    return chosen[:: max(1, len(chosen) // EXAMPLES)][:EXAMPLES]


def _show_example(project: Project, row: SwappedPhoto, fill: np.ndarray) -> None:
    """A photo, its halves, and its middle on another photo's edge, each with the answer to it."""
    try:
        photo, other = (
            open_photo(project.thumbnail_of(content), settings=USUAL) for content in (row.sha256, row.edge_of)
        )
    except PhotoError:
        return
    pixels = np.asarray(photo)
    pictures = (pixels, *alone(pixels, fill), joined(pixels, np.asarray(other.resize(photo.size))))
    with st.container(horizontal=True, gap="small"):
        for picture, (seen, words) in zip(pictures, SEEN.items(), strict=True):
            shown = Image.fromarray(picture)
            st.image(shown, caption=f"{words}: {plain(getattr(row, seen))}", width=SIDE, alt=f"{row.truth}, {seen}")

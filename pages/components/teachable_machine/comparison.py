"""A run and a model from elsewhere on the same photos: which class is which, who is right, and on which photos."""

import streamlit as st

from core.base.words import counted, percent
from core.projects.project import Project
from core.runs.choosing.names import RunName
from core.runs.comparing import compared_in_words
from core.runs.run import Run
from core.teachable_machine.comparison import Versus, same_names
from core.teachable_machine.folder import ExternalModelFolder
from pages.components.pictures import grid as photo_grid
from pages.components.shared.markdown import plain

SHOWN = 24  # photos of each kind: more would hide what comes below


def choose_names(key: str, theirs: list[str], ours: list[str]) -> dict[str, str]:
    """Our class for each of theirs: those called alike, and what the user says of the others."""
    names = same_names(theirs, ours)
    left = [name for name in ours if name not in names.values()]
    free = [name for name in theirs if name not in names]
    if not left:
        return names
    st.subheader("Classes that are called otherwise")
    st.caption(f"Without a partner here: {plain(', '.join(left))}. There: {plain(', '.join(free) or 'none')}.")
    for name in left if free else []:
        chosen = st.selectbox(
            f"{plain(name)} is called there", free, None, key=f"{key}_{name}", placeholder="nothing like it"
        )
        if chosen in names:
            st.warning(f"{plain(chosen)} stands for another class already.", icon=":material/warning:")
        elif chosen:
            names[chosen] = name
    return names


def show(project: Project, run: Run, external: ExternalModelFolder, versus: Versus) -> None:
    """How many each has right, whether that is more than chance, and the photos that tell them apart."""
    own = plain(RunName.of(run, run.report()).short)
    ours, theirs = f"**{own}**", f"**{plain(external.title)}**"
    st.subheader("On the same photos")
    if versus.n:
        for name, right in ((ours, versus.ours), (theirs, versus.theirs)):
            low, high = versus.interval(right)
            st.markdown(
                f"{name}: {right:,} of {counted(versus.n, 'photo')} right ({percent(right / versus.n)}, likely between "
                f"{percent(low)} and {percent(high)})"
            )
    words = compared_in_words(ours, theirs, versus.compared)
    show_verdict = st.success if versus.compared.is_more_than_chance else st.info
    show_verdict(words, icon=":material/balance:")
    st.caption(
        f"McNemar's exact test on photos that {own} did not learn from. Whether the other model learned "
        "from some of them can't be told: if it was trained on the same photos, that flatters it."
    )
    if versus.unknown:
        st.caption(f"Left out: {counted(versus.unknown, 'photo')} of classes that the other model doesn't know.")
    if versus.unanswered:
        st.caption(f"Left out: {counted(versus.unanswered, 'photo')} that it could not be asked about.")
    _show_telling(project, versus, ours, theirs)


def _show_telling(project: Project, versus: Versus, ours: str, theirs: str) -> None:
    right_here = versus.rows["answer_ours"] == versus.rows["truth"]
    for name, rows, wrong in (
        (ours, versus.rows[right_here], "answer_theirs"),
        (theirs, versus.rows[~right_here], "answer_ours"),
    ):
        if len(rows):
            st.markdown(f"Only {name} is right: {counted(len(rows), 'photo')}")
            shown = rows.head(SHOWN)
            captions = [f"{plain(t)}, taken for {plain(a)}" for t, a in zip(shown["truth"], shown[wrong], strict=True)]
            pictures = [project.thumbnail_of(sha256) for sha256 in shown["sha256"]]
            photo_grid.show_strip(list(zip(pictures, captions, strict=True)))

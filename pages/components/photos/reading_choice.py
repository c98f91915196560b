"""How what came is read, shown before anything is stored: another reading, other names, classes left out."""

import streamlit as st

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import counted
from core.jobs import kinds
from core.projects.import_question import SAMPLES, ImportQuestion, ShownReading
from core.projects.imports import ImportFolder
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading
from pages.components.shared.markdown import plain

PER_PAGE = 12  # classes
SAMPLE_WIDTH = 64
PURPOSES = {"": "", TRAIN: "to learn from", VALIDATION: "to say when to stop", TEST: "to test"}
NAMED = 4  # classes in the words of a choice


def show(key: str, this: ImportFolder, question: ImportQuestion) -> None:
    """The readings as a choice, the chosen one as a small tree with counts and samples, and a button to go on."""
    with st.container(border=True, key=f"{key}_question"):
        asked = "is this what you mean?" if question.readings[0].is_clear else "which do you mean?"
        st.markdown(f"#### {plain(question.title)}: {asked}")
        reading = _choose(key, question)
        names: dict[str, str] = {}
        if reading:
            _show_totals(reading)
            names = _show_classes(f"{key}_{this.folder.name}_{reading.layout}", this, reading)
            _show_rest(reading, question)
        with st.container(horizontal=True):
            if st.button("Bring them in", type="primary", disabled=reading is None, key=f"{key}_go"):
                with heading.errors_in_words():
                    this.answer(reading.layout, names)
                    current.start(kinds.IMPORT, this)
            if st.button("Cancel", key=f"{key}_discard", help="Nothing was stored, and your own files stay."):
                this.discard()
                st.rerun()


def _choose(key: str, question: ImportQuestion) -> ShownReading | None:
    """The reading that is meant; None until one is chosen where several are likely."""
    first, *others = question.readings
    by_layout = {reading.layout: reading for reading in question.readings}
    if first.is_clear:
        st.caption(f":material/check_circle: Read as {_in_words(first)}. Nothing is stored yet.")
        if not others:
            return first
        with st.expander("Read them another way"):
            chosen = _radio(key, by_layout, 0)
    else:
        st.warning("These photos can be read in more than one way.", icon=":material/help:")
        chosen = _radio(key, by_layout, None)
    return by_layout.get(chosen or "")


def _radio(key: str, by_layout: dict[str, ShownReading], index: int | None) -> str | None:
    words = {layout: _in_words(reading) for layout, reading in by_layout.items()}
    return st.radio("What tells the class?", list(words), index, words.get, key=f"{key}_layout")


def _in_words(reading: ShownReading) -> str:
    names = [plain(name) for name in list(reading.classes)[:NAMED]]
    more = f" and {len(reading.classes) - NAMED:,} more" if len(reading.classes) > NAMED else ""
    return f"{counted(len(reading.classes), 'class', 'classes')} {plain(reading.by)}: {', '.join(names)}{more}"


def _show_totals(reading: ShownReading) -> None:
    total = {split: sum(counts.get(split, 0) for counts in reading.classes.values()) for split in PURPOSES}
    parts = [f"**{counted(sum(total.values()), 'photo')}**", *_purposes(total)]
    st.markdown(" · ".join(parts))


def _purposes(counts: dict[str, int]) -> list[str]:
    return [f"{counts[split]:,} {words}" for split, words in PURPOSES.items() if split and counts.get(split)]


def _show_classes(key: str, this: ImportFolder, reading: ShownReading) -> dict[str, str]:
    """A line for each class with a box for its name; new names by what was read, "" for a class that is left out."""
    labels = list(reading.classes)
    kept = st.session_state.setdefault(f"{key}_names", {})  # of classes on other pages too
    page = photo_grid.choose_page(key, len(labels), PER_PAGE)
    for number, label in list(enumerate(labels))[page]:
        take_key, name_key = f"{key}_{number}_take", f"{key}_{number}_name"
        st.session_state.setdefault(take_key, kept.get(label) != "")
        st.session_state.setdefault(name_key, kept.get(label) or label)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            taken = st.checkbox(f"Bring in {plain(label)}", key=take_key, label_visibility="collapsed")
            name = st.text_input(
                f"Name of {plain(label)}", key=name_key, label_visibility="collapsed", disabled=not taken, width=200
            )
            counts = reading.classes[label]
            about = [counted(sum(counts.values()), "photo"), *_purposes(counts)]
            st.caption(", ".join(about) if taken else "left out", width=200)
            with st.container(horizontal=True, gap="small", width=SAMPLES * (SAMPLE_WIDTH + 16)):  # stay together
                for picture in reading.samples.get(label, []):
                    st.image(str(this.samples / picture), width=SAMPLE_WIDTH)
        kept[label] = (name.strip() or label) if taken else ""
    return {label: name for label, name in kept.items() if name != label}


def _show_rest(reading: ShownReading, question: ImportQuestion) -> None:
    """What has no class, what is lost, and what is no photo."""
    if reading.lost:
        lost = plain("; ".join(reading.lost.values()))
        st.warning(f"{lost}. Mend that first, or go on without.", icon=":material/warning:")
    for words in reading.without_class:
        st.caption(f":material/label_off: {plain(words)}. Kept apart, out of all counts.")
    if reading.left_out:
        st.caption(
            f":material/block: {counted(reading.left_out, 'photo')} outside of these folders or twice: left out."
        )
    if question.not_taken:
        st.caption(f":material/block: {counted(question.not_taken, 'other file')} not taken; the reasons follow.")
    for note in question.notes:
        st.caption(f":material/translate: {plain(note)}")

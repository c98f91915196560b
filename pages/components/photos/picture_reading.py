"""How pictures beyond the ordinary are read: what was seen, and the choice of page, bands and colour profiles."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.checks.picture_words import seen_in_words
from core.jobs import kinds
from core.photos.decoding import PhotoError
from core.photos.file_kinds import DICOM_SUFFIXES
from core.photos.inspection import small_jpeg
from core.photos.kept_settings import as_kept, to_keep
from core.photos.pictures import PictureFacts, PictureSettings
from core.photos.readers.dicom import DICOM_NOTE
from core.projects.imports import PICTURES, ImportFolder, ImportRequest
from core.projects.picture_settings import OddPicture, coming, goes_beyond, odd_pictures, pictures_of
from core.projects.project import Project
from pages.components.pictures.apart import decoders
from pages.components.shared import current, heading, remembered
from pages.components.shared.markdown import plain

BEYOND = "Some pictures go beyond the black and white that are kept, so they are shown clipped."
SIDE = 220  # pixels of the picture before and after


def show(key: str, project: Project) -> None:
    """What was seen and how it is read, with the choices that there are; nothing where all pictures are ordinary."""
    odd, kept = [each for each in odd_pictures(project) if not each.photo.set_aside], pictures_of(project)
    _show_note_on_dicom(project)
    said = seen_in_words([each.facts for each in odd], kept)
    if not said:
        return
    _show_beyond(key, project, kept)
    with st.expander("How pictures are read", icon=":material/filter:"):
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said))
        chosen = _choose(key, [each.facts for each in odd], kept)
        is_half = coming(project) is not None
        if is_half:
            st.warning("This was being changed and was stopped half way. Apply it once more.")
        if chosen is None:
            return
        _show_before_and_after(project, odd, kept, chosen)
        if st.button("Apply to all", key=f"{key}_read", disabled=chosen == kept and not is_half):
            _start(project, chosen)
        st.caption("Models that were trained before go on reading pictures as they learned to.")


def _show_beyond(key: str, project: Project, kept: PictureSettings) -> None:
    """What to do where a picture that came back is beyond what black and white were made for."""
    if coming(project) is None and goes_beyond(project):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(BEYOND, icon=":material/filter:")
            if st.button("Read them again", key=f"{key}_anew"):
                _start(project, kept)


def _show_note_on_dicom(project: Project) -> None:
    if remembered.of_photos(_has_dicom, project):
        st.info(DICOM_NOTE, icon=":material/privacy_tip:")


def _has_dicom(project: Project) -> bool:
    return bool(project.photos_where(" or ".join(["lower(file) like ?"] * len(DICOM_SUFFIXES)), *_patterns(), limit=1))


def _patterns() -> list[str]:
    return [f"%{suffix}" for suffix in sorted(DICOM_SUFFIXES)]


def _choose(key: str, facts: list[PictureFacts], kept: PictureSettings) -> PictureSettings | None:
    """The settings with what is chosen here; None where there is nothing to choose."""
    pages, bands = (max(getattr(fact, name) for fact in facts) for name in ("pages", "bands"))
    has_profiles = any(fact.profile for fact in facts)
    chosen = kept
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if pages:
            page = st.number_input("Page", 1, pages, min(kept.page + 1, pages), key=f"{key}_page", width=120)
            chosen = replace(chosen, page=page - 1 if kept.page < pages or page < pages else kept.page)
        if bands:
            names, now = ("Red", "Green", "Blue"), (min(band + 1, bands) for band in kept.bands)
            numbers = [
                st.number_input(f"{name} is band", 1, bands, band, key=f"{key}_{name}", width=120)
                for name, band in zip(names, now, strict=True)
            ]
            chosen = replace(chosen, bands=tuple(number - 1 for number in numbers))
        if has_profiles:
            profiles = st.toggle("Apply colour profiles", kept.profiles, key=f"{key}_profiles")
            chosen = replace(chosen, profiles=profiles)
    return chosen if pages or bands or has_profiles else None


def _show_before_and_after(
    project: Project, odd: list[OddPicture], kept: PictureSettings, chosen: PictureSettings
) -> None:
    """One picture that the choice changes, as it is and as it would be."""
    if chosen == kept:
        return
    changed = [
        (each.facts.pages and chosen.page != kept.page)
        or (each.facts.bands and chosen.bands != kept.bands)
        or (each.facts.profile and chosen.profiles != kept.profiles)
        for each in odd
    ]
    photo = next(each.photo for each, is_so in zip(odd, changed, strict=True) if is_so)
    with st.container(horizontal=True):
        for words, settings in (("Now", kept), ("As chosen", chosen)):
            picture = _small(str(project.path(photo)), to_keep(settings))
            if picture:
                st.image(picture, caption=words, width=SIDE, alt=f"{photo.name}, {words.lower()}")


@st.cache_data(max_entries=20, show_spinner=False)
def _small(path: str, settings: dict) -> bytes | None:
    try:
        return decoders().call(small_jpeg, Path(path).read_bytes(), SIDE * 2, as_kept(settings))
    except (PhotoError, OSError):
        return None


def _start(project: Project, chosen: PictureSettings) -> None:
    with heading.errors_in_words():
        this = ImportFolder.create(project)
        this.write_request(ImportRequest(PICTURES, pictures=chosen.to_json()))
        current.start(kinds.IMPORT, this)

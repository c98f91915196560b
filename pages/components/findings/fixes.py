"""What can be done with findings: of photos that are alike, of single photos, and of whole classes."""

import streamlit as st

from core.base.names import in_order, name_order
from core.base.words import counted
from core.checks import findings
from core.checks.findings import ALIKE, BACKGROUND, KINDS, MIRRORED_ACROSS, TWINS, Finding
from core.projects import edits
from core.projects.alike import COPIES, DIFFERENT, answer_of
from core.projects.project import Project
from pages.components.findings import fixing
from pages.components.pictures import gallery, listings
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.actions import Action
from pages.components.pictures.grid import ASIDE, KEEP
from pages.components.shared.markdown import plain

FIRST = 4  # photos of a class
SAID = f"set_aside = '' and (instr(kept, '{COPIES}') or instr(kept, '{DIFFERENT}'))"  # in SQL, of which it was said


def show_groups(key: str, project: Project, found: list[Finding]) -> None:
    """Photos that are alike, group by group, with fixes for all groups at once; the gallery has those for each."""
    if len(found) > 1:
        _show_fixes_for_all(key, project, found)
    across = [each for each in found if len(each.class_names) > 1]
    labels = {photo.id: photo.label for photo in project.photos_with_ids(of_groups(across))}
    groups = [sorted(each.photos, key=lambda photo: name_order(labels.get(photo, ""))) for each in found]
    words = {
        photo: f"Group {number:,}: {counted(len(group), 'photo')}"
        for number, group in enumerate(groups, 1)
        for photo in group
    }
    _show_photos(f"{key}_photos", project, found, fixing.of_groups(found), words)


def _show_photos(
    key: str, project: Project, found: list[Finding], actions: tuple[Action, ...], groups: dict[int, str]
) -> None:
    """The photos of findings of one kind, in the order of `groups` if there are some."""
    ids = list(groups) or of_groups(found)
    look = gallery.Look(title=findings.title(found), rail=False, with_class=True, redraws=True)
    gallery.show(key, project, listings.of_ids(project, ids, groups=groups), actions, look)


def of_groups(found: list[Finding]) -> list[int]:
    """The ids of all photos of these findings."""
    return [photo for finding in found for photo in finding.photos]


def _show_answers(key: str, project: Project, photos: list[int], which: str) -> None:
    """What photos that look alike are: two buttons."""
    for words, answer in (("Copies or bursts", COPIES), ("Different things", DIFFERENT)):
        if st.button(f"{which}{words.lower() if which else words}", key=f"{key}_{answer}"):
            edits.say_alike(project, photos, answer)
            st.rerun()


def show_answered(key: str, project: Project) -> None:
    """What the user said of photos that look alike, and the way to say otherwise."""
    answers = {photo.id: answer_of(photo.kept) for photo in project.photos_where(SAID)}
    photos = list(answers)
    if not photos:
        return
    said = (
        f"{counted(n, 'photo')} {what}"
        for answer, what in ((COPIES, "are copies or bursts"), (DIFFERENT, "only look alike"))
        if (n := sum(given == answer for given in answers.values()))
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"You said: {', '.join(said)}.", width="content")
        if st.button("Ask me again", type="tertiary", key=f"{key}_again"):
            edits.say_alike(project, photos, "")
            st.rerun()


def _show_fixes_for_all(key: str, project: Project, found: list[Finding]) -> None:
    """One click, and one undo, for all groups."""
    kind = found[0].kind
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kind == ALIKE:
            _show_answers(key, project, of_groups(found), "All are ")
            return
        if kind == MIRRORED_ACROSS:
            pass  # which of two mirrored ones is right depends on each
        elif len(found[0].class_names) > 1:
            labels = in_order(label for finding in found for label in finding.class_names)
            label = st.selectbox(
                "Keep them in", labels, index=None, key=f"{key}_label", placeholder="A class", width=240
            )
            if st.button("Set the others aside", icon=ASIDE, disabled=not label, key=f"{key}_all_aside"):
                edits.set_aside(project, findings.all_but_class(project, found, label), KINDS[kind].aside)
                st.rerun()
        elif st.button("Set aside all but one of each", icon=ASIDE, key=f"{key}_all_aside"):
            edits.set_aside(project, findings.all_but_one(project, found), KINDS[kind].aside)
            st.rerun()
        if st.button(f"Keep all {len(found):,} groups", icon=KEEP, key=f"{key}_all_keep"):
            edits.keep(project, of_groups(found), kind)
            st.rerun()


def show_single(key: str, project: Project, finding: Finding) -> None:
    """Single photos: keep or set aside all of them here, or those that are selected in the gallery."""
    which = "it" if len(finding.photos) == 1 else f"all {len(finding.photos):,}"
    with st.container(horizontal=True):
        if st.button(f"Keep {which}", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, finding.photos, finding.kind)
            st.rerun()
        if st.button("Set it aside" if which == "it" else f"Set aside {which}", icon=ASIDE, key=f"{key}_aside"):
            edits.set_aside(project, finding.photos, KINDS[finding.kind].aside)
            st.rerun()
    _show_photos(f"{key}_photos", project, [finding], fixing.of_kind(finding.kind), {})


def show_twins(key: str, project: Project, finding: Finding) -> None:
    """Classes written alike: make them one, or leave them two."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    counts = project.class_counts()
    with st.container(horizontal=True):
        for label in finding.class_names:
            with st.container(border=True, width="content"):
                st.markdown(f"**{plain(label)}**, {counted(counts.get(label, 0), 'photo')}")
                first = project.photos(label, limit=FIRST)
                photo_grid.show_strip([(project.thumbnail(photo), "") for photo in first])
                if st.button(f"Merge into {plain(label)}", icon=":material/merge:", key=f"{key}_into_{label}"):
                    edits.merge_classes(project, finding.class_names, label)
                    st.rerun()
    if st.button("Keep them apart", icon=KEEP, key=f"{key}_keep"):
        edits.keep(project, finding.photos, TWINS)
        st.rerun()


def show_background(key: str, project: Project, finding: Finding) -> None:
    """A class that its background gives away: other photos put that right."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep them", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, finding.photos, BACKGROUND)
            st.rerun()
        st.page_link("pages/photos.py", label="Add photos", icon=":material/add_photo_alternate:")
    _show_photos(f"{key}_photos", project, [finding], fixing.of_kind(BACKGROUND), {})

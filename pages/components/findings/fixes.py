"""What can be done with findings: of photos that are alike, of single photos, and of whole classes."""

import streamlit as st

from core.base.names import in_order, name_order
from core.base.words import counted
from core.checks import findings
from core.checks.findings import ALIKE, BACKGROUND, KINDS, MIRRORED_ACROSS, TWINS, Finding
from core.projects import edits
from core.projects.alike import COPIES, DIFFERENT, answer_of
from core.projects.project import Photo, Project
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.grid import ASIDE, KEEP, finish
from pages.components.shared.markdown import plain

GROUPS_PER_PAGE, PHOTOS_PER_PAGE = 8, 12
FIRST = 8  # photos of a group, or of a class; a film may have a hundred
PER_ROW = 4  # photos of a group


def show_groups(key: str, project: Project, found: list[Finding]) -> None:
    """Groups of photos that are alike, side by side; fixes for each, and for all at once."""
    if len(found) > 1:
        _show_fixes_for_all(key, project, found)
    shown = found[photo_grid.choose_page(key, len(found), GROUPS_PER_PAGE)]
    photos = {p.id: p for p in project.photos_with_ids(photo for each in shown for photo in each.photos[:FIRST])}
    with st.container(horizontal=True):
        for finding in shown:
            alike = sorted(
                (photos[photo] for photo in finding.photos[:FIRST]), key=lambda photo: name_order(photo.label)
            )
            with st.container(border=True, width=max(2, min(len(alike), PER_ROW)) * (photo_grid.CELL + 16) + 18):
                _show_group(f"{key}_{finding.photos[0]}", project, finding, alike)


def _show_group(key: str, project: Project, finding: Finding, photos: list[Photo]) -> None:
    """One group: all stay, or one of them, or those in one class."""
    chosen = photo_grid.show(key, project, photos, with_class=True)
    if len(finding.photos) > len(photos):
        st.caption(f"and {counted(len(finding.photos) - len(photos), 'more photo')}")
    aside = KINDS[finding.kind].aside
    with st.container(horizontal=True, gap="xsmall"):
        if chosen:
            if st.button(f"Set aside {len(chosen):,} selected", icon=ASIDE, key=f"{key}_aside"):
                edits.set_aside(project, chosen, aside)
                finish(key)
        elif finding.kind == ALIKE:
            _show_answers(key, project, finding.photos, "")
            return
        elif len(finding.class_names) > 1 and finding.kind != MIRRORED_ACROSS:
            for label in finding.class_names:
                if st.button(f"Keep in {plain(label)}", key=f"{key}_in_{label}"):
                    edits.set_aside(project, findings.all_but_class(project, [finding], label), aside)
                    finish(key)
        elif finding.kind != MIRRORED_ACROSS and st.button("Set aside all but one", key=f"{key}_aside"):
            edits.set_aside(project, findings.all_but_one(project, [finding]), aside)
            finish(key)
        if st.button("Keep all", key=f"{key}_keep"):
            edits.keep(project, finding.photos, finding.kind)
            finish(key)


def _show_answers(key: str, project: Project, photos: list[int], which: str) -> None:
    """What photos that look alike are: two buttons."""
    for words, answer in (("Copies or bursts", COPIES), ("Different things", DIFFERENT)):
        if st.button(f"{which}{words.lower() if which else words}", key=f"{key}_{answer}"):
            edits.say_alike(project, photos, answer)
            finish(key)


def show_answered(key: str, project: Project) -> None:
    """What the user said of photos that look alike, and the way to say otherwise."""
    answers = {photo.id: answer_of(photo.kept) for photo in project.photos()}
    photos = [photo for photo, answer in answers.items() if answer]
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
            finish(key)


def _show_fixes_for_all(key: str, project: Project, found: list[Finding]) -> None:
    """One click, and one undo, for all groups."""
    kind = found[0].kind
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kind == ALIKE:
            _show_answers(key, project, [photo for finding in found for photo in finding.photos], "All are ")
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
                finish(key)
        elif st.button("Set aside all but one of each", icon=ASIDE, key=f"{key}_all_aside"):
            edits.set_aside(project, findings.all_but_one(project, found), KINDS[kind].aside)
            finish(key)
        if st.button(f"Keep all {len(found):,} groups", icon=KEEP, key=f"{key}_all_keep"):
            edits.keep(project, [photo for finding in found for photo in finding.photos], kind)
            finish(key)


def show_single(key: str, project: Project, finding: Finding, labels: list[str]) -> None:
    """Single photos: keep, set aside or move all of them, or those selected."""
    of_these = set(finding.photos)
    chosen = [photo for photo in photo_grid.selected(key) if photo in of_these]
    these = chosen or finding.photos
    which = f"{len(chosen):,} selected" if chosen else f"all {len(these):,}"
    if len(finding.photos) == 1:
        which = "it"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(f"Keep {which}", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, these, finding.kind)
            finish(key)
        if st.button("Set it aside" if which == "it" else f"Set aside {which}", icon=ASIDE, key=f"{key}_aside"):
            edits.set_aside(project, these, KINDS[finding.kind].aside)
            finish(key)
        is_clear = bool(chosen) or len(these) == 1  # to move them all is hardly ever meant
        words = f"Move {which} to …" if is_clear else "Move selected to …"
        target = photo_grid.choose_class(
            words, labels, f"{key}_target", placeholder=words, label_visibility="collapsed", width=240
        )
        if st.button("Move", disabled=not (target and is_clear), key=f"{key}_move"):
            edits.move(project, these, target)
            finish(key)
    shown = finding.photos[photo_grid.choose_page(key, len(finding.photos), PHOTOS_PER_PAGE)]
    photo_grid.show(key, project, project.photos_with_ids(shown), with_class=True)


def show_twins(key: str, project: Project, finding: Finding) -> None:
    """Classes written alike: make them one, or leave them two."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    counts = project.class_counts()
    with st.container(horizontal=True):
        for label in finding.class_names:
            with st.container(border=True, width="content"):
                st.markdown(f"**{plain(label)}**, {counted(counts.get(label, 0), 'photo')}")
                first = project.photos(label, limit=FIRST // 2)
                photo_grid.show_strip([(project.thumbnail(photo), "") for photo in first])
                if st.button(f"Merge into {plain(label)}", icon=":material/merge:", key=f"{key}_into_{label}"):
                    edits.merge_classes(project, finding.class_names, label)
                    finish(key)
    if st.button("Keep them apart", icon=KEEP, key=f"{key}_keep"):
        edits.keep(project, finding.photos, TWINS)
        finish(key)


def show_background(key: str, project: Project, finding: Finding) -> None:
    """A class that its background gives away: other photos put that right."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    first = project.photos_with_ids(finding.photos[:FIRST])
    photo_grid.show_strip([(project.thumbnail(photo), "") for photo in first])
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep them", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, finding.photos, BACKGROUND)
            finish(key)
        st.page_link("pages/photos.py", label="Add photos", icon=":material/add_photo_alternate:")

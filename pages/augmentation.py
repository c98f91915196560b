"""Vary the photos: see how the training photos are varied, say what they no longer are, and keep it in the plan."""

from dataclasses import replace
from functools import partial

import streamlit as st

from core.models.config import FEATURE_EXTRACTION, usual_config
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, RECOMMENDED, Augmentation, parse
from core.photos.sides import chosen_views, heights_matter, shape_warnings, sides_in_words, view_warnings
from core.projects import augmentation_answers as augment_answers
from core.projects.plan import keep_plan, kept_plan, sides_of
from core.projects.project import Project
from pages.components.augmentation import options as augment_options
from pages.components.augmentation import varied_photos
from pages.components.shared import buttons, heading
from pages.components.shared.markdown import plain

PHOTOS_WIDTH, OPTIONS_WIDTH = 564, 216  # pixels: side by side on a desk, else below each other


def planned(project: Project, sides: str) -> Augmentation:
    """What the plan keeps; without any the first recommended set, so that there is something to see.

    Where sides matter, for the reason `sides`, only a plan that says so is mirrored.
    """
    kept = kept_plan(project)
    if kept is None or kept.augment in (NO_VIEWS, AUTO_VIEWS):
        return RECOMMENDED[0].augmentation.without({"mirror"} if sides else set())
    return parse(kept.augment)


@st.fragment  # so that a slider redraws the photos and nothing else
@heading.in_words
def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    photos = varied_photos.sample(project)
    if not photos:
        st.info("There are no photos to vary yet.")
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
        return
    options_key, off, sides = f"{key}_options", set(augment_answers.rejected(project)), sides_of(project)
    augment_options.begin(options_key, planned(project, sides), off)
    augment_options.choose_set(options_key, off | ({"mirror"} if sides else set()))
    varied_photos.keep_in_view()
    about_sides = st.container()
    with st.container(horizontal=True, gap="medium"):
        pictures = st.container(width=PHOTOS_WIDTH, key=varied_photos.IN_VIEW)
        with st.container(width=OPTIONS_WIDTH):
            chosen = augment_options.show(options_key, off)
    with pictures:
        varied_photos.show_varied(f"{key}_preview", project, photos, chosen)
    with about_sides:
        show_sides(project, chosen.setting(), sides)
    show_use(project, chosen, sides)
    st.subheader("Is it still the same?", anchor=False)
    st.markdown("Each variation alone, at its strongest. Where your answer is no, it would teach something wrong.")
    varied_photos.show_rejected(key, options_key, project)
    varied_photos.show_questions(f"{key}_ask", options_key, project, photos, chosen)


def show_sides(project: Project, augment: str, sides: str) -> None:
    """Why the photos are not mirrored, or what it means that they are changed, where that tells classes apart."""
    if words := sides_in_words(augment, sides):
        st.info(f"{plain(words)} You can switch it on all the same.", icon=":material/compare_arrows:")
    counts = project.class_counts()
    warnings = view_warnings(augment, sides, heights_matter(counts)) + shape_warnings(augment, counts)
    for warning in warnings:
        st.warning(plain(warning), icon=":material/warning:")


def show_use(project: Project, chosen: Augmentation, sides: str) -> None:
    """The button that keeps it in the plan, and what it costs."""
    plan = kept_plan(project) or usual_config(FEATURE_EXTRACTION)
    with st.container(horizontal=True, vertical_alignment="center"):
        varied = replace(plan, augment=chosen_views(chosen.setting(), sides))
        buttons.show_way_on("Use these", "pages/train.py", before=partial(keep_plan, project, varied))
        st.caption(cost(chosen, plan.strategy), width="content")


def cost(chosen: Augmentation, strategy: str) -> str:
    """What it costs, in a sentence or two."""
    n = chosen.distinct_views()
    if n == 0:
        return "Nothing is on: the training photos are shown as they are."
    looks = "twice" if n == 1 else f"{n + 1} times"
    words = f"Each training photo is looked at {looks} instead of once: as it is, and varied. "
    if strategy == FEATURE_EXTRACTION:
        words += "The first training takes longer by that; the next ones remember what was seen. "
        return words + "A base model that stays as it is has learned to overlook such changes, so expect little of it."
    return words + "Every pass of the training takes that many times as long."


heading.show_page(
    "Vary the photos",
    "The model learns each training photo also slightly changed (augmentation), so that it learns what matters and not "
    "how the photo happened to be taken. Photos for validation and test are never changed.",
    "augmentation",
    show_all,
)

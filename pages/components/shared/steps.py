"""The steps from photos to answers, with what is done."""

import streamlit as st

from core.advice.folder import advice_of
from core.base.errors import EspalierError
from core.checks.readiness import problems
from core.projects.project import Project
from core.runs.run import list_runs

DONE, OPEN = ":material/check_circle:", ":material/radio_button_unchecked:"


def pages(project: Project | None) -> dict[str, list[st.Page]]:
    """The pages for the navigation, under the project's title once there is one."""
    start = st.Page("pages/projects.py", title="Projects", icon=":material/potted_plant:", default=True)
    has_photos = project is not None and not problems(_class_counts(project))
    has_advice = project is not None and advice_of(project).read() is not None
    runs = list_runs(project.runs_folder) if project else []
    has_result = any(run.report_path.exists() for run in runs)
    comparing = "visible" if runs else "hidden"  # no step: it is of use from the second run on
    flow = [
        st.Page("pages/photos.py", title="1  Photos", icon=DONE if has_photos else OPEN),
        st.Page("pages/explore.py", title="2  Explore", icon=OPEN),
        st.Page("pages/advice.py", title="3  Advice", icon=DONE if has_advice else OPEN),
        st.Page("pages/train.py", title="4  Train", icon=DONE if has_result else OPEN),
        st.Page("pages/results.py", title="5  Results", icon=DONE if has_result else OPEN),
        st.Page("pages/try_it.py", title="6  Try it", icon=OPEN),
        st.Page("pages/take_away.py", title="7  Take it away", icon=OPEN),
        st.Page("pages/runs.py", title="Compare runs", icon=":material/balance:", visibility=comparing),
        st.Page("pages/findings.py", title="Check the photos", visibility="hidden"),  # the photos page links to both
        st.Page("pages/sort.py", title="Sort and tidy", visibility="hidden"),
        st.Page("pages/labels.py", title="Are the labels right?", visibility="hidden"),  # Results links to both
        st.Page("pages/photo_map.py", title="Map of the photos", visibility="hidden"),
        st.Page("pages/feedback.py", title="Feedback", visibility="hidden"),  # Try it links to it
        st.Page("pages/teachable_machine.py", title="Compare with Teachable Machine", visibility="hidden"),
        st.Page("pages/search.py", title="Search for better settings", visibility="hidden"),
        st.Page("pages/augmentation.py", title="Vary the photos", visibility="hidden"),  # Advice and Train link to it
    ]
    return {"Espalier": [start], project.title if project else "The steps": flow}


def _class_counts(project: Project) -> dict[str, int]:
    """Photos by class, none where they can't be read: the page says why, and the way to the others stays."""
    try:
        return project.class_counts()
    except EspalierError:
        return {}

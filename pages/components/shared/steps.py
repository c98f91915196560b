"""The steps from photos to answers, with what is done, and under the open one its further pages."""

from dataclasses import dataclass, field

import streamlit as st

from core.advice.folder import advice_of
from core.base.errors import EspalierError
from core.checks.readiness import problems
from core.projects.project import Project
from core.runs.run import list_runs
from pages.components.shared.markdown import plain

DONE, OPEN, FURTHER = (
    ":material/check_circle:",
    ":material/radio_button_unchecked:",
    ":material/subdirectory_arrow_right:",
)
QUICK_START = "quick_start"


@dataclass(frozen=True)
class Step:
    """A page of the flow, by the name of its file, and the titles of those that belong to it, by theirs."""

    page: str
    title: str
    further: dict[str, str] = field(default_factory=dict)

    def is_open(self, at: str) -> bool:
        """Whether the tab is at this step or at one of its further pages."""
        return at in (self.page, *self.further)


STEPS = (
    Step("photos", "Photos", {"findings": "Check the photos", "sort": "Sort and tidy"}),
    Step("explore", "Explore", {"photo_map": "Map of the photos"}),
    Step("advice", "Advice", {"augmentation": "Vary the photos"}),
    Step("train", "Train", {"search": "Search for better settings"}),
    Step("results", "Results", {"labels": "Are the labels right?", "runs": "Compare runs"}),
    Step("try_it", "Try it", {"feedback": "Feedback", "teachable_machine": "Teachable Machine"}),
    Step("take_away", "Take it away"),
)
OF_A_PROJECT = {QUICK_START: "Quick start"} | {
    page: title for step in STEPS for page, title in {step.page: step.title, **step.further}.items()
}  # titles of all pages that show one, by the names of their files


def navigate(project: Project | None) -> st.Page:
    """Show the navigation, in which the step that the tab is at is open, and return the page to run."""
    done = _done(project)
    at = st.navigation(pages(project, done), position="hidden").url_path  # nothing else tells where the tab is
    return st.navigation(pages(project, done, at), expanded=True)


def pages(project: Project | None, done: set[str] | None = None, at: str = "") -> dict[str, list[st.Page]]:
    """All pages, under the project's title once there is one.

    Args:
        project: The current one.
        done: The steps that are done, by their pages; None = looked up.
        at: The page that is open: the further pages of its step are shown, those of others are only reached by links.
    """
    done = _done(project) if done is None else done
    begin = [
        st.Page("pages/projects.py", title="Projects", icon=":material/potted_plant:", default=True),
        st.Page("pages/quick_start.py", title=OF_A_PROJECT[QUICK_START], icon=":material/bolt:"),
    ]
    flow = []
    for number, step in enumerate(STEPS, 1):
        icon = DONE if step.page in done else OPEN
        flow.append(st.Page(f"pages/{step.page}.py", title=f"{number}  {step.title}", icon=icon))
        shown = "visible" if step.is_open(at) else "hidden"
        for page, title in step.further.items():
            flow.append(st.Page(f"pages/{page}.py", title=title, icon=FURTHER, visibility=shown))
    return {"Espalier": begin, plain(project.title) if project else "The steps": flow}


def _done(project: Project | None) -> set[str]:
    """The pages of the steps that are done."""
    if project is None:
        return set()
    has_result = any(run.report_path.exists() for run in list_runs(project.runs_folder))
    done = {"train", "results"} if has_result else set()
    if not problems(_class_counts(project)):
        done.add("photos")
    if advice_of(project).read() is not None:
        done.add("advice")
    return done


def _class_counts(project: Project) -> dict[str, int]:
    """Photos by class, none where they can't be read: the page says why, and the way to the others stays."""
    try:
        return project.class_counts()
    except EspalierError:
        return {}

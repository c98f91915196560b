"""Try it: ask the trained model about new photos."""

import os

import streamlit as st

from core.batches.folder import FOLDER, PATH, WAYS
from core.projects.project import Project
from core.runs.predictor import USUAL_THRESHOLD, Prediction
from core.runs.run import Run
from core.server.address import HOST, PORT, curl_line, serve_line
from pages.components.asking import asked_gallery
from pages.components.asking.answered import AnsweredPhoto, answers, load, show_answer
from pages.components.shared import heading, run_choice
from pages.components.shared.markdown import plain
from pages.components.try_it import batches, downloads, ways_in

MOST_UNUSABLE = 2  # photos said to be of no use before the newest that is
USUAL_SHARE, MOST_SHARE = round(100 * USUAL_THRESHOLD), 20  # per cent
SHARE = "try_refused"


def show_page_photos(key: str, project: Project, run: Run, photos: list[AnsweredPhoto], threshold: float) -> None:
    """The few photos of this page, newest first: that one large, and where there are more all in a gallery below."""
    for photo in photos[: min(newest_with_answer(photos), MOST_UNUSABLE) + 1]:
        show_answer(key, project, run, photo, threshold)
    if len(photos) > 1:
        asked = asked_gallery.of_page(photos)
        asked_gallery.show(f"{key}_photos", project, run, asked, threshold, redraws=True)
    downloads.show(f"{key}_down", run.class_names(), photos, threshold)


def newest_with_answer(photos: list[AnsweredPhoto]) -> int:
    """The place of the newest photo that can be used; of those before it stands why they can't. 0 where none can."""
    return next((place for place, photo in enumerate(photos) if isinstance(photo.answer, Prediction)), 0)


def show_unsure_share(tells: bool) -> None:
    """The slider; a run that can't tell how unlike one's own photos another is says so in its place."""
    with st.expander("When is it not sure?", icon=":material/help:"):
        if not tells:
            st.caption(
                "This run kept nothing to compare new photos with, so it always chooses one of its classes. A run "
                "that is trained now can tell."
            )
            return
        st.slider(
            "Refuse this share of photos that are like your own", 0, MOST_SHARE, USUAL_SHARE, format="%d %%", key=SHARE
        )
        st.caption(
            "It compares a photo with your own, and says that it is not sure where it looks stranger than nearly all "
            "of them. The more you refuse, the more strange things it notices, and the more good photos it lets go."
        )
        st.caption(
            "What is quite different it notices nearly always: a car among fruit. What is akin to your classes it "
            "often takes for one of them. Measured on small pictures with one class of ten left out: it refused 8 to "
            "38 % of that class, 19 % on average. Collect photos of such things in a class called “none of these”."
        )


def show_other_programs(run: Run) -> None:
    """The command that serves it, and one that asks."""
    windows = os.name == "nt"
    with st.expander("Ask it from another program"):
        st.markdown("This answers other programs on this computer, and nobody else, until you stop it with Ctrl-C:")
        st.code(serve_line(run.folder.absolute(), windows), language="shell", wrap_lines=True)
        st.markdown("Start it in the folder of the app. Then any program can ask; in a second terminal, for example:")
        st.code(curl_line(windows), language="shell", wrap_lines=True)
        st.caption(f"All ways to ask are shown at http://{HOST}:{PORT}/docs while it runs.")


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    run = run_choice.choose_run("try_run", project)
    model, threshold = load(run), st.session_state.get(SHARE, USUAL_SHARE) / 100
    knows_strange = run.detector_path.exists()
    shown = ways_in.show(key, project, run, threshold)
    tells = False
    if photos := answers(run, shown.few):
        show_page_photos(f"{key}_{run.name}_{shown.way}", project, run, photos, threshold)
    elif shown.way != PATH and shown.way != FOLDER:
        otherwise = "it says when it is not sure" if knows_strange else "it will choose one of them"
        st.caption(plain(f"It knows {', '.join(model.class_names)}. Whatever else it is shown, {otherwise}."))
    if shown.way in WAYS and not photos:  # one gallery: photos on the page come before a batch that came this way too
        tells = batches.show(key, project, threshold, shown.way)
    if about := run.finished_report().about_model:
        st.caption(plain(about))
    show_unsure_share(tells or knows_strange)
    show_other_programs(run)


heading.show_page("Try it", "Show it photos that it has never seen. They stay on this computer.", "try", show_all)

"""Espalier: train an image classifier in the browser, on this computer. Page setup, navigation, current project.

`streamlit run` imports this file for the server, whose `app` it finds, and runs it as a script for each tab.
"""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from core.base.errors import InputError
from core.server.launch_token import token_guard
from core.server.same_origin import SameOriginOnly
from pages.components.pictures import addresses
from pages.components.shared import beginning, current, heading, left_off, news, steps

HOW_TO_ALLOW = "Another name is let in by --server.allowedHosts NAME, said when the app is started."
SHARED = Path(__file__).with_name("pages") / "components" / "shared"


def show() -> None:
    """One run of a tab: the chosen page, and what stands beside every page."""
    heading.set_up()
    st.html(SHARED / "page.css")
    beginning.sweep_once(str(current.workspace().home))
    project = current.project()
    page = steps.navigate(project)
    left_off.note(project, page.url_path)
    news.turn_to(page.url_path)
    st.session_state[heading.NAVIGATED] = True
    with st.sidebar:
        current.show_picker("project_picker", project)
        current.show_not_opened()
        st.caption(":material/lock: Your photos never leave this computer.")
    with heading.errors_in_words():
        page.run()
    beginning.leave_modules_alone()


if __name__ == "__main__":
    show()
else:
    try:
        token = token_guard(os.environ)
    except InputError as error:
        raise SystemExit(str(error)) from error
    guard = Middleware(SameOriginOnly, lambda: st.get_option("server.allowedHosts"), HOW_TO_ALLOW)
    app = st.App(__file__, routes=addresses.routes(), middleware=[guard, *token])

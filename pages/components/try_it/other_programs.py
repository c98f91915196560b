"""How other programs on this computer ask a run."""

import os

import streamlit as st

from core.runs.run import Run
from core.server.address import HOST, PORT, curl_line, serve_line


def show(run: Run) -> None:
    """The command that serves it, and one that asks."""
    windows = os.name == "nt"
    with st.expander("Ask it from another program"):
        st.markdown("This answers other programs on this computer, and nobody else, until you stop it with Ctrl-C:")
        st.code(serve_line(run.folder.absolute(), windows), language="shell", wrap_lines=True)
        st.markdown("Start it in the folder of the app. Then any program can ask; in a second terminal, for example:")
        st.code(curl_line(windows), language="shell", wrap_lines=True)
        st.caption(f"All ways to ask are shown at http://{HOST}:{PORT}/docs while it runs.")

"""The small photo of the dot under the mouse, on the map of the photos."""

import base64
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component  # what v2 leaves in the session can't be pickled

from core.projects.project import Project

MOST_BYTES = 1_000_000  # of a thumbnail; one of 512 pixels seldom has a tenth of it, but may carry anything along


@cache
def _component() -> Any:
    return declare_component("espalier_map_hover", path=Path(__file__).with_name("browser"))


@st.fragment
def show(key: str, project: Project) -> None:
    """Let the dots of a chart show their photos; only the picture asked for is made anew, neither page nor chart.

    Args:
        key: What the key of the chart, or of what is around it, begins with. Its dots have photo ids as `customdata`.
        project: Whose photos.
    """
    asked = st.session_state.get(f"{key}_hover")
    _component()(key=f"{key}_hover", chart=key, picture=picture_of(project, asked), height=0)


def picture_of(project: Project, photo_id: Any) -> dict[str, Any] | None:
    """The small JPEG of a photo.

    Args:
        project: Whose photos.
        photo_id: What the browser asked for: an id, if all is well.

    Returns:
        id, and jpeg: its bytes in base64, "" where there is no such file. None where there is no such photo.
    """
    photos = project.photos_with_ids([photo_id]) if isinstance(photo_id, int) else []
    if not photos:
        return None
    path = project.thumbnail(photos[0])
    small = path.exists() and path.stat().st_size <= MOST_BYTES
    return {"id": photo_id, "jpeg": base64.b64encode(path.read_bytes()).decode() if small else ""}

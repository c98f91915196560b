"""Whether what was measured on a project's photos is still about the photos that it has now."""

import json

from core.projects.project import Project


def photo_state(project: Project) -> str:
    """Equal as long as the same photos are in the same classes: how many, the last one, and the changes that stand."""
    with project.database() as db:
        photos = db.execute("select count(*), max(id) from photos where set_aside = ''").fetchone()
        edits = db.execute("select count(*), max(id) from edits where undone = 0").fetchone()
    return json.dumps([*photos, *edits])

import base64
import json

import numpy as np
import pandas as pd
import pytest

from core.photo_map.folder import current_photos, map_of
from pages.components.photo_map.chart import MOST_PICTURE_BYTES, picture_of


def test_a_photo_is_given_as_its_small_jpeg(project):
    photo = project.photos("disc")[3]
    picture = picture_of(project, photo.id)
    assert picture["id"] == photo.id
    assert base64.b64decode(picture["jpeg"]) == project.thumbnail(photo).read_bytes()


@pytest.mark.parametrize("asked", [None, 999, -1, 2**70, "1", "../project.db", 1.5, [1], {"id": 1}])
def test_what_is_no_photo_of_the_project_gives_nothing(project, asked):
    assert picture_of(project, asked) is None


def test_a_small_jpeg_that_is_missing_or_not_small_stays_out(project):
    one, other = project.photos()[:2]
    project.thumbnail(one).unlink()
    project.thumbnail(other).write_bytes(bytes(MOST_PICTURE_BYTES + 1))
    assert picture_of(project, one.id) == {"id": one.id, "jpeg": ""}
    assert picture_of(project, other.id) == {"id": other.id, "jpeg": ""}


def test_the_dots_carry_the_ids_that_the_picture_is_asked_for_with(project, open_page):
    photos = current_photos(project)
    at = np.arange(len(photos), dtype=np.float32)
    map_of(project).write(pd.DataFrame({"sha256": photos["sha256"], "x": at, "y": at}))
    app = open_page("photo_map")
    (chart,) = app.get("plotly_chart")
    ids = [
        np.frombuffer(base64.b64decode(t["customdata"]["bdata"]), t["customdata"]["dtype"])
        for t in json.loads(chart.proto.spec)["data"]
    ]
    assert [found.tolist() for found in ids] == [[p.id for p in project.photos(c)] for c in ("cross", "disc")]
    (hover,) = app.get("component_instance")
    arguments = json.loads(hover.proto.json_args)
    assert (arguments["chart"], arguments["picture"]) == (f"map_{project.id}", None)

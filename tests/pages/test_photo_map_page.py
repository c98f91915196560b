import base64
import json

import numpy as np
import pandas as pd
import pytest

from core.base.events import PHASE
from core.photo_map.folder import current_photos, map_of
from pages.components.photo_map import chart as map_chart
from tests.pages.screen import as_seen, ask_gallery, button, gallery


def dots(app):
    (chart,) = app.get("plotly_chart")
    return {trace["name"]: trace for trace in json.loads(chart.proto.spec)["data"]}


def map_chart_x(app):
    """Where the dots of the first trace lie."""
    x = next(iter(dots(app).values()))["x"]
    return np.frombuffer(base64.b64decode(x["bdata"]), x["dtype"]) if isinstance(x, dict) else np.array(x)


def select_dots(app, places):
    """Circle dots, their places by trace, as the browser tells; AppTest has no public way to a chart's selection."""
    (chart,) = app.get("plotly_chart")
    points = [{"curve_number": trace, "point_index": at} for trace, every in places.items() for at in every]
    states = app._tree.get_widget_states()
    states.widgets.add(id=chart.proto.id, string_value=json.dumps({"selection": {"points": points}}))
    app._run(states)
    assert not app.exception


def put_on_map(project, n=None):
    photos = current_photos(project)[:n]
    at = np.arange(len(photos), dtype=np.float32)
    map_of(project).write(pd.DataFrame({"sha256": photos["sha256"], "x": at, "y": -at}))


def test_without_a_map_it_offers_to_draw_one(project, open_page, submitted):
    button(open_page("photo_map"), "Draw the map").click().run()
    assert [(kind, folder.name) for kind, folder in submitted] == [("map", "map")]


def test_without_photos_it_says_what_is_missing(workspace, open_page):
    workspace.create("Empty")
    assert "no photos yet" in open_page("photo_map").warning[0].value


def test_each_class_has_its_dots_and_the_mouse_shows_name_and_class(project, open_page):
    put_on_map(project)
    found = dots(open_page("photo_map"))
    assert list(found) == ["cross", "disc"]
    assert found["cross"]["type"] == "scattergl"
    assert len(found["disc"]["text"]) == 10
    assert found["disc"]["text"][0].endswith(".png<br>disc")


def test_the_tight_layout_is_offered_where_the_map_has_it(project, open_page):
    put_on_map(project)
    assert len(open_page("photo_map").get("button_group")) == 1  # colours alone: a map of an earlier version
    places = map_of(project).read()
    map_of(project).write(places.assign(tight_x=places["x"] + 100, tight_y=places["y"]))
    app = open_page("photo_map")
    app.get("button_group")[0].set_value("Tight groups (like UMAP)").run()
    assert not app.exception
    assert map_chart_x(app)[0] >= 100


def test_photos_that_came_later_are_counted_and_a_new_map_offered(project, open_page, words):
    put_on_map(project, 17)
    app = open_page("photo_map")
    assert "3 photos came after the map was drawn" in words(app)
    assert button(app, "Draw it again")


def test_the_colours_can_say_the_part_and_what_a_run_answered(trained, open_page):
    put_on_map(trained)
    app = open_page("photo_map")
    chooser = app.get("button_group")[0]
    chooser.set_value("Right or wrong").run()
    assert "not judged by this run" in dots(app)
    assert {"right", "wrong"} <= set(dots(app))
    assert "called" in dots(app)["right"]["text"][0]
    app.get("button_group")[0].set_value("How sure").run()
    assert not app.exception
    app.get("button_group")[0].set_value("Part").run()
    assert list(dots(app)) == ["train", "validation", "test"]


@pytest.fixture
def chosen(project, monkeypatch):
    """The map with three crosses selected."""
    put_on_map(project)
    ids = [photo.id for photo in project.photos("cross")[:3]]
    monkeypatch.setattr(map_chart, "show", lambda key, photos, by, labels: ids)
    return project


def test_chosen_photos_are_shown_moved_and_moved_back(chosen, open_page, words):
    app = open_page("photo_map")
    assert "3 photos chosen on the map" in words(app)
    assert len(gallery(app)["photos"]) == 3
    ask_gallery(app, {"n": 1, "do": "move", "photos": as_seen(app, "png"), "value": "disc"})
    assert len(chosen.photos("cross")) == 7
    assert [photo["label"] for photo in gallery(app)["photos"]] == ["disc"] * 3
    ask_gallery(app, {"n": 2, "do": "undo", "photos": [], "edit": gallery(app)["last"]["id"]})
    assert len(chosen.photos("cross")) == 10


def test_selected_photos_alone_are_set_aside_and_stay_in_sight(chosen, open_page):
    app = open_page("photo_map")
    ask_gallery(app, {"n": 1, "do": "aside", "photos": as_seen(app, "png")[:1]})
    assert len(chosen.photos_set_aside()) == 1
    assert [photo["aside"] for photo in gallery(app)["photos"]] == ["you set it aside", "", ""]


def test_the_chosen_photos_are_known_by_their_ids_when_the_chart_has_changed(project, open_page):
    put_on_map(project)
    app = open_page("photo_map")
    select_dots(app, {0: [0, 2]})
    crosses = project.photos("cross")
    ids = [crosses[0].id, crosses[2].id]
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids
    ask_gallery(app, {"n": 1, "do": "move", "photos": as_seen(app, "png")[:1], "value": "disc"})
    button(app, "Show the changes on the map").click().run()
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids
    assert len(dots(app)["disc"]["text"]) == 11
    app.get("button_group")[0].set_value("Part").run()
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids


def test_while_it_is_drawn_the_map_that_was_there_stays(project, open_page):
    put_on_map(project)
    this = map_of(project)
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="map", words="Laying them out")
        app = open_page("photo_map")
        assert app.get("progress")[0].proto.text == "Laying them out"
        assert app.get("plotly_chart")
        button(app, "Stop").click().run()
        assert this.job.stop_requested() == "discard"


def test_beyond_the_palette_the_classes_share_colours():
    labels = [f"class {k:02}" for k in range(30)]
    photos = pd.DataFrame({"id": range(60), "label": labels * 2, "x": 0.0, "y": 0.0, "name": "a.png", "split": ""})
    traces = map_chart._traces(photos, map_chart.BY_CLASS, labels)
    assert len(traces) == len(map_chart.COLOURS)
    assert sum(len(part) for _, part, _ in traces) == 60

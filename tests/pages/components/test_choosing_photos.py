"""What the controls above the gallery ask the list of photos for."""

from datetime import UTC, date, datetime

import pytest

from core.projects import edits
from core.projects.listing import Wanted
from core.projects.project import NO_CLASS
from pages.components.photos import choosing
from tests.pages.screen import gallery, widget


def names(app):
    return [photo["name"] for photo in gallery(app)["photos"]]


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (choosing.ALL, Wanted()),
        ("disc", Wanted(label="disc")),
        (choosing.ASIDE, Wanted(set_aside=True)),
        (choosing.WITHOUT, Wanted(label="", set_aside=True)),
    ],
)
def test_a_view_is_asked_of_the_list(view, wanted):
    assert choosing.of_view(view) == wanted
    assert not choosing.Choice(view, wanted, "").is_narrowed
    assert choosing.Choice(view, Wanted(name="a"), "").is_narrowed


def test_what_was_brought_in_on_a_day_is_shown(project, open_page):
    with project.database() as db:
        db.execute("update photos set added = ?", (datetime(2024, 5, 3, 12).timestamp(),))
        db.execute("update photos set added = ? where id = 1", (datetime(2024, 5, 4, 23, 59).timestamp(),))
    app = open_page("sort")
    app.date_input[0].set_value((date(2024, 5, 4), date(2024, 5, 4))).run()
    assert [photo["id"] for photo in gallery(app)["photos"]] == [1]


def test_the_day_on_which_a_camera_took_a_photo_is_that_of_its_own_clock(project, open_page):
    with project.database() as db:
        db.execute("update looks set taken = ? where photo = 2", (datetime(2020, 1, 1, 0, 5, tzinfo=UTC).timestamp(),))
        db.execute("update looks set taken = ? where photo = 3", (datetime(2019, 12, 31, 23, tzinfo=UTC).timestamp(),))
    app = open_page("sort")
    widget(app, "button_group", "Date").set_value("taken").run()
    app.date_input[0].set_value((date(2020, 1, 1), date(2020, 1, 1))).run()
    assert [(photo["id"], photo["date"]) for photo in gallery(app)["photos"]] == [(2, "1 January 2020, 00:05")]


def test_what_came_without_a_class_and_what_was_set_aside_are_two_views(project, open_page):
    edits.set_aside(project, [1], "blurred")
    with project.database() as db:
        db.execute("update photos set set_aside = ?, label = '' where id = 2", (NO_CLASS,))
    app = open_page("sort")
    widget(app, "selectbox", "Show").set_value(choosing.ASIDE).run()
    assert [photo["id"] for photo in gallery(app)["photos"]] == [1]
    widget(app, "selectbox", "Show").set_value(choosing.WITHOUT).run()
    assert [photo["id"] for photo in gallery(app)["photos"]] == [2]


@pytest.mark.slow
def test_the_least_sure_come_first_once_a_model_has_answered(trained, open_page):
    app = open_page("sort")
    widget(app, "selectbox", "Order").set_value("Least sure first").run()
    said = [photo["said"] for photo in gallery(app)["photos"]]
    assert said[0].endswith("% sure")
    shares = [float(words.split()[-3]) for words in said if words]
    assert shares == sorted(shares)

"""What pages find in all photos is found once, and again only when the list of photos has changed."""

import gc
from functools import wraps

import pytest

from core.checks import explore, findings
from core.projects import edits
from core.projects.project import Project
from pages.components.augmentation import varied_photos
from pages.components.explore import contact_sheet
from pages.components.photos import damaged
from pages.components.pictures import grid
from pages.components.shared import beginning, remembered


@pytest.fixture
def counted(monkeypatch):
    """Lets a function be counted: gives a list that grows with each call."""

    def count(module, name):
        calls, real = [], getattr(module, name)

        @wraps(real)
        def told(*given, **named):
            calls.append(given)
            return real(*given, **named)

        monkeypatch.setattr(module, name, told)
        return calls

    return count


def n_of(project: Project, label: str) -> int:
    return len(project.photos(label))


def test_it_is_found_again_when_the_list_of_photos_has_changed(project, counted):
    calls = counted(Project, "photos")
    assert [remembered.of_photos(n_of, project, "disc") for _ in range(3)] == [10, 10, 10]
    assert len(calls) == 1
    edits.set_aside(project, [project.photos_where("label = 'disc'")[0].id])
    assert remembered.of_photos(n_of, project, "disc") == 9
    edits.undo(project)
    assert remembered.of_photos(n_of, project, "disc") == remembered.of_photos(n_of, project, "cross") == 10


@pytest.mark.parametrize(
    ("page", "module", "name"),
    [
        ("photos", findings, "find_in_project"),
        ("photos", damaged, "damaged_photos"),
        ("findings", findings, "find_in_project"),
        ("explore", explore, "overview"),
        ("explore", contact_sheet, "_in_order"),
    ],
)
def test_a_page_that_is_run_again_does_not_go_through_all_photos_anew(project, open_page, counted, page, module, name):
    calls = counted(module, name)
    app = open_page(page)
    app.run().run()
    assert len(calls) == 1
    edits.set_aside(project, [project.photos()[0].id])
    app.run()
    assert len(calls) == 2


def test_where_nothing_is_said_of_answers_no_photo_is_read_for_it(project, open_page, counted):
    app = open_page("feedback")
    calls = counted(Project, "photos")
    app.run()
    assert "Nothing waits here." in app.info[0].value
    assert calls == []


@pytest.mark.parametrize(
    ("page", "module", "name", "n"), [("augmentation", varied_photos, "_jpeg", 20), ("quick_start", grid, "Image", 10)]
)
def test_small_pictures_are_made_once(project, open_page, monkeypatch, page, module, name, n):
    app = open_page(page)
    monkeypatch.setattr(module, name, None)  # whoever makes one now fails
    app.run()
    assert not app.exception
    assert len(app.get("image")) >= n


def test_garbage_is_looked_for_among_what_is_new_once_a_page_has_run(project, open_page):
    held, before = [[] for _ in range(1000)], gc.get_freeze_count()
    beginning.leave_modules_alone.clear()
    open_page("photos")
    assert gc.get_freeze_count() >= before + len(held)

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1.element_tree import Selectbox

from core.projects import edits
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from tests.pages.screen import button, widget


def target(app):
    return next(each for each in app.selectbox if each.label.startswith("Move "))


def select_first(app, n):
    for i in range(n):
        app.checkbox[i].check().run()
    assert not app.exception


def shown(app):
    return [int(box.key.rsplit("_", 1)[1]) for box in app.checkbox]


@pytest.fixture
def typed(monkeypatch):
    """Lets AppTest send a typed name, as a browser does: its own select boxes know the listed options only.

    What it sends is private to AppTest, which has no public way to type into a select box.
    """
    listed = Selectbox._widget_state.fget

    def widget_state(box):
        if box.value is None or box.value in box.options or not box.proto.accept_new_options:
            return listed(box)
        return WidgetState(id=box.id, string_value=box.value)

    monkeypatch.setattr(Selectbox, "_widget_state", property(widget_state))


@pytest.fixture
def page(project, open_page):
    return open_page("sort")


def test_without_photos_it_shows_the_way_to_them(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("sort")
    assert "There are no photos to sort yet" in words(app)
    assert not app.checkbox


def test_the_photos_page_leads_here(project, open_page):
    app = open_page("photos")
    assert "Sort and tidy" in {link.proto.label for link in app.get("page_link")}


def test_a_class_is_shown_with_a_box_under_each_photo_and_nothing_can_be_done_yet(page, project, words):
    assert shown(page) == [photo.id for photo in project.photos("cross")]
    assert len(page.get("image")) == 10
    assert "**0 selected**" in words(page)
    assert all(
        button(page, label).disabled for label in ("Move", "Set aside selected", "Hold out for the test", "Clear")
    )
    assert "Last change" not in words(page)


def test_selected_photos_move_to_a_class_and_undo_brings_them_back(page, project, words):
    before = project.photos()
    select_first(page, 2)
    assert "**2 selected**" in words(page)
    target(page).set_value("disc").run()
    button(page, "Move").click().run()
    assert project.class_counts() == {"cross": 8, "disc": 12}
    assert "Last change: Moved 2 photos to disc." in words(page)
    assert "8 photos, **0 selected**" in words(page)
    assert "**0 selected**" in words(page)
    button(page, "Undo").click().run()
    assert project.photos() == before
    assert "Last change" not in words(page)
    assert "Undone: Moved 2 photos to disc." in words(page)


def test_a_typed_name_makes_a_new_class(page, project, typed):
    select_first(page, 1)
    target(page).set_value("star *new*").run()
    button(page, "Move").click().run()
    assert project.class_counts() == {"cross": 9, "disc": 10, "star *new*": 1}
    assert not page.exception


def test_a_box_can_be_unchecked_and_select_page_and_clear_do_all(page, words):
    select_first(page, 2)
    page.checkbox[0].uncheck().run()
    assert "**1 selected**" in words(page)
    button(page, "Select page").click().run()
    assert "**10 selected**" in words(page)
    assert all(box.value for box in page.checkbox)
    button(page, "Clear").click().run()
    assert "**0 selected**" in words(page)
    assert not any(box.value for box in page.checkbox)


def test_what_is_set_aside_has_its_own_view_and_can_be_restored(page, project, words):
    before = project.photos()
    select_first(page, 3)
    button(page, "Set aside 3 selected").click().run()
    assert project.class_counts() == {"cross": 7, "disc": 10}
    view = widget(page, "selectbox", "Show")
    assert view.options == ["cross", "disc", "— set aside —"]
    view.set_value("").run()
    assert len(page.checkbox) == 3
    button(page, "Select page").click().run()
    button(page, "Restore 3 selected").click().run()
    assert project.photos() == before
    assert "Last change: Restored 3 photos." in words(page)
    assert widget(page, "selectbox", "Show").value == "cross"


def test_what_is_set_aside_says_its_class_and_why_and_what_is_no_photo_cannot_be_selected(
    project, tmp_path, import_more, open_page, words
):
    (tmp_path / "more" / "disc").mkdir(parents=True)
    (tmp_path / "more" / "cross").mkdir()
    (tmp_path / "more" / "disc" / "text.jpg").write_text("no photo")
    import_more(project, tmp_path / "more")
    edits.set_aside(project, [project.photos("cross")[0].id], "blurred")
    app = open_page("sort")
    widget(app, "selectbox", "Show").set_value("").run()
    said = words(app)
    assert r"cross\: blurred" in said
    assert r"disc\: not an image, or of a kind that can't be read" in said
    text, cross = app.checkbox
    assert (text.disabled, cross.disabled) == (True, False)
    button(app, "Select page").click().run()
    button(app, "Restore 1 selected").click().run()
    assert [photo.name for photo in project.photos_set_aside()] == ["disc/text.jpg"]


def test_photos_can_be_held_out_for_the_test(page, project):
    select_first(page, 2)
    button(page, "Hold out for the test").click().run()
    assert [photo.split for photo in project.photos("cross")][:3] == ["test", "test", ""]


def test_a_class_can_be_renamed_and_the_view_follows(page, project, typed, words):
    widget(page, "selectbox", "cross becomes").set_value("plus").run()
    button(page, "Rename").click().run()
    assert project.class_counts() == {"disc": 10, "plus": 10}
    assert widget(page, "selectbox", "Show").value == "plus"
    assert "Last change: Renamed cross to plus (10 photos)." in words(page)


def test_a_class_can_be_merged_with_another(page, project, words):
    widget(page, "selectbox", "cross becomes").set_value("disc").run()
    assert "The two classes become one" in words(page)
    button(page, "Merge").click().run()
    assert project.class_counts() == {"disc": 20}
    button(page, "Undo").click().run()
    assert project.class_counts() == {"cross": 10, "disc": 10}


def test_the_chosen_class_stays_while_more_photos_are_selected(page, project):
    select_first(page, 1)
    assert target(page).label == "Move 1 selected to"
    target(page).set_value("disc").run()
    page.checkbox[5].check().run()
    assert (target(page).label, target(page).value) == ("Move 2 selected to", "disc")


def test_changing_the_view_clears_the_selection(page, words):
    select_first(page, 1)
    widget(page, "selectbox", "Show").set_value("disc").run()
    assert "**0 selected**" in words(page)


def test_one_selected_photo_is_told_in_full(page, project, words):
    select_first(page, 1)
    photo = project.photos(next(iter(project.class_counts())))[0]
    about = f"{photo.width} × {photo.height} pixels · class {photo.label}"
    assert about in words(page)
    select_first(page, 2)
    assert about not in words(page)


def test_pages_are_turned_and_the_selection_stays(workspace, tmp_path, fill, open_page, words):
    project = workspace.create("Many")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(fill(tmp_path / "many", {"a": 26, "b": 1}))))
    run_import(project, this, workers=2)
    app = open_page("sort")
    ids = [photo.id for photo in project.photos("a")]
    assert shown(app) == ids[:24]
    select_first(app, 1)
    app.session_state[f"sort_{project.id}_a_page"] = 2
    app.run()
    assert shown(app) == ids[24:]
    button(app, "Select page").click().run()
    assert "**3 selected**" in words(app)
    button(app, "Set aside 3 selected").click().run()  # the second page is no more
    assert not app.exception
    assert shown(app) == ids[1:24]


def test_an_error_is_said_in_words_and_the_photos_stay_on_the_page(page, project, typed):
    select_first(page, 1)
    target(page).set_value("x" * 200).run()
    button(page, "Move").click().run()
    assert page.error[0].value == "A class's name needs 1 to 100 characters."
    assert len(page.checkbox) == 10
    assert len(project.photos("cross")) == 10

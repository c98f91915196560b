import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1.element_tree import Selectbox

from core.projects import edits
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from tests.pages.screen import as_seen, ask_gallery, button, gallery, widget

ASIDE = "\0aside"


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


def show(app, view):
    widget(app, "selectbox", "Show").set_value(view).run()
    assert not app.exception


def move(number, seen, label):
    return {"n": number, "do": "move", "photos": seen, "value": label}


def said(app):
    """The answer to the last request."""
    return gallery(app)["done"]["said"][-1]["words"]


def test_without_photos_it_shows_the_way_to_them(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("sort")
    assert "There are no photos to sort yet" in words(app)
    assert not app.get("bidi_component")


def test_the_photos_page_leads_here(project, open_page):
    app = open_page("photos")
    assert "Sort and tidy" in {link.proto.label for link in app.get("page_link")}


def test_all_photos_are_shown_and_then_those_of_a_class(page, project):
    assert [photo["id"] for photo in gallery(page)["photos"]] == [photo.id for photo in project.photos()]
    show(page, "cross")
    shown = gallery(page)
    assert [photo["id"] for photo in shown["photos"]] == [photo.id for photo in project.photos("cross")]
    assert (shown["n"], shown["look"]["title"]) == (10, "Photos of cross")
    assert [(each["name"], each["n"]) for each in shown["classes"]] == [("cross", 10), ("disc", 10)]
    assert [each["words"] for each in shown["actions"]] == [
        "Put into a class",
        "Set aside",
        "Restore",
        "Turn left",
        "Turn right",
        "Crop",
        "Back to the original",
        "Hold out for the test",
    ]


def test_photos_are_found_by_a_part_of_their_names(page):
    page.text_input[0].input("s 1").run()
    assert [photo["name"] for photo in gallery(page)["photos"]] == ["cross/cross 1.png"]
    page.text_input[0].input("%").run()
    assert gallery(page)["look"]["empty"] == "No photo is like that. Choose others above."
    assert gallery(page)["n"] == 0


def test_photos_are_sorted_and_filtered_by_part_and_finding(page, project):
    edits.hold_out(project, [project.photos("disc")[0].id], "test")
    widget(page, "selectbox", "Order").set_value("Newest first").run()
    newest = [photo.id for photo in project.photos()][::-1]
    assert [photo["id"] for photo in gallery(page)["photos"]] == newest
    widget(page, "button_group", "Part").set_value("Test").run()
    assert {photo["part"] for photo in gallery(page)["photos"]} == {"test"}
    with project.database() as db:
        db.execute("update looks set brightness = 1 where photo = ?", (project.photos("disc")[0].id,))
    widget(page, "selectbox", "Finding").set_value("very-dark").run()
    assert [photo["name"] for photo in gallery(page)["photos"]] == ["disc/disc 0.png"]


def test_selected_photos_move_to_a_class_and_undo_brings_them_back(page, project):
    before = project.photos()
    show(page, "cross")
    ask_gallery(page, move(1, as_seen(page, "cross 1.png", "cross 2.png"), "disc"))
    assert project.class_counts() == {"cross": 8, "disc": 12}
    assert said(page) == "Moved 2 photos to disc."
    assert gallery(page)["n"] == 8
    ask_gallery(page, {"n": 2, "do": "undo", "photos": [], "edit": gallery(page)["last"]["id"]})
    assert project.photos() == before
    assert said(page) == "Undone: Moved 2 photos to disc."
    assert gallery(page)["last"] is None


def test_a_request_that_comes_twice_is_done_once(page, project):
    asked = move(1, as_seen(page, "cross 1.png"), "disc")
    ask_gallery(page, asked)
    ask_gallery(page, asked, {"n": 2, "do": "aside", "photos": as_seen(page, "cross 2.png")})
    assert said(page) == "Set aside 1 photo."
    assert [each["number"] for each in gallery(page)["done"]["said"]] == [1, 2]  # a tab may not have heard of the first
    assert project.class_counts() == {"cross": 8, "disc": 11}


def test_a_typed_name_makes_a_new_class_which_the_page_then_offers(page, project):
    ask_gallery(page, move(1, as_seen(page, "cross 1.png"), "star *new*"))
    assert project.class_counts() == {"cross": 9, "disc": 10, "star *new*": 1}
    assert "star *new*" in widget(page, "selectbox", "Show").options
    assert gallery(page)["carried"]["words"] == "Moved 1 photo to star *new*."


def test_what_is_set_aside_has_its_own_view_and_can_be_restored(page, project):
    before = project.photos()
    ask_gallery(page, {"n": 1, "do": "aside", "photos": as_seen(page, "cross 1.png", "cross 2.png", "cross 3.png")})
    assert project.class_counts() == {"cross": 7, "disc": 10}
    page.run()
    assert widget(page, "selectbox", "Show").options == ["All photos", "cross", "disc", "— set aside —"]
    show(page, ASIDE)
    assert [photo["aside"] for photo in gallery(page)["photos"]] == ["you set it aside"] * 3
    ask_gallery(page, {"n": 2, "do": "restore", "photos": as_seen(page, "png")})
    assert project.photos() == before
    assert widget(page, "selectbox", "Show").value == ""  # there is no such view any more


def test_what_is_no_photo_cannot_be_restored(project, tmp_path, import_more, open_page):
    (tmp_path / "more" / "disc").mkdir(parents=True)
    (tmp_path / "more" / "cross").mkdir()
    (tmp_path / "more" / "disc" / "text.jpg").write_text("no photo")
    import_more(project, tmp_path / "more")
    edits.set_aside(project, [project.photos("cross")[0].id], "blurred")
    app = open_page("sort")
    show(app, ASIDE)
    assert {photo["aside"] for photo in gallery(app)["photos"]} == {
        "blurred",
        "not an image, or of a kind that can't be read",
    }
    ask_gallery(app, {"n": 1, "do": "restore", "photos": as_seen(app, "text.jpg")})
    assert said(app) == (
        "disc/text.jpg can't take part: not an image, or of a kind that can't be read. It stays set aside."
    )
    assert len(project.photos_set_aside()) == 2


def test_photos_can_be_held_out_for_the_test(page, project):
    ask_gallery(page, {"n": 1, "do": "hold", "photos": as_seen(page, "cross 0.png", "cross 1.png")})
    assert [photo.split for photo in project.photos("cross")][:3] == ["test", "test", ""]
    assert {photo["part"] for photo in gallery(page)["photos"]} == {"", "test"}


def test_a_class_can_be_renamed_and_the_view_follows(page, project, typed):
    show(page, "cross")
    widget(page, "selectbox", "cross becomes").set_value("plus").run()
    button(page, "Rename").click().run()
    assert project.class_counts() == {"disc": 10, "plus": 10}
    assert widget(page, "selectbox", "Show").value == "plus"
    assert gallery(page)["last"]["what"] == "Renamed cross to plus (10 photos)"


def test_a_class_can_be_merged_with_another(page, project, words):
    show(page, "cross")
    widget(page, "selectbox", "cross becomes").set_value("disc").run()
    assert "The two classes become one" in words(page)
    button(page, "Merge").click().run()
    assert project.class_counts() == {"disc": 20}
    ask_gallery(page, {"n": 1, "do": "undo", "photos": [], "edit": gallery(page)["last"]["id"]})
    assert project.class_counts() == {"cross": 10, "disc": 10}


def test_pages_are_turned_and_the_last_one_may_be_emptied(workspace, tmp_path, fill, open_page):
    project = workspace.create("Many")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(fill(tmp_path / "many", {"a": 52, "b": 1}))))
    run_import(project, this, workers=2)
    app = open_page("sort")
    show(app, "a")
    ids = [photo.id for photo in project.photos("a")]
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids
    ask_gallery(app, {"n": 1, "do": "page", "value": "2 of 50"})
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids[50:]
    ask_gallery(app, {"n": 2, "do": "aside", "photos": as_seen(app, ".png", ".jpg")})
    assert [photo["id"] for photo in gallery(app)["photos"]] == ids[:50]
    assert gallery(app)["page"] == 1


@pytest.mark.parametrize("value", ["", "x of y", "-1 of 50", "0 of 7", "99999999999999 of 99999999999999"])
def test_a_page_that_there_is_not_is_the_first_or_the_last(page, value):
    ask_gallery(page, {"n": 1, "do": "page", "value": value})
    assert (gallery(page)["page"], gallery(page)["per_page"]) == (1, 100)


def test_an_error_is_said_in_words_and_the_photos_stay_on_the_page(page, project):
    ask_gallery(page, move(1, as_seen(page, "cross 1.png"), "x" * 200))
    assert said(page) == "A class's name needs 1 to 100 characters."
    assert not gallery(page)["done"]["said"][-1]["is_done"]
    assert len(project.photos("cross")) == 10

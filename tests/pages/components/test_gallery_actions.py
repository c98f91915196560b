"""What the gallery is asked for: done once, and only with photos that are still what was seen."""

import pytest

from core.projects import edits
from pages.components.pictures.actions import MOVE, SET_ASIDE, UNDO, USUAL, Request, carry_out, requests_of


def seen(photos):
    return {photo.id: (photo.label, photo.set_aside) for photo in photos}


def ask(project, name, photos=(), value="", edit=0, actions=USUAL):
    return carry_out(project, actions, Request(1, name, seen(photos), value, edit))


def test_photos_that_another_tab_moved_stay_there_and_the_others_are_moved(project):
    photos = project.photos("cross")[:3]
    edits.move(project, [photos[0].id], "star")
    said = ask(project, "move", photos, "disc")
    assert said.words == (
        "Moved 2 photos to disc. In another window cross/cross 0.png went elsewhere meanwhile and stays there: "
        "now in star."
    )
    assert (said.is_done, project.class_counts()) == (True, {"cross": 7, "disc": 12, "star": 1})


def test_where_all_went_elsewhere_nothing_is_changed(project):
    photos = project.photos("cross")[:2]
    edits.set_aside(project, [photo.id for photo in photos])
    last = edits.last_edit(project)
    said = ask(project, "move", photos, "disc")
    assert said.words == (
        "Nothing was changed. In another window 2 photos, such as cross/cross 0.png, went elsewhere meanwhile and stay "
        "there: now set aside (you set it aside)."
    )
    assert (said.is_done, edits.last_edit(project)) == (False, last)


def test_what_a_lost_answer_asks_for_again_is_done_already(project):
    photos = project.photos("cross")[:2]
    edits.move(project, [photo.id for photo in photos], "disc")
    said = ask(project, "move", photos, "disc")
    assert (said.words, said.is_done) == ("2 photos are like that already.", True)
    assert edits.undo(project).what == "Moved 2 photos to disc"


def test_undo_takes_back_the_change_that_was_seen_and_no_other(project):
    first = edits.set_aside(project, [project.photos("cross")[0].id])
    edits.set_aside(project, [project.photos("disc")[0].id])
    said = ask(project, UNDO, edit=first.id)
    assert said.words == (
        "Another window changed something since: Set aside 1 photo. Undo once more to take that back."
    )
    assert (said.is_done, len(project.photos())) == (False, 18)
    assert ask(project, UNDO, edit=first.id + 1).words == "Undone: Set aside 1 photo."
    again = ask(project, UNDO, edit=first.id + 1)
    assert (again.words, again.is_done, len(project.photos())) == ("That is undone already.", True, 19)


def test_an_action_is_for_photos_that_it_fits(project):
    photos = project.photos("cross")[:2]
    edits.set_aside(project, [photos[0].id])
    now = project.photos_with_ids([photo.id for photo in photos])
    assert ask(project, "aside", now).words == "Set aside 1 photo."
    assert not ask(project, "restore", project.photos("disc")[:1], actions=(MOVE, SET_ASIDE)).is_done


@pytest.mark.parametrize("value", [None, 7, "move", {"n": 1}, [None], [{"n": "x", "do": "move"}], [{"do": "move"}]])
def test_what_is_no_request_is_passed_over(value):
    assert requests_of(value) == []


def test_requests_are_done_in_their_order_and_of_bounded_size():
    asked = [{"n": 2, "do": "undo"}, {"n": 1, "do": "move", "photos": [[3, "a", ""]], "value": "b"}]
    too_many = {"n": 3, "do": "move", "photos": [[i, "a", ""] for i in range(5001)]}
    assert requests_of([*asked, too_many]) == [
        Request(1, "move", {3: ("a", "")}, "b", 0),
        Request(2, "undo", {}, "", 0),
    ]

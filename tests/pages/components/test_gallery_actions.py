"""What the gallery is asked for: done once, and only with photos that are still what was seen."""

import pytest

from core.projects import edits
from core.projects.database import connection
from core.projects.workspace import Workspace
from pages.components.pictures.actions import MOVE, SET_ASIDE, USUAL
from pages.components.pictures.requests import MOST_PHOTOS, REDO, UNDO, Request, carry_out, requests_of


def seen(photos):
    return {photo.id: (photo.label, photo.set_aside, photo.sha256[:16]) for photo in photos}


def ask(project, name, photos=(), value="", edit=0, actions=USUAL):
    return carry_out(project, actions, Request(1, name, seen(photos), value, edit))


def test_photos_that_another_tab_moved_stay_there_and_the_others_are_moved(project):
    photos = project.photos("cross")[:3]
    edits.move(project, [photos[0].id], "star")
    said = ask(project, "move", photos, "disc")
    assert said.words == (
        "Moved 2 photos to disc. Another window changed cross/cross 0.png meanwhile. It stays as it is, in star."
    )
    assert (said.is_done, project.class_counts()) == (True, {"cross": 7, "disc": 12, "star": 1})


def test_where_all_went_elsewhere_nothing_is_changed(project):
    photos = project.photos("cross")[:2]
    edits.set_aside(project, [photo.id for photo in photos])
    last = edits.last_edit(project)
    said = ask(project, "move", photos, "disc")
    assert said.words == (
        "Nothing was changed. Another window changed 2 photos meanwhile. They stay as they are, such as "
        "cross/cross 0.png, set aside (you set it aside)."
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


def test_what_was_undone_is_done_again_unless_another_tab_changed_something(project):
    photos = project.photos("cross")
    edit = edits.set_aside(project, [photos[0].id])
    edits.undo(project)
    assert ask(project, REDO, edit=edit.id).words == "Done again: Set aside 1 photo."
    assert ask(project, REDO, edit=edit.id).words == "That is done again already."
    edits.undo(project)
    edits.set_aside(project, [photos[1].id])
    said = ask(project, REDO, edit=edit.id)
    assert len(project.photos_set_aside()) == 1
    assert said.words == "Another window changed something since, so this can't be done again."


def test_a_turn_that_comes_twice_turns_once(project):
    photo = project.photos("cross")[0]
    assert ask(project, "right", [photo]).words == "Turned 1 photo to the right."
    again = ask(project, "right", [photo])
    assert (again.is_done, again.words[:20]) == (False, "Nothing was changed.")
    (turned,) = project.photos_with_ids([photo.id])
    assert (turned.width, turned.height) == (photo.height, photo.width)
    assert ask(project, "original", [turned]).words == "Went back to the original of 1 photo."


@pytest.mark.parametrize("value", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "1e999,0,1,1"])
def test_what_is_no_rectangle_is_said(project, value):
    said = ask(project, "crop", project.photos()[:1], value)
    assert said.words == "A rectangle is four numbers: left, top, right, bottom."


def test_a_rectangle_is_cut_out(project):
    photo = project.photos()[0]
    assert ask(project, "crop", [photo], "10,20,60.4,70").is_done
    (cut,) = project.photos_with_ids([photo.id])
    assert (cut.width, cut.height) == (50, 50)


@pytest.mark.parametrize("value", [None, 7, "move", {"n": 1}, [None], [{"n": "x", "do": "move"}], [{"do": "move"}]])
def test_what_is_no_request_is_passed_over(value):
    assert requests_of(value) == []


def test_requests_are_done_in_their_order_and_of_bounded_size():
    asked = [{"n": 2, "do": "undo"}, {"n": 1, "do": "move", "photos": [[3, "a", "", "ff"]], "value": "b"}]
    too_many = {"n": 3, "do": "move", "photos": [[i, "a", "", ""] for i in range(MOST_PHOTOS + 1)]}
    assert requests_of([*asked, too_many]) == [
        Request(1, "move", {3: ("a", "", "ff")}, "b", 0),
        Request(2, "undo", {}, "", 0),
    ]


@pytest.mark.parametrize("n", [20, 200])
def test_many_photos_are_moved_by_one_change_and_no_more_questions_to_the_list(workspace, n, jpeg, monkeypatch):
    project = with_photos(workspace, n, jpeg(1))
    asked = []
    openings = connection.sqlite3.connect
    monkeypatch.setattr(connection.sqlite3, "connect", lambda *a, **k: asked.append(a) or openings(*a, **k))
    said = ask(project, "move", project.photos(), "pear")
    assert said.words == f"Moved {n} photos to pear."
    assert len(asked) < 20
    assert project.class_counts() == {"pear": n}
    assert ask(project, UNDO).words == f"Undone: Moved {n} photos to pear."
    assert project.class_counts() == {"apple": n}


def with_photos(workspace: Workspace, n, data):
    """A project of so many photos, all alike, none of which was looked at."""
    project = workspace.create(f"Many {n}")
    (project.photos_folder / "apple").mkdir()
    rows = []
    for i in range(n):
        (project.photos_folder / "apple" / f"{i}.jpg").write_bytes(data)
        rows.append(("apple", f"photos/apple/{i}.jpg", f"{i}.jpg", f"{i:064d}", len(data), 64, 48, 0.0))
    with project.database() as db:
        query = "insert into photos (label, file, name, sha256, bytes, width, height, split, set_aside, added) values"
        db.executemany(f"{query} (?, ?, ?, ?, ?, ?, ?, '', '', ?)", rows)
    return project

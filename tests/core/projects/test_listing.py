import pytest

from core.base.errors import InputError
from core.projects import edits
from core.projects.listing import CLASS, CONFIDENCE, NAME, TAKEN, Wanted, matching_ids, page_of
from core.projects.project import Photo, Project

NAMES = ["trip/IMG_10.jpg", "trip/img_2.jpg", "100%.jpg", "a_b.jpg", "Äpfel.jpg", "cafe\N{COMBINING ACUTE ACCENT}.jpg"]
TAKEN_AT = {1: 300.0, 2: 100.0, 4: 200.0}


@pytest.fixture
def project(tmp_path):
    """Six photos, ids 1 to 6: the odd ones are of class 10, the even ones of class 2; the last is set aside."""
    project = Project.create(tmp_path / "project", "Fruit")
    for number, name in enumerate(NAMES, 1):
        label, aside = "10" if number % 2 else "2", "blurred" if number == 6 else ""
        split = ["train", "test", ""][number % 3]
        photo = Photo(0, label, f"photos/{label}/{number}.jpg", name, f"{number:064x}", 1, 20, 30, split, aside, 0.0)
        project.add_rows([photo])
    with project.database() as db:
        db.execute("update photos set added = 1000 + id")
        for photo, taken in {**TAKEN_AT, 3: None}.items():
            db.execute("insert into looks values (?, zeroblob(24), ?, 1, 1, zeroblob(192), null, null)", (photo, taken))
    return project


def found(project, **wanted):
    return matching_ids(project, Wanted(**wanted))


def test_a_page_holds_the_photos_when_they_were_taken_and_how_many_there_are(project):
    page = page_of(project, Wanted(), limit=2, offset=1)
    assert ([photo.id for photo in page.photos], page.count) == ([2, 3], 5)
    assert page.taken == {2: 100.0}
    assert page.photos[0].name == "trip/img_2.jpg"
    assert page_of(project, Wanted(), limit=2, offset=10).photos == []
    assert page_of(project, Wanted(label="plum"), limit=9).count == 0


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("img", [1, 2]),
        ("IMG_1", [1]),
        ("%", [3]),
        ("_", [1, 2, 4]),
        ("a_b", [4]),
        ("äPFEL", [5]),
        ("\N{LATIN CAPITAL LETTER E WITH ACUTE}", [6]),
        ("trip/", [1, 2]),
        ("'; drop table photos", []),
        ("", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_name_is_found_by_any_part_of_it_as_it_stands(project, name, ids):
    assert found(project, name=name, set_aside=None) == ids


def test_conditions_hold_together(project):
    assert found(project, label="2") == [2, 4]
    assert found(project, label="2", set_aside=True) == [6]
    assert found(project, label="2", set_aside=None, name="a") == [4, 6]
    assert found(project, split="test") == [1, 4]
    assert found(project, split="") == [2, 5]
    assert found(project, ids=[4, 1, 6, 99]) == [1, 4]
    assert found(project, ids=[]) == []
    assert found(project, since=1002, before=1005) == [2, 3, 4]
    assert found(project, date=TAKEN, since=150.0) == [1, 4]
    assert found(project, date=TAKEN, before=150.0, label="10") == []


def test_they_come_in_each_order_and_what_is_not_known_comes_last(project):
    assert found(project) == [1, 2, 3, 4, 5]
    assert found(project, descending=True) == [5, 4, 3, 2, 1]
    assert found(project, order=NAME) == [3, 4, 2, 1, 5]
    assert found(project, order=NAME, descending=True) == [5, 1, 2, 4, 3]
    assert found(project, order=CLASS) == [2, 4, 1, 3, 5]
    assert found(project, order=CLASS, descending=True) == [1, 3, 5, 2, 4]
    assert found(project, order=TAKEN) == [2, 4, 1, 3, 5]
    assert found(project, order=TAKEN, descending=True) == [1, 4, 2, 3, 5]


def test_they_are_sorted_and_chosen_by_how_sure_a_run_was(project):
    sure = {1: 0.9, 3: 0.5, 4: 0.7, 77: 1.0}
    assert found(project, confidences=sure, order=CONFIDENCE) == [3, 4, 1, 2, 5]
    assert found(project, confidences=sure, order=CONFIDENCE, descending=True) == [1, 4, 3, 2, 5]
    assert found(project, confidences=sure, at_least=0.7) == [1, 4]
    assert found(project, confidences=sure, below=0.7) == [3]
    assert found(project, confidences=sure, at_least=0.7, below=0.9, order=NAME) == [4]
    with pytest.raises(InputError, match="How sure the model was"):
        found(project, order=CONFIDENCE)
    with pytest.raises(InputError, match="How sure the model was"):
        found(project, below=0.5)


def test_an_order_that_there_is_not_is_told(project):
    with pytest.raises(InputError, match="can be sorted by added, taken, name, class, confidence"):
        found(project, order="id; drop table photos")
    with pytest.raises(InputError, match="have the dates added and taken"):
        found(project, date="split")


def test_a_page_shows_a_change_at_once(project):
    edits.keep(project, [1], "blurred")
    with project.database() as db:
        db.execute("update photos set label = '2' where id = 3")
    assert found(project, label="2") == [2, 3, 4]

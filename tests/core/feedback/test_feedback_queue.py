import io

import pytest

from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.feedback.queue import CONFIRMED, COPY, CORRECTED, UNDECIDED, queue
from tests.importing import bring_folder

NEW = 100


@pytest.fixture
def project(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 4, "pear": 3}))
    return project


@pytest.fixture
def say(project, jpeg):
    """Keeps feedback on a picture that the project has not: answered "apple", this sure."""
    seeds = iter(range(NEW, NEW + 1000))

    def keep(name, probability, said, known=None, data=None):
        answer = ModelAnswer("a run", {"apple": probability, "pear": 1 - probability}, known=known)
        return feedback_of(project).add(name, data or jpeg(next(seeds)), answer, said)

    return keep


def ranked(project):
    return queue(project, feedback_of(project).waiting())


def smaller(data):
    from PIL import Image

    encoded = io.BytesIO()
    Image.open(io.BytesIO(data)).resize((50, 38)).save(encoded, "PNG")
    return encoded.getvalue()


def test_sure_mistakes_come_first_then_narrow_leads_then_what_was_right_but_unsure(project, say):
    say("sure", 0.99, "apple")
    say("unsure", 0.6, "apple")
    say("strange", 0.97, "apple", known=False)
    say("wide", 0.9, "")
    say("narrow", 0.52, "")
    say("weak mistake", 0.55, "pear")
    say("sure mistake", 0.98, "pear")
    rows = ranked(project)
    names = ["sure mistake", "weak mistake", "narrow", "wide", "strange", "unsure", "sure"]
    assert [row.entry.name for row in rows] == names
    assert [row.kind for row in rows] == [CORRECTED] * 2 + [UNDECIDED] * 2 + [CONFIRMED] * 3
    assert [row.entry.name for row in rows if row.helps] == ["sure mistake", "weak mistake", "strange", "unsure"]
    why = {row.entry.name: row.why for row in rows}
    assert why["sure mistake"] == "Wrong: mistakes teach it most."
    assert why["narrow"] == "It wavered, next to pear. Say what it shows, and it can teach."
    assert why["sure"] == "Right, and sure already: it would add little."
    assert "unlike the photos that the model knows" in why["strange"]


def test_a_near_copy_of_a_photo_of_the_project_adds_nothing(project, say, jpeg):
    say("small.png", 0.98, "pear", data=smaller(jpeg(1)))
    say("other.jpg", 0.6, "apple")
    first, last = ranked(project)
    assert (first.entry.name, first.helps) == ("other.jpg", True)
    assert (last.kind, last.helps) == (COPY, False)
    assert last.why == "The project has nearly the same photo already: apple/1.jpg (apple). It adds nothing."


def test_a_near_copy_of_a_photo_that_judges_stays_out_and_says_so(project, say, jpeg):
    with project.database() as db:
        db.execute("update photos set split = 'test' where name like '%apple/1.jpg'")
    say("small.png", 0.98, "pear", data=smaller(jpeg(1)))
    (row,) = ranked(project)
    assert (row.kind, row.helps) == (COPY, False)
    assert "which the model is judged by" in row.why


def test_of_near_copies_among_the_feedback_only_the_first_helps(project, say, jpeg):
    say("later.png", 0.7, "pear", data=smaller(jpeg(500)))
    say("first.jpg", 0.9, "pear", data=jpeg(500))
    first, second = ranked(project)
    assert (first.entry.name, first.helps) == ("first.jpg", True)
    assert (second.entry.name, second.helps) == ("later.png", False)
    assert second.why == "It shows nearly the same as first.jpg, which is above; a second one adds nothing."


def test_what_was_said_of_a_class_that_is_gone_is_to_be_said_again(project, say):
    say("a.jpg", 0.9, "pear")
    with project.database() as db:
        db.execute("update photos set label = 'quince' where label = 'pear'")
    (row,) = ranked(project)
    assert (row.kind, row.helps) == (UNDECIDED, False)
    assert row.why == "There is no class called pear any more. Say again what it shows."


def test_two_plain_pictures_are_no_copies_of_each_other(project, say):
    from PIL import Image

    for colour in ("red", "blue"):
        encoded = io.BytesIO()
        Image.new("RGB", (64, 48), colour).save(encoded, "PNG")
        say(f"{colour}.png", 0.9, "pear", data=encoded.getvalue())
    assert [row.kind for row in ranked(project)] == [CORRECTED] * 2


def test_an_empty_queue(project):
    assert queue(project, []) == []

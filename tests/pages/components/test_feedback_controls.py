from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

from core.feedback.folder import feedback_of
from tests.pages.screen import button, labels


def page(data, probabilities, score):
    """A page with the controls under one answer; it runs in a place of its own, so it imports what it needs."""
    from pathlib import Path

    from core.runs.predictor import Prediction
    from core.runs.run import Run
    from pages.components.asking import feedback_controls as feedback
    from pages.components.shared import current

    answer = Prediction(max(probabilities, key=probabilities.get), max(probabilities.values()), probabilities, score)
    feedback.show("one", current.project(), Run(Path("a run")), "new_[1].jpg", data, answer)


@pytest.fixture
def show(project, jpeg):
    """The controls under an answer, with the page that they lead to registered."""

    def open_it(data=None, score=0.6, probabilities=None):
        said = probabilities or {"cross": 0.7, "disc": 0.3}
        app = AppTest.from_function(page, args=(data or jpeg(300), said, score), default_timeout=30).run()
        assert not app.exception
        return app

    return open_it


def waiting(project):
    return [(row.name, row.label, row.answer) for row in feedback_of(project).waiting()]


@pytest.mark.slow
def test_right_keeps_the_photo_with_what_the_model_said(project, show, jpeg):
    app = show()
    assert labels(app) == ["Right", "Keep for later"]
    assert app.selectbox[0].options == ["disc"]
    assert waiting(project) == []  # nothing is kept of what nothing was said of
    button(app, "Right").click().run()
    (row,) = feedback_of(project).waiting()
    about = {
        "name": "new_[1].jpg",
        "label": "cross",
        "answer": "cross",
        "second": "disc",
        "in_distribution_score": 0.6,
        "run": "a run",
    }
    assert about.items() <= asdict(row).items()
    assert feedback_of(project).original(row).read_bytes() == jpeg(300)
    assert "You said: cross. So it was right." in app.caption[0].value
    assert labels(app) == ["Take back"]
    assert not app.selectbox
    button(app, "Take back").click().run()
    assert waiting(project) == []
    assert labels(app) == ["Right", "Keep for later"]


def test_another_class_corrects_it(project, show):
    app = show()
    app.selectbox[0].select("disc").run()
    assert waiting(project) == [("new_[1].jpg", "disc", "cross")]
    assert app.caption[0].value == "You said: disc."


def test_one_may_be_kept_for_later(project, show):
    app = show()
    button(app, "Keep for later").click().run()
    assert waiting(project) == [("new_[1].jpg", "", "cross")]
    assert app.caption[0].value == "Kept for later."


def test_what_it_was_not_sure_of_is_named_and_not_called_right(project, show):
    app = show(score=0.0)
    assert labels(app) == ["It is cross", "Keep for later"]
    button(app, "It is cross").click().run()
    assert [row.known for row in feedback_of(project).waiting()] == [False]


def test_a_class_that_the_project_no_longer_has_is_not_offered(project, show):
    app = show(probabilities={"ring": 0.8, "disc": 0.2})
    assert labels(app) == ["Keep for later"]
    assert app.selectbox[0].options == ["cross", "disc"]


def test_what_stands_in_the_way_is_said_in_words(project, show, jpeg, tmp_path):
    app = show(data=jpeg(300)[:300])
    button(app, "Right").click().run()
    assert not app.exception
    assert app.error[0].value.replace("\\", "") == "new_[1].jpg can't be kept: damaged or cut short."
    assert labels(app) == ["Right", "Keep for later"]


def test_a_photo_may_be_a_file_and_may_have_gone(project, show, jpeg, tmp_path):
    file = tmp_path / "new.jpg"
    file.write_bytes(jpeg(301))
    app = show(data=file)
    button(app, "Right").click().run()
    assert [row.label for row in feedback_of(project).waiting()] == ["cross"]
    button(app, "Take back").click().run()
    file.unlink()
    app.run()
    assert not app.exception
    assert labels(app) == []

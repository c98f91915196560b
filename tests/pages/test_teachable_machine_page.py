import pandas as pd
import pytest

from core.base.events import FINISHED
from core.base.files import write_json
from core.runs.comparing import answers_on_test
from core.runs.run import list_runs
from core.teachable_machine.folder import external_models, new_external_model
from tests.core.teachable_machine.teachable_export import randomised, tiny_base, whole, write_export, write_h5
from tests.pages.screen import press
from tests.waiting import await_that


def answered(project, labels, answer):
    """A model that was read and asked: `answer` gives its class by the truth."""
    (run,) = list_runs(project.runs_folder)
    external = new_external_model(project, "converted_keras.zip")
    external.engine_path.write_text("<net/>")
    write_json(external.labels_path, labels)
    external.write_request(run, None)
    tested = answers_on_test(run)
    external.add_answers(tested.assign(answer=[answer(truth) for truth in tested["truth"]], sure=0.9))
    external.job.event_log().write(FINISHED)
    return tested


def test_both_models_are_shown_on_the_same_photos(own, open_page, words):
    judged = answered(own, ["Cross", "DISC"], {"cross": "Cross", "disc": "Cross"}.get)
    crosses = int((judged["truth"] == "cross").sum())
    app = open_page("teachable_machine")
    said = words(app)
    right = int((judged["truth"] == judged["answer"]).sum())
    assert f"{right} of {len(judged)} photos right" in said
    assert f"**converted\\_keras.zip**: {crosses} of {len(judged)} photos right" in said
    assert "that both were judged on" in said
    assert [box.label for box in app.selectbox] == ["Model"]
    app.button(key=f"foreign_{own.id}_remove").click().run()
    assert external_models(own) == []


def test_a_class_of_another_name_can_be_matched_by_hand(own, open_page, words):
    judged = answered(own, ["cross", "Scheibe"], {"cross": "cross", "disc": "Scheibe"}.get)
    crosses = int((judged["truth"] == "cross").sum())
    app = open_page("teachable_machine")
    assert "Without a partner here: disc. There: Scheibe." in words(app)
    assert f"{crosses} of {crosses} photos right" in words(app)
    assert f"Left out: {len(judged) - crosses} photos of classes" in words(app)
    next(box for box in app.selectbox if box.label == "disc is called there").select("Scheibe").run()
    assert f"{len(judged)} of {len(judged)} photos right" in words(app)
    assert "Left out" not in words(app)


def test_without_a_model_the_page_says_how_to_get_one(trained, open_page, words):
    app = open_page("teachable_machine")
    assert "**Export Model**" in words(app)
    app.text_input[0].input("/nowhere/model.zip")
    press(app, "Read this model")
    assert app.error[0].value == "There is no zip called /nowhere/model.zip on this computer."


@pytest.mark.slow
def test_an_export_is_read_and_compared(own, open_page, words, tmp_path):
    h5 = write_h5(tmp_path / "keras_model.h5", randomised(whole(tiny_base(), 2)))
    write_export(tmp_path / "converted_keras.zip", h5, ["disc", "Cross"])
    app = open_page("teachable_machine")
    app.text_input[0].input(str(tmp_path / "converted_keras.zip"))
    press(app, "Read this model")
    (external,) = external_models(own)
    await_that(lambda: not external.job.state().is_active, seconds=120)
    app = open_page("teachable_machine")
    assert not app.error
    assert isinstance(external.answers(), pd.DataFrame)
    (run,) = list_runs(own.runs_folder)
    assert set(external.answers()["sha256"]) == set(answers_on_test(run)["sha256"])
    assert "On the same photos" in words(app)
    assert "is right on" in words(app) or "are right on the same" in words(app)

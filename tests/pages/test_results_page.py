import pytest

from core.base.files import read_json, write_json
from core.engine.places import Places
from core.evaluation.final_model import FinalModel
from core.projects.workspace import Workspace
from core.runs.run import list_runs


def test_without_a_finished_run_the_page_points_to_training(project, open_page, words):
    assert "There is no finished run yet" in words(open_page("results"))


def test_the_accuracy_is_said_in_words_with_its_interval(trained, open_page, words):
    app = open_page("results")
    test = list_runs(trained.runs_folder)[0].report().test
    low, high = test.accuracy_interval
    said = words(app)
    assert f"## {test.n_right} of {test.n} test photos right" in said
    assert f"**{100 * low:.0f} and {100 * high:.0f} %**" in said
    assert "The test photos took no part in the training" in said


@pytest.mark.slow
def test_after_cross_validation_the_page_says_how_each_photo_was_judged(
    project, make_run, trained_home, open_page, words
):
    from core.training.training import train_run

    run = make_run(project)
    test = train_run(run, Places(project.cache_folder, Workspace(trained_home).engine_folder)).test
    assert test.n == 20
    app = open_page("results")
    said = words(app)
    assert f"## {round(20 * test.accuracy)} of 20 photos right" in said
    assert "every photo was judged once by a model that had not seen it (5-fold cross-validation)" in said
    assert "20 test photos" not in said
    assert [row.n for row in test.per_class.values()] == [10, 10] == list(app.dataframe[0].value["n"])
    wrong = 20 - round(20 * test.accuracy)
    assert ("It made **no mistake**" in said) if wrong == 0 else (f"The {wrong} photo" in said)
    assert "No temperature was fitted" in said


def test_a_report_from_before_cross_validation_still_opens_and_names_a_class_that_was_not_judged(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    written = read_json(run.report_path)
    del written["estimate"], written["calibration"]
    written["test"]["per_class"]["disc"]["n"] = 0
    write_json(run.report_path, written)
    said = words(open_page("results"))
    assert f"of {written['test']['n']} test photos right" in said
    assert "No photo of disc was judged" in said


def test_the_page_shows_kappa_log_loss_classes_and_the_confusion_matrix(trained, open_page):
    app = open_page("results")
    test = list_runs(trained.runs_folder)[0].report().test
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Cohen's kappa"] == f"{test.kappa:.2f}"
    assert shown["Log loss"] == f"{test.log_loss:.3f}"
    table = app.dataframe[0].value
    assert list(table["class"]) == ["cross", "disc"]
    assert list(table["recall"]) == [100 * test.per_class[name].recall for name in ("cross", "disc")]
    assert len(app.get("plotly_chart")) == 3  # the matrix, how sure it is, and the thresholds


def test_a_damaged_report_counts_as_no_run(project, make_run, open_page, words):
    run = make_run(project)
    run.report_path.write_text('{"schema": 1, "cla')
    assert "There is no finished run yet" in words(open_page("results"))


def test_where_the_model_learned_once_more_the_page_says_whose_the_figures_are(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    final = FinalModel(["train", "validation"], 34, 60, 1.3, 34, 2.0)
    write_json(run.report_path, {**read_json(run.report_path), "final": final.to_json()})
    said = words(open_page("results"))
    assert "These figures are those of the model that was tested; the one that you take away" in said
    assert "has a temperature of its own, 1.30, fitted on 34 photos" in said
    assert "After the test this model was trained once more in the same way" in words(open_page("take_away"))

from core.data.runs import list_runs


def test_without_a_finished_run_the_page_points_to_training(project, open_page, words):
    assert "There is no finished run yet" in words(open_page("results"))


def test_the_accuracy_is_said_in_words_with_its_interval(trained, open_page, words):
    app = open_page("results")
    test = list_runs(trained.runs_folder)[0].report()["test"]
    low, high = test["accuracy_interval"]
    said = words(app)
    assert f"## {round(test['accuracy'] * test['n'])} of {test['n']} test photos right" in said
    assert f"**{100 * low:.0f} and {100 * high:.0f} %**" in said


def test_the_page_shows_kappa_log_loss_classes_and_the_confusion_matrix(trained, open_page):
    app = open_page("results")
    test = list_runs(trained.runs_folder)[0].report()["test"]
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Cohen's kappa"] == f"{test['kappa']:.2f}"
    assert shown["Log loss"] == f"{test['log_loss']:.3f}"
    table = app.dataframe[0].value
    assert list(table["class"]) == ["cross", "disc"]
    assert list(table["recall"]) == [100 * test["per_class"][name]["recall"] for name in ("cross", "disc")]
    assert len(app.get("plotly_chart")) == 1


def test_a_damaged_report_counts_as_no_run(project, make_run, open_page, words):
    run = make_run(project)
    run.report_path.write_text('{"schema": 1, "cla')
    assert "There is no finished run yet" in words(open_page("results"))

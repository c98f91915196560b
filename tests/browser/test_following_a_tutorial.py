"""A tutorial followed by page, from its choice to what came of it, with real photos."""

import pytest

from core.recipes.folder import tutorials_of
from core.runs.run import list_runs

pytestmark = pytest.mark.slow

WORKER = 480_000  # ms: beside another test Keras is loaded, a map is drawn and a net learns


@pytest.mark.endurance
def test_bottleneck_features_are_drawn_and_learned_from_in_one_go(server, page, fruit_project):
    page.goto(f"{server.url}/train?project={fruit_project.id}")
    page.get_by_role("heading", name="Train", exact=True).wait_for()
    page.get_by_text("Follow a tutorial").click()
    page.get_by_text("Bottleneck features", exact=True).click()
    page.get_by_text("EfficientNet-Lite0, standing in for InceptionV3").first.wait_for()
    page.get_by_text("What is otherwise than in the article").wait_for()
    page.get_by_role("button", name="Follow this tutorial").click()
    page.get_by_text("Followed to its end: Bottleneck features.").wait_for(timeout=WORKER)
    page.get_by_text("Photos that look alike to the base model lie together").wait_for()
    page.get_by_text("nearest neighbour of").first.wait_for()

    (this,) = tutorials_of(fruit_project)
    runs = {run.title: run for run in list_runs(fruit_project.runs_folder)}
    assert len(runs) == 2  # that of before, and the tutorial's
    followed = runs["bottleneck net (EfficientNet-Lite0 for InceptionV3)"]
    config, report = followed.config(), followed.report()
    assert (config.base, config.strategy, config.head) == ("efficientnet-lite0", "feature-extraction", "fc")
    assert report.test.accuracy > 0.85
    assert [row.step for row in this.read().runs] == ["net"]
    assert this.read().map.n == 300

    page.get_by_role("link", name="Compare its runs").click()
    page.get_by_role("heading", name="Compare runs", exact=True).wait_for()
    page.get_by_text("bottleneck net").first.wait_for()

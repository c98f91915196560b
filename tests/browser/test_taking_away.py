"""A trained model taken away in a real browser: made, checked, downloaded, and run where the app is not."""

import os
import subprocess
import sys
import zipfile

import pytest

from core.exports.folder import export_of
from core.exports.formats import export_format_of
from core.runs.run import list_runs

pytestmark = pytest.mark.slow


def test_a_model_is_exported_downloaded_and_answers_outside_of_the_app(page, server, fruit_project, fruit, tmp_path):
    page.goto(f"{server.url}/take_away?project={fruit_project.id}")
    page.get_by_text("LiteRT (TFLite), 16 bits").click()
    page.get_by_text("12 of your photos").wait_for()
    page.locator("[class*=litert-float16_start]").get_by_role("button", name="Make the zip").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.get_by_text("Checking it in a process of its own, on 300 pictures: 4 of 4 steps").wait_for(timeout=120_000)
    assert page.get_by_role("button", name="Download").count() == 0
    page.get_by_text("It answers the same as here on ").wait_for(timeout=120_000)
    result = export_of(list_runs(fruit_project.runs_folder)[0], export_format_of("litert", "float16")).read()
    assert result.comparison.photos == 300
    assert result.comparison.same >= 297
    page.get_by_text(f"on {result.comparison.same} of 300 photos").wait_for()
    assert page.get_by_role("radio", name="LiteRT (TFLite), 16 bits").is_checked()
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "Fruit litert-float16.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path / "taken")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "check.py", str(next((fruit / "test" / "banana").iterdir()))],
        cwd=tmp_path / "taken",
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert ": banana, " in done.stdout or ": mixed, " in done.stdout

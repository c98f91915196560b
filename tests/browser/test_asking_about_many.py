"""Many photos asked about at once: a folder in one drop, a folder on this computer, and a worker that is killed."""

import json
import os
import signal
import zipfile
from pathlib import Path

import pytest

from core.batches.folder import batches
from core.runs.predictor import Predictor
from core.runs.run import list_runs
from tests.browser.steps import upload
from tests.waiting import await_that

pytestmark = pytest.mark.slow


def test_a_folder_is_answered_in_the_background_and_its_photos_come_sorted(
    try_it, fruit_project, fruit, server, tmp_path
):
    try_it.get_by_role("tab", name="Folder or zip").click()
    uploader = try_it.locator("input[type=file][webkitdirectory]").first
    upload(uploader, str(fruit / "test"))
    try_it.get_by_role("button", name="Sort into folders (zip)").wait_for(timeout=60_000)
    (batch,) = batches(fruit_project)
    counts = batch.answers.counts(0.0)
    assert (counts.n, counts.answered, counts.unreadable) == (60, 60, 0)
    assert "UploadedFileManager" not in try_it.request.get(f"{server.url}/_stcore/metrics").text()  # memory is free
    photos = {path.read_bytes(): path for path in (fruit / "test").rglob("*.jpg")}
    expected = Predictor(list_runs(fruit_project.runs_folder)[0]).predict(list(photos))
    try_it.get_by_role("button", name="Sort into folders (zip)").click()
    with try_it.expect_download(timeout=60_000) as download:
        try_it.get_by_role("button", name="Sorted into folders (zip)").click(timeout=60_000)
    download.value.save_as(tmp_path / "sorted.zip")
    with zipfile.ZipFile(tmp_path / "sorted.zip") as opened:
        folders = {opened.read(name): name.split("/")[0] for name in opened.namelist()}
    assert set(folders) == set(photos)
    for data, answer in zip(photos, expected, strict=True):
        assert folders[data] == ("unknown" if answer.known() is False else answer.label)


@pytest.mark.endurance  # in CI: test_batch_job.py and test_try_it_page.py
def test_a_killed_batch_keeps_its_answers_and_goes_on(try_it, fruit_project, fruit, tmp_path):
    many = tmp_path / "many"
    many.mkdir()
    photos = sorted(fruit.rglob("*.jpg"))
    for number in range(600):
        (many / f"{number:04d}.jpg").hardlink_to(photos[number % len(photos)])
    (many / "bad.jpg").write_bytes(b"no picture")
    try_it.get_by_role("tab", name="On this computer").click()
    try_it.get_by_label("Path of a folder of photos").fill(str(many))
    try_it.get_by_role("button", name="Ask about them").click()
    try_it.get_by_text("Asking the model: ").wait_for()
    (batch,) = batches(fruit_project)
    await_that(lambda: batch.answers.counts(0.0).answered > 0, seconds=30)
    os.kill(json.loads((batch.folder / "job.json").read_text())["pid"], signal.SIGKILL)
    try_it.get_by_text("It ended without a word").wait_for()
    kept = batch.answers.counts(0.0).answered
    assert 0 < kept < 601
    try_it.get_by_role("option").first.wait_for()
    try_it.get_by_role("button", name="Go on").click()
    try_it.get_by_text("Asking the model: ").wait_for()
    try_it.get_by_text("Asking the model: ").wait_for(state="detached", timeout=120_000)
    counts = batch.answers.counts(0.0)
    assert (counts.answered, counts.unreadable) == (601, 1)
    assert len(list(Path(many).iterdir())) == 601  # what was asked about lies as it lay

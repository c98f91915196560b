"""Photos with which a decoder aborts, crashes, hangs or takes all memory, on every way by which photos come in."""

import asyncio
import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from core.batches.folder import BatchFolder, BatchRequest
from core.batches.job import answer_batch
from core.cli.command import LostPhotos, photos_of
from core.cli.main import main
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.photos.apart.child import NO_MEMORY
from core.photos.apart.children import ENDED, LATE
from core.photos.apart.decoders import REASONS, Decoders
from core.photos.decoding import PhotoError
from core.projects import edits
from core.projects.workspace import Workspace
from core.runs.grouping import with_groups
from core.runs.predictor import Predictor
from core.server.app import build_app
from core.sources.layouts import LabelledFile
from tests.core.photos.apart.deeds import ABORTS, CRASHES, EATS, HANGS
from tests.importing import bring_folder

AT_ONCE = {"aborts.jpg": (ABORTS, REASONS[ENDED]), "crashes.jpg": (CRASHES, REASONS[ENDED])}
LATER = {"hangs.jpg": (HANGS, REASONS[LATE])}
if sys.platform == "linux":  # nowhere else is a process held to a bound of memory
    AT_ONCE["eats.jpg"] = EATS, REASONS[NO_MEMORY]
WHY = {name: why for name, (_, why) in AT_ONCE.items()}


def children():
    """The processes that this one has started and that go on, where that can be seen."""
    lists = Path("/proc/self/task").glob("*/children")
    return {process for each in lists for process in each.read_text().split()}


def name_of(photo):
    return Path(photo.name).name


@pytest.fixture(autouse=True)
def no_process_is_left():
    before = children()
    yield
    assert children() <= before


@pytest.fixture
def photos(tmp_path, jpeg):
    """Ten good photos of a class, and one for each thing that a decoder may do at once."""
    folder = tmp_path / "photos" / "apple"
    folder.mkdir(parents=True)
    for n in range(10):
        (folder / f"{n}.jpg").write_bytes(jpeg(n))
    for n, (name, (mark, _)) in enumerate(AT_ONCE.items()):
        (folder / name).write_bytes(jpeg(50 + n) + mark)
    return folder


@pytest.mark.slow
def test_an_import_sets_aside_the_culprits_by_name_and_brings_the_rest(project, photos, jpeg, bad_decoder):
    for n, (name, (mark, _)) in enumerate(LATER.items()):
        (photos / name).write_bytes(jpeg(70 + n) + mark)
    summary = bring_folder(project, photos.parent)
    assert {name_of(photo) for photo in project.photos()} == {f"{n}.jpg" for n in range(10)}
    aside = {name_of(photo): photo.set_aside for photo in project.photos_set_aside()}
    assert aside == WHY | {name: why for name, (_, why) in LATER.items()}
    assert (summary.added, summary.set_aside) == (10, len(aside))


@pytest.mark.slow
def test_predict_answers_about_the_others(served_run, served_photos, photos, bad_decoder, capsys):
    expected = Predictor(served_run).predict(served_photos)
    for number, path in enumerate(served_photos):
        shutil.copy(path, photos / f"asked {number}.jpg")
    assert main(["predict", str(served_run.folder), str(photos), "--json"]) == 0
    rows = {Path(row["path"]).name: row for row in json.loads(capsys.readouterr().out)}
    assert {name: row["error"] for name, row in rows.items() if "error" in row} == WHY
    for number, answer in enumerate(expected):
        assert rows[f"asked {number}.jpg"]["probability"] == pytest.approx(answer.probability, abs=1e-6)
    assert len(rows) == 10 + len(expected) + len(WHY)


@pytest.mark.slow
def test_a_batch_answers_about_the_others(served_run, photos, tmp_path, bad_decoder):
    batch = BatchFolder(tmp_path / "00000000000000000001")
    batch.folder.mkdir()
    batch.write_request(BatchRequest("a run", "photos", str(photos)))
    answer_batch(batch, served_run)
    answers = {row.path.name: row.answer for row in batch.answers.answered()}
    assert {name: str(answer) for name, answer in answers.items() if isinstance(answer, PhotoError)} == WHY
    assert len(answers) == 10 + len(WHY)


def asked(app, paths):
    """The rows of an answer of the server's to a form with these photos."""
    files = [("photos", (path.name, path.read_bytes(), "image/jpeg")) for path in paths]
    form = requests.Request("POST", "http://127.0.0.1/predict", files=files).prepare()
    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": []}
    scope["headers"] = [(name.lower().encode(), value.encode()) for name, value in form.headers.items()]
    scope["headers"].append((b"host", b"127.0.0.1"))
    answer = bytearray()

    async def receive():
        return {"type": "http.request", "body": form.body}

    async def send(message):
        answer.extend(message.get("body", b""))

    asyncio.run(app(scope, receive, send))
    return json.loads(answer)


@pytest.mark.slow
def test_a_server_answers_about_the_others_and_lives(served_run, served_photos, photos, bad_decoder):
    sent = [*served_photos[:2], *(photos / name for name in AT_ONCE)]
    with Decoders(2) as decoders, ThreadPoolExecutor(4) as pool:
        app = build_app(Predictor(served_run, decoders), decoders, pool, None, [])
        for _ in range(2):
            assert [row.get("error") for row in asked(app, sent)] == [None, None, *WHY.values()]


def test_what_a_command_trains_on_is_looked_at_first_and_the_culprits_are_told(photos, bad_decoder, capsys):
    files = [LabelledFile(path, f"apple/{path.name}", "apple") for path in sorted(photos.iterdir())]
    lost = LostPhotos(files)
    kept, hashes = with_groups(photos_of(files), on_lost=lost)
    assert lost.words == [f"apple/{name} is left out: it {why}." for name, why in WHY.items()]
    assert capsys.readouterr().err.splitlines() == lost.words
    assert {Path(photo.path).name for photo in kept} == {path.name for path in photos.iterdir()} - {*WHY}
    assert hashes.keys() == {photo.sha256 for photo in kept}


def test_a_project_of_a_stranger_opens_without_them(project, photos, tmp_path, request):
    bring_folder(project, photos.parent)  # while nothing is wrong with the decoder
    by_name = {name_of(photo): photo for photo in project.photos()}
    edits.move(project, [by_name["aborts.jpg"].id, by_name["1.jpg"].id], "pear")
    notes_like = project.path(by_name["crashes.jpg"]).with_suffix(".json")
    project.path(by_name["crashes.jpg"]).rename(notes_like)
    with project.database() as db:
        named = notes_like.relative_to(project.folder).as_posix(), by_name["crashes.jpg"].id
        db.execute("update photos set file = ? where id = ?", named)
    thumbnail = project.thumbnail(by_name["2.jpg"]).relative_to(project.folder)
    (project.folder / thumbnail).unlink()  # it is the photo itself under another name
    (project.folder / thumbnail).write_bytes((photos / "crashes.jpg").read_bytes())
    pack(project, tmp_path / "strange.zip")
    request.getfixturevalue("bad_decoder")
    looked = []
    (tmp_path / "staging").mkdir()
    there = Workspace(tmp_path / "there")
    opened = unpack(tmp_path / "strange.zip", there, tmp_path / "staging", on_look=lambda *far: looked.append(far))
    aside = {name_of(photo): (photo.set_aside, photo.width) for photo in opened.photos_set_aside()}
    assert aside == {name: (why, 0) for name, why in WHY.items()}
    assert all(opened.path(photo).is_file() for photo in opened.photos_set_aside())
    assert {name_of(photo) for photo in opened.photos()} == {*by_name} - {*WHY}
    assert not (opened.folder / thumbnail).exists()
    assert looked[-1][0] == looked[-1][1] > 0
    edits.undo(opened)  # what was done with the others
    assert {photo.label for photo in opened.photos()} == {"apple"}
    assert {name_of(photo) for photo in opened.photos_set_aside()} == {*WHY}

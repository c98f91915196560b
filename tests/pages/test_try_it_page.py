import dataclasses
import io
import shlex
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.base.events import PHASE
from core.base.words import percent
from core.batches.answers import UNSURE
from core.batches.folder import FILES, FOLDER, PATH, WAYS, BatchFolder, BatchRequest, batches
from core.batches.job import answer_batch
from core.feedback.folder import feedback_of
from core.runs.predictor import NEVER_SEEN, Predictor
from core.runs.run import list_runs
from pages.components.try_it.ways_in import PASTED, TABS, WEBCAM
from tests.pages.screen import as_seen, ask_gallery, button, gallery


def test_without_a_finished_run_the_page_points_to_training(project, open_page, words):
    assert "There is no finished run yet" in words(open_page("try_it"))


def test_the_empty_page_says_what_the_model_knows(trained, open_page, words):
    said = words(open_page("try_it"))
    assert "It knows cross, disc. Whatever else it is shown, it " in said


def test_a_photo_gets_the_models_answer_and_a_bad_file_a_reason(trained, open_page, words):
    run = list_runs(trained.runs_folder)[0]
    data = Path(run.photos()[0].path).read_bytes()
    expected = Predictor(run).predict([data])[0]
    app = open_page("try_it")
    app.file_uploader[0].upload("one.png", data).upload("two.jpg", b"no picture")
    app.run()
    assert not app.exception
    assert f"### {expected.label}" in words(app)  # the newest that can be used
    assert "two.jpg can't be used: not an image, or of a kind that can't be read." in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_of_a_picture_deeper_than_all_that_it_saw_it_says_how_it_was_read(trained, open_page, words):
    data = io.BytesIO()
    tifffile.imwrite(data, np.full((64, 64), 3000, np.uint16))
    app = open_page("try_it")
    app.file_uploader[0].upload("deep.tif", data.getvalue()).run()
    assert not app.exception
    assert f"16-bit picture; {NEVER_SEEN}." in words(app)


def test_a_run_with_a_damaged_model_says_so(own, open_page):
    list_runs(own.runs_folder)[0].engine_path.write_text("<net>")
    app = open_page("try_it")
    assert "is damaged on disk (model.xml has changed since it was saved)" in app.error[0].value


def test_transparent_and_sideways_photos_are_shown_as_the_model_sees_them(trained, open_page):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(data, "JPEG", exif=exif)
    app = open_page("try_it")
    app.file_uploader[0].upload("sideways.jpg", data.getvalue()).run()
    assert not app.exception


def test_the_page_shows_how_another_program_asks(trained, open_page):
    run = list_runs(trained.runs_folder)[0]
    app = open_page("try_it")
    (shown,) = (each for each in app.expander if each.label == "Ask it from another program")
    serve, ask = (code.value for code in shown.code)
    assert shlex.split(serve) == ["python", "-m", "core", "serve", str(run.folder.absolute())]
    assert shlex.split(ask)[:3] == ["curl", "-F", "photos=@photo.jpg"]


def upload_many(app, *files):
    for name, data in files:
        app.file_uploader[0].upload(name, data)
    return app.run()


def open_tab(app, project, way):
    """Open the tab of this way in."""
    app.session_state[f"try_{project.id}_ways"] = next(tab for tab, of in TABS.items() if of == way)
    return app.run()


def photo_files(project, n):
    run = list_runs(project.runs_folder)[0]
    return [(f"{i}.png", Path(photo.path).read_bytes()) for i, photo in enumerate(run.photos()[:n])]


def test_the_same_file_twice_is_two_photos(trained, open_page, words):
    ((name, data),) = photo_files(trained, 1)
    app = upload_many(open_page("try_it"), (name, data), (name, data))
    assert not app.exception
    assert words(app).count("sure, of the classes it knows") == 1  # the newer
    assert len(app.toggle) == 1
    assert len({photo["id"] for photo in gallery(app)["photos"]}) == 2


def in_gallery(answer):
    """What stands under a photo with this answer, at the usual threshold."""
    said = f"{answer.label}, {percent(answer.probability)}".replace(" %", "\N{NO-BREAK SPACE}%")
    return f"not sure, closest {said}" if answer.known() is False else f"{said} sure"


def test_the_newest_photo_is_large_and_all_are_one_gallery_below(trained, open_page, words):
    files = photo_files(trained, 4)
    answers = Predictor(list_runs(trained.runs_folder)[0]).predict([data for _, data in files])
    app = upload_many(open_page("try_it"), ("older.jpg", b"no picture"), *files, ("bad.jpg", b"no picture"))
    assert not app.exception
    said = words(app)
    assert "bad.jpg can't be used: not an image, or of a kind that can't be read." in said
    assert f"### {answers[3].label}" in said
    no_picture = "can't be used: not an image, or of a kind that can't be read"
    known = [(name, in_gallery(answer)) for (name, _), answer in zip(files, answers, strict=True)]
    shown = [("bad.jpg", no_picture), *reversed(known), ("older.jpg", no_picture)]
    assert [(photo["name"], photo["said"]) for photo in gallery(app)["photos"]] == shown
    assert not gallery(app)["undoes"]
    ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, "0.png")})
    assert len(app.get("plotly_chart")) == 2  # in the window, and of the newest


def test_in_the_gallery_the_user_says_what_photos_show_and_takes_it_back(own, open_page, words):
    files = photo_files(own, 3)
    (answer,) = Predictor(list_runs(own.runs_folder)[0]).predict([files[2][1]])
    app = upload_many(open_page("try_it"), *files, ("bad.jpg", b"no picture"))
    ask_gallery(app, {"n": 1, "do": "move", "photos": as_seen(app, "0.png", "1.png"), "value": "disc"})
    assert [(row.name, row.label) for row in feedback_of(own).all().values()] == [("1.png", "disc"), ("0.png", "disc")]
    assert gallery(app)["done"]["said"][-1]["words"] == "You said that 2 photos show disc; they wait on Feedback."
    ask_gallery(app, {"n": 2, "do": "right", "photos": as_seen(app, "2.png", "bad.jpg")})
    assert [photo["label"] for photo in gallery(app)["photos"]] == ["", answer.label, "disc", "disc"]
    assert f"You said: {answer.label}. So it was right." in words(app)  # the large one is drawn anew too
    ask_gallery(app, {"n": 3, "do": "later", "photos": as_seen(app, "bad.jpg")})
    assert gallery(app)["done"]["said"][-1]["words"].startswith("bad.jpg can't be kept: not an image")
    ask_gallery(app, {"n": 4, "do": "back", "photos": as_seen(app, "0.png", "1.png", "2.png")})
    assert feedback_of(own).all() == {}
    ask_gallery(app, {"n": 5, "do": "undo"}, {"n": 6, "do": "redo"})
    assert [each["is_done"] for each in gallery(app)["done"]["said"][-2:]] == [False, False]


def test_what_was_asked_on_one_tab_does_not_show_on_another(own, answered, open_page, words):
    app = upload_many(open_page("try_it"), *photo_files(own, 1))
    assert "sure, of the classes it knows" in words(app)
    assert "asked, " not in words(app)
    open_tab(app, own, PATH)
    assert "sure, of the classes it knows" not in words(app)
    assert "asked, " in words(app)
    for way in (FOLDER, WEBCAM, PASTED):
        open_tab(app, own, way)
        assert "sure, of the classes it knows" not in words(app)
        assert "asked, " not in words(app)
    open_tab(app, own, FILES)
    assert "sure, of the classes it knows" in words(app)


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_shows_on_the_tab_where_it_was_asked(own, open_page, words, way):
    batch = BatchFolder.create(own)
    batch.write_request(BatchRequest("a run", "asked there", str(batch.incoming), way=way))
    shown = [each for each in WAYS if "asked there, " in words(open_tab(open_page("try_it"), own, each))]
    assert shown == [way]


def test_photos_on_the_page_are_asked_about_once(trained, open_page, monkeypatch):
    asked = []
    predict = Predictor.predict
    monkeypatch.setattr(Predictor, "predict", lambda self, photos: asked.append(len(photos)) or predict(self, photos))
    app = open_page("try_it")
    asked.clear()
    upload_many(app, *photo_files(trained, 4)).run()
    app.run()
    assert [n for n in asked if n] == [4]


def strange(monkeypatch, score):
    """Gives every answer this in-distribution score."""
    predict = Predictor.predict

    def all_with_this_score(self, photos):
        return [dataclasses.replace(answer, in_distribution_score=score) for answer in predict(self, photos)]

    monkeypatch.setattr(Predictor, "predict", all_with_this_score)


def test_what_is_strange_is_said_to_be_unknown_and_the_slider_decides(trained, open_page, words, monkeypatch):
    strange(monkeypatch, 0.085)
    app = upload_many(open_page("try_it"), *photo_files(trained, 1))
    assert "Not sure what this is" not in words(app)
    assert "sure, of the classes it knows" in words(app)
    app.slider[0].set_value(10).run()
    assert "### Not sure what this is" in words(app)
    assert "Closest: " in words(app)
    app.slider[0].set_value(8).run()
    assert "Not sure what this is" not in words(app)


def test_only_a_run_that_can_tell_offers_to_be_less_sure(own, open_page, words):
    run = list_runs(own.runs_folder)[0]
    for file in (run.detector_path, run.detector_path.with_name("novelty.npz.sha256")):
        file.unlink(missing_ok=True)
    app = open_page("try_it")
    assert "Whatever else it is shown, it will choose one of them." in words(app)
    assert "it always chooses one of its classes" in words(app)
    assert not app.slider


def test_more_photos_than_a_page_takes_become_a_batch_on_disk(own, open_page, submitted):
    data = photo_files(own, 1)[0][1]
    app = upload_many(open_page("try_it"), *((f"{i}.png", data) for i in range(61)))
    assert not app.exception
    ((work, folder),) = submitted
    batch = BatchFolder(folder)
    assert work == "predict"
    assert batch.request().run == list_runs(own.runs_folder)[0].name
    assert sorted(batch.request().names.values()) == sorted(f"{i}.png" for i in range(61))
    assert [path.read_bytes() for path in batch.incoming.iterdir()] == [data] * 61


def test_a_path_is_asked_about_where_it_lies(own, open_page, submitted, words, tmp_path):
    app = open_page("try_it")
    app.text_input[0].set_value(str(tmp_path / "nowhere"))
    button(app, "Ask about them").click().run()
    assert "There is no folder, zip or photo called" in app.error[0].value
    assert submitted == []
    app.text_input[0].set_value(str(tmp_path / "photos"))
    (tmp_path / "photos").mkdir()
    button(app, "Ask about them").click().run()
    ((_, folder),) = submitted
    assert BatchFolder(folder).request().path == str((tmp_path / "photos").resolve())
    assert list(BatchFolder(folder).incoming.iterdir()) == []


@pytest.fixture
def answered(own, tmp_path):
    """A finished batch: four photos that are known, two that are strange, one that can't be read."""
    run = list_runs(own.runs_folder)[0]
    folder = tmp_path / "asked"
    folder.mkdir()
    for name, data in photo_files(own, 6):
        (folder / name).write_bytes(data)
    (folder / "bad.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("bought on Monday")
    batch = BatchFolder.create(own)
    batch.write_request(BatchRequest(run.name, "asked", str(folder)))
    answer_batch(batch, run)
    db = sqlite3.connect(batch.answers.path)
    db.execute("update photos set typicality = case when name < '2' then 0.01 else 0.5 end where error = ''")
    db.commit()
    db.close()
    return batch


@pytest.mark.slow
def test_a_batch_is_a_gallery_that_can_be_narrowed_and_put_in_order(own, answered, open_page, words):
    app = open_tab(open_page("try_it"), own, PATH)
    assert "asked, " in words(app)
    assert len(unsure(app)) == 2
    assert "1 file passed over, no photos by name." in words(app)
    last = gallery(app)["photos"][-1]
    assert (last["name"], last["said"]) == ("bad.jpg", "can't be used: not an image, or of a kind that can't be read")
    kind = next(box for box in app.selectbox if box.label == "Answer")
    assert {"All 7", "Not sure (2)", "Can't be used (1)"} < set(kind.options)
    kind.set_value((UNSURE, "")).run()
    assert len(gallery(app)["photos"]) == len(unsure(app)) == 2
    app.slider[0].set_value(0).run()
    assert len(gallery(app)["photos"]) == 7
    assert unsure(app) == []


def unsure(app):
    return [photo for photo in gallery(app)["photos"] if photo["said"].startswith("not sure, closest ")]


@pytest.mark.slow
def test_a_photo_of_a_batch_is_looked_at_closer_also_when_its_file_is_gone(own, answered, open_page, tmp_path):
    shutil.rmtree(tmp_path / "asked")
    app = open_tab(open_page("try_it"), own, PATH)
    ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, "0.png")})
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.slow
def test_a_batch_outlives_the_run_that_answered_it(own, answered, open_page, words):
    run = list_runs(own.runs_folder)[0]
    shutil.copytree(run.folder, run.folder.with_name("another run"))
    shutil.rmtree(run.folder)
    app = open_tab(open_page("try_it"), own, PATH)
    assert "asked of a run that was removed" in words(app)
    assert [action["name"] for action in gallery(app)["actions"]] == ["closer"]
    ask_gallery(app, {"n": 1, "do": "closer", "photos": as_seen(app, "0.png")})
    assert not app.toggle


@pytest.mark.slow
def test_a_removed_batch_is_brought_back(own, answered, open_page, words):
    app = open_tab(open_page("try_it"), own, PATH)
    button(app, "Remove").click().run()
    assert batches(own) == []
    assert "asked, " not in "\n".join(each.value for each in app.markdown if each.value.startswith("**"))
    button(app, "Bring back").click().run()
    assert [batch.folder for batch in batches(own)] == [answered.folder]


@pytest.mark.slow
def test_a_batch_whose_worker_died_can_go_on(own, answered, open_page, words, submitted):
    answered.job.event_log().write(PHASE, name="predict", words="Asking the model")
    app = open_tab(open_page("try_it"), own, PATH)
    assert "It ended without a word" in words(app)
    assert len(gallery(app)["photos"]) == 7
    button(app, "Go on").click().run()
    assert submitted == [("predict", answered.folder)]


@pytest.mark.slow
def test_the_sorted_zip_is_asked_for_with_the_share_that_is_chosen(own, answered, open_page, submitted):
    app = open_tab(open_page("try_it"), own, PATH)
    app.slider[0].set_value(12).run()
    button(app, "Sort into folders (zip)").click().run()
    assert submitted == [("sort", answered.sorted.folder)]
    assert answered.sorted.threshold() == 0.12

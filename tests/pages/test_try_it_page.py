import io
import shlex
import shutil
from pathlib import Path

from PIL import Image

from core.data.runs import list_runs
from core.inference.predictor import Predictor


def test_without_a_finished_run_the_page_points_to_training(project, open_page, words):
    assert "There is no finished run yet" in words(open_page("try_it"))


def test_the_empty_page_says_what_the_model_knows(trained, open_page, words):
    said = words(open_page("try_it"))
    assert "It knows cross, disc, and will choose one of them" in said


def test_a_photo_gets_the_models_answer_and_a_bad_file_a_reason(trained, open_page, words):
    run = list_runs(trained.runs_folder)[0]
    data = Path(run.photos()[0].path).read_bytes()
    expected = Predictor(run).predict([data])[0]
    app = open_page("try_it")
    app.file_uploader[0].upload("one.png", data).upload("two.jpg", b"no picture")
    app.run()
    assert not app.exception
    assert f"### {expected.label}" in words(app)
    assert "two.jpg can't be used: not an image, or of a kind that can't be read." in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_a_run_with_a_damaged_model_says_so(trained_home, tmp_path, monkeypatch, open_page):
    shutil.copytree(trained_home, tmp_path / "copy")
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "copy"))
    (model,) = (tmp_path / "copy" / "projects").glob("*/runs/*/model.xml")
    model.write_text("<net>")
    app = open_page("try_it")
    assert "missing or damaged" in app.error[0].value


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
    assert app.expander[0].label == "Ask it from another program"
    serve, ask = (code.value for code in app.expander[0].code)
    assert shlex.split(serve) == ["python", "-m", "core", "serve", str(run.folder.absolute())]
    assert shlex.split(ask)[:3] == ["curl", "-F", "photos=@photo.jpg"]

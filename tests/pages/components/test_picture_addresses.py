"""Pictures by their address: what is answered, to whom, and how long a browser keeps it."""

import asyncio
import hashlib
import io
from dataclasses import replace

import pytest
from PIL import Image
from starlette.routing import Router

from core.photos.decoding import PhotoError
from core.projects import edits
from core.runs.predictor import Prediction
from core.server.same_origin import SameOriginOnly
from pages.components.asking import asked_gallery
from pages.components.asking.answered import AnsweredPhoto
from pages.components.asking.asked_gallery import AskedPhotos
from pages.components.pictures import addresses, lent

OURS = {"host": "localhost:8501", "sec-fetch-site": "same-origin", "referer": "http://localhost:8501/photos"}


def get(path, query="", allowed=(), **headers):
    """Status, headers and body of an answer, behind the app's guard, which lets in names that are allowed too."""
    answer = {"body": b""}

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["headers"] = {name.decode(): value.decode() for name, value in message["headers"]}
        answer["body"] += message.get("body", b"")

    named = OURS | headers
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items() if value],
    }
    asyncio.run(SameOriginOnly(Router(addresses.routes()), lambda: allowed, "")(scope, receive, send))
    return answer["status"], answer["headers"], answer["body"]


def photo_of(project):
    photo = project.photos()[0]
    return photo, f"/pictures/{project.id}/{photo.id}", addresses.version_of(photo, addresses.pictures_version(project))


def test_a_thumbnail_and_the_photo_are_kept_under_the_address_of_their_content(project):
    photo, place, version = photo_of(project)
    for size in ("small", "large"):
        status, headers, body = get(f"{place}/{size}", version)
        assert (status, headers["content-type"]) == (200, "image/jpeg")
        assert headers["cache-control"] == "private, max-age=31536000, immutable"
        assert headers["x-content-type-options"] == "nosniff"
        assert Image.open(io.BytesIO(body)).size == (photo.width, photo.height)
    assert get(f"{place}/small")[1]["cache-control"] == "private, no-store"
    assert get(f"{place}/small", "other")[1]["cache-control"] == "private, no-store"


def test_a_large_photo_comes_at_the_size_of_a_screen(project, tmp_path, import_more):
    (tmp_path / "more" / "disc").mkdir(parents=True)
    (tmp_path / "more" / "cross").mkdir()
    Image.new("RGB", (3000, 2400), "red").save(tmp_path / "more" / "disc" / "large.jpg")
    import_more(project, tmp_path / "more")
    (photo,) = project.photos_where("name like '%large.jpg'")
    body = get(f"/pictures/{project.id}/{photo.id}/large")[2]
    assert Image.open(io.BytesIO(body)).size == (2000, 1600)


def test_a_missing_thumbnail_is_made_for_now(project):
    photo, place, version = photo_of(project)
    project.thumbnail(photo).unlink()
    assert get(f"{place}/small", version)[2].startswith(addresses.JPEG)
    assert not project.thumbnail(photo).exists()


def test_a_damaged_photo_is_said_in_a_few_words(project):
    photo, place, _ = photo_of(project)
    project.path(photo).unlink()
    status, headers, body = get(f"{place}/large")
    assert (status, headers["content-type"]) == (422, "text/plain; charset=utf-8")
    assert b"Traceback" not in body
    assert 0 < len(body) < 200
    project.path(photo).write_bytes(b"something else")
    assert get(f"{place}/large")[2] == b"changed since it was brought in"


@pytest.mark.parametrize(
    "path",
    ["/pictures/{id}/999/small", "/pictures/none/1/small", "/pictures/../1/small", "/pictures/{id}/1/huge"],
)
def test_what_is_no_photo_of_the_workspace_is_not_answered(project, path):
    status, headers, body = get(path.format(id=project.id))
    assert status in (404, 422)
    assert headers["cache-control"] == "private, no-store"
    assert b"/" not in body


def test_a_row_that_points_outside_its_project_is_no_photo(project, tmp_path):
    photo, place, _ = photo_of(project)
    Image.new("RGB", (50, 50)).save(tmp_path / "elsewhere.png")
    with project.database() as db:
        db.execute("update photos set file = '../../../elsewhere.png' where id = ?", (photo.id,))
    assert get(f"{place}/large")[0] == 404


def lend(project, *photos):
    return AskedPhotos("a token", project, None, asked_gallery.of_page([*photos]))


def test_what_a_page_asked_about_is_lent_while_its_gallery_holds_it(project, jpeg):
    large = io.BytesIO()
    Image.new("RGB", (3000, 1500), "red").save(large, "JPEG")
    answer = Prediction("disc", 0.9, {"disc": 0.9, "cross": 0.1})
    photo = AnsweredPhoto(2**52 - 1, "one.jpg", large.getvalue(), answer, jpeg(1), "a" * 64)
    held = lend(project, photo, AnsweredPhoto(5, "bad.jpg", b"no", PhotoError("not an image"), None, "b" * 64))
    (listed,) = held.with_ids([photo.id])
    status, headers, body = get(f"{held.address}/{photo.id}/small", held.version_of(listed))
    assert (status, body) == (200, jpeg(1))
    assert "immutable" in headers["cache-control"]
    assert Image.open(io.BytesIO(get(f"{held.address}/{photo.id}/large")[2])).size == (2000, 1000)
    assert get(f"{held.address}/5/small")[::2] == (422, b"not an image")
    assert get(f"{held.address}/6/small")[0] == get(f"/lent/other/{photo.id}/small")[0] == 404
    assert get(f"{held.address}/{photo.id}/small", host="evil.example")[0] == 403
    held = lend(project)  # the page is drawn anew, without it
    assert get(f"{held.address}/{photo.id}/small")[0] == 404
    del held
    assert lent.find("a token") is None


def test_a_file_that_was_asked_about_is_shown_while_it_is_what_was_answered(project, jpeg, tmp_path):
    path = tmp_path / "one.jpg"
    path.write_bytes(jpeg(1))
    answer = Prediction("disc", 0.9, {"disc": 0.9, "cross": 0.1})
    known = AnsweredPhoto(1, "one.jpg", path, answer, jpeg(2), hashlib.sha256(jpeg(1)).hexdigest())
    held = lend(project, known, replace(known, id=2, sha256=""))
    assert get(f"{held.address}/1/large")[0] == 200
    assert get(f"{held.address}/2/large")[2] == jpeg(2)  # a table that doesn't know the content shows what it keeps
    path.write_bytes(jpeg(3))
    assert get(f"{held.address}/1/large")[0] == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "192.168.1.7:8501"},
        {"host": "localhost.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost:9999"},
        {"referer": "http://evil.example/page", "sec-fetch-site": ""},
    ],
)
def test_other_names_and_other_pages_are_refused(project, headers):
    assert get(photo_of(project)[1] + "/small", **headers)[0] == 403
    assert get(f"{addresses.scripts_address()}/gallery.js", **headers)[0] == 403


def test_a_name_that_the_user_allows_shows_pictures_too(project):
    named = {"host": "box.example", "referer": "http://box.example/photos"}
    assert get(photo_of(project)[1] + "/small", allowed=["box.example"], **named)[0] == 200
    assert get(photo_of(project)[1] + "/small", **named)[0] == 403


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "127.0.0.1"])
def test_all_names_of_this_computer_are_answered(project, host):
    assert get(photo_of(project)[1] + "/small", host=host, referer="")[0] == 200


def test_a_photo_set_aside_is_still_shown(project):
    photo, place, version = photo_of(project)
    edits.set_aside(project, [photo.id])
    assert get(f"{place}/large", version)[0] == 200


def test_the_gallerys_scripts_and_nothing_else_are_given():
    here = addresses.scripts_address()
    status, headers, body = get(f"{here}/gallery.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert b"export function show" in body
    assert "immutable" in headers["cache-control"]
    assert "no-store" in get("/gallery/old/gallery.js")[1]["cache-control"]
    assert get(f"{here}/gallery.css")[0] == 404
    assert get(f"{here}/..%2Fgallery.py")[0] == 404

"""Pictures by their address, so that a browser keeps them and no page is drawn anew for one; and the gallery's scripts.

They are for this app's pages alone: asked for by another name than this computer's, or by another web page, nothing is
answered. What is shown is a row of a project of the workspace or what a page has lent, never a place on the disk.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.base.errors import EspalierError
from core.base.files import holds_something
from core.photos.decoding import KnownFile
from core.photos.inspection import THUMBNAIL_SIDE, screen_jpeg
from core.projects.picture_settings import pictures_of
from core.projects.project import PICTURES, Photo, Project
from pages.components.pictures import lent
from pages.components.pictures.apart import decoders
from pages.components.pictures.lent import Pictures
from pages.components.shared import current

NUMBER = re.compile("[0-9]{1,18}")  # fewer than SQLite's largest
SMALL, LARGE = "small", "large"
LARGE_SIDE = 2000  # pixels: more than a window shows; twelve megapixels are decoded at half their scale for it
DECODED_AT_ONCE = 2  # large photos, each of up to some hundred MB while it is decoded
JPEG = b"\xff\xd8"
KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}  # the address changes with the content
NOT_KEPT = {"Cache-Control": "private, no-store"}
OURS_ALONE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
SCRIPTS = Path(__file__).with_name("browser")


def address_of(project: Project) -> str:
    """Where the pictures of a project are, before `/<photo's id>/<size>?<version>`."""
    return f"/pictures/{quote(project.id, safe='')}"


def version_of(photo: Photo, pictures: str) -> str:
    """Changes with a photo's content and with how pictures are read (`pictures_version`)."""
    return f"{photo.sha256[:16]}-{pictures}"


def pictures_version(project: Project) -> str:
    """Changes with how the project's pictures are read."""
    return hashlib.sha256(project.setting(PICTURES).encode()).hexdigest()[:8]


@cache
def scripts_address() -> str:
    """Where the gallery's scripts are; another version of the app has another place, so none is mixed with them."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SCRIPTS.glob("*.js"))))
    return f"/gallery/{digest.hexdigest()[:16]}"


def routes() -> list[Route]:
    """What the server answers beside Streamlit's own."""
    pictures = Answers()
    return [
        Route("/pictures/{project}/{photo}/{size}", partial(pictures.show, _in_project)),
        Route(f"{lent.ADDRESS}/{{token}}/{{photo}}/{{size}}", partial(pictures.show, _lent)),
        Route("/gallery/{version}/{name}", show_script),
    ]


Finder = Callable[[Request], Pictures | None]  # None where there is no such photo


class Answers:
    """Answers with pictures, only so many large ones at once."""

    def __init__(self) -> None:
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)

    async def show(self, find: Finder, request: Request) -> Response:
        """A picture; or in a few words why there is none."""
        if refused := why_refused(request):
            return refused
        if request.path_params["size"] == SMALL:
            return await run_in_threadpool(_answer, find, request)
        async with self._decoding:
            if await request.is_disconnected():  # turned over before it was its turn
                return Response(status_code=204)
            return await run_in_threadpool(_answer, find, request)


async def show_script(request: Request) -> Response:
    """One of the gallery's scripts."""
    if refused := why_refused(request):
        return refused
    path = {path.name: path for path in SCRIPTS.glob("*.js")}.get(request.path_params["name"])
    if path is None:
        return _words("There is no such script.", 404)
    kept = KEPT if scripts_address().endswith(f"/{request.path_params['version']}") else NOT_KEPT
    return Response(path.read_bytes(), headers=OURS_ALONE | kept, media_type="text/javascript")


def why_refused(request: Request) -> Response | None:
    """The refusal of a request for another web page, a link that is followed too; the app's guard looks at the name."""
    host = request.headers.get("host", "")
    asked_by = [urlsplit(request.headers[each]).netloc for each in ("origin", "referer") if each in request.headers]
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none") or set(asked_by) - {host}:
        return _words("Pictures are shown on this app's own pages only.", 403)
    return None


def _answer(find: Finder, request: Request) -> Response:
    """The picture that is asked for, in a thread that may wait for the disk."""
    size = request.path_params["size"]
    if size not in (SMALL, LARGE):
        return _words("There is no such picture.", 404)
    try:
        found = find(request)
        if found is None:
            return _words("There is no such photo.", 404)
        is_version = request.url.query == found.version
        jpeg = found.small() if size == SMALL else found.large(LARGE_SIDE)
    except EspalierError as error:
        return _words(str(error), 422)
    except OSError:
        return _words("The file can't be read now.", 422)
    return Response(jpeg, headers=OURS_ALONE | (KEPT if is_version else NOT_KEPT), media_type="image/jpeg")


def _in_project(request: Request) -> Pictures | None:
    project = current.workspace().open(request.path_params["project"])
    for photo in project.photos_with_ids(_ids(request)):
        if _lies_inside(project, photo):
            version = version_of(photo, pictures_version(project))
            return Pictures(version, partial(_small, project, photo), partial(_large, project, photo))
    return None


def _lent(request: Request) -> Pictures | None:
    found = lent.find(request.path_params["token"])
    return next((found.pictures(photo_id) for photo_id in _ids(request)), None) if found else None


def _ids(request: Request) -> list[int]:
    """The photo's number; none where it is no number that a list of photos can hold."""
    found = NUMBER.fullmatch(request.path_params["photo"])
    return [int(found[0])] if found else []


def _lies_inside(project: Project, photo: Photo) -> bool:
    return project.path(photo).resolve().is_relative_to(project.folder.resolve())


def _small(project: Project, photo: Photo) -> bytes:
    """The small JPEG that is there, else one made for now: the next import makes what is missing."""
    path = project.thumbnail(photo)
    jpeg = path.read_bytes() if holds_something(path) else b""
    return jpeg if jpeg.startswith(JPEG) else _large(project, photo, THUMBNAIL_SIDE)


def _large(project: Project, photo: Photo, side: int) -> bytes:
    known = KnownFile(project.path(photo), photo.sha256)
    return decoders().call(screen_jpeg, known, side, pictures_of(project))


def _words(words: str, status: int) -> Response:
    return PlainTextResponse(words, status, headers=OURS_ALONE | NOT_KEPT)

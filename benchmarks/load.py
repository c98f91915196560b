"""Twenty people at once: pages, sorting and questions over Streamlit's own WebSocket, while a training goes on.

    python -m benchmarks.load [--sessions 20] [--seconds 300]

No browser: each session speaks the protocol that one speaks. It opens pages in turn, sorts the photos, changes what a
page shows and asks the model about a photo, with pauses as people make them, and runs a page again that wants to be.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.in_browser import REPOSITORY, resident_mb, served
from core.engine.places import Places
from core.jobs.kinds import KINDS
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.projects.project import Project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos
from core.runs.run import Run, new_run_name
from tests.importing import bring_folder

FRUIT = REPOSITORY / "../shared/data/fruit.zip"
ALLOWED_MB, PAUSE_S, PATIENCE_S = 600, (0.5, 3.0), 60
BY_ITSELF = "again, by itself"
SORTED, TRIED, ASKED = "sorted", "changed something", "asked about a photo"
WHICH = ("selectbox", "button_group", "checkbox", "slider")  # what a session changes


@dataclass
class Measured:
    """What all sessions met: seconds of each rerun by page or deed, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


Met = tuple[Measured, list[float], list[Run]]


def can_be_changed(kind: str, element: Any) -> bool:
    """Whether a session changes that. Of buttons it lets go of all, which a browser does only where none is needed."""
    return kind in WHICH and not (kind == "button_group" and element.required)


class Session:
    """One tab.

    Args:
        address: Of the app.
        project: Which it looks at.
        photo: What it asks about, a JPEG.
    """

    def __init__(self, address: str, project: str, photo: bytes, measured: Measured, seed: int) -> None:
        self._address, self._query, self._photo = address, f"project={project}", photo
        self._measured, self._random = measured, random.Random(seed)
        self._pages: dict[str, str] = {}  # hash by address
        self._page, self._elements, self._states = "", {}, {}
        self._again: tuple[float, str] | None = None  # seconds, fragment
        self._answers: list[ForwardMsg] = []

    async def live(self, until: float) -> None:
        """Do what people do until then, by `time.monotonic`."""
        try:
            http = requests.Session()
            await asyncio.to_thread(http.get, f"{self._address}/_stcore/health", timeout=PATIENCE_S)
            await asyncio.to_thread(http.get, f"{self._address}/_stcore/host-config", timeout=PATIENCE_S)
            cookie = "; ".join(f"{each.name}={each.value}" for each in http.cookies)
            self._http, token = http, http.cookies.get("_streamlit_xsrf", "")
            headers = {"Origin": self._address, **({"Cookie": cookie} if cookie else {})}
            place = f"{self._address.replace('http', 'ws', 1)}/_stcore/stream"
            protocols = ["streamlit", token or "PLACEHOLDER_AUTH_TOKEN"]
            async with connect(place, subprotocols=protocols, additional_headers=headers, max_size=None) as socket:
                await self._run(socket, "first page")
                while time.monotonic() < until:
                    await self._do_something(socket)
                    await self._pause(socket, self._random.uniform(*PAUSE_S))
        except Exception as error:
            self._measured.errors.append(f"{type(error).__name__}: {error}"[:200])

    async def _do_something(self, socket: ClientConnection) -> None:
        deed = self._random.random()
        if deed < 0.6:
            await self._open(socket, self._random.choice(sorted(self._pages)))
        elif deed < 0.75:
            await self._open(socket, "photos")
            await self._change(socket, SORTED, lambda kind, element: kind == "selectbox" and element.label == "Order")
        elif deed < 0.9:
            await self._change(socket, TRIED, can_be_changed)
        else:
            await self._open(socket, "try_it")
            await self._ask(socket)

    async def _open(self, socket: ClientConnection, page: str) -> None:
        self._page, self._states = self._pages.get(page, ""), {}
        await self._run(socket, page or "start")

    async def _change(self, socket: ClientConnection, deed: str, wanted: Any) -> None:
        found = [(kind, element) for kind, element in self._widgets() if wanted(kind, element)]
        if not found:
            return
        kind, element = self._random.choice(found)
        state = WidgetState(id=element.id)
        if kind == "checkbox":
            state.bool_value = self._random.random() < 0.5
        elif kind == "selectbox":
            state.string_value = self._random.choice(list(element.options))
        elif kind == "slider" and element.options:  # it chooses among words
            state.string_array_value.data[:] = [self._random.choice(list(element.options))] * len(element.default)
        elif kind == "slider":
            state.double_array_value.data[:] = [self._random.uniform(element.min, element.max)] * len(element.default)
        else:
            state.string_array_value.data[:] = []
        self._states[element.id] = state
        await self._run(socket, deed)

    async def _ask(self, socket: ClientConnection) -> None:
        uploader = next((element for kind, element in self._widgets() if kind == "file_uploader"), None)
        if uploader is None:
            self._measured.errors.append("no place to ask about a photo")
            return
        request = BackMsg()
        request.file_urls_request.request_id = str(uuid.uuid4())
        request.file_urls_request.file_names.append("asked.jpg")
        await socket.send(request.SerializeToString())
        said = await self._await(socket, "file_urls_response")
        urls = said.file_urls_response.file_urls[0]
        token = self._http.cookies.get("_streamlit_xsrf", "")
        headers, files = {"X-Xsrftoken": token, "Origin": self._address}, {"file": ("asked.jpg", self._photo)}
        place = f"{self._address}{urls.upload_url}"
        sent = await asyncio.to_thread(self._http.put, place, timeout=PATIENCE_S, headers=headers, files=files)
        sent.raise_for_status()
        state = WidgetState(id=uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, "asked.jpg", len(self._photo)
        info.file_urls.CopyFrom(urls)
        self._states[uploader.id] = state
        await self._run(socket, ASKED)
        if not any("sure" in str(element) for _, element in self._elements.values()):
            self._measured.errors.append("no answer about a photo")

    async def _run(self, socket: ClientConnection, what: str, fragment: str = "") -> None:
        """Ask for a run and wait for its end."""
        message = BackMsg()
        message.rerun_script.CopyFrom(self._client_state(fragment))
        began = time.monotonic()
        if not fragment:
            self._elements, self._again = {}, None
        await socket.send(message.SerializeToString())
        ends = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
        end = await self._await(socket, "script_finished")
        while end.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:  # the page sends itself on
            end = await self._await(socket, "script_finished")
        if end.script_finished not in ends:
            self._measured.errors.append(f"{what}: ended with {end.script_finished}")
        self._measured.seconds[BY_ITSELF if fragment else what].append(time.monotonic() - began)

    async def _run_again(self, socket: ClientConnection, fragment: str) -> None:
        """As a page asks by itself. Of a part of it that went away meanwhile nothing is heard, and no browser waits."""
        try:
            await self._run(socket, "", fragment)
        except TimeoutError:
            self._again = None

    def _client_state(self, fragment: str) -> ClientState:
        state = ClientState(query_string=self._query, page_script_hash=self._page, fragment_id=fragment)
        state.is_auto_rerun = bool(fragment)
        state.widget_states.widgets.extend(self._states.values())
        state.context_info.timezone, state.context_info.url = "UTC", self._address
        return state

    async def _await(self, socket: ClientConnection, kind: str) -> ForwardMsg:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                said = ForwardMsg.FromString(await socket.recv())
                self._note(said)
                if said.WhichOneof("type") == kind:
                    return said

    def _note(self, said: ForwardMsg) -> None:
        kind = said.WhichOneof("type")
        if kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in said.navigation.app_pages}
        elif kind == "auto_rerun":
            self._again = said.auto_rerun.interval, said.auto_rerun.fragment_id
        elif kind == "stop_auto_rerun":
            self._again = None
        elif kind == "delta" and said.delta.WhichOneof("type") == "new_element":
            element = said.delta.new_element
            name = element.WhichOneof("type")
            self._elements[tuple(said.metadata.delta_path)] = (name, getattr(element, name))
            if name == "exception":
                said = f"a page raised {element.exception.type}: {element.exception.message}"
                self._measured.errors.append(said[:200])

    def _widgets(self) -> Iterator[tuple[str, Any]]:
        """What can be changed, kind and element."""
        for kind, element in self._elements.values():
            if getattr(element, "id", "") and not getattr(element, "disabled", False):
                yield kind, element

    async def _pause(self, socket: ClientConnection, seconds: float) -> None:
        """Look at the page, which may be run again by itself meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self._again[0] if self._again else left))
            if self._again and time.monotonic() < end:
                await self._run_again(socket, self._again[1])


def prepared(home: Path) -> tuple[Project, bytes]:
    """A workspace with the fruit photos and a trained run; and a photo to ask about."""
    import zipfile

    from core.training.training import train_run

    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(FRUIT) as opened:
            opened.extractall(folder)
        source = next(path for path in sorted(Path(folder).rglob("*")) if path.is_dir() and path.name == "train")
        project = Workspace(home).create("Fruit")
        bring_folder(project, source)
    train_run(begun(project), Places(project.cache_folder, Workspace(home).engine_folder))
    return project, project.path(project.photos()[0]).read_bytes()


def begun(project: Project, **settings: Any) -> Run:
    """A run that has not begun."""
    config = TrainConfig(**settings)
    photos = run_photos(project, split_photos(project, config.seed, Shares()))
    return Run.create(project.runs_folder / new_run_name(), config, photos)


async def watch(pid: int, until: float) -> list[float]:
    """Memory of the web process, in MB, twice a second."""
    seen = []
    while time.monotonic() < until:
        seen.append(resident_mb(pid))
        await asyncio.sleep(0.5)
    return seen


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]


def report(measured: Measured, memory: list[float], runs: list[Run], sessions: int, seconds: float) -> bool:
    """Print what was met; whether all is well."""
    whole = {name: each for name, each in measured.seconds.items() if name != BY_ITSELF}
    deeds, trained = sum(map(len, whole.values())), [run.job.state().value for run in runs]
    print(f"{sessions} sessions, {seconds:.0f} s, {deeds:,} pages and deeds, trainings: {', '.join(trained)}\n")
    print("| page or deed | times | median s | p95 s | longest s |\n|---|---|---|---|---|")
    for name, each in sorted(measured.seconds.items()):
        print(f"| {name} | {len(each)} | {statistics.median(each):.2f} | {p95(each):.2f} | {max(each):.2f} |")
    every = [second for each in whole.values() for second in each]
    ok = not measured.errors and max(memory) < ALLOWED_MB
    print(f"\nall pages: median {statistics.median(every):.2f} s, p95 {p95(every):.2f} s")
    print(f"web process: {max(memory):.0f} MB at most (allowed {ALLOWED_MB}), {memory[-1]:.0f} at the end")
    print(f"errors: {len(measured.errors)}", *sorted(set(measured.errors))[:10], sep="\n  ")
    print("OK" if ok else "NOT OK")
    return ok


async def train(home: Path, project: Project, until: float) -> list[Run]:
    """One training after another, as the Train page starts them; what was begun. The last is stopped at the end."""
    runs: list[Run] = []
    while time.monotonic() < until:
        if not runs or not runs[-1].job.state().is_active:
            runs.append(begun(project, epochs=60, seed=len(runs) + 1))
            Jobs(home).submit(KINDS["train"], runs[-1].folder)
        await asyncio.sleep(0.5)
    runs[-1].job.request_stop(keep=False)
    while runs[-1].job.state().is_active:
        await asyncio.sleep(0.2)
    return runs


async def load(served_at: tuple[str, int], project: Project, photo: bytes, n: int, seconds: float) -> Met:
    """All sessions at once, and the trainings."""
    (address, pid), measured, until = served_at, Measured(), time.monotonic() + seconds
    sessions = [Session(address, project.id, photo, measured, seed) for seed in range(n)]
    home = project.folder.parents[1]
    *_, runs, memory = await asyncio.gather(
        *(each.live(until) for each in sessions), train(home, project, until), watch(pid, until)
    )
    return measured, memory, runs


def main() -> None:
    """Prepare, serve, load, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        project, photo = prepared(home)
        with served(home) as served_at:
            met = asyncio.run(load(served_at, project, photo, arguments.sessions, arguments.seconds))
        if not report(*met, arguments.sessions, arguments.seconds):
            raise SystemExit(1)


if __name__ == "__main__":
    main()

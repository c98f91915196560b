"""What the user said of answers: the keeper of a project's `feedback` folder.

`said.jsonl` only grows, a line for each word of the user's; of a photo the last one counts. The originals lie beside
it, once by content, until they are brought into the project or the word is taken back: nothing is kept of photos about
which nothing was said.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256 as hashed
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from core.base.errors import InputError
from core.base.events import EventLog, read_events
from core.base.files import appearing_whole, disk_errors_in_words, write_bytes
from core.base.words import counted
from core.photos.decoding import SUFFIXES
from core.photos.inspection import inspect_photo
from core.photos.labelled_photo import FEEDBACK
from core.photos.near_copies import HASH_BYTES
from core.projects.imports import ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.storage import copy

SAID, TAKEN_BACK = "said", "taken back"  # the two kinds of lines
MOST_WAITING = 2_000  # photos: as many as one can have looked at
MOST_WAITING_BYTES = 10_000_000_000
LOCK_WAIT_S = 30
LONGEST_NAME = 255  # characters
CONTENT = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Answered:
    """What a model said of a photo.

    Args:
        run: The name of its run.
        probabilities: By class, 0..1.
        in_distribution_score: As in `core.runs.predictor.Prediction`, or None.
        known: Whether it looks like what the model knows; None where that can't be told.
    """

    run: str
    probabilities: dict[str, float]
    in_distribution_score: float | None = None
    known: bool | None = None


@dataclass(frozen=True)
class Said:
    """What the user said of one photo.

    Args:
        sha256: Its content.
        name: What the file was called.
        suffix: Of the original as it is kept here, such as ".jpg", or "".
        bytes: Of the original.
        phash: As in `Appearance`, in hex; "" where the project held the photo already, and nothing is kept here.
        taken: As in `Appearance`.
        said: The class that the user gave it, or "" when it was only kept for later.
        answer: The most probable class.
        second: The next one, "" when there is only one class.
        probability: Of the answer, 0..1.
        margin: How much more probable the answer is than the second, 0..1.
        in_distribution_score: As in `Answered`.
        known: As in `Answered`.
        run: As in `Answered`.
        time: When it was said, Unix seconds.
    """

    sha256: str
    name: str
    suffix: str
    bytes: int
    phash: str
    taken: float | None
    said: str
    answer: str
    second: str
    probability: float
    margin: float
    in_distribution_score: float | None
    known: bool | None
    run: str
    time: float

    @property
    def was_wrong(self) -> bool:
        """Whether the user gave it another class than the model did."""
        return self.said not in ("", self.answer)


class Feedback:
    """Where a project keeps what was said.

    Args:
        project: Whose.
    """

    def __init__(self, project: Project) -> None:
        self.folder = project.folder / "feedback"
        self.log_path = self.folder / "said.jsonl"
        self._project = project
        self._photos = self.folder / "photos"
        self._thumbnails = self.folder / "thumbs"

    def all(self) -> dict[str, Said]:
        """The last word on each photo by content, the oldest first; what another version wrote otherwise counts not."""
        said: dict[str, Said] = {}
        for event in read_events(self.log_path):
            said.pop(event.get("sha256"), None)
            if event["event"] == SAID and (row := _readable(event)):
                said[row.sha256] = row
        return said

    def waiting(self) -> list[Said]:
        """The last word on each photo that the project does not hold, the oldest first."""
        said = self.all()
        held = self._held(said)
        return [row for sha256, row in said.items() if sha256 not in held and self.original(row).exists()]

    def say(self, name: str, data: bytes, answered: Answered, said: str) -> Said:
        """Keep the user's word on an answer, and the photo with it; what was said of the photo before is replaced.

        Args:
            name: What the file is called.
            data: The original.
            answered: What the model said.
            said: A class of the project: the answer if that was right. "" keeps the photo for later.

        Raises:
            PhotoError: It can't be used as a photo.
            InputError: There is no such class, or too many photos wait already.
            StorageError: The disk is full or can't be written.
        """
        if said and said not in self._project.class_counts():
            raise InputError(
                f"There is no class called {said} in this project. Add photos of it on the Photos page first."
            )
        sha256 = hashed(data).hexdigest()
        first, second = (sorted(answered.probabilities.items(), key=lambda each: -each[1]) + [("", 0.0)])[:2]
        kept = {"suffix": "", "bytes": len(data), "phash": "", "taken": None}
        with self._alone():
            if not self._held([sha256]):
                kept = self._keep(sha256, name, data)
            log = EventLog(self.log_path)
            log.write(
                SAID,
                sha256=sha256,
                name=name[-LONGEST_NAME:],
                **kept,
                said=said,
                answer=first[0],
                second=second[0],
                probability=first[1],
                margin=first[1] - second[1],
                typicality=answered.in_distribution_score,  # as it has always been called in the log
                known=answered.known,
                run=answered.run,
            )
        return self.all()[sha256]

    def _keep(self, sha256: str, name: str, data: bytes) -> dict[str, str | int | float | None]:
        """Write the photo; what is to be noted of it."""
        others = [row for row in self.waiting() if row.sha256 != sha256]
        if len(others) >= MOST_WAITING or sum(row.bytes for row in others) + len(data) > MOST_WAITING_BYTES:
            raise InputError(
                f"{counted(len(others), 'photo')} with feedback wait already: no more can be kept. "
                "Put them into the project on the Feedback page first."
            )
        suffix = PurePosixPath(name).suffix.lower()
        suffix = suffix if suffix in SUFFIXES else ""
        with appearing_whole(self._photos / f"{sha256}{suffix}") as beside:
            beside.write_bytes(data)
            facts = inspect_photo(beside)  # decodes it whole: what can't be learned from is not kept
        if facts.thumbnail is not None:
            write_bytes(self._thumbnails / f"{sha256}.jpg", facts.thumbnail)
        return {
            "suffix": suffix,
            "bytes": len(data),
            "phash": facts.appearance.phash.hex(),
            "taken": facts.appearance.taken,
        }

    def change(self, sha256: str, said: str) -> None:
        """Say something else of a photo that waits.

        Raises:
            InputError: There is no such class, or nothing was said of this photo.
        """
        row = self.all().get(sha256)
        if row is None or said not in ("", *self._project.class_counts()):
            raise InputError("This photo or class is no longer there. It may have been changed in another window.")
        values = {**asdict(row), "said": said, "typicality": row.in_distribution_score}
        with self._alone():
            EventLog(self.log_path).write(
                SAID, **{name: value for name, value in values.items() if name not in ("time", "in_distribution_score")}
            )

    def take_back(self, sha256: str) -> None:
        """Forget what was said of a photo, and the photo with it unless the project holds it."""
        with self._alone():
            EventLog(self.log_path).write(TAKEN_BACK, sha256=sha256)
            self._tidy()

    def tidy(self) -> None:
        """Let go of photos that the project holds by now: it has them and their small pictures itself."""
        if self.folder.is_dir():
            with self._alone():
                self._tidy()

    def _tidy(self) -> None:
        needed = {row.sha256 for row in self.waiting()}
        for folder in (self._photos, self._thumbnails):
            for file in folder.iterdir() if folder.is_dir() else ():
                if file.stem not in needed:
                    file.unlink(missing_ok=True)

    def picture(self, row: Said) -> Path:
        """A small picture of a photo that waits; where it needs none it is the photo itself."""
        thumbnail = self._thumbnails / f"{row.sha256}.jpg"
        return thumbnail if thumbnail.exists() else self.original(row)

    def original(self, row: Said) -> Path:
        """Where the photo lies while it waits."""
        return self._photos / f"{row.sha256}{row.suffix}"

    def put_into_project(self, rows: list[Said]) -> ImportFolder:
        """Make an import of photos that wait, each in the class that the user gave it; it is still to be submitted.

        They teach and never judge, are marked as feedback, and stay here until the import has listed them.

        Args:
            rows: Of `waiting`, each with a class. Choose by `feedback_queue.queue`: near-copies add nothing.

        Raises:
            InputError: There is none, or a class is no longer there.
            StorageError: The disk is full or can't be written.
        """
        gone = sorted({row.said for row in rows} - set(self._project.class_counts()))
        if gone:
            raise InputError(f"There is no class called {gone[0]} any more. Say again what these photos show.")
        if not rows:
            raise InputError("There is no photo to add.")
        this, names, labels = ImportFolder.create(self._project), {}, {}
        with disk_errors_in_words("bringing in the photos"):
            for number, row in enumerate(rows):
                stored = f"{number:06d}{row.suffix}"
                _link(self.original(row), this.incoming / stored)
                names[stored], labels[stored] = row.name, row.said
        this.write_request(ImportRequest(FEEDBACK, names=names, labels=labels))
        return this

    def _held(self, contents: Iterable[str]) -> set[str]:
        """Those of these photos that the project has, set aside or not."""
        query = "select sha256 from photos where sha256 in (select value from json_each(?))"
        with self._project.database() as db:
            return {sha256 for (sha256,) in db.execute(query, (json.dumps(list(contents)),))}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One change at a time, also from two windows."""
        with disk_errors_in_words("keeping what you said"):
            self.folder.mkdir(exist_ok=True)
            lock = FileLock(self.folder / "feedback.lock")
            try:
                lock.acquire(timeout=LOCK_WAIT_S)
            except Timeout as error:
                raise InputError("Another window is keeping feedback. Try again in a moment.") from error
            try:
                yield
            finally:
                lock.release()


def _readable(event: dict[str, Any]) -> Said | None:
    """A line of the log; None for one that another version wrote, or that could lead to a file elsewhere."""
    try:
        values = {name: value for name, value in event.items() if name not in ("event", "typicality")}
        row = Said(**values, in_distribution_score=event["typicality"])
        texts = row.name, row.said, row.answer, row.second, row.run
        sound = all(isinstance(text, str) for text in texts) and len(bytes.fromhex(row.phash)) in (0, HASH_BYTES)
        float(row.probability), float(row.margin), int(row.bytes), float(row.taken or 0)
        float(row.in_distribution_score or 0)
        return row if sound and CONTENT.fullmatch(row.sha256) and row.suffix in ("", *SUFFIXES) else None
    except (KeyError, TypeError, ValueError):
        return None


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # some disks have no links
        copy(source, target)


def feedback_of(project: Project) -> Feedback:
    """The project's feedback."""
    return Feedback(project)

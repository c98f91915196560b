"""What the user said of answers: the keeper of a project's `feedback` folder.

`said.jsonl` only grows, a line for each word of the user's; of a photo the last one counts. The originals lie beside
it, once by content, until they are brought into the project or the word is taken back: nothing is kept of photos about
which nothing was said, but what was taken back on the Feedback page until the next `tidy`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from core.base import disk
from core.base.errors import InputError
from core.base.events import EventLog, lost_lines, read_events
from core.base.files import WRITING, appearing_whole, disk_errors_in_words, write_bytes
from core.base.names import in_order
from core.base.words import counted
from core.feedback.entry import FeedbackEntry, ModelAnswer
from core.photos.decoding import SUFFIXES
from core.photos.inspection import PhotoFacts, inspect_photo
from core.photos.labelled_photo import FEEDBACK
from core.photos.pictures import PictureSettings
from core.projects.imports import ImportFolder, ImportRequest
from core.projects.picture_settings import pictures_of
from core.projects.project import Project
from core.projects.storage import link_or_copy

ADDED, TAKEN_BACK = "said", "taken back"  # the two kinds of lines
MOST_WAITING = 2_000  # photos: as many as one can have looked at
MOST_WAITING_BYTES = 10_000_000_000
LOCK_WAIT_S = 30

Inspect = Callable[[Path, PictureSettings], PhotoFacts]


class FeedbackFolder:
    """Where a project keeps what the user said of answers."""

    def __init__(self, project: Project) -> None:
        self.folder = project.folder / "feedback"
        self.log_path = self.folder / "said.jsonl"
        self._project = project
        self._photos = self.folder / "photos"
        self._thumbnails = self.folder / "thumbs"

    def all(self) -> dict[str, FeedbackEntry]:
        """The last entry on each photo by content, the oldest first; what another version wrote counts not."""
        entries: dict[str, FeedbackEntry] = {}
        for event in read_events(self.log_path):
            entries.pop(str(event.get("sha256")), None)
            if event["event"] == ADDED and (entry := FeedbackEntry.from_event(event)):
                entries[entry.sha256] = entry
        return entries

    def waiting(self) -> list[FeedbackEntry]:
        """The last entry on each photo that the project does not hold, the oldest first."""
        entries = self.all()
        held = self._held(entries)
        return [entry for sha256, entry in entries.items() if sha256 not in held and self.original(entry).exists()]

    @property
    def lost_words(self) -> bool:
        """Whether something that the user said can't be read any more."""
        return self.log_path.exists() and (
            lost_lines(self.log_path) > 0 or len(self._unsaid()) > (1 if read_events(self.log_path) else 0)
        )

    def _unsaid(self) -> set[str]:
        """Photos that are kept and of which no line tells: a kill leaves one, several mean that lines are lost."""
        said = {str(event.get("sha256")) for event in read_events(self.log_path)}
        files = self._photos.iterdir() if self._photos.is_dir() else ()
        return {file.stem for file in files if not file.name.startswith(WRITING)} - said

    def add(
        self, name: str, data: bytes, answer: ModelAnswer, label: str, inspect: Inspect = inspect_photo
    ) -> FeedbackEntry:
        """Keep what the user says of an answer, and the photo with it; an entry on it from before is replaced.

        Args:
            name: What the file is called.
            data: The original.
            answer: The model's.
            label: A class of the project: the answer if that was right. "" keeps the photo for later.
            inspect: Decodes it, perhaps in another process.

        Raises:
            PhotoError: It can't be used as a photo.
            InputError: There is no such class, or too many photos wait already.
            StorageError: The disk is full or can't be written.
        """
        if label and label not in self._project.class_counts():
            raise InputError(
                f"There is no class called {label} in this project. Add photos of it on the Photos page first."
            )
        entry = FeedbackEntry.of(name, data, answer, label)
        with self._alone():
            if not self._held([entry.sha256]):
                entry = self._keep(entry, data, inspect)
            EventLog(self.log_path).write(ADDED, **entry.to_event())
        return self.all()[entry.sha256]

    def _keep(self, entry: FeedbackEntry, data: bytes, inspect: Inspect) -> FeedbackEntry:
        """Write the photo; the entry with what is to be noted of it."""
        others = [other for other in self.waiting() if other.sha256 != entry.sha256]
        if len(others) >= MOST_WAITING or sum(other.bytes for other in others) + len(data) > MOST_WAITING_BYTES:
            raise InputError(
                f"{counted(len(others), 'photo')} with feedback wait already: no more can be kept. "
                "Put them into the project on the Feedback page first."
            )
        suffix = PurePosixPath(entry.name).suffix.lower()
        suffix = suffix if suffix in SUFFIXES else ""
        with appearing_whole(self._photos / f"{entry.sha256}{suffix}") as beside:
            disk.write(beside, data)
            # Decoded whole: what can't be learned from is not kept.
            facts = inspect(beside, pictures_of(self._project))
        if facts.thumbnail is not None:
            write_bytes(self._thumbnails / f"{entry.sha256}.jpg", facts.thumbnail)
        seen = facts.appearance
        return replace(entry, suffix=suffix, phash=seen.phash.hex(), taken=seen.taken)

    def change(self, labels: Mapping[str, str | None]) -> None:
        """Say anew what photos show that are kept here.

        Args:
            labels: By SHA-256 a class of the project, "" for later, or None, which takes back what was said. The photo
                itself stays until `tidy`, so that this can be taken back too.

        Raises:
            InputError: There is no such class, or a photo is not kept here.
        """
        last = self._last_said()
        are_classes = set(labels.values()) <= {"", None, *self._project.class_counts()}
        if not are_classes or not all(sha256 in last and self.original(last[sha256]).exists() for sha256 in labels):
            raise InputError("This photo or class is no longer there. It may have been changed in another window.")
        with self._alone():
            for sha256, label in labels.items():
                if label is None:
                    EventLog(self.log_path).write(TAKEN_BACK, sha256=sha256)
                else:
                    EventLog(self.log_path).write(ADDED, **replace(last[sha256], label=label).to_event())

    def _last_said(self) -> dict[str, FeedbackEntry]:
        """The last entry on each photo, also where it was taken back since."""
        entries = (FeedbackEntry.from_event(event) for event in read_events(self.log_path) if event["event"] == ADDED)
        return {entry.sha256: entry for entry in entries if entry}

    def take_back(self, sha256: str) -> None:
        """Forget the entry of a photo, and the photo with it unless the project holds it."""
        with self._alone():
            EventLog(self.log_path).write(TAKEN_BACK, sha256=sha256)
            self._tidy()

    def tidy(self) -> None:
        """Let go of photos that the project holds by now: it has them and their small pictures itself."""
        if self.folder.is_dir():
            with self._alone():
                self._tidy()

    def _tidy(self) -> None:
        needed = {entry.sha256 for entry in self.waiting()}
        if self.lost_words:
            needed |= self._unsaid()
        for folder in (self._photos, self._thumbnails):
            for file in folder.iterdir() if folder.is_dir() else ():
                if file.stem not in needed:
                    disk.remove(file)

    def picture(self, entry: FeedbackEntry) -> Path:
        """A small picture of a photo that waits; where it needs none it is the photo itself."""
        thumbnail = self._thumbnails / f"{entry.sha256}.jpg"
        return thumbnail if thumbnail.exists() else self.original(entry)

    def original(self, entry: FeedbackEntry) -> Path:
        """Where the photo lies while it waits."""
        return self._photos / f"{entry.sha256}{entry.suffix}"

    def put_into_project(self, entries: list[FeedbackEntry]) -> ImportFolder:
        """Make an import of photos that wait, each in the class that the user gave it; it is still to be submitted.

        They teach and never judge, are marked as feedback, and stay here until the import has listed them.

        Args:
            entries: Of `waiting`, each with a class. Choose by `queue.queue`: near-copies add nothing.

        Raises:
            InputError: There is none, or a class is no longer there.
            StorageError: The disk is full or can't be written.
        """
        gone = in_order({entry.label for entry in entries} - set(self._project.class_counts()))
        if gone:
            raise InputError(f"There is no class called {gone[0]} any more. Say again what these photos show.")
        if not entries:
            raise InputError("There is no photo to add.")
        this, names, labels = ImportFolder.create(self._project), {}, {}
        with disk_errors_in_words("bringing in the photos"):
            for number, entry in enumerate(entries):
                stored = f"{number:06d}{entry.suffix}"
                link_or_copy(self.original(entry), this.incoming / stored)
                names[stored], labels[stored] = entry.name, entry.label
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
            try:
                held = FileLock(self.folder / "feedback.lock").acquire(timeout=LOCK_WAIT_S)
            except Timeout as error:
                raise InputError("Another window is keeping feedback. Try again in a moment.") from error
            with held:
                yield


def feedback_of(project: Project) -> FeedbackFolder:
    """The project's feedback."""
    return FeedbackFolder(project)

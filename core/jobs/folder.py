"""A job's folder as the web process and the worker share it: what is asked for goes in, what came of it comes out."""

import re
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from core.base import disk
from core.base.errors import InputError
from core.base.files import disk_errors_in_words
from core.base.records import Record, keep, kept
from core.jobs.job import Job
from core.jobs.numbers import next_number, numbered_name

Result = TypeVar("Result")


class JobFolder(Generic[Result]):
    """The folder of one job, which need not exist: its request, its job and its result, each file written whole.

    A capability's own class says what its files are called and what they hold. All that writes raises StorageError when
    the disk is full or can't be written.
    """

    PREPARING: ClassVar[str] = "preparing the work"  # what fails when the folder or the request can't be written
    SAVING: ClassVar[str] = "saving the result"
    RESULT: ClassVar[str] = "result.json"  # the name of the file
    RECORD: ClassVar[type[Record] | None] = None  # what it holds; None for a plain JSON value

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self.request_path = folder / "request.json"
        self.result_path = folder / self.RESULT

    @classmethod
    def below(cls, parent: Path, prefix: str = "") -> Self:
        """Make the folder of a new job below a folder that holds many, named by the next number of what that is in."""
        new = cls(parent / f"{prefix}{numbered_name(next_number(parent.parent))}")
        new.prepare()
        return new

    def prepare(self) -> None:
        """Make the folder, for the job."""
        with disk_errors_in_words(self.PREPARING):
            disk.make_folder(self.folder)

    def keep_request(self, request: Any) -> None:
        """Write down what the worker shall do: a JSON value."""
        with disk_errors_in_words(self.PREPARING):
            keep(self.request_path, request)

    def kept_request(self) -> Any:
        """What `keep_request` wrote; None when there is nothing that can be read."""
        return kept(self.request_path, lambda value: value)

    def asked_for(self, **kinds: type) -> list[Any]:
        """The values of these names in the request, each of its kind.

        Raises:
            InputError: One is missing or of another kind, or there is nothing that can be read.
        """
        request = self.kept_request()
        found = [request.get(name) for name in kinds] if isinstance(request, dict) else [None for _ in kinds]
        if not all(map(isinstance, found, kinds.values())):
            raise InputError("What was asked for here (request.json) can't be read any more. Ask for it again.")
        return found

    @property
    def run_name(self) -> str:
        """The run of its project that it was asked to work with; "" when none was named."""
        request = self.kept_request()
        return str(request.get("run", "")) if isinstance(request, dict) else ""

    @property
    def run_names(self) -> list[str]:
        """All runs of its project that it was asked to work with: its request names one as `run`, several as `runs`."""
        request = self.kept_request()
        named = request.get("runs") if isinstance(request, dict) else None
        return [self.run_name, *(map(str, named) if isinstance(named, list) else ())]

    def own(self, path: str) -> Path:
        """A place that its request names; what lay in this folder is looked for here, when that is moved or a copy."""
        parts = re.split(r"[/\\]", path)
        if not re.search(r"\d{20}", self.folder.name) or self.folder.name not in parts[:-1]:
            return Path(path)
        return self.folder.joinpath(*parts[parts.index(self.folder.name) + 1 :])

    def write(self, result: Result) -> None:
        """Keep what came of it."""
        with disk_errors_in_words(self.SAVING):
            keep(self.result_path, result.to_json() if isinstance(result, Record) else result)

    @property
    def lost_result(self) -> bool:
        """Whether there is a result, but none that can be read."""
        return self.result_path.exists() and self.read() is None

    def read(self) -> Result | None:
        """What `write` kept; None when there is nothing that can be read."""
        return kept(self.result_path, self.RECORD.from_json if self.RECORD else lambda value: value)

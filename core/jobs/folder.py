"""A job's folder as the web process and the worker share it: what is asked for goes in, what came of it comes out."""

import time
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from core.base import disk
from core.base.files import disk_errors_in_words, read_json, write_json
from core.base.records import Record
from core.jobs.job import Job

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
        """Make the folder of a new job below a folder that holds many, named by the time."""
        new = cls(parent / f"{prefix}{time.time_ns():020d}")
        new.prepare()
        return new

    def prepare(self) -> None:
        """Make the folder, for the job."""
        with disk_errors_in_words(self.PREPARING):
            disk.make_folder(self.folder)

    def keep_request(self, request: Any) -> None:
        """Write down what the worker shall do: a JSON value."""
        with disk_errors_in_words(self.PREPARING):
            write_json(self.request_path, request)

    def kept_request(self) -> Any:
        """What `keep_request` wrote; None when there is nothing that can be read."""
        return _read(self.request_path)

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

    def write(self, result: Result) -> None:
        """Keep what came of it."""
        with disk_errors_in_words(self.SAVING):
            write_json(self.result_path, result.to_json() if isinstance(result, Record) else result)

    def read(self) -> Result | None:
        """What `write` kept; None when there is nothing that can be read."""
        value = _read(self.result_path)
        if self.RECORD is None:
            return value
        try:
            return self.RECORD.from_json(value)
        except ValueError:
            return None


def _read(path: Path) -> Any:
    try:
        return read_json(path)
    except (FileNotFoundError, ValueError):
        return None

"""What is kept of a training after each epoch, so that another worker can go on where one died.

It is one file, written whole in the place of the one before. Keras' BackupAndRestore keeps weights and epoch in two
files, neither synced nor checked when read, which a kill can leave unlike each other, and knows of no best weights.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from core.base import disk
from core.base.errors import StorageError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.records import Record
from core.runs.report import Score, Seconds
from core.runs.run import Run

ABOUT = "about"  # the array of bytes that holds `Reached` as JSON
NOT_KEPT = (
    "The disk has no room to keep what was learned so far: if the training is interrupted now, it can only go on from "
    "an earlier epoch, or begin anew. Free some space."
)


class CheckpointError(ValueError):
    """A checkpoint is damaged, or doesn't fit what it was kept for."""


@dataclass(frozen=True)
class Terms(Record):
    """What has to be the same for a training to go on as if nothing had happened.

    Args:
        config: As JSON.
        pictures: How photos are read, as JSON.
        weights: Which weights the base began with; "" for random ones.
        start: SHA-256 of the model that the run goes on from; "" without one.
        photos: A digest of the photos' contents, classes and parts in their order.
        keras: Its version, since optimizers and layers may change what they keep.
    """

    config: Any
    pictures: Any
    weights: str
    start: str
    photos: str
    keras: str


@dataclass(frozen=True, kw_only=True)
class Reached(Record):
    """How far a training was.

    Args:
        terms: What it was begun with.
        epoch: How many it had done of those at most that it is allowed, which are `epochs`, in its phase.
        earlier: Epochs that the run had before that phase.
        best: How good the weights are that would be kept, as of `score_of`.
        own_best: How good the best epoch of the phase is; as `best` in checkpoints from before the two were told apart.
        waited: Epochs since that one.
        over: Whether it had ended because nothing got better.
        seconds: That the run had taken.
    """

    schema: int = 1
    terms: Terms
    epoch: int
    epochs: int
    earlier: int
    best: Score
    own_best: Score
    waited: int
    over: bool
    seconds: Seconds

    @classmethod
    def from_json(cls, value: Any) -> "Reached":
        """As it is written today, or from before an epoch that is no better than the beginning could be the best."""
        return super().from_json({"own_best": value.get("best"), **value} if isinstance(value, dict) else value)

    @property
    def is_done(self) -> bool:
        """Whether no epoch is left to learn in."""
        return self.over or self.epoch >= self.epochs

    @property
    def next_in_words(self) -> str:
        """Where it goes on: "epoch 4 of 12"."""
        return "the end of its last epoch" if self.is_done else f"epoch {self.epoch + 1} of {self.epochs}"


@dataclass(frozen=True)
class State:
    """The numbers of a training between two epochs, in Keras' order.

    Args:
        weights: Of the network as it is.
        best: The best weights so far; none where these are the ones above.
        optimizer: Its steps so far, and its memory of the gradients.
        seeds: Where the random numbers of dropout are.
    """

    weights: list[np.ndarray]
    best: list[np.ndarray]
    optimizer: list[np.ndarray]
    seeds: list[np.ndarray]


def write_checkpoint(path: Path, reached: Reached, state: State) -> None:
    """Write it whole, and on disk; OSError when that can't be."""
    about = np.frombuffer(json.dumps(reached.to_json()).encode(), np.uint8)
    arrays = {f"{part.name}_{i}": a for part in fields(state) for i, a in enumerate(getattr(state, part.name))}
    with appearing_whole(path) as beside:
        np.savez(beside, **{ABOUT: about}, **arrays)


def read_reached(path: Path) -> Reached:
    """How far the training was; looks at nothing else.

    Raises:
        FileNotFoundError: There is no checkpoint.
        CheckpointError: It is damaged, or another version of the app wrote it.
    """
    with _opened(path) as members:
        return Reached.from_json(json.loads(_array(members, ABOUT).tobytes()))


def read_state(path: Path) -> State:
    """The numbers; errors as of `read_reached`."""
    with _opened(path) as members:
        kept = set(members.namelist())
        parts: dict[str, list[np.ndarray]] = {part.name: [] for part in fields(State)}
        for name, arrays in parts.items():
            while f"{name}_{len(arrays)}.npy" in kept:
                arrays.append(_array(members, f"{name}_{len(arrays)}"))
        return State(**parts)


def refuse_damaged(path: Path) -> None:
    """Read all of it, against the sums that are kept beside each array; errors as of `read_reached`."""
    with _opened(path) as members:
        if members.testzip() is not None:
            raise CheckpointError("An array has changed.")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Its members; whatever damage is met while they are read becomes a CheckpointError."""
    try:
        with zipfile.ZipFile(path) as members:
            if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
                raise CheckpointError("It was packed by somebody else.")  # and might unpack to any size
            yield members
    except FileNotFoundError:
        raise
    except Exception as error:  # BadZipFile, KeyError, TokenError, MemoryError ... by where the damage is
        raise CheckpointError(str(error)) from error


def _array(members: zipfile.ZipFile, name: str) -> np.ndarray:
    """One array, whose bytes `ZipFile.read` compares with their CRC-32."""
    return np.lib.format.read_array(io.BytesIO(members.read(f"{name}.npy")), allow_pickle=False)


class Checkpoints:
    """Keeps the checkpoint of a run that is being trained.

    Args:
        run: Its folder gets the file.
        terms: Gives what a later worker has to find the same; asked once there is something to keep.
        seconds: Gives those that the run has taken so far.
        reached: How far an earlier worker was, whose checkpoint is there and whole; None to begin.
    """

    def __init__(
        self, run: Run, terms: Callable[[], Terms], seconds: Callable[[], Seconds], reached: Reached | None = None
    ) -> None:
        self.reached = reached
        self.run = run
        self._terms = terms
        self._seconds = seconds
        self._is_told = False

    def state(self) -> State:
        """What the earlier worker has kept.

        Raises:
            CheckpointError: It has been damaged since it was looked at.
        """
        return read_state(self.run.checkpoint_path)

    def keep(self, state: State, **reached: Any) -> None:
        """Keep the state after an epoch in place of the one before, with the fields of `Reached` that are not its own.

        Where the disk has no room the one before stays, the user is told, and the training goes on. Once somebody has
        asked it to stop, epochs may be cut short, and nothing more is kept.
        """
        if self.run.job.stop_requested():
            return
        whole = Reached(terms=self._terms(), seconds=self._seconds(), **reached)
        try:
            with disk_errors_in_words("keeping what was learned so far"):
                write_checkpoint(self.run.checkpoint_path, whole, state)
        except StorageError:
            if not self._is_told:
                self.run.note(NOT_KEPT)
            self._is_told = True


def forget_checkpoint(run: Run) -> None:
    """Remove what was kept of a run that is complete, or of which nothing shall be kept."""
    with disk_errors_in_words("clearing away what is no longer needed"):
        disk.remove(run.checkpoint_path)

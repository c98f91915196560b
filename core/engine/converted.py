"""Engine models that are converted once for all runs: written where they are missing, and anew where damaged."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from core.base import checksums

DAMAGED = "The converted base model ({}) was damaged on disk, so it was converted anew."

Tell = Callable[[str], None]  # called with what the user should know, in words


def converted_once(target: Path, write: Callable[[Path], None], tell: Tell) -> Path:
    """The engine model that several runs share, as it was written.

    One without a checksum, of an older version or of a worker that was killed, can't be told from a damaged one: it is
    written anew, once. Where two workers want it, the second waits for the first.

    Args:
        target: The `model.xml`, with its weights beside it.
        write: Writes both.
        tell: Told when it was damaged.
    """
    if _is_whole(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not _is_whole(target):  # else another worker has written it meanwhile
            names = checksums.changed(target)
            checksums.unseal(target)
            write(target)
            checksums.seal(target, target.with_suffix(".bin"))
            if names:
                tell(DAMAGED.format(", ".join(names)))
    return target


def _is_whole(target: Path) -> bool:
    return checksums.is_sealed(target) and not checksums.changed(target)

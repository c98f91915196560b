"""What is done about the workspace's room without being asked: at the start of the app and after work that fills it."""

from pathlib import Path

from core.upkeep.caches import keep_bounded
from core.upkeep.leftovers import leftovers
from core.upkeep.removing import Removed, remove_all


def sweep(home: Path) -> Removed:
    """Remove what dead jobs have left, and of the caches what is beyond their bound.

    Raises:
        StorageError: The workspace can't be written.
    """
    home = home.resolve()
    return remove_all(home, leftovers(home)) + keep_bounded(home)


def after_work(home: Path) -> None:
    """What a worker does last, once its job has ended: keep the caches within their bound."""
    keep_bounded(home.resolve())

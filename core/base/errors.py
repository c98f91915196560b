"""The errors a person may see. A message says what happened, what it means and what to do; pages and the
command line show it as it is, so it never holds a path of ours or a stack trace."""


class EspalierError(Exception):
    """Root of every error whose message is written for the user."""


class InputError(EspalierError):
    """The photos, folders, archives or settings that came in can't be used as they are."""


class DamagedError(InputError):
    """A project's list of photos is damaged or gone; `core.projects.database.repair` makes it anew."""


class WeightsError(EspalierError):
    """The weights of a base model are missing, changed or damaged."""


class StorageError(EspalierError):
    """The disk is full or can't be written; what was complete before is still there."""


class RunError(EspalierError):
    """A training run can't be used: unfinished, damaged, or its worker died."""


class StopRequested(EspalierError):
    """The user asked this run to stop.

    Args:
        keep: True to keep the best weights so far, False to discard the run.
    """

    def __init__(self, keep: bool) -> None:
        super().__init__("Stopped: the best so far is kept." if keep else "Cancelled: nothing is kept.")
        self.keep = keep

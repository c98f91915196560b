"""The background test of a run on disk."""

from core.background_test.verdict import BackgroundTest
from core.jobs.folder import JobFolder
from core.runs.run import Run


class BackgroundTestFolder(JobFolder[BackgroundTest]):
    """Where a run keeps the result of `core.background_test.testing.run_background_test`: its `plate-test`."""

    PREPARING = "preparing the plate test"
    SAVING = "saving the plate test"
    RESULT = "plate-test.json"
    RECORD = BackgroundTest


def background_test_of(run: Run) -> BackgroundTestFolder:
    """The run's background test."""
    return BackgroundTestFolder(run.folder / "plate-test")

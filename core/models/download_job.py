"""The job that downloads the weights of a base model."""

from pathlib import Path

from core.base.events import FINISHED, PHASE
from core.jobs.folder import JobFolder
from core.jobs.progress import Progress, megabytes
from core.models.catalogue import base_model
from core.models.weights import download_weights, weights_folder


def download(home: Path, this: JobFolder) -> None:
    """Download the weights of the base model that the job's folder is named after."""
    base, log = base_model(this.folder.name), this.job.event_log()
    log.write(PHASE, name="download", words=f"Downloading {base.title}")
    progress = Progress(log, shown=lambda done, total: (megabytes(done, total)[0], base.weights_mb))
    download_weights(base, weights_folder({"ESPALIER_HOME": str(home)}), progress, this.job.check_stop)
    log.write(FINISHED)

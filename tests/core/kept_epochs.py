"""Runs that were interrupted, without a training: what their worker had written when it died."""

import numpy as np

from core.base.events import EPOCH, PHASE
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Seconds
from core.runs.run import Run
from core.training.checkpoints import Reached, State, write_checkpoint
from core.training.continuing import terms_of
from core.training.subsets import DIVIDED

NOWHERE = [LabelledPhoto("/gone/1.jpg", "apple", "train", "1" * 64)]


def interrupt(run: Run, told: int = 0, kept: int = 0, epochs: int = 12, earlier: int = 0) -> Run:
    """Make it look as if its worker had died after so many epochs were told, of which so many are kept."""
    log = run.job.event_log()
    log.write(PHASE, name="features", words="Looking")
    log.write(DIVIDED, set_aside={"/bad.jpg": "it can't be read"})
    for number in range(1, earlier + told + 1):
        log.write(
            EPOCH, epoch=number, phase="", loss=1.0, accuracy=0.5, val_loss=1 / number, val_accuracy=0.5, seconds=2.0
        )
    if kept:
        reached = Reached(
            terms=terms_of(run),
            epoch=kept,
            epochs=epochs,
            earlier=earlier,
            best=(0.5, 0.0),
            own_best=(0.5, 0.0),
            waited=0,
            over=False,
            seconds=Seconds(features=1.0, fit=2.0, evaluate=0.0, total=3.0),
        )
        write_checkpoint(run.checkpoint_path, reached, State([np.zeros(3)], [], [], []))
    return run

"""The map of photos: what the frozen base says of them, laid out flat so that photos it finds alike lie together.

t-SNE (L. van der Maaten and G. Hinton, "Visualizing Data using t-SNE", JMLR 2008) on the first 50 principal
components, by openTSNE (P. Policar et al., 2019): beyond 10,000 photos it interpolates (G. Linderman et al.,
"Fast interpolation-based t-SNE", Nature Methods 2019). Near is alike; how far two heaps lie apart says little.

A second layout draws the groups tighter, as UMAP does: from there on with attraction four times as strong (J. N. Böhm,
P. Berens and D. Kobak, "Attraction-Repulsion Spectrum in Neighbor Embeddings", JMLR 2022, where exaggeration 4 comes
close to UMAP). UMAP itself was tried and left out (docs/log.md).
"""

from collections.abc import Callable

import numpy as np
import openTSNE
import pandas as pd

from core.base.events import PHASE
from core.checks.readiness import refuse_too_few
from core.engine.features import features_of
from core.engine.places import Places
from core.evaluation.probe import principal_components, unit
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BUILT_IN, BaseModel, base_model
from core.photos.labelled_photo import LabelledPhoto

COMPONENTS = 50  # as in the paper: faster, and what is dropped is mostly noise
PERPLEXITY = 30  # neighbours that a photo keeps near, about; the usual value
STEPS = {"early_exaggeration_iter": 250, "n_iter": 500}  # openTSNE's own
TIGHTER_STEPS, TIGHTER = 250, 4.0
TOTAL_STEPS = sum(STEPS.values()) + TIGHTER_STEPS
EVERY = 25  # steps between two looks at the stop file
MANY = 5000  # photos: with fewer, threads wait for each other longer than they work (docs/log.md)
SEED = 0


def draw_map(photos: list[LabelledPhoto], places: Places, job: Job, base: BaseModel | None = None) -> pd.DataFrame:
    """Place photos on a map.

    Args:
        base: Through which they are looked at. Defaults to the built-in one.
        job: Gets PHASE and PROGRESS; its stop file ends the work.

    Returns:
        Columns sha256, and as float32 x and y, tight_x and tight_y: the two layouts. A row for each photo that could be
        read and whose content is new.

    Raises:
        InputError: There are too few photos.
        StopRequested: The user wants it to end.
    """
    log, base = job.event_log(), base or base_model(BUILT_IN)
    log.write(PHASE, name="features", words=f"Looking at the photos through {base.title}")
    different = list({photo.sha256: photo for photo in photos}.values())
    known = features_of(base, different, places, job)
    refuse_too_few(known.photos)
    log.write(PHASE, name="map", words="Laying them out so that like lies near like")
    progress = Progress(log, job.check_stop, every_s=0)
    layouts = lay_out(known.rows, SEED, lambda done: progress(done, TOTAL_STEPS))
    (x, y), (tight_x, tight_y) = (layout.T for layout in layouts)
    columns = {"x": x, "y": y, "tight_x": tight_x, "tight_y": tight_y}
    return pd.DataFrame({"sha256": [photo.sha256 for photo in known.photos], **columns})


def lay_out(features: np.ndarray, seed: int, on_steps: Callable[[int], None]) -> tuple[np.ndarray, np.ndarray]:
    """Places on a plane, by t-SNE and then with tighter groups: float32 (n, 2) each, the middle at 0.

    The same features and seed give the same places.

    Args:
        features: float32 (n, width), n at least 5.
        seed: Another seed, another map.
        on_steps: Called now and then with the number of steps done, of TOTAL_STEPS; may raise to stop.
    """
    done = [0]

    def on_step(step: int, error: float, places: np.ndarray) -> None:
        if step >= 1:  # it also calls before the first one, and counts anew in each phase
            done[0] += EVERY
            on_steps(done[0])

    tsne = openTSNE.TSNE(
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),  # it needs three times as many neighbours
        random_state=seed,
        callbacks=on_step,
        callbacks_every_iters=EVERY,
        n_jobs=-1 if len(features) > MANY else 1,
        **STEPS,
    )
    places = tsne.fit(principal_components(unit(features), COMPONENTS))
    tighter = places.optimize(TIGHTER_STEPS, exaggeration=TIGHTER, momentum=0.8, inplace=False)
    return np.array(places, np.float32), np.array(tighter, np.float32)

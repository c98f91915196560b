"""The job that looks for wrong labels: the photos of a project, the features of the frozen base, and the ranking."""

import numpy as np
import pandas as pd

from core.base.events import PHASE
from core.checks.readiness import refuse_too_few
from core.engine.features import PhotoFeatures, features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.label_issues.folder import SearchedLabels
from core.label_issues.ranking import LabelIssues, can_be_judged, centred, find_label_issues, nearest_of_class
from core.models.catalogue import BUILT_IN, base_model
from core.photos.labelled_photo import LabelledPhoto

SHOWN = 3  # photos of each of the two classes that the page shows beside a suspect
SEED = 0


def judge_labels(photos: list[LabelledPhoto], places: Places, job: Job) -> tuple[pd.DataFrame, SearchedLabels]:
    """Rank photos by how wrong their class seems.

    Args:
        photos: All usable photos.
        places: Where features and converted bases are kept.
        job: Gets PHASE and PROGRESS; its stop file ends the work.

    Returns:
        The table, a row a photo (equal files of one class are one), the highest score first: sha256, label, looks_like,
        score (float32, 0..1), sure (float32, 0..1: the models' probability of `looks_like`), agree and near (int64: so
        many of so many nearest photos are of that class), suspect (bool), and for suspects the SHA-256 of the nearest
        photos of both classes, near_own and near_other (lists). And what it is about.

    Raises:
        InputError: There are too few photos.
        StopRequested: The user wants it to end.
    """
    log, base = job.event_log(), base_model(BUILT_IN)
    different = {(photo.sha256, photo.label): photo for photo in photos}
    photos = [different[key] for key in sorted(different)]  # so that their order changes nothing
    refuse_too_few(photos)
    log.write(PHASE, name="features", words=f"Looking at the photos through {base.title}")
    known = features_of(base, photos, places, job)
    refuse_too_few(known.photos)
    class_names, class_ids, groups = known.class_names, known.class_ids, known.groups
    log.write(PHASE, name="labels", words="Judging each photo by models that have not seen it")
    issues = find_label_issues(known.rows, class_ids, groups, SEED, Progress(log, job.check_stop, every_s=0))
    judged = can_be_judged(class_ids, np.unique(groups, return_inverse=True)[1])
    unevaluated = sorted({class_names[k] for k in class_ids[~judged]})
    return _table(known, issues), SearchedLabels(len(known.photos), int(issues.suspect.sum()), unevaluated)


def _table(known: PhotoFeatures, issues: LabelIssues) -> pd.DataFrame:
    photos, class_names, class_ids = known.photos, known.class_names, known.class_ids
    x, group = centred(known.rows), np.unique(known.groups, return_inverse=True)[1]

    def shown(row: int, wanted: int) -> list[str]:
        if not issues.suspect[row]:
            return []
        return [photos[i].sha256 for i in nearest_of_class(x, class_ids, group, row, wanted, SHOWN)]

    table = pd.DataFrame(
        {
            "sha256": [photo.sha256 for photo in photos],
            "label": [photo.label for photo in photos],
            "looks_like": [class_names[k] for k in issues.looks_like],
            "score": issues.score,
            "sure": issues.sure,
            "agree": issues.agree,
            "near": issues.near,
            "suspect": issues.suspect,
            "near_own": [shown(row, int(k)) for row, k in enumerate(class_ids)],
            "near_other": [shown(row, int(k)) for row, k in enumerate(issues.looks_like)],
        }
    )
    return table.iloc[issues.order].reset_index(drop=True)

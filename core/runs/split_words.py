"""Which photos do what in a project's next run, in words."""

from core.base.subsets import TEST
from core.base.words import counted
from core.models.config import CROSS_VALIDATION, FEATURE_EXTRACTION, FOLDS, MIN_PHOTOS_TO_TEST, TrainConfig
from core.projects.project import Project
from core.projects.project_split import given_subsets
from core.runs.photo_places import run_photos
from core.runs.run import estimate_for


def split_in_words(project: Project, plan: TrainConfig) -> str:
    """How the photos will be divided, and how the model will be judged.

    Args:
        project: With enough photos to train.
        plan: The settings of the run.
    """
    if TEST in given_subsets(project):
        return "Your test folder is kept as it is, for one final test. Some other photos say when to stop (validation)."
    heads_alone = plan.strategy == FEATURE_EXTRACTION  # five whole networks more would take hours
    counts = project.own_counts() or project.class_counts()  # photos from feedback only teach
    if heads_alone and min(counts.values()) < MIN_PHOTOS_TO_TEST and _differ_enough(project):
        least = min(counts, key=counts.get)
        return (
            f"{least} has only {counted(counts[least], 'photo')}: too few to keep some for a test that says much. So "
            f"after the training every photo is judged once by a model that has not seen it ({FOLDS}-fold "
            "cross-validation). The model you keep learns from about 70 % of the photos; 15 % say when to stop."
        )
    return (
        "Of each class about 70 % of the photos teach, 15 % say when to stop (validation) and 15 % are kept for one "
        "final test. Photos once given a part keep it, also when you add more."
    )


def _differ_enough(project: Project) -> bool:
    """Whether the photos of each class can be divided, so that its small classes can be cross-validated."""
    return estimate_for(run_photos(project, project.photos()), test_given=False) == CROSS_VALIDATION

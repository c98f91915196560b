from dataclasses import replace

from core.base.files import write_json
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import Run
from core.training.subsets import in_subsets, subsets_of

PHOTOS = [
    LabelledPhoto(f"/{label}/{split} {n}", label, split, f"{label} {split} {n}")
    for label in ("10", "0", "2")
    for split in ("train", "validation", "test")
    for n in range(6)
]


def test_a_new_run_has_classes_that_are_numbers_in_the_order_of_numbers(tmp_path):
    subsets = subsets_of(Run.create(tmp_path / "new", TrainConfig(), PHOTOS), {})
    assert subsets.class_names == ["0", "2", "10"]
    assert subsets.class_ids(PHOTOS[:1]).tolist() == [2]


def test_a_run_that_goes_on_keeps_the_order_of_the_outputs_it_goes_on_from(tmp_path):
    run = Run.create(tmp_path / "on", TrainConfig(start_from="of a version that sorted them as texts"), PHOTOS)
    write_json(run.labels_path, ["0", "10", "2"])
    subsets = subsets_of(run, {})
    assert subsets.class_names == ["0", "10", "2"]
    assert subsets.class_ids(PHOTOS[:1]).tolist() == [1]


def test_near_copies_that_came_on_both_sides_are_told():
    assert in_subsets(PHOTOS, TrainConfig()) == (PHOTOS, "")
    alike = {"/0/train 0", "/0/test 0"}
    twins = [replace(photo, group="twin") if photo.path in alike else photo for photo in PHOTOS]
    words = (
        "1 test photo has a near-copy among the training photos, and photos keep the part that they were given: "
        "the test makes the model look better than it is."
    )
    assert in_subsets(twins, TrainConfig()) == (twins, words)

import json

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.base.errors import InputError
from core.models.config import TrainConfig, usual_config
from core.photos.appearance import Appearance
from core.photos.near_copies import perceptual_hash
from core.projects.plan import MIRRORED, PLAN, forget_plan, keep_plan, kept_plan, mirrored_pairs, next_plan, sides_of
from core.projects.project import Photo


def test_a_plan_is_kept_until_it_is_forgotten(project):
    assert kept_plan(project) is None
    keep_plan(project, TrainConfig(epochs=7))
    assert kept_plan(project) == TrainConfig(epochs=7)
    forget_plan(project)
    assert kept_plan(project) is None


def test_a_setting_out_of_range_is_refused_and_the_plan_before_stays(project):
    keep_plan(project, TrainConfig(epochs=7))
    with pytest.raises(InputError, match="epochs must be between 1 and 1000"):
        keep_plan(project, TrainConfig(epochs=0))
    assert kept_plan(project) == TrainConfig(epochs=7)


@pytest.mark.parametrize(
    "kept", ["{", "[]", '"a plan"', json.dumps({**TrainConfig().to_json(), "schema": 99}), '{"schema": 1, "new": 1}']
)
def test_what_another_version_kept_is_as_no_plan(project, kept):
    project.keep_setting(PLAN, kept)
    assert kept_plan(project) is None


def add_photos(project, labels, images):
    """Rows of photos as an import writes them, without files."""
    rows, appearances = [], {}
    for n, (label, image) in enumerate(zip(labels, images, strict=True)):
        file = f"photos/{label}/{n}.png"
        rows.append(Photo(0, label, file, f"{n}.png", f"{n:064x}", 1, 64, 48, "", "", 0.0))
        appearances[file] = Appearance(perceptual_hash(image), None, 0.0, 0.0, b"")
    project.add_rows(rows, appearances)


def patterns(n):
    rng = np.random.default_rng(8)
    return [
        Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8)).resize((64, 48), Image.Resampling.BICUBIC)
        for _ in range(n)
    ]


@pytest.mark.parametrize("strategy", ["feature-extraction", "fine-tune", "from-scratch"])
def test_where_names_say_that_sides_matter_no_plan_mirrors_unless_it_says_so_in_full(project, strategy):
    add_photos(project, ["left", "right"] * 3, patterns(6))
    keep_plan(project, usual_config(strategy))
    assert next_plan(project).augment == "none"
    keep_plan(project, TrainConfig(augment="mirror=1,views=1", ask_mirror=True))
    assert next_plan(project).augment == "mirror=1,views=1"
    assert not next_plan(project).ask_mirror


def test_photos_that_are_mirror_images_of_another_class_say_so_until_they_are_gone(project):
    one = patterns(5)
    add_photos(project, ["a"] * 5 + ["c"] * 5, one + [ImageOps.mirror(image) for image in one])
    assert sides_of(project) == "photos of a look like mirrored photos of c"
    keep_plan(project, usual_config("fine-tune"))
    assert next_plan(project).augment == "none"
    with project.database() as db:
        db.execute("update photos set set_aside = 'held out' where label = 'c'")
    assert sides_of(project) == ""
    assert next_plan(project).augment == "auto"


@pytest.mark.parametrize("kept", ["{", "[]", "7", '{"of": "x"}', '{"of": "STATE", "pairs": [1]}'])
def test_what_a_strange_database_says_of_mirrored_photos_is_looked_for_again(project, kept):
    add_photos(project, ["a", "c"] * 3, patterns(6))
    project.keep_setting(MIRRORED, kept.replace("STATE", project.photo_state().replace('"', "")))
    assert mirrored_pairs(project) == []

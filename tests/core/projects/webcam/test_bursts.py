import io
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.base.events import PHASE
from core.photos.appearance import taken_at
from core.projects.imports import ImportFolder, run_import
from core.projects.project import Project
from core.projects.project_split import near_copy_groups, split_cost, split_photos
from core.projects.split import ONE_BURST, Shares
from core.projects.webcam import bursts
from core.projects.webcam.bursts import Frame, add_frames, next_waiting, stamped

SEED = 3


@pytest.fixture
def project(tmp_path):
    return Project.create(tmp_path / "projects" / "Cups", "Cups")


def now():
    return datetime.now().timestamp()


@pytest.fixture
def filmed(draw):
    """A burst: one scene in which something moves a little from picture to picture, ten a second."""

    def film(seed, n, began=0.0):
        scene = np.asarray(draw(seed, (320, 240)), np.int16)
        frames = []
        for i in range(n):
            moved = np.clip(scene + np.random.default_rng(i).integers(-3, 4, scene.shape), 0, 255).astype(np.uint8)
            moved[100:140, 5 * (i % 50) : 5 * (i % 50) + 40] = 255
            encoded = io.BytesIO()
            Image.fromarray(moved).save(encoded, "JPEG")
            frames.append(Frame(encoded.getvalue(), began + i / 10))
        return frames

    return film


def test_a_frame_tells_when_it_was_taken_and_keeps_its_pixels(jpeg):
    frame = Frame(jpeg(SEED), now() - 60)
    with Image.open(io.BytesIO(stamped(frame))) as kept, Image.open(io.BytesIO(frame.jpeg)) as came:
        assert np.array_equal(np.asarray(kept), np.asarray(came))
        assert taken_at(kept.getexif()) == pytest.approx(
            (datetime.fromtimestamp(frame.taken) - datetime(1970, 1, 1)).total_seconds(), abs=1
        )


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8" + bytes(bursts.MAX_FRAME_BYTES)], ids=len)
def test_what_is_no_frame_is_refused_in_words(project, data):
    with pytest.raises(InputError, match="no picture that can be kept"):
        add_frames(project, "cup", [Frame(data, now())])


@pytest.mark.parametrize("said", [0.0, 1e300, -1e300, float("inf"), float("nan")])
def test_a_browser_that_says_no_time_takes_its_pictures_now(jpeg, said):
    with Image.open(io.BytesIO(stamped(Frame(jpeg(SEED), said)))) as kept:
        said_now = (datetime.now() - datetime(1970, 1, 1)).total_seconds()
        assert taken_at(kept.getexif()) == pytest.approx(said_now, abs=60)


def test_pictures_are_on_the_disk_as_they_come_and_brought_in_as_one_burst(project, jpeg):
    first = add_frames(project, "cup", [Frame(jpeg(i), now()) for i in range(2)])
    assert add_frames(project, "cup", [Frame(jpeg(2), now())], first) == first
    this = ImportFolder(project.imports_folder / first)
    assert len(list(this.incoming.iterdir())) == 3
    assert run_import(project, this, 1).added == 3
    assert project.class_counts() == {"cup": 3}
    another = add_frames(project, "cup", [Frame(jpeg(3), now())], first)  # that one has been brought in
    assert another != first


def test_a_burst_is_bounded(project, jpeg, monkeypatch):
    monkeypatch.setattr(bursts, "MAX_FRAMES", 3)
    name = add_frames(project, "cup", [Frame(jpeg(i), now()) for i in range(3)])
    with pytest.raises(InputError, match="up to 3 pictures"):
        add_frames(project, "cup", [Frame(jpeg(9), now())], name)
    assert len(ImportFolder(project.imports_folder / name).request().names) == 3


def test_one_import_waits_for_the_other_and_one_that_still_grows_is_left_to_its_tab(project, jpeg):
    name = add_frames(project, "cup", [Frame(jpeg(SEED), now())])
    assert next_waiting(project) is None
    assert next_waiting(project, [name]).folder.name == name
    other = ImportFolder.create(project)
    with other.job.alive_lock():
        other.job.event_log().write(PHASE, name="importing", words="Storing")
        assert next_waiting(project, [name]) is None


def test_a_burst_that_a_kill_cut_off_is_brought_in_by_who_looks_next(project, jpeg, monkeypatch):
    name = add_frames(project, "cup", [Frame(jpeg(SEED), now())])
    monkeypatch.setattr(bursts, "QUIET_S", -1.0)
    assert next_waiting(project).folder.name == name


def test_classes_of_one_burst_each_are_split_by_the_second_and_the_cost_is_said(project, filmed):
    began = float(int(now()))
    for seed, label in enumerate(("cup", "hand")):
        name = add_frames(project, label, filmed(seed, 50, began))
        run_import(project, ImportFolder(project.imports_folder / name), 1)
    assert len(set(near_copy_groups(project, project.photos("cup")))) == 1
    assert split_cost(project, 0, Shares()) == ONE_BURST
    photos = split_photos(project, 0, Shares())
    for label in ("cup", "hand"):
        of_class = sorted((p.name[-11:-8], p.split) for p in photos if p.label == label)
        subsets = [subset for _, subset in of_class]
        assert {subset: subsets.count(subset) for subset in set(subsets)} == {"train": 30, "validation": 10, "test": 10}
        assert sum(one != other for one, other in pairwise(subsets)) <= 4  # whole seconds, not picture by picture

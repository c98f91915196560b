import json
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from core.advice import measuring as advising
from core.advice.bake_off import TIMED_PHOTOS
from core.advice.measuring import MOST_PHOTOS, advise
from core.advice.record import Advice, PhotosPerClass
from core.base.errors import InputError, StopRequested
from core.base.events import PHASE
from core.base.subsets import TEST, TRAIN
from core.engine.engine import Engine
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, CATALOGUE
from core.models.config import USUAL_SIZE
from core.photos.labelled_photo import LabelledPhoto, sample_by_share
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES, write_shapes


def photo(label, n, **others):
    return LabelledPhoto(f"/nowhere/{label}/{n}.jpg", label, "", f"{hash((label, n)) % 2**64:064x}", **others)


@pytest.fixture(scope="module", autouse=True)
def one_base():
    """Only the built-in base, whatever else is installed: to convert another takes ten seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(advising, "CATALOGUE", [r for r in CATALOGUE if r.name == BUILT_IN or r.application])
        yield


@pytest.fixture(scope="module")
def own_places(places, tmp_path_factory):
    return Places(cache=tmp_path_factory.mktemp("cache"), engine=places.engine)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return run_photos(write_shapes(tmp_path_factory.mktemp("shapes"), per_class=24, first=500))


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The job of the advice, which holds its events."""
    return Job(tmp_path_factory.mktemp("job"))


@pytest.fixture(scope="module")
def advice(photos, own_places, told):
    return advise(photos, own_places, told)


@pytest.mark.slow
def test_the_answer_holds_what_the_contract_names(advice):
    assert Advice.from_json(json.loads(json.dumps(advice.to_json()))) == advice
    assert advice.photos_per_class == PhotosPerClass(24, 24.0)
    assert (advice.size, advice.quadrant) == ("small", 4 if advice.similar else 3)
    low, high = advice.similarity_interval
    assert 0 <= low <= advice.similarity <= high <= 1
    assert advice.plan.base == BUILT_IN
    assert (advice.photo_side, advice.plan.image_size) == (96, USUAL_SIZE)
    (trial,) = advice.to_json()["bake_off"]
    assert set(trial) >= {"base", "accuracy", "interval", "photos_per_second"}
    assert advice.similarity_parts.probe_accuracy > 0.9  # coloured shapes are told apart at once
    assert all(isinstance(reason, str) and reason.endswith(".") for reason in advice.reasons)


def test_examples_are_photos_of_the_set_the_surest_and_the_least_sure(advice, photos):
    known = {photo.sha256 for photo in photos}
    familiar, strange = advice.examples.familiar, advice.examples.strange
    assert len(familiar) == len(strange) == 6
    assert set(familiar) | set(strange) <= known
    assert not set(familiar) & set(strange)


def test_bases_that_are_not_here_are_told_with_their_state(advice):
    here = {trial.base for trial in advice.bake_off}
    away = {missing.base: missing.state for missing in advice.not_here}
    assert here | set(away) == {row.name for row in advising.CATALOGUE}
    assert "needs a download of" in away["vgg16"]


@pytest.mark.slow
def test_measured_again_it_asks_the_base_about_no_photo_but_for_the_time_it_takes(
    advice, photos, own_places, job, monkeypatch
):
    asked, stream = [], Engine.stream

    def counted(engine, images, *others):
        images = list(images)
        asked.append(len(images))
        return stream(engine, images, *others)

    monkeypatch.setattr(Engine, "stream", counted)
    again = advise(photos, own_places, job)
    assert asked == [TIMED_PHOTOS]
    assert replace(again, seconds=0, bake_off=[]) == replace(advice, seconds=0, bake_off=[])


@pytest.mark.slow
def test_photos_kept_for_the_test_take_no_part(photos, own_places, job):
    parted = [replace(each, split=TEST if n % 3 == 0 else TRAIN) for n, each in enumerate(photos)]
    held_out = {each.sha256 for each in parted if each.split == TEST}
    found = advise(parted, own_places, job)
    assert found.similarity_parts.n == len(photos) - len(held_out)
    assert not held_out & {*found.examples.familiar, *found.examples.strange}
    assert found.photos_per_class.median == 24  # the size is that of the whole set


def test_phases_are_told_and_a_stop_request_ends_it(photos, own_places, advice, told, job):
    phases = [event["name"] for event in told.events() if event["event"] == PHASE]
    assert phases[-5:] == ["features", "similarity", "curve", "bake-off", "mirror"]
    job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        advise(photos, own_places, job)


@pytest.mark.parametrize(
    ("photos", "words"),
    [
        ([], "no photos yet"),
        ([photo("a", n) for n in range(20)], "only one class, a"),
        ([photo(label, n) for label in "ab" for n in range(2)], r"Too few photos .* a \(2\), b \(2\)"),
    ],
)
def test_too_little_to_measure_on_is_said(photos, words, own_places, job):
    with pytest.raises(InputError, match=words):
        advise(photos, own_places, job)


def test_a_class_of_one_picture_is_said(photos, own_places, job):
    alike = [replace(each, group="one picture") if each.label == CLASSES[0] else each for each in photos]
    with pytest.raises(InputError, match=f"All photos of {CLASSES[0]} show the same picture"):
        advise(alike, own_places, job)


@pytest.mark.slow
def test_photos_that_cannot_be_read_are_passed_over_unless_too_few_are_left(photos, own_places, job, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    bad = LabelledPhoto(str(tmp_path / "bad.jpg"), CLASSES[0], "", "ab" * 32)
    assert advise([*photos, bad], own_places, job).similarity_parts.n == len(photos)
    readable = [each for each in photos if each.label == CLASSES[1]]
    unreadable = [replace(bad, sha256=f"{n:064x}") for n in range(9)]
    with pytest.raises(InputError, match=rf"Too few photos .*: {CLASSES[0]} \(0\)"):
        advise(readable + unreadable, own_places, job)


def test_a_sample_keeps_the_shares_of_the_classes_and_rare_ones(photos):
    many = [photo("common", n) for n in range(9000)] + [photo("rare", n) for n in range(400)]
    chosen = Counter(each.label for each in sample_by_share(many, MOST_PHOTOS))
    assert chosen["common"] == pytest.approx(1915, abs=5)
    assert chosen["rare"] == 400  # all of them: fewer than half of a fair part
    assert sample_by_share(many, MOST_PHOTOS) == sample_by_share(many[::-1], MOST_PHOTOS)


@pytest.mark.slow
def test_every_base_that_is_installed_is_tried_on_the_same_photos(
    photos, own_places, job, monkeypatch, installed_engine
):
    shutil.copytree(installed_engine, own_places.engine, dirs_exist_ok=True)
    monkeypatch.setattr(advising, "CATALOGUE", CATALOGUE)
    tried = advise(photos, own_places, job).bake_off
    assert {trial.base for trial in tried if not trial.is_several} == {f"efficientnet-lite{n}" for n in (0, 1, 2)}
    assert sorted(trial.base.count("+") for trial in tried if trial.is_several) == [1, 2]
    assert {trial.n for trial in tried} == {len(photos)}
    assert sum(trial.recommended for trial in tried) == 1
    sizes = {trial.base: trial.megabytes for trial in tried}
    assert sizes["efficientnet-lite0"] < sizes["efficientnet-lite1"] < sizes["efficientnet-lite2"]
    words = [event["words"] for event in job.events() if event.get("name") == "bake-off"]
    assert words[1].startswith("Trying EfficientNet-Lite1, base model 2 of ")

"""A search of what fine-tuning trains, on drawn photos with the built-in base."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from core.base.errors import InputError, StopRequested
from core.base.events import PHASE, PROGRESS
from core.engine import feature_cache
from core.engine.places import Places
from core.jobs.job import Job
from core.models.building import build_base
from core.models.catalogue import BUILT_IN, Block, base_model
from core.models.config import FINE_TUNE, TrainConfig
from core.search.block_costs import BlockCosts, shares_above
from core.search.block_tries import BlockTries, tries_for
from core.search.material import material_of, with_subsets
from core.search.search import HeadTries, look_for
from core.search.settings import block_settings_of, with_settings
from core.search.space import block_space
from core.search.table import SearchTrial
from core.search.trial import Material
from core.search.words import differences, how_judged, options_of, searched, summary
from core.training.rows import LabelledFeatures
from core.training.strategies import boundary
from tests.core.conftest import run_photos

PLAN = TrainConfig(
    strategy=FINE_TUNE, thaw_from="stage7", epochs=3, fine_tune_epochs=1, fine_tune_rate=1e-3, batch_size=16
)


def tried(settings, seconds, number=1):
    return SearchTrial(number, settings, 0.5, 0.8, seconds, pruned=False)


def test_costs_grow_with_epochs_with_the_blocks_that_learn_and_with_what_was_never_seen():
    costs = BlockCosts({"a": 1.0, "b": 0.25}, train=100, validation=20)
    of = {"thaw_from": "b", "fine_tune_epochs": 2, "fine_tune_rate": 1e-4}
    assert costs.passes(of, 0) == 2 * (300 + 20) * 0.25 == 160
    assert costs.passes(of, 120) == 160 + 120 * 0.75 == 250
    assert costs.passes({**of, "thaw_from": "a"}, 120) == 640  # nothing lies below
    slow = [tried(of, 25.0), tried(of, 50.0)]  # with 120 to see: 250 passes
    assert costs.seconds(of, 0, slow) == pytest.approx(160 * 50 / 250)
    assert costs.seconds({**of, "fine_tune_epochs": 4}, 0, slow) == pytest.approx(320 * 50 / 250)


def test_of_two_layers_alike_each_has_half_and_what_crosses_between_them_is_counted():
    pixels = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(3, 3, padding="same", name="first")(pixels)
    base = keras.Model(pixels, keras.layers.Conv2D(3, 3, padding="same", name="second")(first))
    assert shares_above(base, (Block("one", "first"), Block("two", "second"))) == {"one": 1.0, "two": 0.5}
    assert boundary.width_at(base, "second") == 8 * 8 * 3 == boundary.cut(base, "second").width


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_settings_of_blocks_are_within_what_a_run_takes_and_start_where_there_is_room(optimizer):
    import optuna

    plan = replace(PLAN, optimizer=optimizer, momentum=0.9 * (optimizer == "sgd"))
    space, blocks = block_space(plan, 5), [block.name for block in base_model(BUILT_IN).blocks]
    random = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    drawn = [space.rounded(random.ask(space.distributions).params) for _ in range(60)]
    assert all(with_settings(plan, each).check().momentum == plan.momentum for each in drawn)
    assert {each["thaw_from"] for each in drawn} == set(blocks[5:])
    assert max(each["fine_tune_rate"] for each in drawn) > (0.01 if optimizer == "sgd" else 1e-3)
    assert space.params_of(replace(plan, thaw_from=blocks[2], fine_tune_epochs=40))["fine_tune_epochs"] == 12


def test_settings_of_blocks_in_words():
    settings = {**block_settings_of(PLAN), "fine_tune_rate": 2e-4}
    assert differences(PLAN, settings) == [
        ("how large its steps are at most (learning rate of the thawed blocks)", "0.001", "0.0002")
    ]
    assert options_of(settings) == "--thaw-from stage7 --fine-tune-rate 0.0002 --fine-tune-epochs 1"


def test_a_plan_that_keeps_its_base_searches_heads(places, tmp_path):
    rows = LabelledFeatures(np.zeros((4, 3), np.float32), np.array([0, 1, 0, 1]))
    material = Material(rows, 2, ["a", "b", "c", "d"], ["a", "b", "c", "d"], 2)
    assert isinstance(tries_for(material, TrainConfig(), places, Job(tmp_path)), HeadTries)


@pytest.fixture(scope="module")
def photos(shapes, tmp_path_factory):
    """Few of them, those of the test gone: who opened one would fail."""
    gone = tmp_path_factory.mktemp("gone")
    found = [photo for i, photo in enumerate(run_photos(shapes)) if i % 2 == 0]
    split = with_subsets(found, PLAN)
    return [
        replace(p, path=str(gone / f"{i}.jpg"), sha256=f"{i:064x}") if p.split == "test" else p
        for i, p in enumerate(split)
    ]


@pytest.fixture(scope="module")
def searched_blocks(photos, places, tmp_path_factory):
    """A search that tried the plan and two settings more; the tables after each try, and its job."""
    folder = tmp_path_factory.mktemp("blocks")
    own = Places(cache=folder / "cache", engine=places.engine)
    (folder / "job").mkdir()
    job, tables = Job(folder / "job"), []
    what = tries_for(material_of(photos, PLAN, own, job), PLAN, own, job)

    def keep(table):
        tables.append(table)
        if len(table.trials) == 3:
            job.request_stop(keep=True)

    table = look_for(what, folder / "search.db", job, 3000, keep)
    return what, table, tables, job, folder, own


@pytest.mark.slow
def test_a_search_tries_the_plan_first_and_judges_on_validation_photos_alone(searched_blocks, photos):
    what, table, tables, _, _, own = searched_blocks
    assert isinstance(what, BlockTries)
    assert [len(each.trials) for each in tables] == [1, 2, 3]
    assert table.own_trial.settings == {"thaw_from": "stage7", "fine_tune_rate": 1e-3, "fine_tune_epochs": 1}
    assert table.own == 1
    assert (table.estimate, table.n) == ("validation", sum(photo.split == "validation" for photo in photos))
    assert len({json.dumps(each.settings) for each in table.trials}) == 3
    for each in table.trials:
        assert with_settings(PLAN, each.settings).check()
    assert list((own.cache / "activations").glob("*before-*.f16"))
    assert searched(table) == "Tried were which blocks of the base model learn, how fast and how long."
    assert "which also say when the blocks stop learning" in how_judged(table)
    assert "learning from stage7 on, learning rate 0.001, epochs 1" in summary(table)


@pytest.mark.slow
def test_no_try_is_worse_than_the_head_that_it_began_with(searched_blocks):
    what, table, *_ = searched_blocks
    from core.evaluation.metrics import log_loss
    from core.training.fitting import answers_of, learn, untrained_head

    material = what.material
    head = untrained_head(PLAN, material.rows.width, material.n_classes)
    learn(head, PLAN, material.train, material.validation, [])
    start = log_loss(material.truth, answers_of(head, material.validation))
    assert all(each.loss <= start + 5e-3 for each in table.trials)  # what is kept of the cut is float16


@pytest.mark.slow
def test_its_events_are_phases_and_seconds(searched_blocks):
    *_, job, _, _ = searched_blocks
    assert {event["event"] for event in job.events()} == {PHASE, PROGRESS}
    phases = [event["name"] for event in job.events() if event["event"] == PHASE]
    assert [phase for phase in phases if phase != "load"] == ["features", "fit", "search"]


@pytest.mark.slow
def test_the_next_search_goes_on_and_begins_nothing_that_can_not_end(searched_blocks):
    """The plan is not trained again; in half a second no try can end, so none is begun."""
    what, table, _, job, folder, _ = searched_blocks
    job.forget_stop()
    seen = []
    again = look_for(what, folder / "search.db", job, 0.5, seen.append)
    assert again.trials == table.trials
    assert len(seen) == 1


@pytest.mark.slow
def test_a_stop_ends_a_try_between_two_steps(searched_blocks):
    what, *_ = searched_blocks
    asked = []

    def check():
        asked.append(1)
        if len(asked) > 2:
            raise StopRequested(keep=True)

    with pytest.raises(StopRequested):
        what.run(replace(PLAN, fine_tune_epochs=9), check)
    assert len(asked) == 3


@pytest.mark.slow
def test_without_room_for_the_plans_own_boundary_it_is_refused_in_words(searched_blocks, monkeypatch, tmp_path, places):
    what, *_ = searched_blocks
    empty = Places(cache=tmp_path / "cache", engine=places.engine)
    monkeypatch.setattr(feature_cache.FeatureCache, "has_room", lambda self, n: False)
    with pytest.raises(InputError, match="no room for what the frozen layers before stage7 say"):
        BlockTries(what.material, PLAN, empty, Job(tmp_path))


@pytest.mark.slow
def test_what_crosses_each_boundary_of_the_built_in_base_is_known_without_cutting():
    blocks = base_model(BUILT_IN).blocks
    base = build_base(BUILT_IN, weights=None)
    widths = [boundary.width_at(base, block.first_layer) for block in blocks[-2:]]
    assert widths == [
        boundary.cut(build_base(BUILT_IN, weights=None), block.first_layer).width for block in blocks[-2:]
    ]

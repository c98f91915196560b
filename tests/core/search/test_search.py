import itertools
import json
import sqlite3
from dataclasses import replace

import numpy as np
import optuna
import pytest

from core.base.errors import InputError, StopRequested
from core.base.events import PHASE, PROGRESS
from core.base.files import file_sha256
from core.evaluation.metrics import mcnemar_exact
from core.jobs.job import Job
from core.models.config import CROSS_VALIDATION, FROM_SCRATCH, TrainConfig, usual_config
from core.models.heads import FC, FLATTEN_FC, GAP, LINEAR_SVM, head_named
from core.search import search as searching
from core.search.material import material_of, with_subsets
from core.search.search import Deadline, search, study_name
from core.search.settings import completed, settings_of, with_settings
from core.search.space import head_space
from core.search.study import RECORD
from core.search.table import SearchTable, SearchTrial
from core.search.trial import ENOUGH_VALIDATION, Material
from core.search.words import corrected_p, summary, verdict
from core.training.rows import LabelledFeatures
from tests.core.conftest import run_photos

PLAN = TrainConfig(epochs=15, batch_size=32, learning_rate=0.01, dropout=0.1)


def xor(n, seed):
    """Two classes, each in two opposite corners: no straight line between them, but a hidden layer sees it."""
    rng = np.random.default_rng(seed)
    corners = rng.choice([-1.0, 1.0], (n, 2))
    return LabelledFeatures(
        (2 * corners + rng.normal(0, 0.3, (n, 2))).astype(np.float32),
        (corners[:, 0] * corners[:, 1] > 0).astype(np.int64),
    )


def material(n_train=200, n_validation=ENOUGH_VALIDATION, mark=""):
    """Drawn features; none of a test part."""
    contents = [f"{mark}{i}" for i in range(n_train + n_validation)]
    train, validation = xor(n_train, 1), xor(n_validation, 2)
    rows = LabelledFeatures(
        np.concatenate([train.features, validation.features]), np.concatenate([train.class_ids, validation.class_ids])
    )
    return Material(rows, n_train, contents, contents, 2)


@pytest.fixture
def job(tmp_path):
    (tmp_path / "job").mkdir()
    return Job(tmp_path / "job")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "a ?#%{x} folder" / "search.db"


@pytest.fixture
def look(database):
    """Searches with a job of its own until so many tries are there."""

    def run(these, tries, folder, plan=PLAN, into=database):
        folder.mkdir(exist_ok=True)
        job, tables = Job(folder), []
        job.forget_stop()

        def keep(table):
            tables.append(table)
            if len(table.trials) >= tries:
                job.request_stop(keep=True)

        return search(these, plan, into, job, 600, keep), tables

    return run


@pytest.mark.slow
def test_where_no_straight_line_does_a_hidden_layer_is_found(look, tmp_path):
    table, _ = look(material(), 14, tmp_path / "job")
    best, own = table.best_trial, table.own_trial
    assert own.settings == settings_of(PLAN)
    assert (table.own, own.settings["head"]) == (1, GAP)
    assert own.accuracy < 0.75
    assert best.settings["head"] == FC
    assert best.accuracy > 0.95
    assert best.loss == min(each.loss for each in table.trials if not each.pruned)
    assert table.only_best - table.only_own == round(ENOUGH_VALIDATION * (best.accuracy - own.accuracy))
    assert (table.estimate, table.n) == ("validation", ENOUGH_VALIDATION)
    assert "more than chance" in verdict(table)
    assert sum(each.settings["head"] == LINEAR_SVM for each in table.trials) == 1  # it has nothing to set
    assert "test photos were not looked at" in summary(table)


def test_no_try_begins_after_its_time(job, database):
    table = search(material(), PLAN, database, job, 0, lambda table: None)
    assert [each.settings for each in table.trials] == [settings_of(PLAN)]
    assert table.best == table.own == 1
    assert "there was no time for another" in verdict(table)


def test_a_try_that_is_not_over_in_time_is_forgotten_and_the_plans_own_is_not(job, database):
    now = iter(range(10_000))
    table = search(material(), PLAN, database, job, 90, lambda table: None, lambda: float(next(now)))
    assert 1 <= len(table.trials) < 10
    with sqlite3.connect(database) as db:
        assert [row[0] for row in db.execute("select state from trials where state = 'RUNNING'")] == []


def test_a_stop_ends_it_and_what_was_tried_stays(look, tmp_path):
    table, tables = look(material(), 3, tmp_path / "job")
    assert len(table.trials) == 3
    assert [len(each.trials) for each in tables] == [1, 2, 3]
    assert replace(table, seconds=0) == replace(tables[-1], seconds=0)


@pytest.mark.parametrize("keep", [True, False])
def test_a_stop_before_the_plan_was_tried_leaves_nothing(job, database, keep):
    job.request_stop(keep=keep)
    with pytest.raises(StopRequested):
        search(material(), PLAN, database, job, 60, lambda table: None)


def test_the_next_search_goes_on_from_the_tries_before(look, tmp_path):
    first, _ = look(material(), 4, tmp_path / "job")
    second, tables = look(material(), 7, tmp_path / "job")
    assert second.trials[:4] == first.trials
    assert [each.number for each in second.trials] == list(range(1, 8))
    assert len(tables[0].trials) == 4
    settings = [json.dumps(each.settings) for each in second.trials]
    assert len(set(settings)) == len(settings)


@pytest.mark.slow
def test_another_plan_on_the_same_photos_is_tried_beside_the_first(look, tmp_path):
    look(material(), 3, tmp_path / "job")
    other = replace(PLAN, learning_rate=0.5, units=4000, head=FC)  # beyond the space that is searched
    table, _ = look(material(), 5, tmp_path / "job", other)
    assert len(table.trials) == 5
    assert table.own_trial.settings == settings_of(other)
    assert table.own == 4


@pytest.mark.parametrize(
    ("these", "plan"),
    [(material(mark="other "), PLAN), (material(), replace(PLAN, base="vgg16")), (material(), replace(PLAN, epochs=3))],
    ids=["other photos", "another base", "other shared settings"],
)
def test_what_can_not_be_compared_begins_anew(look, tmp_path, these, plan):
    look(material(), 3, tmp_path / "job")
    table, _ = look(these, 2, tmp_path / "job", plan)
    assert len(table.trials) == 2
    assert study_name(these, plan) != study_name(material(), PLAN)


@pytest.mark.slow
def test_the_same_seed_tries_the_same_and_another_seed_something_else(look, tmp_path):
    def settings(seed, name):
        table, _ = look(material(), 12, tmp_path / name, replace(PLAN, seed=seed, epochs=2), tmp_path / f"{name}.db")
        return [(each.settings, each.loss, each.pruned) for each in table.trials]

    assert settings(1, "a") == settings(1, "b")
    assert [each[0] for each in settings(1, "c")][2:] != [each[0] for each in settings(2, "d")][2:]


def test_few_validation_photos_are_judged_in_folds_with_near_copies_together(look, tmp_path):
    few = material(60, 20)
    few = replace(few, groups=[f"{i // 2}" for i in range(80)])
    table, _ = look(few, 3, tmp_path / "job")
    assert (table.estimate, table.n) == (CROSS_VALIDATION, 80)
    assert not any(each.pruned for each in table.trials)


def test_a_class_of_one_group_can_not_be_judged_in_folds():
    few = material(60, 20)
    groups = ["one" if label else f"{i}" for i, label in enumerate(few.together.class_ids)]
    assert replace(few, groups=groups).judged_by == "validation"


def test_varied_views_teach_but_do_not_judge():
    plain = material(60, 20)
    varied = LabelledFeatures(
        np.concatenate([plain.rows.features, plain.rows.features + 9]), np.tile(plain.rows.class_ids, 2)
    )
    these = replace(plain, rows=varied)
    assert np.array_equal(these.together.features, plain.together.features)
    assert np.array_equal(these.validation.features, plain.validation.features)
    assert np.array_equal(these.train.features, np.concatenate([plain.train.features, plain.train.features + 9]))
    assert np.array_equal(these.train.class_ids, np.tile(plain.train.class_ids, 2))
    assert np.array_equal(these.shown(np.array([3, 70])).features, varied.features[[3, 70, 83, 150]])
    assert np.shares_memory(plain.train.features, plain.rows.features)  # large sets are held once


@pytest.mark.slow
def test_hopeless_tries_are_given_up_and_none_of_them_is_the_best(look, tmp_path):
    table, _ = look(material(), 18, tmp_path / "job")
    given_up = [each for each in table.trials if each.pruned]
    assert given_up
    assert table.best not in [each.number for each in given_up]


def test_a_database_that_can_not_be_read_is_moved_aside(look, tmp_path, database):
    database.parent.mkdir()
    database.write_bytes(b"this is no database" * 100)
    table, _ = look(material(), 2, tmp_path / "job")
    assert len(table.trials) == 2
    assert database.with_suffix(".damaged").read_bytes().startswith(b"this is no database")


def test_a_try_whose_worker_was_killed_is_no_try(look, tmp_path, database, monkeypatch):
    look(material(), 3, tmp_path / "job")
    with monkeypatch.context() as patched:
        patched.setattr(searching, "run_trial", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            look(material(), 9, tmp_path / "job")
    table, _ = look(material(), 5, tmp_path / "job")
    assert [each.number for each in table.trials] == [1, 2, 3, 4, 5]


def test_the_events_count_seconds_and_nothing_else(job, database):
    clock = itertools.count(0, 0.25).__next__  # a quick computer is done before the first second is told
    search(material(), replace(PLAN, epochs=4), database, job, 300, lambda table: job.request_stop(keep=True), clock)
    events = job.events()
    assert {event["event"] for event in events} == {PHASE, PROGRESS}
    progress = [event for event in events if event["event"] == PROGRESS]
    assert {event["total"] for event in progress} == {300}
    left = [event["seconds_left"] for event in progress]
    assert all(0 <= seconds <= 300 for seconds in left)
    assert left[0] > 290  # what the user gave it is known from the first
    assert [event["done"] for event in progress] == sorted(event["done"] for event in progress)


def test_time_that_is_up_is_a_stop_and_so_is_the_users(job):
    now = [0.0]
    deadline = Deadline(job, lambda: now[0], 10)
    deadline.check()
    now[0] = 10.0
    with pytest.raises(StopRequested):
        deadline.check()
    job.request_stop(keep=False)
    with pytest.raises(StopRequested) as stop:
        deadline.check()
    assert not stop.value.keep


def test_values_are_those_that_a_person_can_type_and_within_what_a_run_takes():
    random, space = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3)), head_space()
    drawn = [space.rounded(random.ask(space.distributions).params) for _ in range(100)]
    for settings in drawn:
        assert with_settings(replace(PLAN, optimizer="sgd", momentum=0.5), settings).check()
        assert float(f"{settings['learning_rate']:.2g}") == settings["learning_rate"]
        assert settings["weight_decay"] == 0 or settings["weight_decay"] >= 3e-4
        assert settings["optimizer"] == "sgd" or settings["momentum"] == 0
    assert {settings["optimizer"] for settings in drawn} == {"adam", "rmsprop", "sgd"}
    assert {settings["batch_size"] for settings in drawn} == {16, 32, 64, 128, 256}
    assert max(settings["momentum"] for settings in drawn) > 0.8


def test_settings_take_what_does_not_go_with_them_out_of_a_plan():
    plan = replace(PLAN, optimizer="sgd", momentum=0.9, steps_per_epoch=20)
    assert settings_of(plan)["momentum"] == 0.9
    assert "momentum" not in settings_of(PLAN)
    adam = with_settings(plan, settings_of(PLAN)).check()
    assert (adam.optimizer, adam.momentum, adam.steps_per_epoch) == ("adam", 0.0, 20)
    assert with_settings(plan, {"head": LINEAR_SVM}).check().steps_per_epoch == 0


def before(settings):
    """Settings of a try as the version before kept them."""
    return {name: value for name, value in settings.items() if name not in ("optimizer", "momentum", "batch_size")}


@pytest.mark.slow
def test_tries_of_the_version_before_count_with_the_settings_that_they_had(look, tmp_path, database):
    """Their study as it was: by another name, without what is new in its space."""
    old, adam = optuna.trial.create_trial, {"optimizer": "adam", "batch_size": PLAN.batch_size}
    tried, _ = look(material(), 9, tmp_path / "job", PLAN, tmp_path / "now.db")
    kept = [before(each.settings) for each in tried.trials if not head_named(each.settings["head"]).solved_at_once]
    kept = [PLAN_BEFORE, *({**each, "dropout": 0.3} for each in kept[1:])]
    database.parent.mkdir()
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'before.db'}")
    study = optuna.create_study(storage=storage, study_name=study_name(material(), PLAN, searching.SHARED_BEFORE))
    space = {name: each for name, each in head_space().distributions.items() if name not in ("momentum", *adam)}
    for number, settings in enumerate(kept, 1):
        record = SearchTrial(number, settings, 0.7 + number / 100, 0.5, 1.0, pruned=False, wrong=[1, 2])
        params = {"units": 32, **{name: value or 1e-4 for name, value in settings.items()}}
        study.add_trial(
            old(value=record.loss, params=params, distributions=space, user_attrs={RECORD: record.to_json()})
        )
    study.set_user_attr(LINEAR_SVM, SearchTrial(len(kept) + 1, {"head": LINEAR_SVM}, 0.9, 0.5, 1, False, []).to_json())
    storage.engine.dispose()
    (tmp_path / "before.db").rename(database)

    table, _ = look(material(), len(kept) + 3, tmp_path / "job")
    assert [each.settings for each in table.trials[: len(kept)]] == [{**each, **adam} for each in kept]
    assert [each.number for each in table.trials] == list(range(1, len(kept) + 4))
    assert table.own == 1
    assert sum(each.settings["head"] == LINEAR_SVM for each in table.trials) == 1
    again, _ = look(material(), len(kept) + 4, tmp_path / "job")
    assert again.trials[:-1] == table.trials
    steps, _ = look(material(), 2, tmp_path / "job", replace(PLAN, steps_per_epoch=3))
    assert len(steps.trials) == 2  # what they did not know makes other tries


PLAN_BEFORE = {"head": GAP, "learning_rate": 0.01, "dropout": 0.1, "weight_decay": 0.0}


def test_a_try_of_before_says_what_it_had_of_the_plan_of_then():
    whole = {**PLAN_BEFORE, "optimizer": "adam", "batch_size": 32}
    assert completed(PLAN_BEFORE, {"batch_size": 32}) == whole
    assert completed(whole, {"batch_size": 64, "optimizer": "sgd", "momentum": 0.9}) == whole
    assert completed({"head": LINEAR_SVM}, {"batch_size": 64}) == {"head": LINEAR_SVM}


@pytest.mark.slow
def test_a_plan_whose_optimizer_crawls_is_beaten(look, tmp_path):
    """Plain SGD at a small rate hardly moves in fifteen epochs."""
    crawling = replace(PLAN, head=FC, units=32, optimizer="sgd", learning_rate=1e-4, batch_size=256)
    table, _ = look(material(), 12, tmp_path / "job", crawling)
    assert table.own_trial.settings == settings_of(crawling)
    assert table.own_trial.settings["momentum"] == 0.0
    assert table.own_trial.accuracy < 0.75
    assert table.best_trial.accuracy > 0.95
    assert table.best_trial.settings != table.own_trial.settings


def test_what_can_not_be_searched_is_refused_in_words(places, job):
    for plan, why in (
        (usual_config(FROM_SCRATCH), "trains the whole network"),
        (replace(PLAN, head=FLATTEN_FC), "whole feature maps"),
    ):
        with pytest.raises(InputError, match=why):
            material_of([], plan, places, job)


def table_of(trials, **others):
    """A table of these, of which the first is the plan's own and the last the best."""
    shared = {"base": PLAN.base, "plan": PLAN.to_json(), "estimate": "validation", "n": 100, "seconds": 1.0}
    return SearchTable(trials=trials, best=trials[-1].number, own=1, **shared, **others)


def test_the_best_of_many_needs_more_than_the_usual_evidence():
    one = SearchTrial(1, settings_of(PLAN), 0.4, 0.9, 1.0, pruned=False)
    few = table_of([one, replace(one, number=2)], only_best=9, only_own=1)
    many = replace(few, trials=[one] * 40)
    assert mcnemar_exact(9, 1) < 0.05
    assert "more than chance" in verdict(few)
    assert "that could be chance, as the best of 40 tries" in verdict(many)
    assert corrected_p(many) == pytest.approx(39 * mcnemar_exact(9, 1))
    assert "Keep the plan" in verdict(replace(few, only_best=1, only_own=30))  # a lower loss with fewer right
    assert "right on the same photos" in verdict(replace(few, only_best=0, only_own=0))


def test_test_photos_are_not_read_and_the_parts_are_those_that_a_training_gives(shapes, places, job, tmp_path):
    photos = with_subsets(run_photos(shapes), PLAN)
    assert {photo.split for photo in photos} == {"train", "validation", "test"}
    gone = [
        replace(p, path=str(tmp_path / "gone.jpg"), sha256=f"{i:064x}") if p.split == "test" else p
        for i, p in enumerate(photos)
    ]
    found = material_of(gone, PLAN, places, job)
    table = search(found, PLAN, tmp_path / "search.db", job, 0, lambda table: None)
    assert table.n == sum(photo.split != "test" for photo in photos)
    assert table.estimate == CROSS_VALIDATION
    assert table.test_cross_validated
    assert "so its number will be a little too good" in summary(table)


def test_the_views_of_the_plan_teach(shapes, places, job):
    photos, mirrored = with_subsets(run_photos(shapes), PLAN), replace(PLAN, augment="auto")
    these = material_of(photos, mirrored, places, job)
    assert len(these.rows.class_ids) == 2 * these.n
    assert not np.array_equal(these.train.features[: these.n_train], these.train.features[these.n_train :])


def test_photos_that_can_not_be_read_take_no_turn(shapes, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    photos = run_photos(shapes)
    bad = replace(photos[0], path=str(tmp_path / "bad.jpg"), sha256=file_sha256(tmp_path / "bad.jpg"))
    assert with_subsets([*photos, bad], PLAN) == with_subsets(photos, PLAN)

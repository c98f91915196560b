"""The table of a search as it was kept by the version before records."""

import json
import math
from pathlib import Path

import pytest

from core.base.files import write_json
from core.search.folder import SearchFolder
from core.search.table import SearchTable

OLD = json.loads(Path(__file__).with_name("old_search.json").read_text(encoding="utf-8"))


def test_what_was_kept_before_is_read_and_would_be_kept_alike():
    table = SearchTable.from_json(OLD)
    assert json.dumps(table.to_json()) == json.dumps(OLD)  # keys in their order, too
    assert SearchTable.from_json(table.to_json()) == table
    assert (table.estimate, table.own_trial.settings["head"]) == ("cross-validation", "gap")
    assert table.best_trial.loss == min(trial.loss for trial in table.whole_trials)


@pytest.mark.parametrize("change", [{"schema": 2}, {"trials": [{"number": 1}]}, {"n": None}])
def test_what_is_damaged_or_of_another_version_is_none(change, tmp_path):
    folder = SearchFolder(tmp_path)
    assert folder.read() is None
    folder.write(SearchTable.from_json(OLD))
    assert folder.read().to_json() == OLD
    write_json(folder.result_path, {**OLD, **change})
    assert folder.read() is None
    folder.result_path.write_text('{"half')
    assert folder.read() is None


@pytest.mark.parametrize(
    "change",
    [
        {"best": 1000},
        {"base": "vgg16"},
        {"seconds": math.inf},
        {"plan": {**OLD["plan"], "optimizer": "x"}},
        {"plan": {**OLD["plan"], "image_size": "224; rm"}},
        {"plan": {name: value for name, value in OLD["plan"].items() if name != "batch_size"}},
        {"trials": [*OLD["trials"], {**OLD["trials"][0], "settings": {"head": "gap", "optimizer": "x"}}]},
        {"trials": [*OLD["trials"], {**OLD["trials"][0], "settings": {"head": "gap", "units": "many"}}]},
        {"trials": [*OLD["trials"], {**OLD["trials"][0], "settings": {"unknown": 1}}]},
        {"trials": [*OLD["trials"], {**OLD["trials"][0], "settings": {}}]},
    ],
)
def test_what_no_search_could_have_found_is_none(change, tmp_path):
    folder = SearchFolder(tmp_path)
    write_json(folder.result_path, {**OLD, **change})
    assert folder.read() is None

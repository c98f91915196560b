import pandas as pd
import pytest

from core.photo_map.folder import current_photos, map_of, with_verdicts
from tests.importing import bring_folder


@pytest.fixture
def project(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "in", {"apple": 2, "pear": 2}))
    return project


def test_a_map_is_kept_whole_and_a_damaged_one_is_none(project):
    this = map_of(project)
    assert this.read() is None
    this.write(pd.DataFrame({"sha256": ["a", "b"], "x": [0.5, 1.0], "y": [2.0, 3.0]}))
    assert this.read()["x"].tolist() == [0.5, 1.0]
    this.result_path.write_bytes(b"PAR1")
    assert this.read() is None


def test_photos_that_were_not_judged_stay_with_an_empty_verdict(project):
    photos = current_photos(project)
    assert photos["label"].tolist() == ["apple", "apple", "pear", "pear"]
    judged = pd.DataFrame({"sha256": photos["sha256"][:1], "answer": ["pear"], "right": [False], "sure": [0.9]})
    table = with_verdicts(photos, judged)
    assert table["sure"].notna().tolist() == [True, False, False, False]
    assert len(table) == 4

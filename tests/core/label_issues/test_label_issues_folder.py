import json

import pandas as pd
import pytest

from core.base.errors import InputError
from core.label_issues.folder import KEEP, UNSURE, SearchedLabels, as_now, labels_of, queue_of, why_in_words
from core.projects import edits
from core.projects.changes import versions
from core.projects.workspace import Workspace
from tests.importing import bring_folder


@pytest.fixture
def project(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "in", {"apple": 3, "pear": 3}))
    return project


@pytest.fixture
def suspects(project):
    photos = project.photos("apple")
    return pd.DataFrame({"sha256": [photo.sha256 for photo in photos], "label": "apple", "suspect": True})


def queue(project, suspects):
    this = queue_of(project, suspects, labels_of(project).decisions())
    return this.next, this.looked, this.unsure


def test_an_answer_is_kept_whole_and_a_damaged_one_is_none(project, suspects):
    labels = labels_of(project)
    assert labels.about() is None
    others = suspects.assign(suspect=False, label="pear")
    labels.write(pd.concat([suspects, others]), SearchedLabels(6, 3, []), "[6]")
    assert labels.about() == SearchedLabels(6, 3, [], "[6]")
    assert labels.suspects()["label"].tolist() == ["apple"] * 3
    labels.result_path.write_bytes(b"PAR1 half a table")
    assert labels.about() is None


@pytest.mark.parametrize("damage", [b"", b"[", b'[{"sha256": 3}]', b"null", b"\xff\xfe"])
def test_what_was_said_and_is_damaged_is_told_and_never_written_over(project, suspects, damage):
    labels, contents = labels_of(project), suspects["sha256"].tolist()
    labels.decide(contents[0], "apple", KEEP, "0.jpg")
    assert not labels.lost_words
    said = labels.folder / "decisions.json"
    said.write_bytes(damage)
    assert labels.lost_words
    assert labels.decisions() == []
    labels.decide(contents[1], "apple", KEEP, "1.jpg")
    assert not labels.lost_words
    assert [each.name for each in labels.decisions()] == ["1.jpg"]
    assert (labels.folder / "damaged" / "decisions.json").read_bytes() == damage


def test_the_queue_goes_on_after_each_decision_and_brings_the_unsure_again(project, suspects):
    labels, contents = labels_of(project), suspects["sha256"].tolist()
    assert queue(project, suspects) == (0, 0, 0)
    labels.decide(contents[0], "apple", UNSURE, "0.jpg")
    assert queue(project, suspects) == (1, 1, 1)
    labels.decide(contents[1], "apple", KEEP, "1.jpg")
    edits.set_aside(project, [project.photos("apple")[2].id])
    assert queue(project, suspects) == (0, 3, 1)
    labels.decide(contents[0], "apple", KEEP, "0.jpg")
    assert queue(project, suspects) == (None, 3, 0)
    assert labels.take_back().what == KEEP
    assert queue(project, suspects) == (0, 2, 0)


def test_those_left_undecided_come_again_longest_ago_first(project, suspects):
    for row in (2, 0, 1):
        labels_of(project).decide(suspects["sha256"][row], "apple", UNSURE, "")
    assert queue(project, suspects)[0] == 2
    labels_of(project).decide(suspects["sha256"][2], "apple", UNSURE, "")
    assert queue(project, suspects)[0] == 0


def test_what_was_kept_in_one_class_is_asked_about_anew_in_another(project, suspects):
    photo = project.photos("apple")[0]
    labels_of(project).decide(photo.sha256, "apple", KEEP, photo.name)
    assert queue(project, suspects)[0] == 1
    edits.move(project, [photo.id], "pear")
    assert queue(project, suspects.assign(label=["pear", "apple", "apple"]))[0] == 0


def test_damaged_decisions_count_as_none(project):
    labels = labels_of(project)
    labels.decide("ab", "apple", KEEP, "x")
    (labels.folder / "decisions.json").write_text("[{")
    assert labels.decisions() == []
    assert labels.take_back() is None


def test_a_reason_reads_as_a_sentence():
    row = next(pd.DataFrame([{"agree": 9, "near": 10, "looks_like": "orange", "sure": 0.97}]).itertuples())
    assert why_in_words(row) == (
        "9 of its 10 nearest photos are orange; judged by models that have not seen it: orange, 97 %"
    )


def test_a_project_in_which_labels_are_judged_is_not_moved_away(project, tmp_path):
    labels = labels_of(project)
    labels.folder.mkdir()
    with labels.job.alive_lock():
        labels.job.event_log().write("phase", name="labels", words="")
        with pytest.raises(InputError, match="still being worked on"):
            Workspace(tmp_path / "home").move_to_trash(project)
    assert json.dumps(labels.decisions()) == "[]"


def test_what_is_said_of_several_at_once_is_taken_back_at_once(project):
    labels = labels_of(project)
    labels.decide("aa", "apple", KEEP, "1.jpg")
    labels.decide_all([("bb", "apple", "2.jpg"), ("cc", "pear", "3.jpg")], UNSURE)
    assert [each.sha256 for each in labels.last_said()] == ["bb", "cc"]
    assert labels.take_back().name == "3.jpg"
    assert [each.sha256 for each in labels.decisions()] == ["aa"]
    assert labels.take_back().what == KEEP
    assert labels.last_said() == []


def test_a_photo_that_was_turned_keeps_its_answer_and_one_that_was_cropped_is_asked_about_anew(project, suspects):
    kept, left = project.photos("apple")[:2]
    labels_of(project).decide(kept.sha256, "apple", KEEP, kept.name)
    versions.rotate(project, [kept.id, left.id], 1)
    now = as_now(project, suspects)
    turned = project.photos_with_ids([kept.id, left.id])
    assert now["sha256"].tolist()[:2] == [photo.sha256 for photo in turned]
    assert queue_of(project, now, labels_of(project).decisions()).left == (1, 2)
    versions.crop(project, kept.id, (0, 0, 40, 40))
    assert queue_of(project, as_now(project, suspects), labels_of(project).decisions()).left == (0, 1, 2)
    versions.rotate(project, [kept.id], 1)
    labels_of(project).decide(project.photos_with_ids([kept.id])[0].sha256, "apple", UNSURE, kept.name)
    assert queue_of(project, as_now(project, suspects), labels_of(project).decisions()).left == (1, 2, 0)
    versions.rotate(project, [kept.id], -1)
    assert queue_of(project, as_now(project, suspects), labels_of(project).decisions()).left == (1, 2, 0)
    versions.restore_original(project, [kept.id])
    assert queue_of(project, as_now(project, suspects), labels_of(project).decisions()).left == (1, 2)

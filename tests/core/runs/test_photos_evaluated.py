from dataclasses import replace

from core.projects.project import Photo, Project
from core.runs.photo_places import photos_evaluated, what_became_of


def photo(file, sha256, set_aside="", label="apple"):
    return Photo(0, label, file, file, sha256, 1, 9, 9, "", set_aside, 0.0)


def test_of_equal_files_one_that_takes_part_is_given_and_rather_one_of_the_class(tmp_path):
    project = Project.create(tmp_path / "p", "Fruit")
    project.add_rows([photo("a", "1", "blurred"), photo("b", "1", label="pear"), photo("c", "1"), photo("d", "1")])
    project.add_rows([photo("e", "2", "dark")])
    judged = [("1", "apple"), ("1", "pear"), ("1", "plum"), ("2", "apple"), ("3", "apple")]
    found = photos_evaluated(project, judged)
    assert [each and each.file for each in found] == ["c", "b", "b", "e", None]
    assert photos_evaluated(project, []) == []


def test_what_became_of_a_photo_is_said_in_words():
    judged = photo("a", "1")
    assert what_became_of(judged, "apple") == ""
    assert what_became_of(judged, "pear") == "now in apple"
    assert what_became_of(replace(judged, set_aside="dark"), "apple") == "set aside since"

import unicodedata

from core.evaluation.class_matching import match_classes, unknown_in_words, written_otherwise_in_words


def test_names_decide_but_for_capitals_spaces_and_how_accents_are_stored():
    decomposed = unicodedata.normalize("NFD", "Größe")
    matched = match_classes(
        {"Apple ": 2, "red  PEAR": 3, decomposed: 1, "plum": 4}, ["plum", "apple", "red pear", "Größe"]
    )
    assert matched.known == {"Apple ": "apple", "red  PEAR": "red pear", decomposed: "Größe", "plum": "plum"}
    assert matched.written_otherwise == {"Apple ": "apple", "red  PEAR": "red pear", decomposed: "Größe"}
    assert matched.unknown == {}
    assert "“Apple ” as “apple”" in written_otherwise_in_words(matched)


def test_a_plural_is_another_class_and_is_asked_about():
    matched = match_classes({"apples": 5, "apple": 2}, ["apple", "pear"])
    assert (matched.known, matched.unknown, matched.perhaps) == ({"apple": "apple"}, {"apples": 5}, {"apples": "apple"})
    assert unknown_in_words(matched) == (
        "Left out, since it does not know these classes: apples (5). If apples means apple, name the folder so."
    )


def test_numbers_are_matched_as_they_are_written():
    matched = match_classes({"0": 1, "90 ": 1, "900": 1, "01": 1, "-90": 1}, ["0", "180", "270", "90"])
    assert matched.known == {"0": "0", "90 ": "90"}
    assert (matched.unknown, matched.perhaps) == ({"-90": 1, "01": 1, "900": 1}, {})


def test_what_fits_two_classes_fits_none_unless_it_is_written_as_one():
    matched = match_classes({"APPLE": 1, "Apple": 2}, ["apple", "Apple"])
    assert (matched.known, matched.unknown) == ({"Apple": "Apple"}, {"APPLE": 1})
    assert matched.perhaps == {"APPLE": "apple"}


def test_two_folders_may_mean_one_class():
    assert match_classes({"Apple": 1, "apple": 1}, ["apple"]).known == {"Apple": "apple", "apple": "apple"}


def test_where_all_is_as_it_was_nothing_is_said():
    matched = match_classes({"a": 1}, ["a", "b"])
    assert (unknown_in_words(matched), written_otherwise_in_words(matched)) == ("", "")


def test_what_the_user_says_a_folder_means_comes_before_any_rule():
    matched = match_classes({"Cox": 3, "apple": 2}, ["apple", "pear"], {"Cox": "apple", "gone": "pear"})
    assert (matched.known, matched.unknown) == ({"apple": "apple", "Cox": "apple"}, {})
    assert written_otherwise_in_words(matched) == "Written otherwise, and taken by name: “Cox” as “apple”."

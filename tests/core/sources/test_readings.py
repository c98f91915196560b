import re
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.layouts import LAYOUTS, verdict
from core.base.errors import InputError
from core.sources.labelled import read_source
from core.sources.readings import LayoutQuestion, propose
from core.sources.split_folders import split_of


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.what)
def test_every_layout_is_read_rightly_or_asked_about(layout):
    found, words = verdict(layout)
    assert found == ("question" if layout.ask else "right"), words


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("training_set", "train"),
        ("seg_test", "test"),
        ("ValImages", "validation"),
        ("test1", "test"),
        ("devset", "validation"),
    ]
    + [("train station", ""), ("crash test", ""), ("apple", ""), ("", ""), ("contest", ""), ("seg_pred", "unlabelled")],
)
def test_what_is_called_like_a_split(name, split):
    assert split_of(name) == split


def test_a_question_names_each_reading_with_its_value_and_each_value_answers_it():
    names = [f"{place}/{thing}/{n}.jpg" for place in ("city", "wood") for thing in ("owl", "fox") for n in range(3)]
    with pytest.raises(LayoutQuestion) as question:
        propose(names).chosen()
    assert str(question.value).splitlines()[1:] == [
        "  --layout folders:1   2 classes by folders: city (6), wood (6)",
        "  --layout folders:2   2 classes by folders: fox (6), owl (6)",
    ]
    assert question.value.to_json()["readings"][1]["classes"] == {"fox": 6, "owl": 6}
    assert list(propose(names).chosen("folders:2").counts) == ["fox", "owl"]


def test_a_layout_that_finds_no_class_says_which_do():
    with pytest.raises(InputError, match=r"by --layout table:x.csv. What can be read here: folders\."):
        propose(["a/1.jpg", "b/1.jpg"]).chosen("table:x.csv")


@pytest.mark.parametrize("names", [("valid/0.jpg", "invalid/0.jpg"), ("train/0.jpg", "images/0.jpg")], ids=str)
def test_one_folder_called_like_a_part_of_a_split_beside_one_other_is_asked_about(names):
    with pytest.raises(LayoutQuestion) as question:
        propose(names).chosen()
    assert [reading.layout for reading in question.value.readings] == ["splits", "folders:1"]


def test_folders_may_be_asked_for_where_some_are_parts_of_a_split():
    names = [f"{part}/{label}/{n}.jpg" for part in ("train", "test") for label in ("a", "b") for n in range(2)]
    assert propose(names).chosen("folders").split_counts == {"test": 4}


def test_the_user_may_say_that_train_is_a_class():
    names = [f"{thing}/{n}.jpg" for thing in ("bus", "car", "train") for n in range(3)]
    proposal = propose(names)
    assert proposal.chosen("folders:1").counts == {"bus": 3, "car": 3, "train": 3}
    assert proposal.chosen("splits").no_class_words == [
        "3 photos in train have no class, so nothing can be learned from them"
    ]


def test_two_columns_that_may_be_the_class_are_a_question_and_a_column_answers_it():
    table = "\n".join(["file,colour,size", *(f"{n}.jpg,{'rg'[n % 2]},{'sl'[n // 4 % 2]}" for n in range(16))])
    proposal = propose([*(f"images/{n}.jpg" for n in range(16)), "all.csv"], lambda name: table)
    assert [reading.layout for reading in proposal.likely] == ["table:all.csv:colour", "table:all.csv:size"]
    assert proposal.chosen("table:all.csv:size").counts == {"l": 8, "s": 8}


def test_a_table_in_a_zip_tells_the_classes(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("set/train.csv", "id;label\r\n" + "".join(f"{n:03d};{'ab'[n % 2]}\r\n" for n in range(6)))
        for n in range(6):
            archive.writestr(f"set/images/{n:03d}.jpg", b"x")
    (tmp_path / "staging").mkdir()
    found = read_source(tmp_path / "a.zip", tmp_path / "staging")
    assert {file.name: file.label for file in found.arrangement.files}["set/images/003.jpg"] == "b"
    assert found.words == "2 classes by the column label of train.csv: a (3), b (3)"
    assert found.left_in_archive == [("set/train.csv", "not a photo")]


WORDS = [
    "train",
    "test",
    "val",
    "valid",
    "Training_Set",
    "seg_train",
    "test1",
    "images",
    "data",
    "apple",
    "pear",
    "train_cat",
    "0",
    "1",
    "fold1",
    ".",
    "..",
    "a",
]
PART = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=6))
STEM = st.one_of(
    st.integers(0, 30).map(str),
    st.sampled_from(["cat.1", "train_2", "dog (3)", "test", "IMG_1", ""]),
    st.text(max_size=5),
)
NAME = st.builds(
    lambda parts, stem, suffix: "/".join([*parts, stem + suffix]),
    st.lists(PART, max_size=5),
    STEM,
    st.sampled_from([".jpg", ".jpg", ".jpg", ".csv", ".txt", ""]),
)
TEXT = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.lists(st.sampled_from(["1", "2", "cat.1.jpg", "train", "test", "apple", "id", "0.5", '"', ""]), max_size=4),
        max_size=8,
    ).map(lambda rows: "\n".join(map(",".join, rows))),
)


@pytest.mark.slow
@pytest.mark.parametrize("cases", [300, pytest.param(3_000, marks=pytest.mark.endurance)])
def test_any_tree_gives_a_reading_or_a_question_and_no_class_called_like_a_split(cases):
    @settings(
        max_examples=cases, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(NAME, max_size=25), TEXT)
    def check(names, text):
        proposal = propose(names, lambda name: text)
        for reading in proposal.readings:
            assert reading.labels
            assert proposal.chosen(reading.layout).labels
            assert "\n" not in reading.words
            if not re.fullmatch(r"folders:\d+", reading.layout):  # which the user has to ask for
                assert [name for name in reading.counts if split_of(name)] == []
        try:
            assert not any(split_of(name) for name in proposal.chosen().counts)
        except LayoutQuestion:
            assert len(proposal.likely) > 1
        except InputError:
            assert proposal.readings == []

    check()


def test_a_column_that_is_asked_for_is_read_though_another_is_likelier():
    rows = [f"{n}.jpg,{('apple', 'pear')[n % 2]},{('Ann', 'Bob')[n % 3 == 0]}" for n in range(24)]
    text = "\n".join(["file,class,seller", *rows])
    proposal = propose([*(f"images/{n}.jpg" for n in range(24)), "labels.csv"], lambda name: text)
    assert proposal.chosen().layout == "table:labels.csv"
    assert proposal.chosen("table:labels.csv:class").counts == {"apple": 12, "pear": 12}
    assert proposal.chosen("table:labels.csv:seller").counts == {"Ann": 16, "Bob": 8}


def test_a_table_that_says_the_same_as_the_folders_can_be_asked_for():
    text = "\n".join(["file,class", *(f"{n // 8}/{n}.jpg,{('Apfel', 'Birne')[n // 8]}" for n in range(16))])
    proposal = propose([*(f"{n // 8}/{n}.jpg" for n in range(16)), "frames.csv"], lambda name: text)
    assert proposal.chosen().counts == {"0": 8, "1": 8}
    assert proposal.chosen("table:frames.csv").counts == {"Apfel": 8, "Birne": 8}


def test_numbered_folders_of_a_level_that_is_asked_for_get_their_names_too():
    names = [f"set/{place}/{number}/{n}.jpg" for place in ("city", "wood") for number in (0, 1) for n in range(3)]
    proposal = propose([*names, "classes.txt"], lambda name: "owl\nfox\n")
    assert proposal.chosen("folders:3").counts == {"fox": 6, "owl": 6}


def test_a_table_with_two_likely_columns_is_a_question_also_when_the_table_is_asked_for():
    rows = [f"{n}.jpg,{('cat', 'dog')[n % 2]},{('short', 'long')[n % 3 == 0]}" for n in range(24)]
    text = "\n".join(["file,species,breed", *rows])
    proposal = propose([*(f"images/{n}.jpg" for n in range(24)), "pets.csv"], lambda name: text)
    for layout in ("", "table:pets.csv"):
        with pytest.raises(LayoutQuestion) as question:
            proposal.chosen(layout)
        assert [r.layout for r in question.value.readings] == ["table:pets.csv:species", "table:pets.csv:breed"]


def test_a_part_in_words_that_are_unknown_is_no_class_where_it_holds_the_classes_of_the_others():
    names = [
        f"{part}/{thing}/{n}.jpg" for part in ("apprentissage", "val") for thing in ("poire", "pomme") for n in (1, 2)
    ]
    reading = propose(names).chosen()
    assert (reading.counts, reading.split_counts) == ({"poire": 4, "pomme": 4}, {"validation": 4})


def test_a_spreadsheet_beside_photos_without_a_class_is_named_with_what_to_do(tmp_path, jpeg):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "1.jpg").write_bytes(jpeg(1))
    (tmp_path / "labels.xlsx").write_bytes(b"PK\3\4 a spreadsheet")
    with pytest.raises(InputError, match=r"not in class folders.*If labels\.xlsx tells the classes, save it as CSV"):
        read_source(tmp_path, tmp_path / "staging")


@pytest.mark.parametrize("last", ["7.jpg", "7.jpg,nan", "7.jpg,NaN,"])
@pytest.mark.parametrize("n", [8, 60])  # the last line among those that are looked at first, and not
def test_a_row_without_a_class_costs_only_its_photo(n, last):
    rows = [f"{i}.jpg,{'ab'[i % 2]}" for i in range(n) if i != 7]
    names = [*(f"images/{i}.jpg" for i in range(n)), "all.csv"]
    (reading,) = propose(names, lambda name: "\n".join(["file,label", *rows, last])).readings
    assert reading.counts == {"a": n // 2, "b": n // 2 - 1}
    assert list(reading.unlabelled) == ["images/7.jpg"]


def test_two_numbers_never_become_one_class():
    words = "apple\napple\napple (0)\n"
    (reading,) = propose(["0/1.jpg", "1/2.jpg", "2/3.jpg", "classes.txt"], lambda name: words).readings
    assert reading.counts == {"0": 1, "1": 1, "2": 1}


def test_a_class_name_is_valid_text_in_one_line_that_can_be_seen():
    names = [
        "a\nb/1.jpg",
        "c\ud800/1.jpg",
        "\u200b/1.jpg",
        "\u6f22\u3000\u5b57/1.jpg",
        "\U0001f468\u200d\U0001f33e/1.jpg",
    ]
    (reading,) = propose(names).readings
    assert set(reading.counts) == {"a b", "c\ufffd", "\u6f22\u3000\u5b57", "\U0001f468\u200d\U0001f33e"}

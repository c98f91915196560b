import pytest

from core.base.names import free_name, free_title, in_order, readable_name, safe_name, told_apart

WEIRD = [
    "plain",
    "",
    " ",
    ".",
    "..",
    "...",
    "../x",
    "/etc/passwd",
    "a\\b",
    "C:\\x",
    "CON",
    "con.jpg",
    "NUL.tar.gz",
    "COM1",
    "trailing dots...",
    " spaces ",
    "quote \" and '",
    "new\nline\ttab\x00nul\x7f",
    "梨 Größe",
    "🍎" * 60,
    "\u202eabc",
    "שלום עולם",
    "e\u0301" * 100,
    "x" * 300,
    "x" * 200 + ".jpeg",
    "梨" * 100 + ".png",
    "a." + "b" * 300,
    "con." + "x" * 200,
    "bad \udcff byte",
    "?*<>|",
]


@pytest.mark.parametrize("name", WEIRD)
def test_a_safe_name_can_be_a_folder_on_every_system(tmp_path, name):
    safe = safe_name(name)
    assert safe
    assert (not set(safe) & set('<>:"/\\|?*') and safe.isprintable()) or "\u202e" in safe
    assert safe == safe.strip(". ")
    assert safe.split(".")[0].lower() not in {"con", "nul", "com1"}
    assert len(safe.encode("utf-8")) <= 160
    (tmp_path / safe).mkdir()
    assert (tmp_path / safe).parent == tmp_path
    assert safe_name(safe) == safe


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png", ".PNG"])
def test_a_long_name_keeps_the_suffix_that_tells_what_it_is(suffix):
    safe = safe_name("holiday in the mountains " * 10 + suffix)
    assert safe.startswith("holiday in the mountains")
    assert safe.endswith(suffix)


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        ("a.jpg", set(), "a.jpg"),
        ("a.jpg", {"a.jpg"}, "a 2.jpg"),
        ("A.jpg", {"a.jpg", "a 2.jpg"}, "A 3.jpg"),
        ("folder", {"folder"}, "folder 2"),
        ("_", {"_"}, "_ 2"),
    ],
)
def test_a_free_name_gets_a_number_before_its_suffix(wanted, taken, free):
    assert free_name(wanted, taken) == free


@pytest.mark.parametrize("title", ["a/b", "Mr. Smith", "...", "🍎", "v1.0"])
def test_a_free_title_gets_a_number_after_it(title):
    assert free_title(title, set()) == title
    assert free_title(title, {title.lower(), f"{title.lower()} 2"}) == f"{title} 3"


def test_equal_titles_are_told_apart_and_no_two_are_left_alike():
    titles = {"a": "Fruit", "b": "fruit", "c": "Fruit 2", "d": "Pears", "e": "Fruit"}
    assert told_apart(titles) == {"a": "Fruit", "b": "fruit 2", "c": "Fruit 2 2", "d": "Pears", "e": "Fruit 3"}


def test_a_readable_name_is_the_name_with_marks_for_bytes_that_are_no_text():
    assert readable_name("Größe 梨") == "Größe 梨"
    assert readable_name("bad \udcff") == "bad \ufffd"


def test_classes_that_are_numbers_are_in_the_order_of_numbers():
    assert in_order(str(n) for n in (10, 2, 0, 12, 1, 11, 3, 2)) == ["0", "1", "2", "3", "10", "11", "12"]
    assert in_order(["0.5", "-10", "0,25", "-5", "+1", "01"]) == ["-10", "-5", "0,25", "0.5", "+1", "01"]
    assert in_order(["10", "unclear", "9", "Apple", "apple"]) == ["9", "10", "Apple", "apple", "unclear"]
    assert in_order(["٣", "²", "1" * 5000, ""])[0] == "٣"  # other digits, what only looks like one, and far too many


def test_numbers_within_names_count_too_and_other_names_are_as_ever():
    assert in_order(["class 10", "class 2", "class 1b", "class"]) == ["class", "class 1b", "class 2", "class 10"]
    plain = ["pear", "Äpfel", "a", "a b", "B", "梨", "_x"]
    assert in_order(plain) == sorted(plain)

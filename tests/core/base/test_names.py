import pytest

from core.base.names import free_name, free_title, readable_name, safe_name

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


def test_a_readable_name_is_the_name_with_marks_for_bytes_that_are_no_text():
    assert readable_name("Größe 梨") == "Größe 梨"
    assert readable_name("bad \udcff") == "bad \ufffd"

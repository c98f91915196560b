"""What "How to bring your photos" says of each example is what the app says of such photos."""

import re

import pytest

from core.cli.main import main
from core.sources.readings import LayoutQuestion, propose
from tests.test_floors import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "bring-your-photos.md"
QUESTION = "When the app asks"
FRUIT = ("pear", "apple")
FOLDERS = {"apple": 12, "pear": 14}
# What is brought, by the heading: photos per folder, with what their names begin with, and texts beside them.
EXAMPLES = {
    "A folder for each class": FOLDERS,
    "Folders to learn from and folders to test with": {
        "train/apple": 20,
        "train/pear": 20,
        "test/apple": 5,
        "test/pear": 5,
    },
    "A test folder without classes": {"train/cat": 20, "train/dog": 20, "test": 8},
    "The class in the name of each file": {"train/cat.": 20, "train/dog.": 20},
    "A table beside a folder of photos": {"images": 24},
    "A table with a column for each class": {"images": 24},
    "Numbered classes and a list of their names": {"0": 12, "1": 14, "2": 9},
    "All of it in one archive": FOLDERS,
    QUESTION: {"garden/fox": 7, "garden/owl": 6, "wood/fox": 8, "wood/owl": 5},
}
TEXTS = {
    "A table beside a folder of photos": (
        "labels.csv",
        "\n".join(["file,class", *(f"{n}.jpg,{FRUIT[n % 2]}" for n in range(1, 25))]),
    ),
    "A table with a column for each class": (
        "labels.csv",
        "\n".join(["file,apple,pear", *(f"{n}.jpg,{n % 2},{1 - n % 2}" for n in range(1, 25))]),
    ),
    "Numbered classes and a list of their names": ("classes.txt", "apple\npear\nplum\n"),
}


def sections():
    """What stands under each heading."""
    parts = re.split(r"(?m)^## (.*)\n", DOCUMENT.read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def proposal(heading):
    name, text = TEXTS.get(heading, ("labels.csv", ""))
    photos = [
        f"{folder}{'' if folder.endswith('.') else '/'}{n}.jpg"
        for folder, count in EXAMPLES[heading].items()
        for n in range(1, count + 1)
    ]
    return propose([*photos, *([name] if text else [])], lambda asked: text if asked == name else "")


def read_as(section):
    """The one reading that a section quotes."""
    (words,) = re.findall(r"(?m)^> Read as (.*)$", section)
    return words


@pytest.mark.parametrize("heading", [heading for heading in EXAMPLES if heading != QUESTION])
def test_an_example_is_read_as_the_page_says_and_by_each_layout_that_it_names(heading):
    section = sections()[heading]
    for layout in ("", *re.findall(r"--layout ([\w:.]+)`", section)):
        assert proposal(heading).chosen(layout).words == read_as(section)


def test_the_question_of_the_page_is_the_apps_and_so_is_what_its_answer_gives():
    section = sections()[QUESTION]
    with pytest.raises(LayoutQuestion) as question:
        proposal(QUESTION).chosen()
    said = [" ".join(line.split()) for line in str(question.value).splitlines()]
    assert [line.strip("\\").replace("`", "") for line in re.findall(r"(?m)^> (.*)$", section)[:3]] == said
    assert proposal(QUESTION).chosen("folders:2").words == read_as(section)


def test_what_check_says_of_classes_without_photos_is_on_the_page(tmp_path, fill, capsys):
    folder = fill(tmp_path / "fruit", FOLDERS)
    (folder / "fig").mkdir()
    (folder / "plum").mkdir()
    for n in range(12):
        (folder / "plum" / f"{n}.jpg").write_bytes(b"<!DOCTYPE html><html><title>403 Forbidden</title></html>")
    assert main(["check", str(folder)]) == 0
    said = [line.removesuffix(" (0 photos)") for line in capsys.readouterr().out.splitlines()]
    quoted = re.findall(r"(?m)^> (error: .*?)\\?$", sections()["What is not a photo"])
    assert len(quoted) == 2
    assert set(quoted) <= set(said)


def test_every_example_has_a_picture_with_words_for_who_cannot_see_it():
    for heading, section in sections().items():
        ((words, picture),) = re.findall(r"!\[(.*?)\]\((pictures/[\w-]+\.svg)\)", section)
        drawn = (DOCUMENT.parent / picture).read_text(encoding="utf-8")
        assert f"<title>{words}</title>" in drawn, heading
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")  # nothing from elsewhere
        assert "<script" not in drawn
    used = set(re.findall(r"pictures/([\w-]+\.svg)", DOCUMENT.read_text(encoding="utf-8")))
    assert used == {file.name for file in (DOCUMENT.parent / "pictures").iterdir()}

"""The guide's page of each tutorial says what the catalogue sets, and has pictures that are there and are described."""

import re

import pytest
from PIL import Image

from core.recipes.catalogue import TUTORIALS
from core.recipes.planning import PlannedStep
from core.recipes.words import what_it_sets
from tests.test_floors import REPOSITORY

GUIDE = REPOSITORY / "docs" / "guide"
PICTURE = re.compile(r"!\[(.*?)\]\((pictures/[\w-]+\.png)\)")


def page_of(tutorial):
    return (GUIDE / f"{tutorial.name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda each: each.name)
def test_the_page_of_a_tutorial_says_what_it_sets(tutorial):
    page = page_of(tutorial)
    settings = [each for step in tutorial.steps for each in what_it_sets(PlannedStep(step, step.config))]
    rows = [
        f"| {each.words} ({each.term}) | {each.value} | {'the article' if each.of_article else 'ours'} |"
        for each in settings
    ]
    assert [row for row in rows if row not in page] == []
    assert f"# {tutorial.title}\n" in page
    assert f"--recipe {tutorial.name}`" in page or f"--recipe {tutorial.name};" in page


def test_the_index_leads_to_every_tutorial():
    index = (GUIDE / "README.md").read_text(encoding="utf-8")
    assert [f"[{each.title}]({each.name}.md)" for each in TUTORIALS if f"({each.name}.md)" not in index] == []


def test_every_picture_is_used_described_and_small():
    found = [shown for tutorial in TUTORIALS for shown in PICTURE.findall(page_of(tutorial))]
    assert {name for _, name in found} == {f"pictures/{file.name}" for file in (GUIDE / "pictures").iterdir()}
    for words, name in found:
        assert len(words.split()) > 5, f"{name} is not described"
        assert (GUIDE / name).stat().st_size < 90_000
        with Image.open(GUIDE / name) as picture:
            assert picture.format == "PNG"

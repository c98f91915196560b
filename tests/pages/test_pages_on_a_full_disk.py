"""Every page opens on a full or read-only disk, and what can't be done is said in words."""

import json

import pytest

from tests.disks import FULL, READ_ONLY, run_on_disk

BRING = """
import shutil
shutil.copytree({home!r}, disk / "home")
"""
OPEN = """
import json, os
os.environ["ESPALIER_HOME"] = str(disk / "home")
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
PagesManager.uses_pages_directory = False
make = PagesManager.__init__
def made(self, *given, **named):
    make(self, *given, **named)
    PagesManager.uses_pages_directory = False
PagesManager.__init__ = made
def fill():  # what the app gave back as it began, and what a page replaced, is taken by others again
    try:
        with (disk / "more").open("ab", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
    except OSError:
        pass
wrong, said = [], {}
for page in sorted(Path("pages").glob("[a-z]*.py")):
    app = AppTest.from_file(os.path.abspath("streamlit_app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page.name}").run()
    wrong += [f"{page.stem}: {each.value}" for each in app.exception]
    said[page.stem] = [each.value for each in app.error]
    labels = [each.label for each in app.button]
    for label in ("Measure my photos", "Demo project", "Draw the map", "Keep all"):
        if label in labels:
            fill()
            app.button[labels.index(label)].click().run()
            wrong += [f"{page.stem}, {label}: {each.value}" for each in app.exception]
            said[label] = [each.value for each in app.error]
print(json.dumps([wrong, said]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FULL, READ_ONLY])
def test_every_page_opens_and_says_in_words_what_cannot_be_done(trained_home, tmp_path, kind):
    disk = tmp_path / "disk"
    disk.mkdir()
    wrong, said = json.loads(run_on_disk(kind, disk, BRING.format(home=str(trained_home)), OPEN).splitlines()[-1])
    assert wrong == []
    assert {page: words for page, words in said.items() if words and page.islower()} == {}
    for button in ("Measure my photos", "Demo project", "Draw the map"):
        assert len(said[button]) == 1, said
        (words,) = said[button]
        assert "disk is full" in words or "can't be written to" in words

"""What the command line says of classes that give no photo: which, why, and how to go on."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[3]
# Root reads even what its owner may not, until it gives up two capabilities, for itself and for all that it starts. By
# their numbers in Linux' prctl.h and capability.h, as Python has no names for them.
WITHOUT_RIGHTS = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
if os.getuid() == 0:
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "core", *sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))


@pytest.fixture
def refused(capsys):
    """The one line on stderr of a command that a user got wrong, after the one that tells how photos were read."""

    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        (error,) = [line for line in said.err.splitlines() if not line.startswith("Read as ")]
        return error

    return run


@pytest.fixture
def fruit(tmp_path, fill):
    """Two whole classes, and two that give no photo."""
    folder = fill(tmp_path / "fruit", {"apple": 6, "pear": 6})
    (folder / "an empty one").mkdir()
    (folder / "plum").mkdir()
    for n in range(3):
        (folder / "plum" / f"IM{n}.pdf").write_bytes(b"%PDF-1.7")
    return folder


@pytest.mark.parametrize("command", ["train", "advise", "search"])
def test_a_command_that_learns_stops_and_says_which_classes_and_how_to_go_on(refused, fruit, command):
    assert refused(command, fruit) == (
        "espalier: an empty one is empty; plum: none of 3 can be read (PDF documents). "
        "Mend that, or go on without: --without 'an empty one' --without plum"
    )


def test_what_is_left_out_is_asked_about_no_more(refused, fruit):
    assert refused("train", fruit, "--without", "an empty one").endswith("go on without: --without plum")
    left_out = ("--without", "an empty one", "--without", "plum", "--without", "pear")
    assert "only one class, apple" in refused("train", fruit, *left_out)
    assert refused("train", fruit, "--without", "plumb") == (
        "espalier: There is no class plumb to leave out, but an empty one, apple, pear, plum."
    )


def test_a_test_folder_is_asked_about_too_but_need_not_have_the_class(refused, fruit, fill, tmp_path):
    test = fill(tmp_path / "test", {"apple": 1, "pear": 1})
    (test / "fig").mkdir()
    left_out = ("--without", "an empty one", "--without", "plum")
    assert "espalier: fig is empty." in refused("train", fruit, *left_out, "--test", test)


def test_check_lists_them_as_errors_and_goes_on(fruit, capsys):
    assert main(["check", str(fruit), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["classes"] == {"an empty one": 0, "apple": 6, "pear": 6, "plum": 0}
    lost = [finding for finding in found["findings"] if finding["kind"] == "lost-class"]
    assert [(finding["severity"], finding["why"]) for finding in lost] == [
        ("error", "an empty one is empty."),
        ("error", "plum: none of 3 can be read (PDF documents)."),
    ]
    assert main(["check", str(fruit), "--json", "--without", "plum", "--without", "an empty one"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == {"apple": 6, "pear": 6}


@pytest.fixture
def unreadable():
    """Three classes, one without permission, and of another two files; below a folder that everybody may pass."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder / "photos"
    (folder / "photos" / "plum").chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="elsewhere permissions are others")
def test_a_class_without_permission_is_named_before_anything_is_trained(unreadable, fill):
    fill(unreadable, {"apple": 4, "pear": 4, "plum": 4})
    for path in [unreadable, *unreadable.rglob("*")]:
        path.chmod(0o755)
    for name in ("0.jpg", "1.jpg"):
        (unreadable / "pear" / name).chmod(0)
    (unreadable / "plum").chmod(0)
    environment = {**os.environ, "ESPALIER_HOME": str(unreadable.parent / "home"), "PYTHONDONTWRITEBYTECODE": "1"}

    def ask(*arguments):
        command = [sys.executable, "-c", WITHOUT_RIGHTS, *map(str, arguments)]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)

    trained = ask("train", unreadable)
    assert (trained.returncode, trained.stdout) == (2, ""), trained.stderr
    assert trained.stderr == (
        "espalier: plum can't be read (no permission). Mend that, or go on without: --without plum\n"
    )
    checked = json.loads(ask("check", unreadable, "--json").stdout)
    assert checked["classes"] == {"apple": 4, "pear": 4, "plum": 0}
    (unread,) = (finding for finding in checked["findings"] if finding["kind"] == "unreadable")
    assert (unread["photos"], unread["why"]) == (
        ["pear/0.jpg", "pear/1.jpg"],
        "Can't be used: no permission to read it.",
    )

"""What the command line says of the ways to read photos: the one that is likely, or all and a question."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))


@pytest.fixture
def brought(tmp_path, jpeg):
    """A folder of photos by their names; of a text the name and what it says."""

    def write(names, **texts):
        folder = tmp_path / "brought"
        for seed, name in enumerate(names):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(jpeg(seed))
        for name, text in texts.items():
            (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def check(capsys):
    """The exit status, stdout and stderr of `check`."""

    def run(source, *options):
        status = main(["check", str(source), *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def numbered(pattern, n=4):
    return [pattern.format(i) for i in range(n)]


def both(pattern, classes, n=4):
    return [pattern.format(label, i) for label in classes for i in range(n)]


OWLS = both("garden/{}/{}.jpg", ("fox", "owl")) + both("wood/{}/{}.jpg", ("fox", "owl"), 3)
ASKED = [
    "espalier: These photos can be read in more than one way. Say which is meant:",
    "  --layout folders:1   2 classes by folders: garden (8), wood (6)",
    "  --layout folders:2   2 classes by folders: fox (7), owl (7)",
]


def test_the_reading_is_one_line(check, brought):
    folder = brought(both("set/training_set/{}/{}.jpg", ("apple", "pear")) + both("set/test_set/{}/{}.jpg", ("apple",)))
    status, _, err = check(folder)
    assert status == 0
    assert err.splitlines()[0] == "Read as 2 classes by folders: apple (8), pear (4); split as brought: 4 to test"


def test_with_json_the_reading_is_on_stderr_and_stdout_is_json_alone(check, brought):
    status, out, err = check(brought(both("{}/{}.jpg", ("apple", "pear"))), "--json")
    assert (status, err) == (0, "Read as 2 classes by folders: apple (4), pear (4)\n")
    assert json.loads(out)["classes"] == {"apple": 4, "pear": 4}


def test_two_likely_readings_stop_the_command_with_one_line_each(check, brought):
    status, out, err = check(brought(OWLS))
    assert (status, out, err.splitlines()) == (2, "", ASKED)


def test_a_question_is_json_too(check, brought):
    status, out, err = check(brought(OWLS), "--json")
    assert (status, err.splitlines()) == (2, ASKED)
    assert json.loads(out) == {
        "question": "These photos can be read in more than one way.",
        "readings": [
            {
                "layout": "folders:1",
                "words": "2 classes by folders: garden (8), wood (6)",
                "classes": {"garden": 8, "wood": 6},
            },
            {"layout": "folders:2", "words": "2 classes by folders: fox (7), owl (7)", "classes": {"fox": 7, "owl": 7}},
        ],
    }


def test_each_value_of_the_question_answers_it(check, brought):
    folder = brought(OWLS)
    assert check(folder, "--layout", "folders:1")[2].startswith("Read as 2 classes by folders: garden (8), wood (6)\n")
    assert check(folder, "--layout", "folders:2")[2].startswith("Read as 2 classes by folders: fox (7), owl (7)\n")


@pytest.mark.parametrize("command", ["advise", "train"])
def test_commands_that_learn_ask_before_they_do_anything(command, brought, capsys):
    assert main([command, str(brought(OWLS))]) == 2
    assert capsys.readouterr().err.splitlines() == ASKED


def test_a_layout_that_is_none_says_which_there_are(check, brought):
    status, out, err = check(brought(both("{}/{}.jpg", ("apple", "pear"))), "--layout", "shelves")
    assert (status, out) == (2, "")
    assert err == "espalier: No classes are found by --layout shelves. What can be read here: folders.\n"


def test_a_table_beside_a_folder_of_photos_gives_the_classes(check, brought):
    rows = "".join(f"{n:05d},{('apple', 'pear')[n % 2]}\n" for n in range(12))
    folder = brought([f"images/{n:05d}.jpg" for n in range(12)], train_csv=f"image_id,label\n{rows}")
    status, _, err = check(folder)
    assert status == 0
    assert err.splitlines()[0] == "Read as 2 classes by the column label of train.csv: apple (6), pear (6)"


def test_one_of_two_columns_is_asked_for(check, brought):
    rows = "".join(f"{n}.jpg,{('cat', 'dog')[n % 2]},{('long', 'short')[n % 3 == 0]}\n" for n in range(12))
    folder = brought(numbered("images/{}.jpg", 12), pets_csv=f"file,species,breed\n{rows}")
    _, _, err = check(folder)
    assert [line.split("   ")[0].strip() for line in err.splitlines()[1:]] == [
        "--layout table:pets.csv:species",
        "--layout table:pets.csv:breed",
    ]
    status, _, err = check(folder, "--layout", "table:pets.csv:breed")
    assert status == 0
    assert err.splitlines()[0] == "Read as 2 classes by the column breed of pets.csv: long (8), short (4)"


def test_a_one_hot_table_in_a_zip_gives_the_classes(check, tmp_path, jpeg):
    rows = "".join(f"{n}.jpg,{n % 2},{1 - n % 2}\n" for n in range(12))
    with zipfile.ZipFile(tmp_path / "fruit.zip", "w") as archive:
        archive.writestr("labels.csv", f"filename,apple,pear\n{rows}")
        for n in range(12):
            archive.writestr(f"images/{n}.jpg", jpeg(n))
    status, _, err = check(tmp_path / "fruit.zip")
    assert (status, err.splitlines()[0]) == (0, "Read as 2 classes by labels.csv: apple (6), pear (6)")


def test_names_give_classes_and_a_flat_test_folder_none(check, brought):
    photos = both("train/{}.{}.jpg", ("cat", "dog"), 6) + numbered("test1/{}.jpg", 3)
    status, _, err = check(brought(photos))
    assert (status, err.splitlines()[0]) == (
        0,
        "Read as 2 classes by the names of the files: cat (6), dog (6); 3 photos in test1 have no class, "
        "so they can't test",
    )


def test_photos_without_a_class_are_told_and_count_for_nothing(check, brought):
    photos = both("train/{}/{}.jpg", ("cat", "dog")) + numbered("test/{}.jpg", 3)
    status, out, err = check(brought(photos), "--json")
    assert status == 0
    assert err == (
        "Read as 2 classes by folders: cat (4), dog (4); 3 photos in test have no class, so they can't test\n"
    )
    found = json.loads(out)
    assert (found["photos"], found["classes"]) == (8, {"cat": 4, "dog": 4})
    (told,) = (finding for finding in found["findings"] if finding["kind"] == "unlabelled")
    assert told["photos"] == ["test/0.jpg", "test/1.jpg", "test/2.jpg"]


def test_numbered_classes_get_their_names_from_a_list(check, brought):
    folder = brought(both("{}/{}.jpg", ("0", "1", "2")), classes_txt="apple\npear\nplum\n")
    _, _, err = check(folder)
    assert err.splitlines()[0] == ("Read as 3 classes by folders, named by classes.txt: apple (4), pear (4), plum (4)")


def test_numbers_without_names_are_in_their_order(check, brought):
    _, out, _ = check(brought(both("{}/{}.jpg", (str(n) for n in range(13)), 2)), "--json")
    assert list(json.loads(out)["classes"]) == [str(n) for n in range(13)]


@pytest.mark.slow
def test_a_process_of_its_own_asks_and_is_answered(brought):
    folder = brought(OWLS)

    def ask(*options):
        command = [sys.executable, "-m", "core", "check", str(folder), *options]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120
        )
        return done.returncode, done.stdout, done.stderr

    assert ask() == (2, "", "\n".join([*ASKED, ""]))
    status, _, err = ask("--layout", "folders:2")
    assert (status, err) == (0, "Read as 2 classes by folders: fox (7), owl (7)\n")

import json

from core.background_test.verdict import WORDS
from core.cli.main import main


def test_the_verdict_is_printed_in_words_and_as_json(trained, capsys):
    assert main(["plate-test", str(trained.run.folder)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The middle of each of ")
    assert any(words.replace("**", "") in said for words in WORDS.values())
    assert main(["plate-test", str(trained.run.folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (
        len(result["rows"]) == result["verdict"]["n"] == sum(photo.split != "train" for photo in trained.run.photos())
    )
    assert not (trained.run.folder / "plate-test").exists()  # the command writes nothing


def test_without_a_run_it_says_so(tmp_path, capsys):
    assert main(["plate-test", str(tmp_path)]) == 2
    assert "is not finished" in capsys.readouterr().err

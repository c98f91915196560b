"""What `check` prints of findings that say the same."""

import numpy as np
import pytest
from PIL import Image

from core.checks.appearance_findings import ALIKE, NEAR, NOTE, WARNING, Finding
from core.cli.main import main
from core.cli.photos_commands import findings_in_words


def test_findings_that_say_the_same_are_one_line_with_their_number_and_the_first_photos():
    near = [
        Finding(NEAR, NOTE, [f"a/{i}.jpg", f"a/{i} again.jpg"], "Nearly the same.", "Fine.", ("a",)) for i in (1, 2)
    ]
    black = Finding("very-dark", NOTE, ["a/1.jpg"], "1 photo is nearly black.", "Keep it.")
    assert findings_in_words([near[0], black, near[1]]).splitlines() == [
        "note: Nearly the same. Fine. (2 times, 4 photos: a/1.jpg, a/1 again.jpg ...)",
        "note: 1 photo is nearly black. Keep it. (1 photo)",
    ]
    assert findings_in_words([near[1]]) == "note: Nearly the same. Fine. (2 photos: a/2.jpg, a/2 again.jpg)"
    assert findings_in_words([]) == "Nothing to mend was found."


def test_where_a_question_can_be_answered_is_said():
    question = Finding(ALIKE, WARNING, ["a/1.jpg"] * 5, "These 5 photos of a look alike.", "Are they copies?", ("a",))
    assert findings_in_words([question]) == (
        "warning: These 5 photos of a look alike. Are they copies? In a project you can answer on the page Check the "
        "photos. (5 photos: a/1.jpg, a/1.jpg ...)"
    )


@pytest.mark.parametrize("labels", [("empty",), ("empty", "vole")])
def test_the_question_names_the_classes(labels, tmp_path, capsys):
    picture = Image.fromarray(
        np.kron(np.random.default_rng(5).integers(60, 180, (12, 16), np.uint8), np.ones((20, 20)))
    )
    for i in range(16):
        label = labels[i % len(labels)]
        (tmp_path / label).mkdir(exist_ok=True)
        picture.convert("L").save(tmp_path / label / f"{i}.jpg", quality=60 + i)
    (tmp_path / "other").mkdir()
    for i in range(4):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (96, 96), np.uint8)).save(
            tmp_path / "other" / f"{i}.png"
        )
    main(["check", str(tmp_path)])
    of = " of empty" if len(labels) == 1 else ", of empty and of vole,"
    assert f"warning: These 16 photos{of} look alike. Are they copies or bursts" in capsys.readouterr().out
